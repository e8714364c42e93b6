"""An answer that did not arrive brings its settled conversation back to the agent who gave it.

He has gone on to the next customer by the time a mail bounces; this one waits for words that never came.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.messages import Author, Delivery, Status
from bot.store import log
from bot.store.rows import token
from bot.store.sql import Statement, Tx, p
from bot.tables import Agent, Conversation, Message, UtcTime

A = Agent.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())

MISSED = frozenset({Delivery.FAILED, Delivery.UNKNOWN})
"""What nobody sent in time (`expired`) was the customer's to allow."""
GIVEN_BY = Statement(
    sa.select(M.c.conversation_id, A.c.id, A.c.name, A.c.number, A.c.active)
    .join_from(M, A, A.c.id == M.c.agent_id)
    .where(M.c.id == p("message_id"), M.c.author == Author.AGENT.value, M.c.audience == "all")
)
# As `desk.SET_STATUS`: a turn that still runs was decided on a resolved conversation.
OPEN = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.status == Status.RESOLVED.value, C.c.current)
    .values(
        status=Status.OPEN.value,
        assignee_id=p("assignee_id"),
        resolved_at=None,
        fence=p("token"),
        leased=sa.false(),
        ready_at=sa.case((C.c.ready_at.is_not(None), NOW), else_=sa.null()),
    )
    .returning(C.c.id)
)


def come_back(tx: Tx, message_id: int, delivery: Delivery) -> bool:
    """Whether the conversation of a message that has got so far is open again. Its row is locked by the caller."""
    given = tx.first(GIVEN_BY, message_id=message_id) if delivery in MISSED else None
    if given is None:
        return False
    who = given.id if given.active else None
    if tx.first(OPEN, id=given.conversation_id, assignee_id=who, token=token(), now=tx.now) is None:
        return False
    agent = {"id": given.id, "name": given.name, "number": given.number} if given.active else None
    data = {"status": Status.OPEN.value, "agent": agent, "by": None, "why": "undelivered"}
    log.add(tx, given.conversation_id, "status", data, audience="desk")
    return True
