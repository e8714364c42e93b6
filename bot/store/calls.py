"""Writing down, with what happened, that agents are to be told of it by mail (`bot.store.notifications`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Agent, Notification, UtcTime

N = Notification.__table__  # type: ignore[attr-defined]
A = Agent.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())

GATHER = timedelta(minutes=1)
"""How long a customer's words wait for more of them: people write in pieces."""

_wants = (A.c.active == sa.true(), A.c.email != "", A.c.notify != "never")
_columns = ["conversation_id", "agent_id", "about", "state", "due_at", "created_at"]


def _call(about: str, *whom: Any) -> Statement:
    values: tuple[Any, ...] = (
        p("conversation_id", sa.BigInteger()),
        A.c.id,
        sa.literal_column(f"'{about}'"),
        sa.literal_column("'due'"),
    )
    chosen = sa.select(*values, p("due_at", UtcTime()), NOW).where(*_wants, *whom)
    return Statement(
        insert(N)
        .from_select(_columns, chosen)
        .on_conflict_do_nothing(index_elements=["conversation_id", "agent_id"], index_where=sa.text("state = 'due'"))
    )


CALL_ALL = _call("handoff")
CALL_ONE = _call("message", A.c.id == p("agent_id"))


def handed_off(tx: Tx, conversation_id: int) -> int:
    """People have the conversation: everybody who wants to be told is told, at once."""
    return tx.count(CALL_ALL, conversation_id=conversation_id, due_at=tx.now, now=tx.now)


def wrote_on(tx: Tx, conversation_id: int, agent_id: int) -> int:
    """The customer wrote on to the agent who has the conversation."""
    values = {"conversation_id": conversation_id, "agent_id": agent_id, "due_at": tx.now + GATHER}
    return tx.count(CALL_ONE, now=tx.now, **values)
