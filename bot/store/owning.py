"""Whoever takes a conversation has its complaint cases that nobody has yet: one person is responsible."""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.arrivals import NOW
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Case, CaseChange

K = Case.__table__  # type: ignore[attr-defined]
H = CaseChange.__table__  # type: ignore[attr-defined]

OWN = Statement(
    sa.update(K)
    .where(
        K.c.conversation_id == p("conversation_id"),
        K.c.owner_id.is_(None),
        K.c.status != sa.literal_column("'closed'"),
    )
    .values(owner_id=p("agent_id"))
    .returning(K.c.id)
)
NOTE = Statement(insert(H).values(case_id=p("case_id"), agent_id=p("agent_id"), changes=p("changes"), at=NOW))


def own(tx: Tx, conversation_id: int, agent_id: int, name: str) -> None:
    """Part of taking it; the history says so."""
    for case in tx.all(OWN, conversation_id=conversation_id, agent_id=agent_id):
        tx.count(NOTE, case_id=case.id, agent_id=agent_id, changes={"owner": ["", name]}, now=tx.now)
