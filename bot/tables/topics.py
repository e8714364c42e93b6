"""The agents' desk inside a Telegram group: topics, what is still to be said there, and who is who."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col
from bot.tables.columns import Id

THERE = sa.text("thread IS NOT NULL")


class Topic(SQLModel, table=True):
    """A conversation's forum topic; one a conversation, for good.

    `state`: due (to be made), opening (somebody makes it, until `until`, under `token`), open, closed. `chat` and
    `thread`: where it is. `shown`: the conversation's log stands there up to this seq. `card`: the message that
    heads it, `said` what that says. `name`: what the topic is called. `alerted`: the tier supervisors were called for.
    `strays`: how often nobody can say whether a topic was made, so that one may stand there that belongs to nothing.
    """

    __table_args__ = (
        sa.Index("topic_place", "chat", "thread", unique=True, sqlite_where=THERE, postgresql_where=THERE),
    )
    id: int | None = col.id_()
    conversation_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("conversation.id"), nullable=False, unique=True))
    state: str = Field(default="due", sa_column=sa.Column(sa.String(16), nullable=False, server_default="due"))
    chat: int = col.number(big=True)
    thread: int | None = Field(default=None, sa_column=sa.Column(sa.Integer(), nullable=True))
    token: int = col.number(big=True)
    until: datetime | None = col.time(null=True)
    strays: int = col.number()
    shown: int = col.number()
    card: int = col.number()
    said: str = col.text()
    name: str = col.text()
    alerted: str = col.text()
    created_at: datetime = col.time()


class TopicNotice(SQLModel, table=True):
    """Something the desk itself still has to say: in a conversation's topic, or to everybody (no conversation).

    `key`: what it is about; while it waits it is there once. The row goes when it is said. `reply_to`: the message it
    answers there. `extra`: buttons and entities.
    """

    __tablename__ = "topic_notice"
    id: int | None = col.id_()
    key: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    conversation_id: int | None = col.ref("conversation.id", null=True)
    reply_to: int = col.number()
    text: str = col.text()
    extra: dict[str, Any] = col.json()
    created_at: datetime = col.time()


class TelegramLink(SQLModel, table=True):
    """Which Telegram user an agent is. One agent, one user."""

    __tablename__ = "telegram_link"
    agent_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("agent.id"), primary_key=True))
    user_id: int = Field(sa_column=sa.Column(sa.BigInteger(), nullable=False, unique=True))
    name: str = col.text()
    linked_at: datetime = col.time()


class TelegramCode(SQLModel, table=True):
    """A one-time code by which an agent says in Telegram who he is; only its SHA-256 is kept. One an agent."""

    __tablename__ = "telegram_code"
    agent_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("agent.id"), primary_key=True))
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), nullable=False, unique=True))
    until: datetime = col.time()
