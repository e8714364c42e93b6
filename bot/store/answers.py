"""Answers that a webhook carries back: what one takes out of the outbox, and what a repeated webhook gets again.

The rows an answer carries stay in the outbox, held and parked as `answer`, until it is known to have gone out. A
process that dies in between leaves them ambiguous: the network asks again and gets the same answer, or nobody ever
knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from bot.messages import Delivery, Outgoing
from bot.ports import Gathered
from bot.store import log
from bot.store.arrivals import NOW
from bot.store.outbox import ANSWER, CARRIER, LOAD_COLUMNS, MARK
from bot.store.rows import outgoing_of, token
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Conversation, Message, Outbox, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741


class Gather(Protocol):
    """What one answer carries of the messages that wait, `out` pieces of the first having been said; pure."""

    def __call__(self, waiting: Sequence[Outgoing], *, out: int) -> Gathered | None: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How a webhook may be answered: by what it can carry, and how long its rows are held for it. `rest`: it also
    carries the rest of a message of which a piece is out, as there is no other way."""

    gather: Gather
    hold: timedelta
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a webhook tells the customer: the text and the messages it says, under a hold named `token`.

    `part`: only a piece of the one message, of which `out` pieces were said before.
    """

    conversation_id: int
    outgoing: Outgoing
    message_ids: tuple[int, ...]
    token: int
    part: bool = False
    out: int = 0


LINE = Statement(
    sa.select(*LOAD_COLUMNS, O.c.held, O.c.parked)
    .join_from(O, M, M.c.id == O.c.message_id)
    .join(C, C.c.id == O.c.conversation_id)
    .where(O.c.conversation_id == p("conversation_id"))
    .order_by(O.c.seq)
)
_hold = (
    sa.update(O)
    .where(O.c.message_id == p("message_id"))
    .values(
        held=sa.true(),
        started=sa.true(),
        parked=ANSWER,
        token=p("token"),
        attempts=O.c.attempts + 1,
        due_at=p("until", UtcTime()),
    )
    .returning(O.c.id)
)
TAKE = Statement(_hold.where(O.c.held == sa.false()))
HOLD = Statement(_hold.where(O.c.parked == ANSWER))
TAKEN = Statement(
    sa.update(M).where(M.c.id == p("id")).values(delivery=Delivery.SENDING.value, error="", payload=p("payload"))
)


def take(tx: Tx, conversation_id: int, arrival_id: int, terms: Terms) -> Answer | None:
    """Take what one answer can carry from the head of the line, for the webhook that brought this arrival; None if
    nothing waits, or something is being sent."""
    waiting: list[Row] = []
    for row in tx.all(LINE, conversation_id=conversation_id):
        if row.parked == ANSWER:
            carried = terms.gather([outgoing_of(row)], out=row.parts)
            if carried is None or carried.part:
                break  # the rest of it comes first
            continue  # an answer just before this one carries it
        if row.held or (row.parts and (waiting or not terms.rest)):
            break
        waiting.append(row)
    out = waiting[0].parts if waiting else 0
    gathered = terms.gather([outgoing_of(row) for row in waiting], out=out) if waiting else None
    if gathered is None:
        return None
    name, wanted = token(), waiting[: max(1, gathered.whole)]
    # Whoever was quicker than us since we looked has the rest of the line with the first row he took.
    held = list(itertools.takewhile(lambda row: _taken(tx, row, arrival_id, name, terms.hold), wanted))
    if held and len(held) < len(wanted):
        gathered = terms.gather([outgoing_of(row) for row in held], out=out)
    if not held or gathered is None:
        return None
    ids = tuple(int(row.message_id) for row in held)
    return Answer(conversation_id, gathered.answer, ids, name, gathered.part, out)


def _taken(tx: Tx, row: Row, arrival_id: int, name: int, hold: timedelta) -> bool:
    if tx.first(TAKE, message_id=row.message_id, token=name, until=tx.now + hold) is None:
        return False
    tx.count(TAKEN, id=row.message_id, payload={**row.payload, CARRIER: arrival_id})
    return True


# ---- the arrival's memory of its answer ---------------------------------------------------------------------------

FIND = Statement(
    sa.select(M.c.id, M.c.conversation_id, M.c.seq, M.c.decision, C.c.turned_seq)
    .join_from(M, C, C.c.id == M.c.conversation_id)
    .where(M.c.id == p("id"))
)
ALONE = Statement(sa.select(M.c.decision).where(M.c.id == p("id")).with_for_update())
DECIDED = Statement(sa.update(M).where(M.c.id == p("id")).values(decision=p("decision")))
SAID = Statement(
    sa.select(M.c.id.label("message_id"), M.c.delivery, M.c.payload, O.c.id.label("outbox_id"), O.c.parked)
    .join_from(M, O, O.c.message_id == M.c.id, isouter=True)
    .where(M.c.id == p("id"))
)
REPEATABLE = {Delivery.SENDING.value, Delivery.SENT.value, Delivery.UNKNOWN.value}


def note(answer: Answer) -> dict[str, Any]:
    """What the arrival's decision keeps, so that the same webhook gets the same answer for ever."""
    return {"text": answer.outgoing.text, "messages": list(answer.message_ids), "part": answer.part, "out": answer.out}


@dataclass(frozen=True, slots=True)
class Found:
    """Where an arrival stands: `turned`, and the answer its webhook has (again)."""

    turned: bool
    answer: Answer | None = None


def find(tx: Tx, message_id: int, terms: Terms, recipient: str) -> Found:
    """What to tell a webhook that brought this arrival (again). What is still in the line may be taken now."""
    row = tx.first(FIND, id=message_id)
    if row is None or row.turned_seq < row.seq:
        return Found(turned=False)
    decision = row.decision or {}
    if "answer" not in decision:  # the network's other attempts look at this very moment: one after the other
        alone = tx.first(ALONE, id=message_id)
        decision = (alone.decision if alone is not None else None) or {}
    noted = decision.get("answer")
    if noted is not None:
        return Found(turned=True, answer=_again(tx, row.conversation_id, message_id, noted, terms, recipient))
    answer = take(tx, row.conversation_id, message_id, terms)
    if answer is not None:
        tx.count(DECIDED, id=message_id, decision={**decision, "answer": note(answer)})
    return Found(turned=True, answer=answer)


def _again(
    tx: Tx, conversation_id: int, arrival_id: int, noted: dict[str, Any], terms: Terms, recipient: str
) -> Answer | None:
    ids = tuple(noted["messages"])
    rows = [tx.first(SAID, id=message_id) for message_id in ids]
    if not all(row is not None and _repeatable(row, arrival_id) for row in rows):
        return None  # it goes another way by now
    name = token()
    for row in rows:
        assert row is not None
        if row.outbox_id is not None:
            tx.first(HOLD, message_id=row.message_id, token=name, until=tx.now + terms.hold)
    return Answer(conversation_id, Outgoing("", recipient, noted["text"]), ids, name, noted["part"], noted["out"])


def _repeatable(row: Row, arrival_id: int) -> bool:
    if row.delivery not in REPEATABLE or row.payload.get(CARRIER) != arrival_id:
        return False
    return row.outbox_id is None or row.parked == ANSWER


# ---- afterwards ---------------------------------------------------------------------------------------------------

GONE = Statement(sa.delete(O).where(O.c.message_id == p("message_id"), O.c.parked == ANSWER).returning(O.c.seq))
REST = Statement(
    sa.update(O)
    .where(O.c.message_id == p("message_id"), O.c.parked == ANSWER, O.c.parts == p("out"))
    .values(held=sa.false(), started=sa.false(), parked="", parts=O.c.parts + 1, due_at=NOW)
    .returning(O.c.seq)
)
UNKNOWN_YET = Statement(sa.select(M.c.seq).where(M.c.id == p("id"), M.c.delivery == Delivery.UNKNOWN.value))
NOT_OUT = Statement(
    sa.update(O)
    .where(O.c.message_id == p("message_id"), O.c.token == p("token"))
    .values(started=sa.false(), due_at=p("due_at", UtcTime()))
)


def sent(tx: Tx, answer: Answer) -> None:
    """The answer went out, in time."""
    for message_id in answer.message_ids:
        row = (
            tx.first(REST, message_id=message_id, out=answer.out, now=tx.now)
            if answer.part
            else tx.first(GONE, message_id=message_id)
        )
        if row is None:  # given up meanwhile, or settled before: only what nobody knew is news
            row = tx.first(UNKNOWN_YET, id=message_id)
        if row is None:
            continue
        delivery = (Delivery.QUEUED if answer.part else Delivery.SENT).value
        data = {"seq": row.seq, "delivery": delivery, "error": ""}
        log.add(tx, answer.conversation_id, "delivery", data, audience="desk")
        tx.count(MARK, id=message_id, delivery=delivery, error="")


def not_sent(tx: Tx, answer: Answer, asks_again: timedelta) -> None:
    """The network hung up before the answer went out: it may ask again; after that, the usual way."""
    for message_id in answer.message_ids:
        tx.count(NOT_OUT, message_id=message_id, token=answer.token, due_at=tx.now + asks_again)
