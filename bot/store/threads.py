"""Conversations as a channel may see them, found by what a network names: a message, a number, a customer."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from bot.messages import Announced, Author, Said, Status, Thread
from bot.store.sql import Row, Statement, Tx, among, p
from bot.tables import ContactIdentity, Conversation, Message

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
I = ContactIdentity.__table__  # type: ignore[attr-defined]  # noqa: E741
SHOWN = 50
"""Messages of a conversation that a channel sees."""
MOST = 200
"""Ids looked up at once."""
LAST_FEW = 10
DEPTH = 20_000
"""How many of all messages are looked back at for events that announced something."""
BIGGEST = 2**63

_columns = (M.c.id, M.c.seq, M.c.external_id, M.c.author, M.c.author_name, M.c.text, M.c.at, M.c.payload)
OF_MESSAGE = Statement(
    sa.select(M.c.conversation_id, *_columns).where(M.c.inbox_id == p("inbox_id"), M.c.external_id == p("external_id"))
)
OF_SENDER = Statement(
    sa.select(C.c.id)
    .join_from(I, C, C.c.contact_id == I.c.contact_id)
    .where(
        I.c.inbox_id == p("inbox_id"),
        I.c.external_id == p("sender"),
        C.c.inbox_id == I.c.inbox_id,
        C.c.sender == I.c.external_id,
    )
    .order_by(C.c.last_at.desc())
    .limit(LAST_FEW)
)
LOOK = Statement(
    sa.select(C.c.id, C.c.thread, C.c.sender, C.c.last_at, C.c.status, C.c.public)
    .where(C.c.inbox_id == p("inbox_id"), among(C.c.id, "ids"))
    .order_by(C.c.id)
)
SAID = Statement(
    sa.select(*_columns)
    .where(
        M.c.conversation_id == p("conversation_id"),
        M.c.audience == "all",
        M.c.author != Author.SYSTEM.value,
        M.c.kind != "event",
    )
    .order_by(M.c.seq.desc())
    .limit(SHOWN)
)

_other = M.alias("other")
_newest = sa.select(sa.func.max(M.c.id)).scalar_subquery()
_announced = sa.func.substr(M.c.external_id, p("after", sa.Integer()))
ANNOUNCED = Statement(
    sa.select(M.c.external_id, M.c.at, M.c.payload, C.c.sender)
    .join_from(M, C, C.c.id == M.c.conversation_id)
    .where(
        M.c.id > _newest - p("depth", sa.BigInteger()),
        M.c.inbox_id == p("inbox_id"),
        M.c.kind == sa.literal_column("'event'"),
        sa.func.substr(M.c.external_id, sa.literal_column("1"), p("length", sa.Integer())) == p("prefix"),
        ~sa.exists().where(_other.c.inbox_id == M.c.inbox_id, _other.c.external_id == _announced),
    )
    .order_by(M.c.id.desc())
    .limit(MOST)
)
_one = C.alias("one")
ALIKE = Statement(
    sa.select(sa.func.count().label("n"))
    .select_from(_one)
    .join(C, sa.and_(C.c.incident == _one.c.incident, C.c.inbox_id == _one.c.inbox_id))
    .where(_one.c.id == p("id"), C.c.incident != sa.literal_column("''"))
)


def announced(tx: Tx, inbox_id: int, prefix: str) -> list[Announced]:
    """Events whose external id is the prefix and an id no message has, the oldest first."""
    found = tx.all(ANNOUNCED, inbox_id=inbox_id, prefix=prefix, length=len(prefix), after=len(prefix) + 1, depth=DEPTH)
    return [
        Announced(r.external_id.removeprefix(prefix), r.sender, r.at, r.payload.get("extra") or {})
        for r in reversed(found)
    ]


def alike(tx: Tx, conversation_id: int) -> int:
    """How many conversations of its inbox talk about the same incident, this one included; 0 where it is none."""
    row = tx.first(ALIKE, id=conversation_id)
    return 0 if row is None else int(row.n)


def find(
    tx: Tx, inbox_id: int, external_ids: Sequence[str], conversations: Sequence[int], senders: Sequence[str]
) -> list[Thread]:
    """This inbox's conversations that have one of these messages, numbers or customers, by number. The messages that
    were asked for are among what was said, however old they are."""
    asked = [r for one in external_ids[:MOST] for r in tx.all(OF_MESSAGE, inbox_id=inbox_id, external_id=one)]
    ids = {r.conversation_id for r in asked}
    ids |= {one for one in conversations[:MOST] if 0 < one < BIGGEST}
    ids |= {r.id for one in senders[:MOST] for r in tx.all(OF_SENDER, inbox_id=inbox_id, sender=one)}
    if not ids:
        return []
    found = tx.all(LOOK, inbox_id=inbox_id, ids=sorted(ids))
    return [_thread(tx, row, [r for r in asked if r.conversation_id == row.id]) for row in found]


def _thread(tx: Tx, row: Row, asked: Sequence[Row]) -> Thread:
    said = {r.seq: r for r in (*tx.all(SAID, conversation_id=row.id), *asked)}
    return Thread(
        conversation=row.id,
        thread=row.thread,
        sender=row.sender,
        touched=row.last_at,
        resolved=row.status == Status.RESOLVED.value,
        attended=row.status == Status.OPEN.value,
        said=tuple(_said(said[seq]) for seq in sorted(said)),
        public=row.public,
    )


def _said(r: Row) -> Said:
    extra = r.payload.get("extra") or {}
    return Said(r.id, Author(r.author), r.text, r.at, r.external_id or "", r.author_name, extra)
