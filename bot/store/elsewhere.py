"""What a person of ours said to a customer from a program of his own: an agent's words, which nobody sends again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.messages import Author, Delivery, SaidElsewhere
from bot.store import media
from bot.store.arrivals import CURRENT, FIND, NOW, PREVIEW, files_of
from bot.store.opening import Customer, file_
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Conversation, Message

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]

NEXT = Statement(
    sa.update(C)
    .where(C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"), CURRENT)
    .values(seq=C.c.seq + 1, last_text=p("preview"), last_author=Author.AGENT.value, last_at=NOW)
    .returning(C.c.id, C.c.seq)
)
SAY = Statement(
    insert(M)
    .values(
        conversation_id=p("conversation_id"),
        seq=p("seq"),
        inbox_id=p("inbox_id"),
        external_id=p("external_id"),
        author=Author.AGENT.value,
        author_name=p("author_name"),
        kind="text",
        text=p("text"),
        payload=p("payload"),
        delivery=Delivery.SENT.value,
        at=NOW,
    )
    .on_conflict_do_nothing(index_elements=["inbox_id", "external_id"], index_where=sa.text("external_id IS NOT NULL"))
    .returning(M.c.id)
)
LAST = Statement(
    sa.select(M.c.payload)
    .where(M.c.conversation_id == p("id"), M.c.author == Author.CUSTOMER.value)
    .order_by(M.c.seq.desc())
    .limit(1)
)
ANSWERED = Statement(sa.update(C).where(C.c.id == p("id")).values(waiting_since=None))


def keep(tx: Tx, inbox_id: int, said: SaidElsewhere) -> int | None:
    """The conversation it stands in; None if it stood there already. Where the thread has none, one begins that is
    resolved. The customer no longer waits, if it was written after his last message."""
    if tx.first(FIND, inbox_id=inbox_id, external_id=said.external_id) is not None:
        return None
    values = {"inbox_id": inbox_id, "thread": said.thread, "preview": said.text[:PREVIEW], "now": tx.now}
    row = tx.first(NEXT, **values)
    if row is None:
        file_(tx, inbox_id, said.thread, Customer(said.recipient))
        row = tx.first(NEXT, **values)
        assert row is not None
    last = tx.first(LAST, id=row.id)
    added = tx.first(
        SAY, conversation_id=row.id, seq=row.seq, inbox_id=inbox_id, external_id=said.external_id,
        author_name=said.author_name, text=said.text, payload=_payload(said), now=tx.now,
    )  # fmt: skip
    assert added is not None  # the row's lock is held, and it was not there
    media.take(tx, row.id, said.attachments)
    if last is None or _later(said.sent_at, last.payload.get("sent_at")):
        tx.count(ANSWERED, id=row.id)
    return int(row.id)


def _payload(said: SaidElsewhere) -> dict[str, Any]:
    told = {
        "attachments": files_of(said.attachments),
        "sent_at": said.sent_at.isoformat() if said.sent_at else None,
        "extra": dict(said.extra),
    }
    return {"elsewhere": True, **{name: value for name, value in told.items() if value}}


def _later(ours: datetime | None, his: str | None) -> bool:
    return ours is None or his is None or ours >= datetime.fromisoformat(his)
