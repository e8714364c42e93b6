"""The conversation's log: appending to it, and reading it by cursor for customers and for the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from bot.lent import Event, Page
from bot.messages import Author, Incoming
from bot.store import letters
from bot.store.arrivals import payload_of
from bot.store.sql import Row, Statement, Tx, among, insert, p
from bot.tables import Conversation, Message, UtcTime
from bot.tables import Event as EventRow

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
E = EventRow.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())

APPEND = Statement(
    insert(E).values(
        conversation_id=p("conversation_id"),
        seq=p("seq"),
        type=p("type"),
        audience=p("audience"),
        data=p("data"),
        at=NOW,
    )
)
TAKE_SEQ = Statement(
    sa.update(C).where(C.c.id == p("conversation_id")).values(seq=C.c.seq + p("n", sa.Integer())).returning(C.c.seq)
)


def append(tx: Tx, conversation_id: int, seq: int, type_: str, data: Mapping[str, Any], audience: str = "all") -> None:
    """Write an event under a seq the caller took while holding the conversation's row."""
    tx.count(
        APPEND, conversation_id=conversation_id, seq=seq, type=type_, audience=audience, data=dict(data), now=tx.now
    )


def add(tx: Tx, conversation_id: int, type_: str, data: Mapping[str, Any], audience: str = "all") -> int:
    """Take the next seq and write an event under it; its seq."""
    row = tx.first(TAKE_SEQ, conversation_id=conversation_id, n=1)
    assert row is not None
    append(tx, conversation_id, row.seq, type_, data, audience)
    return int(row.seq)


MESSAGE_COLUMNS = (
    M.c.id,
    M.c.conversation_id,
    M.c.seq,
    M.c.external_id,
    M.c.author,
    M.c.audience,
    M.c.agent_id,
    M.c.author_name,
    M.c.kind,
    M.c.text,
    M.c.payload,
    M.c.decision,
    M.c.delivery,
    M.c.error,
    M.c.at,
)
EVENT_COLUMNS = (E.c.conversation_id, E.c.seq, E.c.type, E.c.data, E.c.at)
OF_THREAD = Statement(
    sa.select(C.c.id, C.c.seq, C.c.first_seq, C.c.current)
    .where(C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"))
    .order_by(C.c.id.desc())
    .limit(50)
)
SEQ = Statement(sa.select(C.c.id, C.c.seq, C.c.first_seq).where(C.c.id == p("conversation_id")))


def _between(table: Any, columns: Sequence[Any], audiences: Sequence[str], *, newest: bool) -> Statement:
    return Statement(
        sa.select(*columns)
        .where(
            among(table.c.conversation_id, "ids"),
            table.c.seq > p("after"),
            table.c.seq <= p("upto"),
            table.c.audience.in_([sa.literal_column(f"'{a}'") for a in audiences]),
        )
        .order_by(table.c.seq.desc() if newest else table.c.seq)
        .limit(p("limit"))
    )


_READ = {
    (who, newest): (
        _between(M, MESSAGE_COLUMNS, audiences, newest=newest),
        _between(E, EVENT_COLUMNS, audiences, newest=newest),
    )
    for who, audiences in {"customer": ("all",), "desk": ("all", "desk")}.items()
    for newest in (False, True)
}


def customer_events(tx: Tx, inbox_id: int, thread: str, *, after: int, limit: int = 500) -> Page:
    """A customer's log after a cursor, over all conversations of the thread; after=0: the newest of the current one."""
    conversations = tx.all(OF_THREAD, inbox_id=inbox_id, thread=thread)
    if not conversations:
        return Page(reset=after > 0)
    newest = conversations[0]
    if after > newest.seq:
        return Page(reset=True, seq=newest.seq)
    if after > 0:
        return _forward(tx, "customer", _ends(conversations), after, newest.seq, limit)
    page = _back(tx, "customer", {newest.id: newest.seq}, newest.first_seq, newest.seq, limit)
    return Page(page.events, earlier=page.earlier or len(conversations) > 1, seq=newest.seq)


def _ends(newest_first: Sequence[Row]) -> dict[int, int]:
    """Where each conversation of a thread ends in its log. A former one's own numbers may run on (an agent reads it,
    a late receipt): past the next one's first they are no longer part of what the customer reads by cursor."""
    ends = {}
    end = newest_first[0].seq if newest_first else 0
    for conversation in newest_first:
        ends[conversation.id] = end
        end = conversation.first_seq
    return ends


def customer_earlier(tx: Tx, inbox_id: int, thread: str, *, before: int, limit: int = 50) -> Page:
    """What stands before a cursor in the thread, also of former conversations."""
    conversations = tx.all(OF_THREAD, inbox_id=inbox_id, thread=thread)
    return _back(tx, "customer", _ends(conversations), 0, before - 1, limit)


def desk_events(tx: Tx, conversation_id: int, *, after: int, limit: int = 500) -> Page:
    """One conversation's log as agents see it, after a cursor; after=0: the newest `limit`."""
    row = tx.first(SEQ, conversation_id=conversation_id)
    if row is None or after > row.seq:
        return Page(reset=True, seq=row.seq if row else 0)
    if after > 0:
        return _forward(tx, "desk", {conversation_id: row.seq}, after, row.seq, limit)
    return _back(tx, "desk", {conversation_id: row.seq}, row.first_seq, row.seq, limit)


def desk_earlier(tx: Tx, conversation_id: int, *, before: int, limit: int = 50) -> Page:
    return _back(tx, "desk", {conversation_id: before - 1}, 0, before - 1, limit)


def _forward(tx: Tx, who: str, ends: Mapping[int, int], after: int, head: int, limit: int) -> Page:
    # The head was read before the rows: under READ COMMITTED everything up to it is then visible.
    rows = _merged(tx, who, ends, after, head, limit + 1, newest=False)
    if len(rows) > limit:
        return Page(reset=True, seq=head)
    return Page(tuple(e for e in rows), seq=head)


def _back(tx: Tx, who: str, ends: Mapping[int, int], after: int, head: int, limit: int) -> Page:
    rows = _merged(tx, who, ends, after, head, limit + 1, newest=True)
    return Page(tuple(rows[-limit:]), earlier=len(rows) > limit, seq=head)


def _merged(
    tx: Tx, who: str, ends: Mapping[int, int], after: int, upto: int, limit: int, *, newest: bool
) -> list[Event]:
    messages, events = _READ[who, newest]
    values = {"ids": list(ends), "after": after, "upto": upto, "limit": limit}
    view = customer_message if who == "customer" else desk_message
    found = [Event(m.seq, "message", view(m)) for m in tx.all(messages, **values) if m.seq <= ends[m.conversation_id]]
    found += [Event(e.seq, e.type, e.data) for e in tx.all(events, **values) if e.seq <= ends[e.conversation_id]]
    found.sort(key=lambda e: e.seq)
    return found[-limit:] if newest else found[:limit]


def customer_message(m: Row) -> dict[str, Any]:
    """A message as its customer may see it: no internal ids, and the customer is called visitor."""
    payload = m.payload
    mine = m.author == "customer"
    return {
        "id": m.id,
        "author": "visitor" if mine else m.author,
        "name": "" if mine else m.author_name,
        "text": m.text,
        "quick_replies": payload.get("quick_replies", []),
        "attachments": payload.get("attachments", []),
        "cid": payload.get("extra", {}).get("cid") if mine else None,
        "at": m.at.isoformat(),
        "status": "sent" if mine else m.delivery,
    }


def accepted_event(message_id: int, seq: int, at: datetime, incoming: Incoming) -> Event:
    """A customer's message that was just accepted, as `customer_event` would read it back."""
    row = SimpleNamespace(
        id=message_id,
        author=Author.CUSTOMER.value,
        text=incoming.text,
        payload=payload_of(incoming),
        at=at,
    )
    return Event(seq, "message", customer_message(row))


def desk_message(m: Row) -> dict[str, Any]:
    """A message as agents see it."""
    payload = m.payload
    return {
        "id": m.id,
        "author": m.author,
        "name": m.author_name,
        "agent_id": m.agent_id,
        "kind": m.kind,
        "text": m.text,
        "quick_replies": payload.get("quick_replies", []),
        "attachments": payload.get("attachments", []),
        "value": payload.get("value") if m.kind == "event" else None,
        "recalled": bool(payload.get("recalled")),
        "note": m.audience == "desk",
        "cid": payload.get("cid"),
        "at": m.at.isoformat(),
        "delivery": m.delivery,
        "error": m.error,
        "decision": m.decision,
        "turn": payload.get("turn"),
        "letter": letters.heading(payload),
        "public": payload.get("extra", {}).get("public"),
        "call": payload.get("extra", {}).get("call"),
    }


LAST = Statement(
    sa.select(M.c.seq, M.c.author, M.c.author_name, M.c.text, M.c.kind, M.c.at, M.c.decision)
    .where(M.c.conversation_id == p("conversation_id"), M.c.audience != "none")
    .order_by(M.c.seq.desc())
    .limit(p("limit"))
)


def transcript(tx: Tx, conversation_id: int, limit: int = 50) -> list[dict[str, Any]]:
    """The last messages, oldest first, as a handoff record snapshots them."""
    rows = tx.all(LAST, conversation_id=conversation_id, limit=limit)
    return [
        {
            "seq": r.seq,
            "author": r.author,
            "name": r.author_name,
            "text": r.text,
            "kind": r.kind,
            "at": r.at.isoformat(),
            "decision": r.decision,
        }
        for r in reversed(rows)
    ]


ONE = Statement(sa.select(*MESSAGE_COLUMNS).where(M.c.id == p("id")))


def customer_event(tx: Tx, message_id: int) -> Event | None:
    """One message as its customer's event."""
    row = tx.first(ONE, id=message_id)
    return None if row is None else Event(row.seq, "message", customer_message(row))
