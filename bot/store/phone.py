"""The phone log: a call an agent had, written into the customer's history with what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.lent import Event
from bot.messages import Incoming, Status
from bot.store import arrivals, calls, cases, corrections, desk, judging, log, opening, timers, turns
from bot.store.desk import Changed
from bot.store.rows import token
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Agent, Contact, ContactIdentity, Conversation, Inbox, Notification

A = Agent.__table__  # type: ignore[attr-defined]
B = Inbox.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
I = ContactIdentity.__table__  # type: ignore[attr-defined]  # noqa: E741
K = Contact.__table__  # type: ignore[attr-defined]
N = Notification.__table__  # type: ignore[attr-defined]

DIRECTIONS: Final = ("in", "out", "missed")
RESULTS: Final = ("solved", "open", "callback", "passed")
"""What became of it: settled; the agent goes on with it, perhaps by calling back; others are to take it."""
FOLLOW_UP: Final = "follow_up"
"""The timer that calls people back to it."""
LOGGED: Final = "logged"
"""Why nothing automatic may be said to a logged call (`Incoming.mute`)."""
NOBODY: Final = "anonymous:"
"""What the id of a caller without a number begins with."""
REOPEN: Final = timedelta(hours=24)
REASON: Final = 200
"""Characters of the summary that stand as the reason."""

WHO = Statement(
    sa.select(K.c.id, K.c.name, sa.func.count(C.c.id).label("conversations"))
    .join_from(I, K, K.c.id == I.c.contact_id)
    .outerjoin(C, C.c.contact_id == K.c.id)
    .where(I.c.inbox_id == p("inbox_id"), I.c.external_id == p("number"))
    .group_by(K.c.id, K.c.name)
)
NUMBERS = Statement(
    sa.select(I.c.external_id)
    .join_from(I, B, B.c.id == I.c.inbox_id)
    .where(B.c.name == p("inbox"), I.c.contact_id == p("contact_id"), ~I.c.external_id.startswith(NOBODY))
    .order_by(I.c.id.desc())
    .limit(5)
)
CONTACT = Statement(sa.select(K.c.id).where(K.c.id == p("id")))
NAMED = Statement(sa.update(K).where(K.c.id == p("id"), K.c.name == "").values(name=p("name")))
AGENT = Statement(sa.select(A.c.name).where(A.c.id == p("id")))
RAISE = Statement(sa.update(C).where(C.c.id == p("id")).values(**judging.RAISED))
# Who writes it down need not be told by mail that his customer said something.
UNCALLED = Statement(
    sa.delete(N).where(
        N.c.conversation_id == p("conversation_id"),
        N.c.agent_id == p("agent_id"),
        N.c.about == "message",
        N.c.state == "due",
        N.c.created_at == arrivals.NOW,
    )
)
HELD = Statement(sa.select(C.c.contact_id, C.c.status, C.c.assignee_id).where(C.c.id == p("id")))


@dataclass(frozen=True, slots=True)
class CallLog:
    """`cid`: the same again is the same call. `number`: its key ("" for a caller who showed none), `shown` for people.
    `type`: one of the categories, "" to have it judged; `tier` of a complaint. `seconds`: how long it took.
    `contact`: whose call it is, where the agent knows; else the number tells."""

    cid: str
    direction: str
    summary: str
    result: str
    at: datetime
    number: str = ""
    shown: str = ""
    name: str = ""
    type: str = ""
    tier: str = ""
    seconds: int | None = None
    follow_up: datetime | None = None
    follow_up_note: str = ""
    recording: str = ""
    contact: int | None = None


def lookup(tx: Tx, inbox_id: int, number: str) -> dict[str, Any] | None:
    """Who calls from this number, and how many conversations he has had."""
    row = tx.first(WHO, inbox_id=inbox_id, number=number)
    return None if row is None else {"id": row.id, "name": row.name, "conversations": row.conversations}


def numbers(tx: Tx, inbox: str, contact_id: int) -> list[str]:
    """The keys of the numbers that are this contact's, the latest first."""
    return [row.external_id for row in tx.all(NUMBERS, inbox=inbox, contact_id=contact_id)]


def log_call(tx: Tx, inbox_id: int, agent_id: int, call: CallLog, case: cases.Filing | None = None) -> Changed:
    """Keep a call, and the complaint case it opens. Again is no change. The agent has it from now on, unless it is
    settled, passed on, or another agent has the customer's last call in hand. NotFoundError if there is no such
    contact."""
    external_id = f"call:{agent_id}:{call.cid}"
    if (known := arrivals.find(tx, inbox_id, external_id)) is not None:
        return Changed(known.conversation_id, known.seq)
    agent = tx.first(AGENT, id=agent_id)
    assert agent is not None
    sender = call.number or f"{NOBODY}{agent_id}:{call.cid}"
    _joined(tx, inbox_id, sender, call.contact)
    told = Incoming(external_id, sender, call.summary, sender_name=call.name, sent_at=call.at, mute=LOGGED,
                    extra={"call": _fields(call, agent.name)})  # fmt: skip
    kept = arrivals.accept(tx, inbox_id, told, token=token(), lease=None, reopen=REOPEN)
    held = tx.first(HELD, id=kept.conversation_id)
    assert held is not None
    if call.name:
        tx.count(NAMED, id=held.contact_id, name=call.name)
    _judged(tx, kept.conversation_id, kept.seq, agent_id, call, held)
    if call.result == "solved":
        timers.cancel(tx, kept.conversation_id, FOLLOW_UP)
    if call.follow_up is not None:
        data = {"note": call.follow_up_note, "agent": agent.name, "number": call.shown}
        timers.set_(tx, kept.conversation_id, FOLLOW_UP, call.follow_up, data)
    done = _handled(tx, kept.conversation_id, kept.seq, agent_id, call, held)
    if case is None:
        return done
    filed = cases.register(tx, kept.conversation_id, agent_id, case)
    return replace(filed, events=(*done.events, *filed.events))


def _joined(tx: Tx, inbox_id: int, sender: str, contact: int | None) -> None:
    """The number is the contact's from now on, unless it is somebody's already."""
    if contact is None:
        return
    if tx.first(CONTACT, id=contact) is None:
        raise NotFoundError("there is no such contact")
    tx.first(opening.IDENTITY, inbox_id=inbox_id, external_id=sender, contact_id=contact, now=tx.now)


def _fields(call: CallLog, agent: str) -> Mapping[str, Any]:
    """What the card shows."""
    return {
        "number": call.shown,
        "key": call.number,
        "name": call.name,
        "direction": call.direction,
        "type": call.type,
        "tier": call.tier,
        "result": call.result,
        "follow_up": call.follow_up.isoformat() if call.follow_up else None,
        "follow_up_note": call.follow_up_note,
        "recording": call.recording,
        "seconds": call.seconds,
        "agent": agent,
        "at": call.at.isoformat(),
    }


def _judged(tx: Tx, conversation_id: int, seq: int, agent_id: int, call: CallLog, held: Row) -> None:
    """A tier he names is his word on the conversation, and counts (`judging.settled`); a type is where judging begins:
    the call's words may make it graver, and it makes no complaint a smaller matter."""
    if call.tier:
        corrections.correct(tx, conversation_id, agent_id, category=call.type, tier=call.tier, seq=seq)
        return
    judged = judging.judged(call.type or None, judging.TIERS[0] if call.type == judging.COMPLAINT else None)
    if judged["category"]:
        tx.count(RAISE, id=conversation_id, **judged)
    if judged["category"] == judging.COMPLAINT:
        judging.complained(tx, held.contact_id, conversation_id)


def _handled(tx: Tx, conversation_id: int, seq: int, agent_id: int, call: CallLog, held: Row) -> Changed:
    others = held.status == Status.OPEN.value and held.assignee_id not in (None, agent_id)
    if others:
        return Changed(conversation_id, seq)
    tx.count(UNCALLED, conversation_id=conversation_id, agent_id=agent_id, now=tx.now)
    if call.result == "passed":
        return _offered(tx, conversation_id, seq, agent_id, call)
    done = desk.claim(tx, conversation_id, agent_id)
    if call.result == "solved":
        done = desk.resolve(tx, conversation_id, agent_id)
    tx.count(desk.ATTENDED, id=conversation_id)
    tx.first(desk.READ, id=conversation_id, upto=seq)
    return done


def _offered(tx: Tx, conversation_id: int, seq: int, agent_id: int, call: CallLog) -> Changed:
    """Somebody else is to take it: the record that asks for him, as a turn of the bot's would write it."""
    values = {"id": conversation_id, "status": Status.OPEN.value, "assignee_id": None, "resolved_at": None}
    tx.count(desk.SET_STATUS, **values, token=token(), now=tx.now)
    tx.count(desk.END_HANDOFFS, conversation_id=conversation_id, status="resolved", now=tx.now)
    reason = call.summary[:REASON]
    tx.count(
        turns.HAND_OFF,
        conversation_id=conversation_id,
        trigger="other",
        reason=reason,
        tier=call.tier,
        queue="default",
        summary={"name": call.name, "last": call.summary[:REASON], "waiting_since": tx.now.isoformat()},
        transcript=[seq],
        status="offered",
        now=tx.now,
    )
    calls.handed_off(tx, conversation_id)
    status = {"status": Status.OPEN.value, "agent": None, "by": agent_id}
    handoff = {"status": "offered", "trigger": "other", "reason": reason}
    events = [Event(log.add(tx, conversation_id, "status", status), "status", status)]
    events.append(Event(log.add(tx, conversation_id, "handoff", handoff, audience="desk"), "handoff", handoff))
    return Changed(conversation_id, events[-1].seq, tuple(events))
