"""The tables, and what each row means. Times are UTC; JSON columns are replaced, never mutated.

A conversation's log is one sequence of numbers: `message.seq` and `event.seq` draw from the same counter,
`conversation.seq`, under the conversation's row lock. A client resumes by (conversation, seq).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.tables import columns as col
from bot.tables.agents import Agent, AgentSession
from bot.tables.cases import Case, CaseChange
from bot.tables.columns import EPOCH, Id, Json, UtcTime
from bot.tables.lessons import Correction, Suggestion, SuggestionPlace
from bot.tables.notifications import Notification
from bot.tables.topics import TelegramCode, TelegramLink, Topic, TopicNotice

__all__ = [
    "EPOCH",
    "METADATA",
    "Agent",
    "AgentSession",
    "Case",
    "CaseChange",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "Correction",
    "Event",
    "Handoff",
    "Id",
    "Inbox",
    "InboxTrouble",
    "Json",
    "Kept",
    "Media",
    "MediaFetch",
    "Message",
    "Notification",
    "Outbox",
    "Poison",
    "Rating",
    "Suggestion",
    "SuggestionPlace",
    "TelegramCode",
    "TelegramLink",
    "Timer",
    "Topic",
    "TopicNotice",
    "UtcTime",
    "VisitorToken",
]


class Inbox(SQLModel, table=True):
    """One configured account of a channel; the row follows the settings by name."""

    id: int | None = col.id_()
    name: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    channel: str = col.text()


class Contact(SQLModel, table=True):
    """A customer, over all his identities. `complaints`: his last complaint conversations, as {id: epoch seconds}.
    `form`: what he has filled in of a form that he left unfinished.
    """

    id: int | None = col.id_()
    name: str = col.text()
    language: str = col.text()
    attributes: dict[str, Any] = col.json()
    complaints: dict[str, int] = col.json()
    form: dict[str, Any] = col.json()
    created_at: datetime = col.time()


class ContactIdentity(SQLModel, table=True):
    """A customer's id in one inbox."""

    __tablename__ = "contact_identity"
    __table_args__ = (sa.UniqueConstraint("inbox_id", "external_id"),)
    id: int | None = col.id_()
    inbox_id: int = col.ref("inbox.id")
    external_id: str = col.text()
    contact_id: int = col.ref("contact.id", index=True)
    created_at: datetime = col.time()


class VisitorToken(SQLModel, table=True):
    """What a web visitor proves himself with; only its SHA-256 is kept. `sender` is his external_id."""

    __tablename__ = "visitor_token"
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), primary_key=True))
    inbox_id: int = col.ref("inbox.id")
    sender: str = col.text()
    language: str = col.text()
    created_at: datetime = col.time()


class Conversation(SQLModel, table=True):
    """One handling of a customer's matter, and the unit of order: its row lock hands out `seq`.

    `thread` is the network's thread key (the sender where there is one conversation a person); only one
    conversation of a thread is `current`. `turned_seq`: everything up to it has had its turn.
    `ready_at`: when a worker may take it: NULL when nothing waits, the end of the lease while one is `leased`.
    `fence` names that lease; whoever changes the ground a turn stands on (claim, resolve) takes it away.
    `sender` is the customer's id in the inbox. `state` belongs to the brain. `category` and `tier`: what the
    conversation is about: a judgement of the bot's only raises them, an agent's correction sets them. `complaints`:
    the customer's complaint conversations in the 30 days before this one began.
    `window_…`: what the customer's last act lets us write: what it was, how many messages (NULL: any number), how
    many of them are used, until when (NULL: his network knows no such limit).
    `public`: everybody reads it. `incident`: what others of this inbox talk about as well.
    """

    __table_args__ = (
        sa.Index(
            "conversation_current",
            "inbox_id",
            "thread",
            unique=True,
            sqlite_where=sa.text("current"),
            postgresql_where=sa.text("current"),
        ),
        sa.Index(
            "conversation_ready",
            "ready_at",
            sqlite_where=sa.text("ready_at IS NOT NULL"),
            postgresql_where=sa.text("ready_at IS NOT NULL"),
        ),
        sa.Index("conversation_list", "status", "last_at"),
        sa.Index(
            "conversation_incident",
            "inbox_id",
            "incident",
            sqlite_where=sa.text("incident <> ''"),
            postgresql_where=sa.text("incident <> ''"),
        ),
        sa.Index("conversation_thread", "inbox_id", "thread", "id"),
    )
    id: int | None = col.id_()
    inbox_id: int = col.ref("inbox.id")
    thread: str = col.text()
    sender: str = col.text()
    current: bool = Field(default=True, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.true()))
    identity_id: int = col.ref("contact_identity.id")
    contact_id: int = col.ref("contact.id", index=True)
    status: str = Field(default="pending", sa_column=sa.Column(sa.String(16), nullable=False))
    assignee_id: int | None = col.ref("agent.id", null=True)
    category: str = col.text()
    tier: str = col.text()
    complaints: int = col.number()
    language: str = col.text()
    public: bool = col.flag()
    incident: str = col.text()
    seq: int = col.number()
    first_seq: int = col.number()
    turned_seq: int = col.number()
    state: dict[str, Any] = col.json()
    ready_at: datetime | None = col.time(null=True)
    leased: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    fence: int = col.number(big=True)
    customer_read_seq: int = col.number()
    desk_read_seq: int = col.number()
    window_by: str = col.text()
    window_granted: int | None = Field(default=None, sa_column=sa.Column(sa.Integer(), nullable=True))
    window_used: int = col.number()
    window_until: datetime | None = col.time(null=True)
    last_text: str = col.text()
    last_author: str = col.text()
    last_at: datetime = col.time()
    waiting_since: datetime | None = col.time(null=True)
    created_at: datetime = col.time()
    resolved_at: datetime | None = col.time(null=True)


class Message(SQLModel, table=True):
    """One thing said, noted or done. An `arrival` waits for a turn: a customer's message, a fired timer, a replay.

    `external_id` with the inbox is the dedupe key. `audience`: all, desk (notes), none (timers).
    `delivery` is empty for what is not sent to the customer. `decision` is what the bot made of an arrival;
    `attempts` are its turns that failed, `abandoned` those whose process died over them.
    `payload` holds what the text does not: quick replies, attachments, value, timer, extra.
    """

    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        sa.Index(
            "message_external",
            "inbox_id",
            "external_id",
            unique=True,
            sqlite_where=sa.text("external_id IS NOT NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
        ),
    )
    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id")
    seq: int = col.number()
    inbox_id: int = col.ref("inbox.id")
    external_id: str | None = Field(default=None, sa_column=sa.Column(sa.Text(), nullable=True))
    arrival: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    author: str = Field(default="", sa_column=sa.Column(sa.String(16), nullable=False))
    audience: str = Field(default="all", sa_column=sa.Column(sa.String(8), nullable=False, server_default="all"))
    agent_id: int | None = col.ref("agent.id", null=True)
    author_name: str = col.text()
    kind: str = Field(default="text", sa_column=sa.Column(sa.String(16), nullable=False))
    text: str = col.text()
    payload: dict[str, Any] = col.json()
    decision: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(Json, nullable=True))
    attempts: int = col.number()
    abandoned: int = col.number()
    delivery: str = col.text()
    error: str = col.text()
    at: datetime = col.time()


class Event(SQLModel, table=True):
    """A durable change that is not a message: status, assignee, read, delivery. Part of the conversation's log."""

    conversation_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("conversation.id"), primary_key=True))
    seq: int = Field(sa_column=sa.Column(sa.Integer(), primary_key=True))
    type: str = Field(sa_column=sa.Column(sa.String(16), nullable=False))
    audience: str = Field(default="all", sa_column=sa.Column(sa.String(8), nullable=False, server_default="all"))
    data: dict[str, Any] = col.json()
    at: datetime = col.time()


class Outbox(SQLModel, table=True):
    """A message that still has to be handed to its network; the row goes when the matter is settled.

    `due_at`: when a deliverer may take it, the end of the hold while one is `held`; `token` names that hold.
    `started`: a send may have gone out under this hold, so a lost holder leaves it ambiguous. `parts`: how many
    pieces of a split message the network has taken already. `parked` says what it waits for, where only the customer
    can help (window, quota, passive): `due_at` is then when it expires. `spent`: the window's count includes it.
    """

    __table_args__ = (
        sa.Index("outbox_due", "due_at"),
        sa.Index("outbox_line", "conversation_id", "seq", unique=True),
    )
    id: int | None = col.id_()
    message_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("message.id"), nullable=False, unique=True))
    conversation_id: int = col.ref("conversation.id")
    inbox_id: int = col.ref("inbox.id")
    seq: int = col.number()
    held: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    started: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    attempts: int = col.number()
    parts: int = col.number()
    parked: str = Field(default="", sa_column=sa.Column(sa.String(16), nullable=False, server_default=""))
    spent: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    token: int = col.number(big=True)
    due_at: datetime = col.time()
    created_at: datetime = col.time()


class Timer(SQLModel, table=True):
    """Something to look at again later. Fired, it becomes an arrival of its conversation and the row goes."""

    __table_args__ = (sa.UniqueConstraint("conversation_id", "name"), sa.Index("timer_due", "due_at"))
    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id")
    name: str = col.text()
    due_at: datetime = col.time()
    data: dict[str, Any] = col.json()


class Poison(SQLModel, table=True):
    """An arrival whose turn failed too often: set aside with the reason, so that the next one proceeds."""

    message_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("message.id"), primary_key=True))
    conversation_id: int = col.ref("conversation.id")
    reason: str = col.text()
    attempts: int = col.number()
    at: datetime = col.time()
    replayed_at: datetime | None = col.time(null=True)


class Handoff(SQLModel, table=True):
    """A conversation passed from the bot to people, from offer to the way back.

    `status`: offered, accepted, returned, resolved; noted asks for nobody. `transcript`: the seqs he was handed.
    """

    __table_args__ = (sa.Index("handoff_conversation", "conversation_id", "id"),)
    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id")
    trigger: str = col.text()
    reason: str = col.text()
    tier: str = col.text()
    queue: str = col.text()
    summary: dict[str, Any] = col.json()
    transcript: list[int] = col.json("[]")
    status: str = Field(default="offered", sa_column=sa.Column(sa.String(16), nullable=False))
    agent_id: int | None = col.ref("agent.id", null=True)
    offered_at: datetime = col.time()
    accepted_at: datetime | None = col.time(null=True)
    ended_at: datetime | None = col.time(null=True)


class Kept(SQLModel, table=True):
    """A small value a channel keeps (`bot.ports.Shelf`): an access token, a cursor, a name somebody holds."""

    inbox_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("inbox.id"), primary_key=True))
    name: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    value: str = col.text()
    until: datetime | None = col.time(null=True)


class InboxTrouble(SQLModel, table=True):
    """Something about an inbox that a person has to mend (`bot.errors.Trouble`)."""

    __tablename__ = "inbox_trouble"
    inbox_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("inbox.id"), primary_key=True))
    key: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    said: dict[str, Any] = col.json()
    since: datetime = col.time()
    seen_at: datetime = col.time()


class Media(SQLModel, table=True):
    """A kept file. `key` is its name in the media folder and in addresses: 192 random bits. `size` in bytes.

    `digest` is the SHA-256. `conversation_id`: where it belongs; who may see that may see it.
    """

    key: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    conversation_id: int = col.ref("conversation.id", index=True)
    name: str = col.text()
    media_type: str = col.text()
    size: int = col.number(big=True)
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), nullable=False))
    created_at: datetime = col.time()


class MediaFetch(SQLModel, table=True):
    """An attachment that still has to be fetched from its network; the row goes when the matter is settled.

    `number` is its place in the message's attachments. `due_at`: when a worker may take it.
    """

    __tablename__ = "media_fetch"
    __table_args__ = (sa.UniqueConstraint("message_id", "number"), sa.Index("media_fetch_due", "due_at"))
    id: int | None = col.id_()
    message_id: int = col.ref("message.id")
    number: int = col.number()
    conversation_id: int = col.ref("conversation.id", index=True)
    inbox_id: int = col.ref("inbox.id")
    attempts: int = col.number()
    due_at: datetime = col.time()
    created_at: datetime = col.time()


class Rating(SQLModel, table=True):
    """A customer's mark, 1 to 5, for one handling; bound to the agent who had it. One a handling: the last counts."""

    id: int | None = col.id_()
    conversation_id: int = col.ref("conversation.id", index=True)
    handoff_id: int | None = Field(
        default=None, sa_column=sa.Column(Id, sa.ForeignKey("handoff.id"), nullable=True, unique=True)
    )
    agent_id: int | None = col.ref("agent.id", null=True, index=True)
    score: int = col.number()
    at: datetime = col.time()


METADATA = SQLModel.metadata
