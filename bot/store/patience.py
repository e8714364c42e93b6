"""Messages that take long: a hold that lasts as long as the send, and a wait that is cut short."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from bot.store.arrivals import NOW
from bot.store.rows import Due
from bot.store.sql import Statement, Tx, p
from bot.tables import Outbox, UtcTime

O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741

RENEW = Statement(sa.update(O).where(O.c.id == p("id"), O.c.token == p("token")).values(due_at=p("until", UtcTime())))


def renew(tx: Tx, due: Due, hold: timedelta) -> None:
    """Its send is still under way: it is ours for so long from now on."""
    tx.count(RENEW, id=due.outbox_id, token=due.token, until=tx.now + hold)


HURRY = Statement(
    sa.update(O)
    .where(O.c.inbox_id == p("inbox_id"), O.c.held == sa.false(), O.c.parked == "", O.c.due_at > NOW)
    .values(due_at=NOW)
)


def hurry(tx: Tx, inbox_id: int) -> int:
    """What an inbox could not send is tried now: what was wrong is mended. How much it is."""
    return tx.count(HURRY, inbox_id=inbox_id, now=tx.now)
