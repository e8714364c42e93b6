"""What agents see and do. Whatever changes the ground a bot's turn stands on also takes its fence away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import ConflictError, NotFoundError
from bot.lent import Event
from bot.messages import Author, Delivery, Status
from bot.store import arrivals, log, opening, outbox, owning
from bot.store.arrivals import NOW, PREVIEW
from bot.store.rows import token
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Agent, Conversation, Handoff, Message, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
A = Agent.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Changed:
    """What an action did: the events it added (none: it had been done before), and the cursor after them. `beside`:
    another conversation that changed with it."""

    conversation_id: int
    seq: int
    events: tuple[Event, ...] = ()
    beside: int | None = None


HELD = Statement(
    sa.select(
        C.c.id,
        C.c.inbox_id,
        C.c.sender,
        C.c.thread,
        C.c.language,
        C.c.status,
        C.c.seq,
        C.c.assignee_id,
        C.c.current,
        C.c.public,
    )
    .where(C.c.id == p("id"))
    .with_for_update()
)
AGENT = Statement(sa.select(A.c.id, A.c.name, A.c.number).where(A.c.id == p("id")))
# Status and assignee are what a turn was decided on: its lease is void, and what waits is ready again.
SET_STATUS = Statement(
    sa.update(C)
    .where(C.c.id == p("id"))
    .values(
        status=p("status"),
        assignee_id=p("assignee_id"),
        resolved_at=p("resolved_at", UtcTime()),
        fence=p("token"),
        leased=sa.false(),
        ready_at=sa.case((C.c.ready_at.is_not(None), NOW), else_=sa.null()),
    )
)
END_HANDOFFS = Statement(
    sa.update(H)
    .where(H.c.conversation_id == p("conversation_id"), H.c.ended_at.is_(None), H.c.status != "noted")
    .values(status=p("status"), ended_at=NOW)
)
ACCEPT_HANDOFFS = Statement(
    sa.update(H)
    .where(H.c.conversation_id == p("conversation_id"), H.c.status == "offered")
    .values(status="accepted", agent_id=p("agent_id"), accepted_at=NOW)
)
SAY = Statement(
    insert(M)
    .values(
        conversation_id=p("conversation_id"),
        seq=p("seq"),
        inbox_id=p("inbox_id"),
        external_id=p("external_id"),
        author=Author.AGENT.value,
        audience=p("audience"),
        agent_id=p("agent_id"),
        author_name=p("author_name"),
        kind="text",
        text=p("text"),
        payload=p("payload"),
        delivery=p("delivery"),
        at=NOW,
    )
    .returning(M.c.id)
)
SHOWN = Statement(
    sa.update(C)
    .where(C.c.id == p("id"))
    .values(
        last_text=p("preview"),
        last_author=p("author"),
        last_at=NOW,
        waiting_since=sa.case((p("answers", sa.Integer()) == 1, sa.null()), else_=C.c.waiting_since),
    )
)
PRIVATE = Statement(sa.select(C.c.id).where(C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"), arrivals.CURRENT))
ATTENDED = Statement(sa.update(C).where(C.c.id == p("id")).values(waiting_since=None))
ANSWERED_SINCE = Statement(
    sa.select(M.c.seq, M.c.author_name)
    .where(
        M.c.conversation_id == p("conversation_id"),
        M.c.seq > p("seen"),
        M.c.author == "agent",
        M.c.audience == "all",
        M.c.agent_id != p("agent_id"),
    )
    .limit(1)
)
BY_CID = Statement(
    sa.select(*log.MESSAGE_COLUMNS).where(M.c.inbox_id == p("inbox_id"), M.c.external_id == p("external_id"))
)


def claim(tx: Tx, conversation_id: int, agent_id: int) -> Changed:
    """The agent takes the conversation; again is no change. ConflictError if another agent has it."""
    held = _held(tx, conversation_id)
    _mine_or_free(tx, held, agent_id)
    if _has(held, agent_id):
        return Changed(conversation_id, held.seq)
    return _changed(conversation_id, _take(tx, held, agent_id))


def reply(
    tx: Tx, conversation_id: int, agent_id: int, *, cid: str, text: str, seen: int | None = None, pull: bool,
    attachments: Sequence[Mapping[str, Any]] = (), private: bool = False,
) -> Changed:  # fmt: skip
    """An agent's answer to the customer. The same `cid` again changes nothing and returns the first one's event.

    Takes the conversation when nobody has it. ConflictError when another agent has it, or answered after `seen`.
    `private`: to a public conversation, in the customer's private one, which is taken as well.
    """
    held = _held(tx, conversation_id)
    if private and held.public:
        return _aside(tx, held, agent_id, cid, text, attachments, pull=pull)
    if (again := _repeat(tx, held, agent_id, cid)) is not None:
        return again
    _mine_or_free(tx, held, agent_id)
    if seen is not None:
        other = tx.first(ANSWERED_SINCE, conversation_id=conversation_id, seen=seen, agent_id=agent_id)
        if other is not None:
            raise ConflictError(f"{other.author_name} has answered since", current="answered")
    events = [] if _has(held, agent_id) else _take(tx, held, agent_id)
    events.append(_speak(tx, held, agent_id, cid, text, pull=pull, attachments=attachments))
    return _changed(conversation_id, events)


def _aside(
    tx: Tx, public: Row, agent_id: int, cid: str, text: str, attachments: Sequence[Mapping[str, Any]], *, pull: bool
) -> Changed:  # fmt: skip
    said = tx.first(BY_CID, inbox_id=public.inbox_id, external_id=_key(agent_id, cid))
    if said is not None:
        return Changed(said.conversation_id, said.seq, (Event(said.seq, "message", log.desk_message(said)),), public.id)
    _mine_or_free(tx, public, agent_id)
    if not _has(public, agent_id):
        _take(tx, public, agent_id)
    # However long ago it was resolved: what his acts let us write stands in it.
    opening.open_(tx, public.inbox_id, public.sender, opening.Customer(public.sender), timedelta.max)
    found = tx.first(PRIVATE, inbox_id=public.inbox_id, thread=public.sender)
    assert found is not None
    done = reply(tx, found.id, agent_id, cid=cid, text=text, pull=pull, attachments=attachments)
    agent = tx.first(AGENT, id=agent_id)
    assert agent is not None
    data = {"conversation": found.id, "by": agent_id, "name": agent.name}
    log.add(tx, public.id, "aside", data, audience="desk")
    tx.count(ATTENDED, id=public.id)
    return replace(done, beside=public.id)


def note(tx: Tx, conversation_id: int, agent_id: int, *, cid: str, text: str) -> Changed:
    """Words between agents; the customer never sees them."""
    held = _held(tx, conversation_id)
    if (again := _repeat(tx, held, agent_id, cid)) is not None:
        return again
    return _changed(conversation_id, [_speak(tx, held, agent_id, cid, text, pull=True, audience="desk")])


def resolve(tx: Tx, conversation_id: int, agent_id: int) -> Changed:
    """The matter is settled. ConflictError if another agent has the conversation."""
    held = _held(tx, conversation_id)
    if held.status == Status.RESOLVED.value:
        return Changed(conversation_id, held.seq)
    _mine_or_free(tx, held, agent_id)
    _set_status(tx, held, Status.RESOLVED, held.assignee_id, resolved=True)
    tx.count(END_HANDOFFS, conversation_id=conversation_id, status="resolved", now=tx.now)
    attended = {"value": "person"} if held.assignee_id is not None else {}
    # The bot says the closing words, and asks whoever had a person how he was served.
    arrivals.arrive(tx, conversation_id, "event", {"timer": "resolved", **attended})
    return _changed(conversation_id, [_status_event(tx, held, Status.RESOLVED, None, agent_id)])


def return_to_bot(tx: Tx, conversation_id: int, agent_id: int) -> Changed:
    """The bot answers again. ConflictError if another agent has the conversation."""
    held = _held(tx, conversation_id)
    if held.status == Status.PENDING.value:
        return Changed(conversation_id, held.seq)
    _mine_or_free(tx, held, agent_id)
    _set_status(tx, held, Status.PENDING, None)
    tx.count(END_HANDOFFS, conversation_id=conversation_id, status="returned", now=tx.now)
    arrivals.arrive(tx, conversation_id, "event", {"timer": "returned"})  # and says that it is back
    return _changed(conversation_id, [_status_event(tx, held, Status.PENDING, None, agent_id)])


READ = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.desk_read_seq < p("upto"), C.c.seq >= p("upto"))
    .values(desk_read_seq=p("upto"))
    .returning(C.c.id)
)


def read(tx: Tx, conversation_id: int, agent_id: int, *, upto: int) -> Changed:
    """The agent saw the log up to `upto`: the customer's messages count as read."""
    held = _held(tx, conversation_id)
    if tx.first(READ, id=conversation_id, upto=upto) is None:
        return Changed(conversation_id, held.seq)
    data = {"by": "desk", "upto": upto}
    return _changed(conversation_id, [Event(log.add(tx, conversation_id, "read", data), "read", data)])


SENT = Statement(
    sa.select(M.c.id, M.c.conversation_id, M.c.seq, M.c.delivery).where(M.c.id == p("id"), M.c.delivery != "")
)
RETRIABLE = {Delivery.FAILED.value, Delivery.UNKNOWN.value, Delivery.EXPIRED.value}


def retry(tx: Tx, message_id: int, agent_id: int) -> Changed:
    """Really send a failed, unknown or expired message again, under its old key. ConflictError in other states."""
    message = tx.first(SENT, id=message_id)
    if message is None:
        raise NotFoundError("there is no such outgoing message")
    held = _held(tx, message.conversation_id)
    message = tx.first(SENT, id=message_id)  # again: its state may have changed while we waited for the row
    assert message is not None
    if message.delivery not in RETRIABLE:
        raise ConflictError("the message is not waiting for a retry", current=message.delivery)
    outbox.requeue(tx, message_id)
    data = {"seq": message.seq, "delivery": Delivery.QUEUED.value, "error": ""}
    seq = log.add(tx, held.id, "delivery", data, audience="desk")
    return _changed(held.id, [Event(seq, "delivery", data)])


def _held(tx: Tx, conversation_id: int) -> Row:
    row = tx.first(HELD, id=conversation_id)
    if row is None:
        raise NotFoundError("there is no such conversation")
    return row


def _has(held: Row, agent_id: int) -> bool:
    return bool(held.assignee_id == agent_id and held.status == Status.OPEN.value)


def _mine_or_free(tx: Tx, held: Row, agent_id: int) -> None:
    if not held.current:
        # What is said here would stand in the customer's log before what he has read already: he would not see it.
        raise ConflictError("the customer has begun a new conversation; go on there", current="former")
    if held.assignee_id is None or held.assignee_id == agent_id or held.status != Status.OPEN.value:
        return
    holder = tx.first(AGENT, id=held.assignee_id)
    name = holder.name if holder else ""
    raise ConflictError(f"{name} has this conversation", current=name)


def _repeat(tx: Tx, held: Row, agent_id: int, cid: str) -> Changed | None:
    row = tx.first(BY_CID, inbox_id=held.inbox_id, external_id=_key(agent_id, cid))
    if row is None:
        return None
    if row.conversation_id != held.id:
        raise ConflictError("this cid was used in another conversation", current="cid")
    return Changed(held.id, held.seq, (Event(row.seq, "message", log.desk_message(row)),))


def _key(agent_id: int, cid: str) -> str:
    return f"kefu:agent:{agent_id}:{cid}"


def _take(tx: Tx, held: Row, agent_id: int) -> list[Event]:
    agent = tx.first(AGENT, id=agent_id)
    assert agent is not None
    _set_status(tx, held, Status.OPEN, agent_id)
    tx.count(ACCEPT_HANDOFFS, conversation_id=held.id, agent_id=agent_id, now=tx.now)
    owning.own(tx, held.id, agent_id, agent.name)
    return [
        _status_event(tx, held, Status.OPEN, {"id": agent_id, "name": agent.name, "number": agent.number}, agent_id)
    ]


def _set_status(tx: Tx, held: Row, status: Status, assignee_id: int | None, *, resolved: bool = False) -> None:
    tx.count(
        SET_STATUS,
        id=held.id,
        status=status.value,
        assignee_id=assignee_id,
        resolved_at=tx.now if resolved else None,
        token=token(),
        now=tx.now,
    )


def _status_event(tx: Tx, held: Row, status: Status, agent: dict[str, Any] | None, by: int) -> Event:
    data = {"status": status.value, "agent": agent, "by": by}
    return Event(log.add(tx, held.id, "status", data), "status", data)


def _speak(
    tx: Tx, held: Row, agent_id: int, cid: str, text: str, *, pull: bool, audience: str = "all",
    attachments: Sequence[Mapping[str, Any]] = (),
) -> Event:  # fmt: skip
    agent = tx.first(AGENT, id=agent_id)
    assert agent is not None
    taken = tx.first(log.TAKE_SEQ, conversation_id=held.id, n=1)
    assert taken is not None
    payload = {"cid": cid, "number": agent.number} | ({"attachments": list(attachments)} if attachments else {})
    delivery = "" if audience == "desk" else (Delivery.SENT if pull else Delivery.QUEUED).value
    values: dict[str, Any] = {
        "conversation_id": held.id,
        "seq": taken.seq,
        "inbox_id": held.inbox_id,
        "external_id": _key(agent_id, cid),
        "audience": audience,
        "agent_id": agent_id,
        "author_name": agent.name,
        "text": text,
        "payload": payload,
        "delivery": delivery,
    }
    row = tx.first(SAY, now=tx.now, **values)
    assert row is not None
    note_ = audience == "desk"
    preview = text[:PREVIEW] or "".join(f"[{a['kind']}]" for a in attachments[:1])
    shown = {"preview": preview, "author": "note" if note_ else "agent", "answers": 0 if note_ else 1}
    tx.count(SHOWN, id=held.id, now=tx.now, **shown)
    if delivery == Delivery.QUEUED.value:
        fresh = outbox.Fresh(
            row.id, held.id, held.inbox_id, taken.seq, held.sender, held.thread, text, payload,
            Author.AGENT.value, agent.name, held.language, held.public,
        )  # fmt: skip
        outbox.enqueue(tx, fresh, hold=None)
    message = tx.first(log.ONE, id=row.id)
    assert message is not None
    return Event(taken.seq, "message", log.desk_message(message))


def _changed(conversation_id: int, events: list[Event]) -> Changed:
    return Changed(conversation_id, events[-1].seq, tuple(events))
