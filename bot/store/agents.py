"""Agents and their logins. Passwords come in hashed, cookies as SHA-256: this page never sees a secret."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.errors import ConflictError, NotFoundError
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Agent, AgentSession, UtcTime

A = Agent.__table__  # type: ignore[attr-defined]
S = AgentSession.__table__  # type: ignore[attr-defined]

IDLE = timedelta(hours=12)
"""A login ends after so long without use …"""
LIFETIME = timedelta(days=7)
"""… and after so long in any case."""
TOUCH = timedelta(minutes=5)
"""How stale `seen_at` may be: a write for every request would buy nothing."""
FIRST_NUMBER = 1000
"""工号 are counted on from here, so that they look alike."""


@dataclass(frozen=True, slots=True)
class Account:
    """An agent as the desk knows him. `number` is the 工号 customers see; `email`, `notify`: where and when he is told
    by mail that he is needed (never, away, always)."""

    id: int
    login: str
    name: str
    number: str
    role: str
    must_change: bool
    active: bool
    password_hash: str
    email: str = ""
    notify: str = "never"


_COLUMNS = (
    A.c.id, A.c.login, A.c.name, A.c.number, A.c.role, A.c.must_change, A.c.active, A.c.password_hash, A.c.email,
    A.c.notify,
)  # fmt: skip
FIND = Statement(sa.select(*_COLUMNS).where(A.c.login == p("login")))
EVERY = Statement(sa.select(*_COLUMNS).order_by(A.c.id))
ANY = Statement(sa.select(A.c.id).limit(1))
ADD = Statement(
    insert(A)
    .values(
        login=p("login"),
        name=p("name"),
        number=p("number"),
        role=p("role"),
        password_hash=p("password_hash"),
        must_change=p("must_change"),
        created_at=p("now", UtcTime()),
    )
    .on_conflict_do_nothing(index_elements=["login"])
    .returning(A.c.id)
)
NUMBER = Statement(sa.update(A).where(A.c.id == p("id")).values(number=p("number")))
PASSWORD = Statement(
    sa.update(A).where(A.c.id == p("id")).values(password_hash=p("password_hash"), must_change=p("must_change"))
)
ACTIVE = Statement(sa.update(A).where(A.c.id == p("id")).values(active=p("active", sa.Boolean())))


def login_key(login: str) -> str:
    """Logins are one whatever the case and the spaces around them."""
    return login.strip().casefold()


def _account(row: Row) -> Account:
    return Account(*row)


def find(tx: Tx, login: str) -> Account | None:
    row = tx.first(FIND, login=login_key(login))
    return None if row is None else _account(row)


def accounts(tx: Tx) -> list[Account]:
    """All of them, also those who may no longer log in."""
    return [_account(row) for row in tx.all(EVERY)]


def add(
    tx: Tx,
    login: str,
    *,
    name: str,
    password_hash: str,
    role: str = "agent",
    number: str = "",
    must_change: bool = True,
) -> int:
    """A new agent's id. Without a `number` he gets the next one. ConflictError if the login is taken."""
    key = login_key(login)
    row = tx.first(
        ADD,
        login=key,
        name=name.strip() or key,
        number=number,
        role=role,
        password_hash=password_hash,
        must_change=must_change,
        now=tx.now,
    )
    if row is None:
        raise ConflictError(f"there is an agent with the login {key!r} already", current=key)
    if not number:
        tx.count(NUMBER, id=row.id, number=str(FIRST_NUMBER + row.id))
    return int(row.id)


def ensure_first(tx: Tx, login: str, *, name: str, password_hash: str) -> bool:
    """Make the first admin, and only if there is no agent at all; True if he was made."""
    if tx.first(ANY) is not None:
        return False
    try:
        add(tx, login, name=name, password_hash=password_hash, role="admin")
    except ConflictError:  # another process was quicker
        return False
    return True


def has_agents(tx: Tx) -> bool:
    return tx.first(ANY) is not None


def set_password(tx: Tx, agent_id: int, password_hash: str, *, must_change: bool) -> None:
    """Every login of the agent ends: whoever knew the old password is out."""
    if not tx.count(PASSWORD, id=agent_id, password_hash=password_hash, must_change=must_change):
        raise NotFoundError(f"there is no agent {agent_id}")
    end_all(tx, agent_id)


def reset(tx: Tx, login: str, password_hash: str) -> Account:
    """A one-time password: the agent must choose another at his next login, and all his logins end."""
    found = find(tx, login)
    if found is None:
        raise NotFoundError(f"there is no agent with the login {login_key(login)!r}")
    set_password(tx, found.id, password_hash, must_change=True)
    return found


def set_active(tx: Tx, login: str, active: bool) -> Account:
    """Let an agent in again, or out: a deactivated one keeps his name in old conversations, and his logins end."""
    found = find(tx, login)
    if found is None:
        raise NotFoundError(f"there is no agent with the login {login_key(login)!r}")
    tx.count(ACTIVE, id=found.id, active=active)
    if not active:
        end_all(tx, found.id)
    return found


WISH = Statement(sa.update(A).where(A.c.login == p("login")).values(email=p("email"), notify=p("notify")))


def wish(tx: Tx, login: str, *, email: str, notify: str) -> None:
    """Where an agent is told by mail that he is needed, and when: never, away, always."""
    if not tx.count(WISH, login=login_key(login), email=email, notify=notify):
        raise NotFoundError(f"there is no agent with the login {login_key(login)!r}")


# ---- logins -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Login:
    """A live login and whose it is."""

    digest: bytes
    agent: Account


BEGIN = Statement(
    sa.insert(S).values(
        digest=p("digest"),
        agent_id=p("agent_id"),
        created_at=p("now", UtcTime()),
        seen_at=p("now", UtcTime()),
        address=p("address"),
        user_agent=p("user_agent"),
    )
)
LOOK = Statement(
    sa.select(S.c.seen_at.label("seen"), *_COLUMNS)
    .select_from(S.join(A, A.c.id == S.c.agent_id))
    .where(
        S.c.digest == p("digest"),
        S.c.seen_at > p("idle", UtcTime()),
        S.c.created_at > p("oldest", UtcTime()),
        A.c.active == sa.true(),
    )
)
SEEN = Statement(sa.update(S).where(S.c.digest == p("digest")).values(seen_at=p("now", UtcTime())))
END = Statement(sa.delete(S).where(S.c.digest == p("digest")))
END_ALL = Statement(sa.delete(S).where(S.c.agent_id == p("agent_id")))
SWEEP = Statement(
    sa.delete(S).where((S.c.seen_at <= p("idle", UtcTime())) | (S.c.created_at <= p("oldest", UtcTime())))
)


def begin(tx: Tx, agent_id: int, digest: bytes, *, address: str, user_agent: str, old: bytes | None = None) -> None:
    """Keep a new login. `old`, the cookie the browser came with, ends: a planted cookie never becomes a login."""
    if old is not None:
        end(tx, old)
    tx.count(SWEEP, idle=tx.now - IDLE, oldest=tx.now - LIFETIME)
    tx.count(
        BEGIN, digest=digest, agent_id=agent_id, now=tx.now, address=address[:64], user_agent=user_agent[:200]
    )  # fmt: skip


def look(tx: Tx, digest: bytes) -> tuple[Login, bool] | None:
    """Whose login this is, and whether it wants a `touch`; None if it ended, ran out, or its agent is out."""
    row = tx.first(LOOK, digest=digest, idle=tx.now - IDLE, oldest=tx.now - LIFETIME)
    if row is None:
        return None
    seen: datetime = row[0]
    return Login(digest, Account(*row[1:])), tx.now - seen > TOUCH


def touch(tx: Tx, digest: bytes) -> None:
    """The login is being used."""
    tx.count(SEEN, digest=digest, now=tx.now)


def end(tx: Tx, digest: bytes) -> None:
    """Log out."""
    tx.count(END, digest=digest)


def end_all(tx: Tx, agent_id: int) -> None:
    """Log an agent out everywhere."""
    tx.count(END_ALL, agent_id=agent_id)
