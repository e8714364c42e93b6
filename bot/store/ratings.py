"""Customers' marks: one a handling, bound to the person who had it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.messages import Status
from bot.store import log
from bot.store.arrivals import NOW
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Agent, Conversation, Event, Handoff, Rating

A = Agent.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
E = Event.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
R = Rating.__table__  # type: ignore[attr-defined]
_mine = C.alias("mine")

# A mark may come when the customer's thread has begun a new conversation: it is about the last one that was settled.
STATUSES = Statement(
    sa.select(E.c.conversation_id, E.c.data, E.c.at)
    .join_from(E, C, C.c.id == E.c.conversation_id)
    .join(_mine, sa.and_(_mine.c.inbox_id == C.c.inbox_id, _mine.c.thread == C.c.thread))
    .where(_mine.c.id == p("conversation_id"), E.c.type == "status")
    .order_by(E.c.conversation_id.desc(), E.c.seq.desc())
    .limit(20)
)
ENDED = Statement(
    sa.select(H.c.id, H.c.agent_id, H.c.ended_at)
    .where(H.c.conversation_id == p("conversation_id"), H.c.ended_at.is_not(None))
    .order_by(H.c.id.desc())
    .limit(1)
)
AGENT = Statement(sa.select(A.c.id, A.c.name, A.c.number).where(A.c.id == p("id")))
_SAY: dict[str, Any] = {"score": p("score"), "agent_id": p("agent_id"), "at": NOW}
KEEP = Statement(
    insert(R)
    .values(conversation_id=p("conversation_id"), handoff_id=p("handoff_id"), **_SAY)
    .on_conflict_do_update(index_elements=["handoff_id"], set_=_SAY)
)
# Where an agent took the conversation without being asked to, there is no handoff: its handling began after `since`.
CORRECT = Statement(
    sa.update(R)
    .where(R.c.conversation_id == p("conversation_id"), R.c.handoff_id.is_(None), R.c.at >= p("since", R.c.at.type))
    .values(**_SAY)
)
OF_CONTACT = Statement(
    sa.select(R.c.conversation_id, R.c.score, R.c.at, A.c.id.label("agent_id"), A.c.name, A.c.number)
    .join_from(R, C, C.c.id == R.c.conversation_id)
    .outerjoin(A, A.c.id == R.c.agent_id)
    .where(C.c.contact_id == p("contact_id"))
    .order_by(R.c.at.desc(), R.c.id.desc())
    .limit(5)
)


def keep(tx: Tx, conversation_id: int, score: int) -> None:
    """Keep a mark for the last handling that ended, in place of an earlier one, and tell the desk.

    The caller holds the conversation's row.
    """
    place, handoff_id, agent_id, since = _handling(tx, conversation_id)
    values = {"score": score, "agent_id": agent_id, "now": tx.now}
    if handoff_id is not None or not tx.count(CORRECT, conversation_id=place, since=since, **values):
        tx.count(KEEP, conversation_id=place, handoff_id=handoff_id, **values)
    agent = None if agent_id is None else tx.first(AGENT, id=agent_id)
    log.add(tx, conversation_id, "rating", {"score": score, "agent": _agent(agent)}, audience="desk")


def of_contact(tx: Tx, contact_id: int) -> list[dict[str, Any]]:
    """A customer's last marks, the newest first."""
    return [
        {
            "conversation_id": r.conversation_id,
            "score": r.score,
            "at": r.at.isoformat(),
            "agent": None if r.agent_id is None else {"id": r.agent_id, "name": r.name, "number": r.number},
        }
        for r in tx.all(OF_CONTACT, contact_id=contact_id)
    ]


def _handling(tx: Tx, conversation_id: int) -> tuple[int, int | None, int | None, datetime]:
    """The handling a mark is about: its conversation, handoff and agent, and when it ended."""
    settled = [r for r in tx.all(STATUSES, conversation_id=conversation_id) if _settled(r.data)]
    place = settled[0].conversation_id if settled else conversation_id
    ended = tx.first(ENDED, conversation_id=place)
    if not settled:
        return (place, *((ended.id, ended.agent_id, ended.ended_at) if ended else (None, None, tx.now)))
    by, at = settled[0].data.get("by"), settled[0].at
    if ended is not None and ended.ended_at == at:  # both are of one transaction
        return place, ended.id, ended.agent_id or by, at
    return place, None, by, at


def _settled(data: Any) -> bool:
    return bool(data.get("status") == Status.RESOLVED.value)


def _agent(row: Any) -> dict[str, Any] | None:
    return None if row is None else {"id": row.id, "name": row.name, "number": row.number}
