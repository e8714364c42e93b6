"""The cold path of accepting: a thread's first message, or one after its conversation was resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from bot.messages import Status
from bot.store import judging, windows
from bot.store.rows import token as fresh_token
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Contact, ContactIdentity, Conversation, Outbox, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]
I = ContactIdentity.__table__  # type: ignore[attr-defined]  # noqa: E741
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
NOW = p("now", UtcTime())
CURRENT: sa.ColumnClause[bool] = sa.literal_column("current")


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose conversation it is: his id in the inbox, and what he is called. `public`, `incident`: as in Incoming."""

    sender: str
    name: str = ""
    language: str | None = None
    public: bool = False
    incident: str = ""


LATEST = Statement(
    sa.select(
        C.c.id,
        C.c.status,
        C.c.seq,
        C.c.resolved_at,
        C.c.identity_id,
        C.c.contact_id,
        sa.exists().where(O.c.conversation_id == C.c.id, windows.WAITS).label("unsent"),
    )
    .where(C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"), CURRENT)
    .with_for_update()
)
# A turn that still runs was decided on a resolved conversation: its lease is void, as in `desk`.
REOPEN = Statement(
    sa.update(C)
    .where(C.c.id == p("id"))
    .values(
        status=Status.PENDING.value,
        assignee_id=None,
        resolved_at=None,
        fence=p("token"),
        leased=sa.false(),
        ready_at=sa.case((C.c.ready_at.is_not(None), NOW), else_=sa.null()),
    )
)
RETIRE = Statement(sa.update(C).where(C.c.id == p("id")).values(current=sa.false()))
NEW = Statement(
    insert(C)
    .values(
        inbox_id=p("inbox_id"),
        thread=p("thread"),
        sender=p("sender"),
        identity_id=p("identity_id"),
        contact_id=p("contact_id"),
        status=p("status"),
        language=p("language"),
        public=p("public"),
        incident=p("incident"),
        complaints=p("complaints"),
        seq=p("seq"),
        first_seq=p("seq"),
        turned_seq=p("seq"),
        last_at=NOW,
        created_at=NOW,
        resolved_at=p("resolved_at", UtcTime()),
    )
    .on_conflict_do_nothing(index_elements=["inbox_id", "thread"], index_where=sa.text("current"))
)
KNOWN = Statement(
    sa.select(I.c.id, I.c.contact_id, K.c.complaints, K.c.name)
    .join_from(I, K, K.c.id == I.c.contact_id)
    .where(I.c.inbox_id == p("inbox_id"), I.c.external_id == p("external_id"))
)
NAMED = Statement(sa.update(K).where(K.c.id == p("contact_id"), K.c.name == "").values(name=p("name")))
CONTACT = Statement(insert(K).values(name=p("name"), language=p("language"), created_at=NOW).returning(K.c.id))
IDENTITY = Statement(
    insert(I)
    .values(inbox_id=p("inbox_id"), external_id=p("external_id"), contact_id=p("contact_id"), created_at=NOW)
    .on_conflict_do_nothing(index_elements=["inbox_id", "external_id"])
    .returning(I.c.id)
)


def open_(tx: Tx, inbox_id: int, thread: str, by: Customer, reopen: timedelta) -> None:
    """The thread has a conversation that is not resolved: one within `reopen` goes on, else a new one begins."""
    last = tx.first(LATEST, inbox_id=inbox_id, thread=thread)
    if last is not None and last.status != Status.RESOLVED.value:
        return  # somebody else opened it while we waited for the row
    # A matter in which words of ours still wait for the customer is not over.
    if last is not None and (last.unsent or _fresh(last.resolved_at, tx.now, reopen)):
        tx.count(REOPEN, id=last.id, token=fresh_token(), now=tx.now)
        return
    seq = 0
    if last is not None:
        tx.count(RETIRE, id=last.id)
        seq = last.seq  # a thread's cursor goes on across its conversations
    _begin(tx, inbox_id, thread, by, seq, Status.PENDING)


def file_(tx: Tx, inbox_id: int, thread: str, by: Customer) -> None:
    """The thread has a conversation: one that begins now is resolved from the start."""
    _begin(tx, inbox_id, thread, by, 0, Status.RESOLVED)


def _begin(tx: Tx, inbox_id: int, thread: str, by: Customer, seq: int, status: Status) -> None:
    identity = _identity(tx, inbox_id, by)
    tx.count(
        NEW,
        inbox_id=inbox_id,
        thread=thread,
        sender=by.sender,
        identity_id=identity.id,
        contact_id=identity.contact_id,
        status=status.value,
        language=by.language or "",
        public=by.public,
        incident=by.incident,
        complaints=judging.recent(identity.complaints, tx.now),
        seq=seq,
        resolved_at=tx.now if status is Status.RESOLVED else None,
        now=tx.now,
    )


def _fresh(resolved_at: datetime | None, now: datetime, reopen: timedelta) -> bool:
    return resolved_at is None or now - resolved_at <= reopen


def _identity(tx: Tx, inbox_id: int, by: Customer) -> Any:
    known = tx.first(KNOWN, inbox_id=inbox_id, external_id=by.sender)
    if known is not None:
        if by.name and not known.name:  # what he did before told no name
            tx.count(NAMED, contact_id=known.contact_id, name=by.name)
        return known
    contact = tx.first(CONTACT, name=by.name, language=by.language or "", now=tx.now)
    assert contact is not None
    made = tx.first(IDENTITY, inbox_id=inbox_id, external_id=by.sender, contact_id=contact.id, now=tx.now)
    if made is None:  # lost a race: the other's row counts, this contact stays empty
        return tx.first(KNOWN, inbox_id=inbox_id, external_id=by.sender)
    return SimpleNamespace(id=made.id, contact_id=contact.id, complaints={})
