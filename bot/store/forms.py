"""What a customer has filled in: the form he left unfinished, and the case that people who have his handoff read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from bot.ports import HandoffDraft
from bot.store.sql import Statement, Tx, p
from bot.tables import Contact, Conversation, Handoff, Json

C = Conversation.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]

UNFINISHED: Final = sa.select(K.c.form).where(K.c.id == C.c.contact_id).correlate(C).scalar_subquery().label("form")
"""A column of a conversation's lease: the form belongs to the customer, wherever he writes."""
KEEP = Statement(sa.update(K).where(K.c.id == p("contact_id")).values(form=p("form", Json)))
WAITS = Statement(
    sa.select(H.c.id, H.c.summary, H.c.reason)
    .where(H.c.conversation_id == p("conversation_id"), sa.or_(H.c.status == "offered", H.c.status == "accepted"))
    .order_by(H.c.id.desc())
    .limit(1)
)
FILED = Statement(sa.update(H).where(H.c.id == p("id")).values(summary=p("summary", Json), reason=p("reason")))


def keep(tx: Tx, contact_id: int, form: Mapping[str, Any]) -> None:
    """The form as far as it is filled; an empty one forgets it."""
    tx.count(KEEP, contact_id=contact_id, form=dict(form))


def file(tx: Tx, conversation_id: int, draft: HandoffDraft) -> None:
    """People have the conversation already: what is filled in goes to the record they read."""
    found = tx.first(WAITS, conversation_id=conversation_id)
    if found is not None:
        told = {name: draft.summary[name] for name in ("form", "wish") if name in draft.summary}
        tx.count(FILED, id=found.id, summary={**found.summary, **told}, reason=f"{found.reason} · {draft.reason}")
