"""The tables, and what each row means. Times are UTC; JSON columns are replaced, never mutated.

A conversation's log is one sequence of numbers: `message.seq` and `event.seq` draw from the same counter,
`conversation.seq`, under the conversation's row lock. A client resumes by (conversation, seq).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, SQLModel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC time: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite (ordered, exact, aware)."""

    impl = sa.BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value  # type: ignore[no-any-return]
        return EPOCH + timedelta(microseconds=value)


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _id() -> Any:
    return Field(default=None, sa_column=sa.Column(Id, primary_key=True, autoincrement=True))


def _ref(target: str, *, null: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=sa.Column(Id, sa.ForeignKey(target), nullable=null, index=index))


def _time(*, null: bool = False) -> Any:
    return Field(default=None, sa_column=sa.Column(UtcTime(), nullable=null))


def _json(default: str = "{}") -> Any:
    return Field(default=None, sa_column=sa.Column(Json, nullable=False, server_default=sa.text(f"'{default}'")))


def _text(default: str = "") -> Any:
    return Field(default=default, sa_column=sa.Column(sa.Text(), nullable=False, server_default=default))


def _number(default: int = 0, *, big: bool = False) -> Any:
    return Field(
        default=default,
        sa_column=sa.Column(sa.BigInteger() if big else sa.Integer(), nullable=False, server_default=str(default)),
    )


class Inbox(SQLModel, table=True):
    """One configured account of a channel; the row follows the settings by name."""

    id: int | None = _id()
    name: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    channel: str = _text()


class Contact(SQLModel, table=True):
    """A customer, over all his identities."""

    id: int | None = _id()
    name: str = _text()
    language: str = _text()
    attributes: dict[str, Any] = _json()
    created_at: datetime = _time()


class ContactIdentity(SQLModel, table=True):
    """A customer's id in one inbox."""

    __tablename__ = "contact_identity"
    __table_args__ = (sa.UniqueConstraint("inbox_id", "external_id"),)
    id: int | None = _id()
    inbox_id: int = _ref("inbox.id")
    external_id: str = _text()
    contact_id: int = _ref("contact.id", index=True)
    created_at: datetime = _time()


class VisitorToken(SQLModel, table=True):
    """What a web visitor proves himself with; only its SHA-256 is kept. `sender` is his external_id."""

    __tablename__ = "visitor_token"
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), primary_key=True))
    inbox_id: int = _ref("inbox.id")
    sender: str = _text()
    language: str = _text()
    created_at: datetime = _time()


class Conversation(SQLModel, table=True):
    """One handling of a customer's matter, and the unit of order: its row lock hands out `seq`.

    `thread` is the network's thread key (the sender where there is one conversation a person); only one
    conversation of a thread is `current`. `turned_seq`: everything up to it has had its turn.
    `ready_at`: when a worker may take it: NULL when nothing waits, the end of the lease while one is `leased`.
    `fence` names that lease; whoever changes the ground a turn stands on (claim, resolve) takes it away.
    `sender` is the customer's id in the inbox. `state` belongs to the brain.
    `window_…`: what the customer's last act lets us write: what it was, how many messages (NULL: any number), how
    many of them are used, until when (NULL: his network knows no such limit).
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
        sa.Index("conversation_thread", "inbox_id", "thread", "id"),
    )
    id: int | None = _id()
    inbox_id: int = _ref("inbox.id")
    thread: str = _text()
    sender: str = _text()
    current: bool = Field(default=True, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.true()))
    identity_id: int = _ref("contact_identity.id")
    contact_id: int = _ref("contact.id", index=True)
    status: str = Field(default="pending", sa_column=sa.Column(sa.String(16), nullable=False))
    assignee_id: int | None = _ref("agent.id", null=True)
    tier: str = _text()
    language: str = _text()
    seq: int = _number()
    first_seq: int = _number()
    turned_seq: int = _number()
    state: dict[str, Any] = _json()
    ready_at: datetime | None = _time(null=True)
    leased: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    fence: int = _number(big=True)
    customer_read_seq: int = _number()
    desk_read_seq: int = _number()
    window_by: str = _text()
    window_granted: int | None = Field(default=None, sa_column=sa.Column(sa.Integer(), nullable=True))
    window_used: int = _number()
    window_until: datetime | None = _time(null=True)
    last_text: str = _text()
    last_author: str = _text()
    last_at: datetime = _time()
    waiting_since: datetime | None = _time(null=True)
    created_at: datetime = _time()
    resolved_at: datetime | None = _time(null=True)


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
    id: int | None = _id()
    conversation_id: int = _ref("conversation.id")
    seq: int = _number()
    inbox_id: int = _ref("inbox.id")
    external_id: str | None = Field(default=None, sa_column=sa.Column(sa.Text(), nullable=True))
    arrival: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    author: str = Field(default="", sa_column=sa.Column(sa.String(16), nullable=False))
    audience: str = Field(default="all", sa_column=sa.Column(sa.String(8), nullable=False, server_default="all"))
    agent_id: int | None = _ref("agent.id", null=True)
    author_name: str = _text()
    kind: str = Field(default="text", sa_column=sa.Column(sa.String(16), nullable=False))
    text: str = _text()
    payload: dict[str, Any] = _json()
    decision: dict[str, Any] | None = Field(default=None, sa_column=sa.Column(Json, nullable=True))
    attempts: int = _number()
    abandoned: int = _number()
    delivery: str = _text()
    error: str = _text()
    at: datetime = _time()


class Event(SQLModel, table=True):
    """A durable change that is not a message: status, assignee, read, delivery. Part of the conversation's log."""

    conversation_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("conversation.id"), primary_key=True))
    seq: int = Field(sa_column=sa.Column(sa.Integer(), primary_key=True))
    type: str = Field(sa_column=sa.Column(sa.String(16), nullable=False))
    audience: str = Field(default="all", sa_column=sa.Column(sa.String(8), nullable=False, server_default="all"))
    data: dict[str, Any] = _json()
    at: datetime = _time()


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
    id: int | None = _id()
    message_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("message.id"), nullable=False, unique=True))
    conversation_id: int = _ref("conversation.id")
    inbox_id: int = _ref("inbox.id")
    seq: int = _number()
    held: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    started: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    attempts: int = _number()
    parts: int = _number()
    parked: str = Field(default="", sa_column=sa.Column(sa.String(16), nullable=False, server_default=""))
    spent: bool = Field(default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false()))
    token: int = _number(big=True)
    due_at: datetime = _time()
    created_at: datetime = _time()


class Timer(SQLModel, table=True):
    """Something to look at again later. Fired, it becomes an arrival of its conversation and the row goes."""

    __table_args__ = (sa.UniqueConstraint("conversation_id", "name"), sa.Index("timer_due", "due_at"))
    id: int | None = _id()
    conversation_id: int = _ref("conversation.id")
    name: str = _text()
    due_at: datetime = _time()
    data: dict[str, Any] = _json()


class Poison(SQLModel, table=True):
    """An arrival whose turn failed too often: set aside with the reason, so that the next one proceeds."""

    message_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("message.id"), primary_key=True))
    conversation_id: int = _ref("conversation.id")
    reason: str = _text()
    attempts: int = _number()
    at: datetime = _time()
    replayed_at: datetime | None = _time(null=True)


class Handoff(SQLModel, table=True):
    """A conversation passed from the bot to people, from offer to the way back.

    `status`: offered, accepted, returned, resolved. `transcript` are the seqs the agent was handed.
    """

    __table_args__ = (sa.Index("handoff_conversation", "conversation_id", "id"),)
    id: int | None = _id()
    conversation_id: int = _ref("conversation.id")
    trigger: str = _text()
    reason: str = _text()
    tier: str = _text()
    queue: str = _text()
    summary: dict[str, Any] = _json()
    transcript: list[int] = _json("[]")
    status: str = Field(default="offered", sa_column=sa.Column(sa.String(16), nullable=False))
    agent_id: int | None = _ref("agent.id", null=True)
    offered_at: datetime = _time()
    accepted_at: datetime | None = _time(null=True)
    ended_at: datetime | None = _time(null=True)


class Kept(SQLModel, table=True):
    """A small value a channel keeps (`bot.ports.Shelf`): an access token, a cursor, a name somebody holds."""

    inbox_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("inbox.id"), primary_key=True))
    name: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    value: str = _text()
    until: datetime | None = _time(null=True)


class InboxTrouble(SQLModel, table=True):
    """Something about an inbox that a person has to mend (`bot.errors.Trouble`)."""

    __tablename__ = "inbox_trouble"
    inbox_id: int = Field(sa_column=sa.Column(Id, sa.ForeignKey("inbox.id"), primary_key=True))
    key: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    said: dict[str, Any] = _json()
    since: datetime = _time()
    seen_at: datetime = _time()


class Media(SQLModel, table=True):
    """A kept file. `key` is its name in the media folder and in addresses: 192 random bits. `size` in bytes.

    `digest` is the SHA-256. `conversation_id`: where it belongs; who may see that may see it.
    """

    key: str = Field(sa_column=sa.Column(sa.Text(), primary_key=True))
    conversation_id: int = _ref("conversation.id", index=True)
    name: str = _text()
    media_type: str = _text()
    size: int = _number(big=True)
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), nullable=False))
    created_at: datetime = _time()


class MediaFetch(SQLModel, table=True):
    """An attachment that still has to be fetched from its network; the row goes when the matter is settled.

    `number` is its place in the message's attachments. `due_at`: when a worker may take it.
    """

    __tablename__ = "media_fetch"
    __table_args__ = (sa.UniqueConstraint("message_id", "number"), sa.Index("media_fetch_due", "due_at"))
    id: int | None = _id()
    message_id: int = _ref("message.id")
    number: int = _number()
    conversation_id: int = _ref("conversation.id", index=True)
    inbox_id: int = _ref("inbox.id")
    attempts: int = _number()
    due_at: datetime = _time()
    created_at: datetime = _time()


class Rating(SQLModel, table=True):
    """A customer's mark, 1 to 5, for one handling; bound to the agent who had it. One a handling: the last counts."""

    id: int | None = _id()
    conversation_id: int = _ref("conversation.id", index=True)
    handoff_id: int | None = Field(
        default=None, sa_column=sa.Column(Id, sa.ForeignKey("handoff.id"), nullable=True, unique=True)
    )
    agent_id: int | None = _ref("agent.id", null=True, index=True)
    score: int = _number()
    at: datetime = _time()


class Agent(SQLModel, table=True):
    """A person who answers. `number` is the 工号 customers see. `role`: agent, supervisor, admin."""

    id: int | None = _id()
    login: str = Field(sa_column=sa.Column(sa.Text(), nullable=False, unique=True))
    name: str = _text()
    number: str = _text()
    role: str = Field(default="agent", sa_column=sa.Column(sa.String(16), nullable=False))
    password_hash: str = _text()
    must_change: bool = Field(
        default=False, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.false())
    )
    active: bool = Field(default=True, sa_column=sa.Column(sa.Boolean(), nullable=False, server_default=sa.true()))
    created_at: datetime = _time()


class AgentSession(SQLModel, table=True):
    """A logged-in browser; only the SHA-256 of its cookie is kept."""

    __tablename__ = "agent_session"
    digest: bytes = Field(sa_column=sa.Column(sa.LargeBinary(), primary_key=True))
    agent_id: int = _ref("agent.id", index=True)
    created_at: datetime = _time()
    seen_at: datetime = _time()
    address: str = _text()
    user_agent: str = _text()


METADATA = SQLModel.metadata
