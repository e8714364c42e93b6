"""Whether the store answers, and how much waits in it."""

from __future__ import annotations

import sqlalchemy as sa

from bot.messages import Status
from bot.store.arrivals import NOW
from bot.store.sql import Statement, Tx
from bot.tables import Conversation, MediaFetch, Outbox, Poison, Timer

C = Conversation.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
F = MediaFetch.__table__  # type: ignore[attr-defined]
P = Poison.__table__  # type: ignore[attr-defined]
T = Timer.__table__  # type: ignore[attr-defined]


def _count(table: sa.Table, *where: sa.ColumnElement[bool]) -> Statement:
    return Statement(sa.select(sa.func.count().label("n")).select_from(table).where(*where))


LOOK = Statement(sa.select(sa.literal_column("1").label("one")))
WAITING = {
    "turns": _count(C, C.c.ready_at.is_not(None)),
    "outbox": _count(O, O.c.parked == sa.literal_column("''")),
    "parked": _count(O, O.c.parked != sa.literal_column("''")),
    "fetches": _count(F),
    "poison": _count(P, P.c.replayed_at.is_(None)),
    "timers_overdue": _count(T, T.c.due_at <= NOW),
    "unassigned": _count(C, C.c.status == sa.literal_column(f"'{Status.OPEN.value}'"), C.c.assignee_id.is_(None)),
}


def look(tx: Tx) -> None:
    """Raises StoreError (through the runner) unless the database answers."""
    tx.first(LOOK)


def waiting(tx: Tx) -> dict[str, int]:
    """Gauges by name. All but poison, parked and unassigned are near zero in a healthy kefu."""
    return {name: tx.all(statement, now=tx.now)[0].n for name, statement in WAITING.items()}
