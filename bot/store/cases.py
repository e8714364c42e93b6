"""Complaint cases: registered once, by an agent or by the customer with the bot, and seen through to the end.

A case belongs to the conversation it was registered in, whose people its time calls, and to the customer, so that it is
seen wherever he writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from string import ascii_uppercase
from typing import Any, Final

import sqlalchemy as sa

from bot.cases import FIELDS, STATUSES, WITHIN
from bot.dialogue import CaseDraft
from bot.errors import ConflictError, NotFoundError
from bot.lent import Event
from bot.store import judging, log, timers
from bot.store.arrivals import NOW
from bot.store.desk import Changed
from bot.store.owning import NOTE
from bot.store.rows import Lease
from bot.store.sql import Row, Statement, Tx, among, insert, p
from bot.tables import Agent, Case, CaseChange, Conversation, UtcTime

A = Agent.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
K = Case.__table__  # type: ignore[attr-defined]
H = CaseChange.__table__  # type: ignore[attr-defined]
_owner, _maker = A.alias("owner"), A.alias("maker")

TIMER: Final = "case:"
"""What the name of the timer begins with that calls people to a case whose time has come."""
SHOWN: Final = 20
"""Cases of a contact that are shown, and entries of the history of each."""

_conversation = sa.select(C.c.id, C.c.contact_id, C.c.seq).where(C.c.id == p("id"))
HELD, LOOKED = Statement(_conversation.with_for_update()), Statement(_conversation)
RAISE = Statement(sa.update(C).where(C.c.id == p("id")).values(**judging.RAISED))
BY_KEY = Statement(sa.select(K.c.id, K.c.conversation_id).where(K.c.key == p("key")))
TAKEN = Statement(sa.select(K.c.id).where(K.c.number == p("number")))
WHERE = Statement(sa.select(K.c.conversation_id).where(K.c.id == p("id")))
ONE = Statement(sa.select(*K.c).where(K.c.id == p("id")).with_for_update())
AGENT = Statement(sa.select(A.c.name, A.c.active).where(A.c.id == p("id")))
_new = (
    "key", "number", "conversation_id", "contact_id", "agent_id", "owner_id", "tier", "fields", "others",
)  # fmt: skip
ADD = Statement(
    insert(K)
    .values(**{name: p(name) for name in _new}, due_at=p("due_at", UtcTime()), created_at=NOW)
    .returning(K.c.id)
)
_kept = ("owner_id", "tier", "status", "agreed", "fields")
KEEP = Statement(
    sa.update(K)
    .where(K.c.id == p("case_id"))
    .values(
        **{name: p(name) for name in _kept}, due_at=p("due_at", UtcTime()), closed_at=p("closed_at", UtcTime())
    )
)  # fmt: skip
_cases = (
    sa.select(*K.c, _owner.c.name.label("owner_name"), _maker.c.name.label("maker_name"))
    .join_from(K, _owner, _owner.c.id == K.c.owner_id, isouter=True)
    .outerjoin(_maker, _maker.c.id == K.c.agent_id)
)
OF_CONTACT = Statement(_cases.where(K.c.contact_id == p("contact_id")).order_by(K.c.id.desc()).limit(SHOWN))
ALIVE = Statement(
    _cases.where(K.c.status != sa.literal_column("'closed'")).order_by(K.c.due_at, K.c.id).limit(p("limit"))
)
HISTORY = Statement(
    sa.select(H.c.case_id, H.c.changes, H.c.at, H.c.agent_id, A.c.name)
    .join_from(H, A, A.c.id == H.c.agent_id, isouter=True)
    .where(among(H.c.case_id, "ids"))
    .order_by(H.c.id.desc())
    .limit(SHOWN * SHOWN)
)
BESIDE = Statement(sa.select(C.c.id).where(C.c.contact_id == p("contact_id")).order_by(C.c.id.desc()).limit(SHOWN))


@dataclass(frozen=True, slots=True)
class Filing:
    """What an agent registers. `cid`: the same again is the same case. `day`: on which, by his clock. `due`: None for
    what its tier says."""

    cid: str
    tier: str
    fields: Mapping[str, str]
    day: date
    due: datetime | None = None
    within: Mapping[str, timedelta] = field(default_factory=lambda: WITHIN)


def register(tx: Tx, conversation_id: int, agent_id: int, filing: Filing) -> Changed:
    """An agent registers a case, and has it; again is no change. NotFoundError if there is no such conversation."""
    key = f"agent:{agent_id}:{filing.cid}"
    held = _held(tx, conversation_id)
    if (known := tx.first(BY_KEY, key=key)) is not None:
        if known.conversation_id != conversation_id:
            raise ConflictError("this cid was used in another conversation", current="cid")
        return Changed(conversation_id, held.seq)
    number = _free(tx, f"{filing.day:%y%m%d}-{conversation_id}", _letters())
    due = filing.due or tx.now + filing.within[filing.tier]
    case = tx.first(
        ADD, key=key, number=number, conversation_id=conversation_id, contact_id=held.contact_id, agent_id=agent_id,
        owner_id=agent_id, tier=filing.tier, fields=dict(filing.fields), others=[], due_at=due, now=tx.now,
    )  # fmt: skip
    assert case is not None
    tx.count(RAISE, id=conversation_id, **judging.judged(judging.COMPLAINT, filing.tier))
    judging.complained(tx, held.contact_id, conversation_id)
    return _told(tx, case.id, conversation_id, number, agent_id, {"status": ["", "registered"]}, due)


def file(tx: Tx, held: Lease, message_id: int, draft: CaseDraft, tier: str, within: Mapping[str, timedelta]) -> None:
    """The customer has registered it himself: nobody has it yet. Part of his message's turn."""
    tier = tier or judging.TIERS[0]
    known = {name: value for name, value in draft.fields.items() if name in FIELDS}
    others = [[draft.labels.get(name, name), value] for name, value in draft.fields.items() if name not in FIELDS]
    number = _free(tx, draft.number, (f"-{n}" for n in range(2, 10_000)), bare=True)
    due = tx.now + within[tier]
    case = tx.first(
        ADD, key=f"register:{message_id}", number=number, conversation_id=held.conversation_id,
        contact_id=held.contact_id, agent_id=None, owner_id=held.assignee_id, tier=tier, fields=known, others=others,
        due_at=due, now=tx.now,
    )  # fmt: skip
    assert case is not None
    _told(tx, case.id, held.conversation_id, number, None, {"status": ["", "registered"]}, due)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of a case; None leaves it as it is. `owner` 0: nobody's. `agreed` only with `closed`."""

    status: str | None = None
    agreed: str = ""
    owner: int | None = None
    due: datetime | None = None
    tier: str | None = None
    fields: Mapping[str, str] | None = None
    within: Mapping[str, timedelta] = field(default_factory=lambda: WITHIN)


def change(tx: Tx, case_id: int, agent_id: int, wanted: Wanted) -> Changed:
    """Change a case; what is so already is no change. NotFoundError if there is no such case, or no such owner."""
    where = tx.first(WHERE, id=case_id)
    if where is None:
        raise NotFoundError("there is no such case")
    held = _held(tx, where.conversation_id)  # before the case: the order in which everybody takes them
    at = tx.first(ONE, id=case_id)
    assert at is not None
    after = _after(tx, at, wanted)
    changes = {name: [getattr(at, name), value] for name, value in after.items() if getattr(at, name) != value}
    if not changes:
        return Changed(at.conversation_id, held.seq)
    closed_at = (at.closed_at or tx.now) if after["status"] == "closed" else None
    tx.count(KEEP, case_id=case_id, **after, closed_at=closed_at)
    alive = after["status"] in STATUSES[:2]
    if not alive:
        timers.cancel(tx, at.conversation_id, f"{TIMER}{case_id}")
    due = after["due_at"] if alive and ("due_at" in changes or after["due_at"] > tx.now) else None
    return _told(tx, case_id, at.conversation_id, at.number, agent_id, _noted(tx, changes), due)


def _after(tx: Tx, at: Row, wanted: Wanted) -> dict[str, Any]:
    status = wanted.status or at.status
    tier = wanted.tier or at.tier
    due = wanted.due or at.due_at
    if wanted.due is None and tier != at.tier and at.due_at == at.created_at + wanted.within[at.tier]:
        due = max(tx.now, at.created_at + wanted.within[tier])  # graver is sooner, and perhaps now
    owner = at.owner_id if wanted.owner is None else wanted.owner or None
    if owner not in (None, at.owner_id):
        found = tx.first(AGENT, id=owner)
        if found is None or not found.active:
            raise NotFoundError("there is no such agent")
    return {
        "status": status,
        "agreed": wanted.agreed if wanted.status else at.agreed,
        "owner_id": owner,
        "due_at": due,
        "tier": tier,
        "fields": at.fields if wanted.fields is None else dict(wanted.fields),
    }


def _noted(tx: Tx, changes: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Changes as the history keeps them: of the fields only those that changed, agents by name, times as text."""
    noted: dict[str, Any] = {name: both for name, both in changes.items() if name in ("status", "agreed", "tier")}
    if both := changes.get("due_at"):
        noted["due"] = [one.isoformat() for one in both]
    if both := changes.get("owner_id"):
        noted["owner"] = [_name(tx, one) for one in both]
    if both := changes.get("fields"):
        before, after = both
        names = [name for name in FIELDS if before.get(name, "") != after.get(name, "")]
        noted["fields"] = {name: [before.get(name, ""), after.get(name, "")] for name in names}
    return noted


def _name(tx: Tx, agent_id: int | None) -> str:
    found = None if agent_id is None else tx.first(AGENT, id=agent_id)
    return "" if found is None else str(found.name)


def _told(
    tx: Tx, case_id: int, conversation_id: int, number: str, agent_id: int | None, changes: dict[str, Any],
    due: datetime | None,
) -> Changed:  # fmt: skip
    """History, timer and log say what became of it. The log goes without what the customer said: that is the case's."""
    tx.count(NOTE, case_id=case_id, agent_id=agent_id, changes=changes, now=tx.now)
    if due is not None:
        timers.set_(tx, conversation_id, f"{TIMER}{case_id}", due, {"number": number})
    said = {name: both for name, both in changes.items() if name != "fields"}
    if "fields" in changes:
        said["fields"] = list(changes["fields"])
    data = {"id": case_id, "number": number, "by": _name(tx, agent_id), "changes": said}
    seq = log.add(tx, conversation_id, "case", data, audience="desk")
    return Changed(conversation_id, seq, (Event(seq, "case", data),))


def _held(tx: Tx, conversation_id: int) -> Row:
    row = tx.first(HELD, id=conversation_id)
    if row is None:
        raise NotFoundError("there is no such conversation")
    return row


def _free(tx: Tx, number: str, endings: Iterator[str], *, bare: bool = False) -> str:
    """The first of these numbers that no case has. Its conversation's row is held, and no other's begins so."""
    if bare and tx.first(TAKEN, number=number) is None:
        return number
    return next(one for ending in endings if tx.first(TAKEN, number=(one := number + ending)) is None)


def _letters() -> Iterator[str]:
    """A … Z, AA … : a number that an agent gave is never one that the bot has told a customer."""
    yield from ascii_uppercase
    yield from (a + b for a in ascii_uppercase for b in ascii_uppercase)


# ---- seeing them --------------------------------------------------------------------------------------------------


def of_contact(tx: Tx, contact_id: int) -> list[dict[str, Any]]:
    """A customer's cases with their history, the latest first."""
    rows = tx.all(OF_CONTACT, contact_id=contact_id)
    told: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
    for entry in tx.all(HISTORY, ids=list(told)) if told else ():
        told[entry.case_id].append({"by": entry.name or "", "changes": entry.changes, "at": entry.at.isoformat()})
    return [{**view(row), "history": told[row.id][:SHOWN]} for row in rows]


def alive(tx: Tx, *, limit: int = 1000) -> list[dict[str, Any]]:
    """What is not closed, what is due first."""
    return [view(row) for row in tx.all(ALIVE, limit=limit)]


def beside(tx: Tx, conversation_id: int) -> list[int]:
    """The other conversations of the customer, where the same cases are shown."""
    held = tx.first(LOOKED, id=conversation_id)
    found = [] if held is None else tx.all(BESIDE, contact_id=held.contact_id)
    return [row.id for row in found if row.id != conversation_id]


def view(row: Row) -> dict[str, Any]:
    """A case as the desk and programs see it."""
    return {
        "id": row.id,
        "number": row.number,
        "conversation": row.conversation_id,
        "by": None if row.agent_id is None else {"id": row.agent_id, "name": row.maker_name},
        "owner": None if row.owner_id is None else {"id": row.owner_id, "name": row.owner_name},
        "tier": row.tier,
        "status": row.status,
        "agreed": row.agreed,
        "fields": {name: row.fields[name] for name in FIELDS if row.fields.get(name)},
        "others": row.others,
        "due": row.due_at.isoformat(),
        "created_at": row.created_at.isoformat(),
        "closed_at": None if row.closed_at is None else row.closed_at.isoformat(),
    }
