"""The phone log: a call an agent had, written into the customer's history with what is to be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.lent import Event
from bot.messages import Incoming, Status
from bot.store import arrivals, calls, corrections, desk, judging, log, opening, timers, turns
from bot.store.desk import Changed
from bot.store.rows import token
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Agent, Contact, ContactIdentity, Conversation

A = Agent.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
I = ContactIdentity.__table__  # type: ignore[attr-defined]  # noqa: E741
K = Contact.__table__  # type: ignore[attr-defined]

DIRECTIONS: Final = ("in", "out", "missed")
RESULTS: Final = ("solved", "open", "callback", "passed")
"""What became of it: settled; the agent goes on with it, perhaps by calling back; others are to take it."""
FOLLOW_UP: Final = "follow_up"
"""The timer that calls people back to it."""
LOGGED: Final = "logged"
"""Why nothing automatic may be said to a logged call (`Incoming.mute`)."""
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
CONTACT = Statement(sa.select(K.c.id).where(K.c.id == p("id")))
NAMED = Statement(sa.update(K).where(K.c.id == p("id"), K.c.name == "").values(name=p("name")))
AGENT = Statement(sa.select(A.c.name).where(A.c.id == p("id")))
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


def log_call(tx: Tx, inbox_id: int, agent_id: int, call: CallLog) -> Changed:
    """Keep a call. Again is no change. The agent has it from now on, unless it is settled, passed on, or another agent
    has the customer's last call in hand. NotFoundError if there is no such contact."""
    external_id = f"call:{agent_id}:{call.cid}"
    if (known := arrivals.find(tx, inbox_id, external_id)) is not None:
        return Changed(known.conversation_id, known.seq)
    agent = tx.first(AGENT, id=agent_id)
    assert agent is not None
    sender = call.number or f"anonymous:{agent_id}:{call.cid}"
    _joined(tx, inbox_id, sender, call.contact)
    told = Incoming(external_id, sender, call.summary, sender_name=call.name, sent_at=call.at, mute=LOGGED,
                    extra={"call": _fields(call, agent.name)})  # fmt: skip
    kept = arrivals.accept(tx, inbox_id, told, token=token(), lease=None, reopen=REOPEN)
    held = tx.first(HELD, id=kept.conversation_id)
    assert held is not None
    if call.name:
        tx.count(NAMED, id=held.contact_id, name=call.name)
    if call.type and (call.tier or call.type != judging.COMPLAINT):
        corrections.correct(tx, kept.conversation_id, agent_id, category=call.type, tier=call.tier, seq=kept.seq)
    if call.follow_up is not None:
        data = {"note": call.follow_up_note, "agent": agent.name, "number": call.shown}
        timers.set_(tx, kept.conversation_id, FOLLOW_UP, call.follow_up, data)
    return _handled(tx, kept.conversation_id, kept.seq, agent_id, call, held)


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
        "name": call.name,
        "direction": call.direction,
        "type": call.type,
        "result": call.result,
        "follow_up": call.follow_up.isoformat() if call.follow_up else None,
        "follow_up_note": call.follow_up_note,
        "recording": call.recording,
        "seconds": call.seconds,
        "agent": agent,
        "at": call.at.isoformat(),
    }


def _handled(tx: Tx, conversation_id: int, seq: int, agent_id: int, call: CallLog, held: Row) -> Changed:
    others = held.status == Status.OPEN.value and held.assignee_id not in (None, agent_id)
    if others:
        return Changed(conversation_id, seq)
    if call.result == "passed":
        return _offered(tx, conversation_id, seq, agent_id, call)
    claimed = desk.claim(tx, conversation_id, agent_id)
    if call.result != "solved":
        return Changed(conversation_id, claimed.seq, claimed.events)
    return desk.resolve(tx, conversation_id, agent_id)


def _offered(tx: Tx, conversation_id: int, seq: int, agent_id: int, call: CallLog) -> Changed:
    """Somebody else is to take it: the record that asks for him, as a turn of the bot's would write it."""
    values = {"id": conversation_id, "status": Status.OPEN.value, "assignee_id": None, "resolved_at": None}
    tx.count(desk.SET_STATUS, **values, token=token(), now=tx.now)
    reason = f"电话转交：{call.summary}"[:REASON]
    tx.count(
        turns.HAND_OFF,
        conversation_id=conversation_id,
        trigger="other",
        reason=reason,
        tier=call.tier,
        queue="default",
        summary={},
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
