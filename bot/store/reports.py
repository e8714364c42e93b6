"""What a network says later about a message of ours: that it did not arrive, or that it was read."""

from __future__ import annotations

import sqlalchemy as sa

from bot.messages import Delivery
from bot.store import log, undelivered
from bot.store.outbox import MARK
from bot.store.sql import Statement, Tx, p
from bot.tables import Conversation, Message, Outbox

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741

_told = sa.select(M.c.id, M.c.conversation_id, M.c.seq, M.c.delivery, M.c.error).where(
    M.c.id == p("id"), M.c.inbox_id == p("inbox_id"), M.c.delivery != ""
)
TOLD, REPORTED = Statement(_told), Statement(_told.with_for_update())
PLACE = Statement(sa.select(C.c.id).where(C.c.id == p("id")).with_for_update())
OVER = Statement(sa.delete(O).where(O.c.message_id == p("message_id")))
_FINAL = {Delivery.FAILED.value, Delivery.EXPIRED.value}


def report(tx: Tx, inbox_id: int, message_id: int, delivery: Delivery, error: str) -> int | None:
    """What the network says later about a message of ours; the conversation it is in, None if that is no news.

    A failure may be told before the send has been settled: the message leaves the line, so that settling it does not
    call it sent.
    """
    row = tx.first(TOLD, id=message_id, inbox_id=inbox_id)
    if row is None or row.delivery in _FINAL:
        return None
    # The line, the conversation, the message: the order every script locks them in.
    if delivery.value in _FINAL:
        tx.count(OVER, message_id=message_id)
    tx.first(PLACE, id=row.conversation_id)
    row = tx.first(REPORTED, id=message_id, inbox_id=inbox_id)
    if row is None or row.delivery in _FINAL or (row.delivery == delivery.value and error in ("", row.error)):
        return None
    data = {"seq": row.seq, "delivery": delivery.value, "error": error}
    log.add(tx, row.conversation_id, "delivery", data, audience="desk")
    tx.count(MARK, id=message_id, delivery=delivery.value, error=error)
    undelivered.come_back(tx, message_id, delivery)
    return int(row.conversation_id)
