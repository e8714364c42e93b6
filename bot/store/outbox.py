"""The outbox: messages that still have to be handed to their network, in order within a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.messages import Delivery
from bot.store import log, undelivered, windows
from bot.store.arrivals import NOW
from bot.store.rows import Due, outgoing_of, token
from bot.store.sql import Statement, Tx, among, insert, p
from bot.tables import Agent, Conversation, Message, Outbox, UtcTime

A = Agent.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
ANSWER = "answer"
"""What a message is parked as while a webhook's answer carries it (`bot.store.answers`)."""
CARRIER = "carrier"
"""In a message's payload, the arrival whose webhook says it; none once it goes the usual way."""
NOTHING: Mapping[str, Any] = {}
_ahead = O.alias("ahead")
_first = ~sa.exists().where(_ahead.c.conversation_id == O.c.conversation_id, _ahead.c.seq < O.c.seq)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A message just written, with what it takes to send it."""

    message_id: int
    conversation_id: int
    inbox_id: int
    seq: int
    sender: str
    thread: str
    text: str
    payload: Mapping[str, Any]
    author: str
    author_name: str
    language: str
    public: bool


# Whether the line is empty is looked up once: five columns hang on it.
_line = sa.exists().where(O.c.conversation_id == p("conversation_id"))
_looked = sa.select(sa.case((sa.and_(p("hold", sa.Integer()) == 1, ~_line), 1), else_=0).label("free")).subquery()
_free = _looked.c.free == 1
_answers = sa.and_(p("answers", sa.Integer()) == 1, _free)
PUT = Statement(
    insert(O)
    .from_select(
        [
            "message_id", "conversation_id", "inbox_id", "seq", "held", "started", "parked", "token", "attempts",
            "due_at", "created_at",
        ],
        sa.select(
            p("message_id", sa.BigInteger()),
            p("conversation_id", sa.BigInteger()),
            p("inbox_id", sa.BigInteger()),
            p("seq", sa.Integer()),
            sa.case((_free, sa.true()), else_=sa.false()),
            sa.case((_answers, sa.true()), else_=sa.false()),
            sa.case((_answers, ANSWER), else_=""),
            p("token", sa.BigInteger()),
            sa.case((_free, 1), else_=0),
            sa.case((_free, p("until", UtcTime())), else_=NOW),
            NOW,
        ).select_from(_looked),
    )
    .returning(O.c.id, O.c.held)
)  # fmt: skip


def enqueue(tx: Tx, fresh: Fresh, *, hold: timedelta | None, answers: bool = False) -> Due | None:
    """Put a message in the line. With `hold`, the head of an empty line is taken at once: for delivery, or for the
    webhook that it `answers`. Behind one that waits for the customer it waits for him too.
    """
    name = token()
    row = tx.first(
        PUT,
        message_id=fresh.message_id,
        conversation_id=fresh.conversation_id,
        inbox_id=fresh.inbox_id,
        seq=fresh.seq,
        hold=0 if hold is None else 1,
        answers=1 if answers else 0,
        token=name,
        until=tx.now + (hold or timedelta()),
        now=tx.now,
    )
    assert row is not None
    if not row.held:
        if answers:
            tx.count(MARK, id=fresh.message_id, delivery=Delivery.QUEUED.value, error="")
        _wait_behind(tx, fresh, row.id)
        return None
    made = outgoing_of(fresh, tx.now)
    return Due(row.id, name, fresh.message_id, fresh.conversation_id, fresh.inbox_id, fresh.seq, 1, tx.now, made)


AHEAD = Statement(
    sa.select(O.c.parked, O.c.due_at).where(O.c.conversation_id == p("conversation_id"), windows.WAITS).limit(1)
)
PARK_ONE = Statement(sa.update(O).where(O.c.id == p("id")).values(parked=p("parked"), due_at=p("due_at", UtcTime())))


def _wait_behind(tx: Tx, fresh: Fresh, outbox_id: int) -> None:
    ahead = tx.first(AHEAD, conversation_id=fresh.conversation_id)
    if ahead is not None:
        tx.count(PARK_ONE, id=outbox_id, parked=ahead.parked, due_at=ahead.due_at)
        tx.count(MARK, id=fresh.message_id, delivery=Delivery.QUEUED.value, error=f"parked.{ahead.parked}")


_waiting = (
    sa.select(O.c.id, O.c.held, O.c.started, O.c.parked)
    .where(O.c.due_at <= NOW, _first)
    .order_by(O.c.due_at)
    .limit(p("limit"))
    .with_for_update(skip_locked=True)
)
WAITING = Statement(_waiting)
WAITING_ELSEWHERE = Statement(_waiting.where(sa.not_(among(O.c.inbox_id, "without"))))
HOLD = Statement(
    sa.update(O)
    .where(O.c.id == p("id"))
    .values(held=sa.true(), token=p("token"), attempts=O.c.attempts + 1, due_at=p("until", UtcTime()), parked="")
    .returning(O.c.id)
)
LOAD_COLUMNS = (
    O.c.id.label("outbox_id"),
    O.c.message_id,
    O.c.conversation_id,
    O.c.inbox_id,
    O.c.seq,
    O.c.attempts,
    O.c.parts,
    O.c.created_at,
    C.c.sender,
    C.c.thread,
    C.c.language,
    C.c.public,
    M.c.text,
    M.c.payload,
    M.c.author,
    M.c.author_name,
)
PUSHED = Statement(sa.update(M).where(M.c.id == p("id")).values(payload=p("payload")))
LOAD = Statement(
    sa.select(*LOAD_COLUMNS, A.c.number.label("author_number"))
    .join_from(O, M, M.c.id == O.c.message_id)
    .join(C, C.c.id == O.c.conversation_id)
    .outerjoin(A, A.c.id == M.c.agent_id)
    .where(O.c.id == p("id"))
)


def claim(tx: Tx, *, limit: int, hold: timedelta, without: Sequence[int] = ()) -> list[Due]:
    """Hold up to `limit` messages that are due, each the first of its conversation's line; none of these inboxes."""
    if without:
        rows = tx.all(WAITING_ELSEWHERE, now=tx.now, limit=limit, without=list(without))
    else:
        rows = tx.all(WAITING, now=tx.now, limit=limit)
    return [_hold(tx, row, hold) for row in rows]


def _hold(tx: Tx, row: Any, hold: timedelta) -> Due:
    name = token()
    tx.first(HOLD, id=row.id, token=name, until=tx.now + hold)
    loaded = tx.first(LOAD, id=row.id)
    assert loaded is not None
    if row.parked == ANSWER and not row.started:
        # Its webhook answer never went out, and it goes the usual way: that webhook must not say it again.
        tx.count(PUSHED, id=loaded.message_id, payload={**loaded.payload, CARRIER: None})
    return Due(
        row.id,
        name,
        loaded.message_id,
        loaded.conversation_id,
        loaded.inbox_id,
        loaded.seq,
        loaded.attempts,
        loaded.created_at,
        outgoing_of(loaded, loaded.created_at),
        ambiguous=bool(row.held and row.started),
        expired=row.parked in windows.PARKED,
        parts=loaded.parts,
    )


START = Statement(
    sa.update(O)
    .where(O.c.id == p("id"), O.c.token == p("token"))
    .values(started=sa.case((p("note", sa.Integer()) == 1, sa.true()), else_=O.c.started))
    .returning(O.c.spent)
)
SPENT = Statement(sa.update(O).where(O.c.id == p("id")).values(spent=sa.true()))
TAKE_OUT = Statement(
    sa.delete(O).where(O.c.id == p("id"), O.c.token == p("token")).returning(O.c.message_id, O.c.spent)
)
AGAIN = Statement(
    sa.update(O)
    .where(O.c.id == p("id"), O.c.token == p("token"))
    .values(
        held=sa.false(),
        started=sa.false(),
        due_at=p("due_at", UtcTime()),
        parts=p("parts"),
        parked="",
        spent=p("spent"),
    )
    .returning(O.c.message_id)
)
MARK = Statement(sa.update(M).where(M.c.id == p("id")).values(delivery=p("delivery"), error=p("error")))
NEXT = Statement(
    sa.select(O.c.id, O.c.held, O.c.started, O.c.parked)
    .where(O.c.conversation_id == p("conversation_id"), O.c.due_at <= NOW, _first)
    .order_by(O.c.seq)
    .limit(1)
    .with_for_update(skip_locked=True)
)


@dataclass(frozen=True, slots=True)
class Started:
    """Whether the hold is still `ours`, and what the customer has to do first (`waits`: window, quota)."""

    ours: bool
    waits: str = ""


def start(tx: Tx, due: Due, *, note: bool = True, reserve: int | None = None, more: bool = False) -> Started:
    """A call is about to go out. `note`: it cannot be repeated safely. `reserve`: the network counts; take one off
    its window, leaving so many. `more`: this message has sent calls before under this hold."""
    row = tx.first(START, id=due.outbox_id, token=due.token, note=1 if note else 0)
    if row is None:
        return Started(ours=False)
    if reserve is not None and (more or not row.spent):
        waits = windows.spend(tx, due.conversation_id, reserve=reserve)
        if waits:
            return Started(ours=True, waits=waits)
        tx.count(SPENT, id=due.outbox_id)
    if note and not more:
        tx.count(MARK, id=due.message_id, delivery=Delivery.SENDING.value, error="")
    return Started(ours=True)


@dataclass(frozen=True, slots=True)
class Settled:
    """`kept`: our word counted (the hold was still ours). `next`: the conversation's next message, held."""

    kept: bool
    next: Due | None = None


def settle(
    tx: Tx, due: Due, delivery: Delivery, error: str, *, hold: timedelta, unsent: bool = False,
    extra: Mapping[str, Any] = NOTHING,
) -> Settled:  # fmt: skip
    """The last word on a message: it leaves the line, the log says so, and the next one is taken. `unsent`: the call
    that was counted last did not go out. `extra`: what is kept about how it went out."""
    taken = tx.first(TAKE_OUT, id=due.outbox_id, token=due.token)
    if taken is None:
        return Settled(kept=False)
    if unsent and taken.spent:
        windows.refund(tx, due.conversation_id)
    # The conversation's row before the message's: the order every script locks them in.
    data = {"seq": due.seq, "delivery": delivery.value, "error": error, **({"extra": dict(extra)} if extra else {})}
    log.add(tx, due.conversation_id, "delivery", data, audience="desk")
    tx.count(MARK, id=due.message_id, delivery=delivery.value, error=error)
    if extra:
        _note(tx, due.message_id, extra)
    undelivered.come_back(tx, due.message_id, delivery)
    row = tx.first(NEXT, conversation_id=due.conversation_id, now=tx.now)
    return Settled(kept=True, next=None if row is None else _hold(tx, row, hold))


PAYLOAD = Statement(sa.select(M.c.payload).where(M.c.id == p("id")).with_for_update())


def _note(tx: Tx, message_id: int, extra: Mapping[str, Any]) -> None:
    row = tx.first(PAYLOAD, id=message_id)
    assert row is not None
    tx.count(PUSHED, id=message_id, payload={**row.payload, "extra": {**row.payload.get("extra", {}), **extra}})


def postpone(tx: Tx, due: Due, until: datetime, error: str, *, parts: int, unsent: bool = False) -> bool:
    """Try again at `until`, `parts` calls being out; the line waits behind it. False if the hold is gone."""
    spent = tx.first(SPENT_NOW, id=due.outbox_id, token=due.token)
    if spent is None:
        return False
    refund = unsent and spent.spent
    tx.first(AGAIN, id=due.outbox_id, token=due.token, due_at=until, parts=parts, spent=spent.spent and not refund)
    if refund:
        windows.refund(tx, due.conversation_id)
    tx.count(MARK, id=due.message_id, delivery=Delivery.QUEUED.value, error=error)
    return True


SPENT_NOW = Statement(sa.select(O.c.spent).where(O.c.id == p("id"), O.c.token == p("token")).with_for_update())


PUT_BACK = Statement(
    sa.update(O)
    .where(O.c.id == p("id"), O.c.token == p("token"))
    .values(held=sa.false(), started=sa.false(), due_at=NOW, attempts=O.c.attempts - 1, spent=sa.false())
)


def put_back(tx: Tx, dues: list[Due]) -> None:
    """Give holds back untouched: a graceful stop, or no room for them."""
    for due in dues:
        tx.count(PUT_BACK, id=due.outbox_id, token=due.token, now=tx.now)


REQUEUE = Statement(
    insert(O)
    .from_select(
        ["message_id", "conversation_id", "inbox_id", "seq", "due_at", "created_at"],
        sa.select(M.c.id, M.c.conversation_id, M.c.inbox_id, M.c.seq, NOW, NOW).where(M.c.id == p("id")),
    )
    .on_conflict_do_nothing(index_elements=["message_id"])
)


def requeue(tx: Tx, message_id: int) -> None:
    """Put a message that failed back in the line, under its old key."""
    tx.count(REQUEUE, id=message_id, now=tx.now)
    tx.count(MARK, id=message_id, delivery=Delivery.QUEUED.value, error="")


__all__ = [
    "Fresh",
    "Settled",
    "Started",
    "claim",
    "enqueue",
    "postpone",
    "put_back",
    "requeue",
    "settle",
    "start",
]
