"""Which Telegram user an agent is: he says so himself, with a one-time code from the desk."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Agent, TelegramCode, TelegramLink, UtcTime

A = Agent.__table__  # type: ignore[attr-defined]
L = TelegramLink.__table__  # type: ignore[attr-defined]
D = TelegramCode.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())

LASTS = timedelta(minutes=10)
CODE_BYTES = 15
"""What 20 characters of a deep link's 64 hold: 120 random bits."""


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as the group knows him."""

    agent_id: int
    login: str
    name: str
    number: str
    role: str
    active: bool
    user_id: int


_MEMBER = (A.c.id, A.c.login, A.c.name, A.c.number, A.c.role, A.c.active, L.c.user_id)
_members = sa.select(*_MEMBER).join_from(L, A, A.c.id == L.c.agent_id)
BY_USER = Statement(_members.where(L.c.user_id == p("user_id")))
BY_AGENT = Statement(_members.where(L.c.agent_id == p("agent_id")))
_leads = A.c.role.in_([sa.literal_column("'supervisor'"), sa.literal_column("'admin'")])
OVER_ALL = Statement(_members.where(A.c.active == sa.true(), _leads).order_by(A.c.id))
FIND = Statement(sa.select(A.c.id, A.c.active).where(A.c.login == p("login")))
OFFER = Statement(
    insert(D)
    .values(agent_id=p("agent_id"), digest=p("digest"), until=p("until", UtcTime()))
    .on_conflict_do_update(
        index_elements=["agent_id"], set_={"digest": p("digest"), "until": p("until", UtcTime())}
    )
)  # fmt: skip
USE = Statement(sa.delete(D).where(D.c.digest == p("digest"), D.c.until > NOW).returning(D.c.agent_id))
FREE = Statement(sa.delete(L).where(sa.or_(L.c.agent_id == p("agent_id"), L.c.user_id == p("user_id"))))
LINK = Statement(insert(L).values(agent_id=p("agent_id"), user_id=p("user_id"), name=p("name"), linked_at=NOW))
UNLINK = Statement(sa.delete(L).where(L.c.agent_id == p("agent_id")))


def offer(tx: Tx, agent_id: int) -> str:
    """A code that links whoever sends it to the bot within ten minutes; an earlier one ends."""
    code = secrets.token_urlsafe(CODE_BYTES)
    tx.count(OFFER, agent_id=agent_id, digest=_digest(code), until=tx.now + LASTS)
    return code


def offer_to(tx: Tx, login: str) -> str:
    """The same for a login. NotFoundError if no such agent may work here."""
    found = tx.first(FIND, login=login)
    if found is None or not found.active:
        raise NotFoundError(f"there is no active agent with the login {login!r}")
    return offer(tx, found.id)


def link(tx: Tx, code: str, user_id: int, name: str) -> Member | None:
    """Whoever sent the code is that agent from now on, and nobody else; None if it is wrong, used or over."""
    used = tx.first(USE, digest=_digest(code), now=tx.now)
    if used is None:
        return None
    tx.count(FREE, agent_id=used.agent_id, user_id=user_id)
    tx.count(LINK, agent_id=used.agent_id, user_id=user_id, name=name[:100], now=tx.now)
    return member(tx, user_id)


def unlink(tx: Tx, agent_id: int) -> bool:
    """The agent is nobody in Telegram from now on; False if he was not linked."""
    return tx.count(UNLINK, agent_id=agent_id) > 0


def member(tx: Tx, user_id: int) -> Member | None:
    """The agent behind a Telegram user."""
    return _member(tx.first(BY_USER, user_id=user_id))


def of_agent(tx: Tx, agent_id: int) -> Member | None:
    """The agent's link, if he has one."""
    return _member(tx.first(BY_AGENT, agent_id=agent_id))


def supervisors(tx: Tx) -> list[Member]:
    """Who is called when it is critical: linked supervisors and admins."""
    return [Member(*row) for row in tx.all(OVER_ALL)]


def _member(row: Row | None) -> Member | None:
    return None if row is None else Member(*row)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
