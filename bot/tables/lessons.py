"""What people can learn from: questions the FAQ lacks, and judgements an agent put right."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col
from bot.tables.columns import Id


class Suggestion(SQLModel, table=True):
    """A question the FAQ has no answer to, or whose answer did not help. One a folded text (`key`).

    `text`: as it was asked first, without personal numbers. `near`: the entry that came nearest, last time. `misses`
    and `unsolved`: how often it was asked so. `state`: open, dismissed, done; asked again, a done one opens.
    """

    __table_args__ = (sa.Index("suggestion_list", "state", "last_at"),)
    id: int | None = col.id_()
    key: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    text: str = col.text()
    language: str = col.text()
    near: str = col.text()
    misses: int = col.number()
    unsolved: int = col.number()
    first_at: datetime = col.time()
    last_at: datetime = col.time()
    state: str = Field(default="open", sa_column=sa.Column(sa.String(16), nullable=False, server_default="open"))
    agent_id: int | None = col.ref("agent.id", null=True)
    entry: str = col.text()


class SuggestionPlace(SQLModel, table=True):
    """Where a suggestion was asked: the first conversations only, as examples to look at."""

    __tablename__ = "suggestion_place"
    suggestion_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("suggestion.id"), primary_key=True))
    conversation_id: int = Field(
        sa_column=sa.Column(Id, sa.ForeignKey("conversation.id"), primary_key=True, index=True)
    )


class Correction(SQLModel, table=True):
    """An agent's word on what a message is: a labelled example. Never changed; a later one counts.

    `text`: without personal numbers. `judged_…`: what the conversation was held to be before.
    """

    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id", index=True)
    message_id: int | None = col.ref("message.id", null=True)
    agent_id: int | None = col.ref("agent.id", null=True)
    text: str = col.text()
    language: str = col.text()
    judged_category: str = col.text()
    judged_tier: str = col.text()
    category: str = col.text()
    tier: str = col.text()
    at: datetime = col.time()
