"""Web visitors: tokens (kept as SHA-256 only) and what a visitor's client reads and marks."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store import log
from bot.store.arrivals import CURRENT, NOW
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Conversation, VisitorToken

C = Conversation.__table__  # type: ignore[attr-defined]
V = VisitorToken.__table__  # type: ignore[attr-defined]

ADMIT = Statement(
    insert(V).values(
        digest=p("digest"), inbox_id=p("inbox_id"), sender=p("sender"), language=p("language"), created_at=NOW
    )
)
WHO = Statement(sa.select(V.c.sender, V.c.language).where(V.c.digest == p("digest"), V.c.inbox_id == p("inbox_id")))
REVOKE = Statement(sa.delete(V).where(V.c.digest == p("digest"), V.c.inbox_id == p("inbox_id")))
CONVERSATION = Statement(
    sa.select(C.c.id, C.c.seq, C.c.customer_read_seq, C.c.status).where(
        C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"), CURRENT
    )
)
READ = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.customer_read_seq < p("upto"), C.c.seq >= p("upto"))
    .values(customer_read_seq=p("upto"))
    .returning(C.c.id)
)


def admit(tx: Tx, inbox_id: int, digest: bytes, sender: str, language: str) -> None:
    tx.count(ADMIT, inbox_id=inbox_id, digest=digest, sender=sender, language=language, now=tx.now)


def who(tx: Tx, inbox_id: int, digest: bytes) -> Row | None:
    """(sender, language) of a live token."""
    return tx.first(WHO, inbox_id=inbox_id, digest=digest)


def revoke(tx: Tx, inbox_id: int, digest: bytes) -> None:
    tx.count(REVOKE, inbox_id=inbox_id, digest=digest)


def conversation(tx: Tx, inbox_id: int, thread: str) -> Row | None:
    """The thread's current conversation (id, seq, customer_read_seq, status)."""
    return tx.first(CONVERSATION, inbox_id=inbox_id, thread=thread)


def read(tx: Tx, inbox_id: int, thread: str, upto: int) -> int | None:
    """The customer saw the log up to `upto`; the conversation's id if that is news."""
    row = conversation(tx, inbox_id, thread)
    if row is None or tx.first(READ, id=row.id, upto=upto) is None:
        return None
    log.add(tx, row.id, "read", {"by": "visitor", "upto": upto})
    return int(row.id)
