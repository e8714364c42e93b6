"""What is said: the records every wing shares. No network's wire format gets past this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a message carries. OTHER is something a network sent that only a person can judge."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    LOCATION = "location"
    LINK = "link"
    STICKER = "sticker"
    EVENT = "event"
    OTHER = "other"


class Author(StrEnum):
    """Who speaks."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Status(StrEnum):
    """Where a conversation stands: pending, the bot has it; open, people have it."""

    PENDING = "pending"
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Delivery(StrEnum):
    """How far an outgoing message got. `unknown`: handed over, and nobody can say whether it arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNKNOWN = "unknown"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the text. `size` in bytes; `url` where it can be fetched now, `key` under which we keep it.

    `source` is what its network calls it, where we still have to fetch it (`bot.ports.Fetcher`). `sha256` (hex) where
    it was kept before its message was (`bot.ports.Shelf.keep`).
    """

    kind: Kind
    name: str
    media_type: str
    size: int | None = None
    url: str | None = None
    key: str | None = None
    source: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button. `label` is what the customer reads and what is sent; `value` is what it means to us."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Window:
    """What an act of the customer's lets us write to him: `granted` messages (None: any number) within `lasts`.

    `by` names the act: message, menu, follow, scan, enter. `granted=0` closes it (he has left).
    """

    by: str
    lasts: timedelta
    granted: int | None = None


class Forget(StrEnum):
    """What a customer who leaves wants forgotten, by his network's rules."""

    PROFILE = "profile"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a customer sent.

    `external_id` is unique in its inbox for ever: a second one with the same id is a duplicate delivery.
    `sender` is the customer's id on that network. `thread` parts the conversations of one sender
    (an e-mail thread, a Weibo post); None where the network has one conversation a person.
    `value` is the QuickReply.value of a tapped button, or what an EVENT means (follow, unfollow, enter, a menu key);
    an EVENT's `text` says in words what happened. `extra` keeps what the wire said beyond this record (JSON).
    `window` is what this act lets us write. `handle` is what an answer to this very message may use (a welcome
    code). `forget` erases what is known about the sender. `mute` is the key of the reason why nothing automatic may be
    said to this message (`auto_replied`, `told_before`); "" for none. `wakes` False: it is kept with its conversation
    and asks for nobody: a resolved one stays so, and one that begins with it is resolved from the start. `public`:
    said where everybody reads it, in a `thread` of its own. `incident` names what many people talk about at once.
    """

    external_id: str
    sender: str
    text: str = ""
    kind: Kind = Kind.TEXT
    attachments: tuple[Attachment, ...] = ()
    thread: str | None = None
    sender_name: str = ""
    language: str | None = None
    value: str | None = None
    sent_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    window: Window | None = None
    handle: str = ""
    forget: Forget | None = None
    mute: str = ""
    wakes: bool = True
    public: bool = False
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a network tells later about a message of ours; `key` is the Outgoing.key (or part of it) it had."""

    key: str
    delivery: Delivery
    error: str = ""


@dataclass(frozen=True, slots=True)
class Recall:
    """The customer took a message back; `external_id` is the one it came under."""

    external_id: str


@dataclass(frozen=True, slots=True)
class AgentReply:
    """An agent answered the mail that called him (`Notification`), from his own program.

    `notification`: its number. `email`: who he says he is. `refused`: why nobody may believe it ("" if it is proven);
    then the customer hears nothing of it, and the desk does. `stranger`: the same mail as anybody's, which it is kept
    as where nobody vouches that he wrote it.
    """

    external_id: str
    notification: int
    email: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    refused: str = ""
    stranger: Incoming | None = None


@dataclass(frozen=True, slots=True)
class SaidElsewhere:
    """A person of ours wrote to a customer without us, from a program of his own. It stands in the conversation as an
    agent's words, and is never sent. `recipient` is the customer; the rest is as in Incoming."""

    external_id: str
    recipient: str
    thread: str
    text: str = ""
    author_name: str = ""
    attachments: tuple[Attachment, ...] = ()
    sent_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


Heard = Incoming | Report | Recall | AgentReply | SaidElsewhere
"""Everything a network may tell us."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a conversation, to or from the customer. `external_id`: what its network or we call it, "" where it
    has no such id. `extra` is what was kept with it (`Incoming.extra`, or how it went out)."""

    message: int
    author: Author
    text: str
    at: datetime
    external_id: str = ""
    author_name: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`Outgoing.key`, if it is one of ours."""
        return f"kefu-{self.message}"


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as a channel may see it, with its last messages, oldest first. `touched`: when anything was said
    last. `resolved`: the matter is over; `attended`: people have it; `public`: everybody reads it."""

    conversation: int
    thread: str
    sender: str
    touched: datetime
    resolved: bool = False
    attended: bool = False
    said: tuple[Said, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class Announced:
    """An event of a customer's (`Incoming.extra` is its `extra`) that announced the message `external_id`, which was
    never kept."""

    external_id: str
    sender: str
    at: datetime
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing we say to a customer.

    `key` stays the same over every attempt: networks that deduplicate get it as their idempotency key.
    `handle` is that of the message it answers. `purpose`: empty, or `rating` for the request to rate the service.
    `conversation` is its number. `queued_at`: when it was put into the line; later, when people send it once more.
    `author_number` is the agent's 工号, "" for the bot. `public`: everybody will read it.
    """

    key: str
    recipient: str
    text: str
    thread: str | None = None
    quick_replies: tuple[QuickReply, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    author: Author = Author.BOT
    author_name: str = ""
    language: str | None = None
    handle: str = ""
    purpose: str = ""
    conversation: int = 0
    queued_at: datetime | None = None
    author_number: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail that tells an agent that a conversation needs him; he may answer it once, with `number` proven.

    `about`: handoff or message. `inbox`, `channel`: where the customer writes. `summary` and `reason` are the
    handoff's; `said` the last messages, oldest first, as {seq, author, name, text, at, …}.
    """

    number: int
    conversation: int
    inbox: str
    channel: str
    to: str
    agent: str
    about: str
    customer: str
    tier: str = ""
    reason: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    said: Sequence[Mapping[str, Any]] = ()
    url: str = ""
    language: str = "zh-Hans"
