"""Arrivals that were set aside: listing them, and putting one back in the line."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.errors import ConflictError, NotFoundError
from bot.store import arrivals, log
from bot.store.arrivals import NOW
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Message, Poison

M = Message.__table__  # type: ignore[attr-defined]
P = Poison.__table__  # type: ignore[attr-defined]

LIST = Statement(
    sa.select(P.c.message_id, P.c.conversation_id, M.c.seq, P.c.reason, P.c.attempts, P.c.at, P.c.replayed_at)
    .join_from(P, M, M.c.id == P.c.message_id)
    .order_by(P.c.at.desc())
    .limit(p("limit"))
)
LOAD = Statement(
    sa.select(P.c.conversation_id, M.c.seq, M.c.kind, M.c.text, M.c.payload, M.c.author, M.c.author_name)
    .join_from(P, M, M.c.id == P.c.message_id)
    .where(P.c.message_id == p("message_id"))
)
REPLAYED = Statement(
    sa.update(P)
    .where(P.c.message_id == p("message_id"), P.c.replayed_at.is_(None))
    .values(replayed_at=NOW)
    .returning(P.c.message_id)
)


def listed(tx: Tx, limit: int = 100) -> list[dict[str, Any]]:
    """What was set aside, latest first."""
    return [
        {
            "message_id": r.message_id,
            "conversation_id": r.conversation_id,
            "seq": r.seq,
            "reason": r.reason,
            "attempts": r.attempts,
            "at": r.at.isoformat(),
            "replayed_at": None if r.replayed_at is None else r.replayed_at.isoformat(),
        }
        for r in tx.all(LIST, limit=limit)
    ]


def replay(tx: Tx, message_id: int) -> int:
    """Give a set-aside arrival a new turn, at the end of its conversation's line; the conversation's id.

    The old message keeps its place in the transcript; what takes the new place is invisible to people.
    """
    row = tx.first(LOAD, message_id=message_id)
    if row is None:
        raise NotFoundError(f"message {message_id} was not set aside; `kefu poison` lists what was")
    if tx.first(REPLAYED, message_id=message_id, now=tx.now) is None:
        raise ConflictError(f"message {message_id} was replayed already", current="replayed")
    first = row.payload.get("replay")  # a replay that was set aside again still means the first message
    payload = {**row.payload, "replay": first or _what(message_id, row)}
    arrivals.arrive(tx, row.conversation_id, row.kind, payload)
    log.add(tx, row.conversation_id, "poison", {"seq": row.seq, "reason": "", "replayed": True}, audience="desk")
    return int(row.conversation_id)


def _what(message_id: int, row: Row) -> dict[str, Any]:
    """What is replayed, as its turn has to know it."""
    what = {"message_id": message_id, "text": row.text, "kind": row.kind}
    return {**what, "name": row.author_name} if row.author_name else what
