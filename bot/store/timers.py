"""Timers: rows that come due. A fired one takes its place in its conversation's line, so order and once hold for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.store import arrivals
from bot.store.arrivals import NOW
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Conversation, Timer

C = Conversation.__table__  # type: ignore[attr-defined]
T = Timer.__table__  # type: ignore[attr-defined]

SET = Statement(
    insert(T)
    .values(conversation_id=p("conversation_id"), name=p("name"), due_at=p("due_at"), data=p("data"))
    .on_conflict_do_update(index_elements=["conversation_id", "name"], set_={"due_at": p("due_at"), "data": p("data")})
)
CANCEL = Statement(sa.delete(T).where(T.c.conversation_id == p("conversation_id"), T.c.name == p("name")))
DUE = Statement(
    sa.select(T.c.id, T.c.conversation_id).where(T.c.due_at <= NOW).order_by(T.c.due_at, T.c.id).limit(p("limit"))
)
# The conversation's row before the timer's: the order in which turns take them. A busy one is left for the next look.
TAKE = Statement(sa.select(C.c.id).where(C.c.id == p("id")).with_for_update(skip_locked=True))
FIRED = Statement(sa.delete(T).where(T.c.id == p("id"), T.c.due_at <= NOW).returning(T.c.name, T.c.data))
SOONEST = Statement(sa.select(sa.func.min(T.c.due_at).label("due_at")))


def set_(tx: Tx, conversation_id: int, name: str, due_at: datetime, data: Mapping[str, Any]) -> None:
    """Set, or set anew, the conversation's timer of that name."""
    tx.count(SET, conversation_id=conversation_id, name=name, due_at=due_at, data=dict(data))


def cancel(tx: Tx, conversation_id: int, name: str) -> bool:
    """Forget a timer; False if it has fired or never was."""
    return tx.count(CANCEL, conversation_id=conversation_id, name=name) > 0


def fire(tx: Tx, *, limit: int = 50) -> list[int]:
    """Fire what is due: the timer goes and its arrival comes, in one transaction. The conversations woken."""
    woken = []
    busy = set()
    for row in tx.all(DUE, now=tx.now, limit=limit):
        if row.conversation_id in busy or tx.first(TAKE, id=row.conversation_id) is None:
            busy.add(row.conversation_id)
            continue
        fired = tx.first(FIRED, id=row.id, now=tx.now)
        if fired is None:
            continue  # somebody fired, cancelled or moved it since we looked
        arrivals.arrive(tx, row.conversation_id, "event", {"timer": fired.name, "data": fired.data})
        woken.append(int(row.conversation_id))
    return woken
