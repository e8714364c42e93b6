"""Reply windows: what a customer's last act lets us write, and how much of it is used.

The ledger stands in the conversation's row. It is our count; the network's own answer overrules it (`shut`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.messages import Window
from bot.store.sql import Statement, Tx, p
from bot.tables import Conversation, Message, Outbox, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
NOW = p("now", UtcTime())
PARKED = ("window", "quota", "passive")
"""Why a message waits for the customer to act. In its row's error the word stands as `parked.…`, for people."""

WAITS = O.c.parked.in_([sa.literal_column(f"'{word}'") for word in PARKED])

# An act that opens less than what is still open adds to it, and where any number is allowed an act that allows some
# changes nothing; any other begins anew. A window of nothing closes.
_until, _granted = p("window_until", UtcTime()), p("window_granted", sa.Integer())
_free = sa.and_(C.c.window_granted.is_(None), C.c.window_until > NOW, _granted.is_not(None))
_adds = sa.and_(sa.or_(C.c.window_until > _until, _free), sa.or_(_granted.is_(None), _granted > 0))
_less = C.c.window_used - sa.func.coalesce(_granted, C.c.window_used)
OPENING: dict[str, Any] = {
    "window_by": sa.case((_adds, C.c.window_by), else_=p("window_by", sa.Text())),
    "window_granted": sa.case((_adds, C.c.window_granted), else_=_granted),
    "window_used": sa.case((sa.and_(_adds, _less > 0), _less), else_=0),
    "window_until": sa.case((_adds, C.c.window_until), else_=_until),
}
"""Columns of a conversation that an act sets, in the statement that hands out its seq."""


def opened(window: Window, tx: Tx) -> dict[str, Any]:
    """The parameters of OPENING."""
    return {"window_by": window.by, "window_granted": window.granted, "window_until": tx.now + window.lasts}


# A reserve is what is left beside the first message: a window of one (a welcome code) is there to be used.
_left = sa.or_(
    C.c.window_granted.is_(None),
    C.c.window_used + p("reserve", sa.Integer()) < C.c.window_granted,
    sa.and_(C.c.window_used == 0, C.c.window_granted > 0),
)
SPEND = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.window_until > NOW, _left)
    .values(window_used=C.c.window_used + 1)
    .returning(C.c.id)
)
IN_TIME = Statement(sa.select(C.c.id).where(C.c.id == p("id"), C.c.window_until > NOW))
REFUND = Statement(sa.update(C).where(C.c.id == p("id"), C.c.window_used > 0).values(window_used=C.c.window_used - 1))
SHUT = Statement(sa.update(C).where(C.c.id == p("id")).values(window_until=NOW))
# Where we thought that any number may go out, the network's own count is the number.
_enough = sa.func.coalesce(C.c.window_granted, C.c.window_used)
EXHAUST = Statement(sa.update(C).where(C.c.id == p("id")).values(window_granted=_enough, window_used=_enough))


def spend(tx: Tx, conversation_id: int, *, reserve: int) -> str:
    """Count one message, leaving `reserve` of them; "" if it may go out, else what it waits for."""
    if tx.first(SPEND, id=conversation_id, reserve=reserve, now=tx.now) is not None:
        return ""
    return "quota" if tx.first(IN_TIME, id=conversation_id, now=tx.now) is not None else "window"


def refund(tx: Tx, conversation_id: int) -> None:
    """A counted message was certainly not sent."""
    tx.count(REFUND, id=conversation_id)


def shut(tx: Tx, conversation_id: int, *, spent: bool) -> None:
    """The network says that the messages are used up (`spent`), or that the time is over."""
    if spent:
        tx.count(EXHAUST, id=conversation_id)
    else:
        tx.count(SHUT, id=conversation_id, now=tx.now)


WAKE = Statement(
    sa.update(O)
    .where(O.c.conversation_id == p("conversation_id"), WAITS)
    .values(parked="", held=sa.false(), due_at=p("due_at", UtcTime()), created_at=NOW, attempts=0)
)


HUSH = Statement(
    sa.update(M)
    .where(M.c.id.in_(sa.select(O.c.message_id).where(O.c.conversation_id == p("conversation_id"))))
    .values(error="")
)


def wake(tx: Tx, conversation_id: int, after: timedelta) -> None:
    """The customer acted: what waited for him may go out, `after` a moment in which a webhook answer may take it."""
    if tx.count(WAKE, conversation_id=conversation_id, due_at=tx.now + after, now=tx.now):
        tx.count(HUSH, conversation_id=conversation_id)
