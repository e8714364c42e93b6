"""Parking: a message that may not go out now, and all behind it, wait for the customer to act (`bot.store.windows`)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.messages import Delivery
from bot.store import log, windows
from bot.store.outbox import AGAIN, MARK
from bot.store.rows import Due
from bot.store.sql import Statement, Tx, p
from bot.tables import Conversation, Outbox, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741

LOCK = Statement(sa.select(C.c.id).where(C.c.id == p("id")).with_for_update())
PARK_LINE = Statement(
    sa.update(O)
    .where(
        O.c.conversation_id == p("conversation_id"),
        O.c.seq >= p("seq"),
        sa.or_(O.c.held == sa.false(), O.c.token == p("token")),
    )
    .values(held=sa.false(), started=sa.false(), parked=p("parked"), due_at=p("due_at", UtcTime()), spent=sa.false())
    .returning(O.c.message_id, O.c.seq)
)


def park(tx: Tx, due: Due, waits: str, until: datetime, *, parts: int, shut: bool = False) -> bool:
    """It and all behind it wait for the customer to act (`waits`: window, quota, passive), until they expire.

    `shut`: the network said so, whatever we counted. False if the hold is gone.
    """
    if tx.first(AGAIN, id=due.outbox_id, token=due.token, due_at=until, parts=parts, spent=False) is None:
        return False
    # The conversation's row first: who queues a message while we look has either done so, or sees what we did.
    tx.first(LOCK, id=due.conversation_id)
    if shut:
        windows.shut(tx, due.conversation_id, spent=waits == "quota")
    line = tx.all(
        PARK_LINE, conversation_id=due.conversation_id, seq=due.seq, token=due.token, parked=waits, due_at=until
    )
    error = f"parked.{waits}"
    for row in line:
        data = {"seq": row.seq, "delivery": Delivery.QUEUED.value, "error": error}
        log.add(tx, due.conversation_id, "delivery", data, audience="desk")
        tx.count(MARK, id=row.message_id, delivery=Delivery.QUEUED.value, error=error)
    return True
