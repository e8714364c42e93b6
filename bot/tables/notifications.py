"""Mails that call an agent to a conversation."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col

DUE = sa.text("state = 'due'")
OPEN = sa.text("state IN ('due', 'sending')")


class Notification(SQLModel, table=True):
    """One mail to one agent about one conversation; he may answer it, once.

    `about`: handoff (people have the conversation now) or message (the customer wrote on). `state`: due; sending
    (somebody holds it until `due_at`, then it is tried again); sent, dropped (no longer needed), failed. `answer`: the
    Message-ID of the mail that answered it.
    """

    __table_args__ = (
        sa.Index("notification_due", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
        # One mail tells everything that has happened until it goes.
        sa.Index(
            "notification_one", "conversation_id", "agent_id", unique=True,
            sqlite_where=DUE, postgresql_where=DUE,
        ),
    )  # fmt: skip
    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id")
    agent_id: int = col.ref("agent.id")
    about: str = col.text()
    state: str = Field(default="due", sa_column=sa.Column(sa.String(16), nullable=False, server_default="due"))
    attempts: int = col.number()
    error: str = col.text()
    answer: str = col.text()
    due_at: datetime = col.time()
    created_at: datetime = col.time()
