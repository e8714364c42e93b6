"""What the scripts hand to the engine and back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.messages import Attachment, Author, Kind, Outgoing, QuickReply
from bot.store.sql import Row


def token() -> int:
    """Names one lease or hold; unique for all practical purposes (62 random bits)."""
    return random.getrandbits(62)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message, fired timer or replay that waits for its turn."""

    message_id: int
    seq: int
    author: str
    kind: str
    text: str
    payload: Mapping[str, Any]
    at: datetime
    attempts: int = 0
    author_name: str = ""


@dataclass(slots=True)
class Lease:
    """A conversation held for a turn: what it was when taken, and what waits, in order."""

    conversation_id: int
    fence: int
    inbox_id: int
    thread: str
    sender: str
    contact_id: int
    status: str
    language: str
    state: Mapping[str, Any]
    first_seq: int
    turned_seq: int
    category: str = ""
    tier: str = ""
    complaints: int = 0
    assignee_id: int | None = None
    public: bool = False
    form: Mapping[str, Any] = field(default_factory=dict)
    pending: list[Arrival] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What accepting a message came to. `lease` is set when the same transaction took the conversation."""

    conversation_id: int
    seq: int
    message_id: int
    at: datetime
    lease: Lease | None


@dataclass(frozen=True, slots=True)
class Due:
    """A message a deliverer holds. `ambiguous`: an earlier attempt may have gone out. `parts`: its calls that went
    out already. `expired`: it waited for the customer in vain."""

    outbox_id: int
    token: int
    message_id: int
    conversation_id: int
    inbox_id: int
    seq: int
    attempts: int
    created_at: datetime
    outgoing: Outgoing
    ambiguous: bool = False
    parts: int = 0
    expired: bool = False


def lease_of(row: Row) -> Lease:
    return Lease(
        conversation_id=row.id,
        fence=row.fence,
        inbox_id=row.inbox_id,
        thread=row.thread,
        sender=row.sender,
        contact_id=row.contact_id,
        status=row.status,
        language=row.language,
        state=row.state,
        first_seq=row.first_seq,
        turned_seq=row.turned_seq,
        category=row.category,
        tier=row.tier,
        complaints=row.complaints,
        assignee_id=row.assignee_id,
        public=row.public,
        form=row.form,
    )


def outgoing_of(row: Row, queued_at: datetime | None = None) -> Outgoing:
    """The message to send. The key is the message's id: the same at every attempt, in every process."""
    payload = row.payload
    return Outgoing(
        key=f"kefu-{row.message_id}",
        recipient=row.sender,
        thread=row.thread,
        text=row.text,
        quick_replies=tuple(QuickReply(q["label"], q["value"]) for q in payload.get("quick_replies", ())),
        attachments=tuple(
            Attachment(Kind(a["kind"]), a["name"], a["media_type"], a.get("size"), a.get("url"), a.get("key"))
            for a in payload.get("attachments", ())
        ),
        author=Author(row.author),
        author_name=row.author_name,
        language=row.language or None,
        handle=payload.get("handle", ""),
        purpose=payload.get("purpose", ""),
        conversation=row.conversation_id,
        queued_at=queued_at,
        author_number=getattr(row, "author_number", None) or "",
        public=row.public,
    )
