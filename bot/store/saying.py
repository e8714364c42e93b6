"""What the bot says in a turn: its messages, and the way each goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.dialogue import Decision, Reply
from bot.messages import Author, Delivery, Outgoing
from bot.store import answers, outbox
from bot.store.arrivals import NOW
from bot.store.rows import Arrival, Due, Lease
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Message

M = Message.__table__  # type: ignore[attr-defined]

SAY = Statement(
    insert(M)
    .values(
        conversation_id=p("conversation_id"),
        seq=p("seq"),
        inbox_id=p("inbox_id"),
        author=Author.BOT.value,
        author_name=p("author_name"),
        kind="text",
        text=p("text"),
        payload=p("payload"),
        delivery=p("delivery"),
        at=NOW,
    )
    .returning(M.c.id)
)


def _payload(reply: Reply, handle: str, turn: int) -> dict[str, Any]:
    """`turn`: the seq of the arrival it answers."""
    payload: dict[str, Any] = {"turn": turn}
    if reply.script:
        payload["script"] = reply.script
    if reply.quick_replies:
        payload["quick_replies"] = [{"label": q.label, "value": q.value} for q in reply.quick_replies]
    if reply.source:
        payload["source"] = reply.source
    if reply.purpose:
        payload["purpose"] = reply.purpose
    if handle:
        payload["handle"] = handle
    return payload


@dataclass(frozen=True, slots=True)
class Way:
    """How replies go out: read in the log by the customer's client (`pull`), held at once, perhaps for the webhook
    that brought the arrival `answers`."""

    pull: bool
    hold: timedelta | None
    answers: int | None = None

    @property
    def delivery(self) -> str:
        if self.pull:
            return Delivery.SENT.value
        return (Delivery.QUEUED if self.answers is None else Delivery.SENDING).value


def _whole(terms: answers.Terms | None, decision: Decision, held: Lease, language: str) -> Outgoing | None:
    """The answer, where the turn's only reply is one as it stands: nearly always, and cheaper than looking for it."""
    if terms is None or len(decision.replies) != 1:
        return None
    (reply,) = decision.replies
    said = Outgoing("", held.sender, reply.text, quick_replies=reply.quick_replies, language=language or None,
                    purpose=reply.purpose)  # fmt: skip
    gathered = terms.gather([said], out=0)
    return gathered.answer if gathered is not None and gathered.whole == 1 else None


def out(
    tx: Tx, held: Lease, arrival: Arrival, decision: Decision, language: str, seq: int, bot_name: str, *, pull: bool,
    hold: timedelta | None, terms: answers.Terms | None,
) -> tuple[list[Due], bool, answers.Answer | None]:  # fmt: skip
    """Write the replies after `seq`: what is held for sending now, whether something waits for any deliverer, and
    the answer for the webhook that brought the arrival, where `terms` say that it waits."""
    whole = _whole(terms, decision, held, language)
    way = Way(pull, hold) if terms is None or whole is None else Way(pull, terms.hold, answers=arrival.message_id)
    due, queued = _say(tx, held, arrival, decision, language, seq, bot_name, way)
    if whole is not None and due:
        (only,) = due
        return [], queued, answers.Answer(held.conversation_id, whole, (only.message_id,), only.token)
    answer = None if terms is None else answers.take(tx, held.conversation_id, arrival.message_id, terms)
    return due, queued, answer


def _say(
    tx: Tx, held: Lease, arrival: Arrival, decision: Decision, language: str, seq: int, bot_name: str, way: Way
) -> tuple[list[Due], bool]:
    due: list[Due] = []
    queued, handle = False, arrival.payload.get("handle", "")
    for number, reply in enumerate(decision.replies, 1):
        payload = _payload(reply, handle, arrival.seq)
        if way.answers is not None:
            payload[outbox.CARRIER] = way.answers
        row = tx.first(
            SAY,
            conversation_id=held.conversation_id,
            seq=seq + number,
            inbox_id=held.inbox_id,
            author_name=bot_name,
            text=reply.text,
            payload=payload,
            delivery=way.delivery,
            now=tx.now,
        )
        assert row is not None
        if way.pull:
            continue
        message = outbox.Fresh(
            row.id, held.conversation_id, held.inbox_id, seq + number, held.sender, held.thread, reply.text, payload,
            Author.BOT.value, bot_name, language, held.public,
        )  # fmt: skip
        taken = outbox.enqueue(tx, message, hold=way.hold, answers=way.answers is not None)
        if taken is None:
            queued = True
        else:
            due.append(taken)
    return due, queued
