"""What the wings promise the ground (Channel, Brain, Desk), and what the ground lends a wing (Visits).

The engine, delivery and store know the wings only by this page; `bot.app` alone hands them in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from bot.dialogue import Decision, HandoffRequest, Question
from bot.http import Request, Response
from bot.messages import Incoming, Kind, Outgoing


class Measure(StrEnum):
    """How a network counts the length of a text."""

    CHARACTERS = "characters"
    UTF8_BYTES = "utf-8 bytes"
    UTF16_UNITS = "utf-16 units"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a network can carry; `channels.fit` makes a message fit it.

    `pull`: the customer's own client reads our log, so committing a message is handing it over.
    `idempotent_send`: the network drops a second send with the same key, so an ambiguous one may be repeated.
    `reply_window`: how long after the customer's last message we may write. `answer_within`: the time in
    which a webhook may carry the answer. `retry_for`: how long a temporary failure is tried again.
    """

    max_text: int = 4000
    measure: Measure = Measure.CHARACTERS
    markdown: bool = False
    quick_replies: int = 0
    attachments: frozenset[Kind] = frozenset()
    reply_window: timedelta | None = None
    quota: int | None = None
    answer_within: timedelta | None = None
    idempotent_send: bool = False
    typing: bool = False
    pull: bool = False
    retry_for: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a network, as data: comparable in tests, carried out by `Channel.send` alone."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network took it; `external_id` is its own id for the message, where it gives one."""

    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `kefu check`: what was looked at, whether it is well, and what to do if not."""

    what: str
    ok: bool
    mend: str = ""


Accept = Callable[[Incoming], Awaitable[None]]
"""Makes one message durable. Returns only when it is; raises StoreError when it is not."""


class Channel(Protocol):
    """One inbox on one network. Everything but `send`, `listen`, `check` and `close` is pure."""

    kind: str
    capabilities: Capabilities

    def verify(self, request: Request) -> None:
        """Raise SignatureError unless the request proves that the network sent it."""

    def parse(self, request: Request) -> Sequence[Incoming]:
        """The messages in a verified request, oldest first; raises PayloadError on bytes that make no sense."""

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        """The answer that makes the network stop delivering; called only after the messages are durable."""

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        """The calls that say it; the message fits already."""

    async def send(self, call: Call) -> Receipt:
        """Carry out one call; raises TemporarySendError, PermanentSendError or AmbiguousSendError."""

    async def check(self) -> Sequence[Finding]:
        """What `kefu check` should say about this inbox."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Listener(Protocol):
    """A channel that fetches its messages itself (IMAP, long polling)."""

    async def listen(self, accept: Accept) -> None:
        """Run until cancelled; move the network's cursor only after `accept` returned."""


Fit = Callable[[Outgoing, Capabilities], Sequence[Outgoing]]
"""A message in the pieces a network can carry, in order, each under a key of its own (`channels.fit`)."""


class Brain(Protocol):
    """Decides what the bot says. Implemented by `replies`."""

    async def decide(self, question: Question) -> Decision: ...


@dataclass(frozen=True, slots=True)
class HandoffDraft:
    """A handoff record about to be kept: what an agent reads before the first word. `transcript` are message seqs."""

    trigger: str
    reason: str
    tier: str | None
    summary: Mapping[str, Any]
    transcript: tuple[int, ...]
    queue: str = "default"


class Desk(Protocol):
    """Takes conversations over. Implemented by `handoff`."""

    def draft(
        self, request: HandoffRequest, question: Question, transcript: Sequence[Mapping[str, Any]]
    ) -> HandoffDraft:
        """The record for a handoff. `transcript`: the last messages, oldest first, as {seq, author, text, at}."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A web visitor who showed a live token. `sender` is his id in the inbox."""

    inbox: str
    sender: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a conversation's log as a client sees it: `seq` is the cursor, `t` the type, `d` the data (JSON)."""

    seq: int
    t: str
    d: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A piece of a log, oldest first. `reset`: the cursor is not of this log or too far behind; start from 0.

    `earlier`: there is more before the first event. `seq`: the cursor after this page.
    """

    events: tuple[Event, ...] = ()
    reset: bool = False
    earlier: bool = False
    seq: int = 0


class Watch(Protocol):
    """One client's ear. Signals are hints: what happened is read from the log by cursor."""

    async def wait(self, timeout: float) -> Sequence[Mapping[str, Any]] | None:
        """None after `timeout` seconds; else the ephemeral frames ({"t": "typing", …}) that came, perhaps none,
        with the log possibly longer than before."""


class Visits(Protocol):
    """What the ground lends a channel whose client we serve ourselves (the web chat)."""

    async def admit(self, inbox: str, *, language: str | None) -> str:
        """A new visitor's token: 256 random bits, kept only as a SHA-256."""

    async def visitor(self, inbox: str, token: str) -> Visitor | None:
        """Who shows this token in this inbox; None if nobody may."""

    async def accept(self, inbox: str, incoming: Incoming) -> Event:
        """Make a message durable and return its event; for a repeated external_id, the event of the first."""

    async def events(self, visitor: Visitor, *, after: int, limit: int = 500) -> Page:
        """The visitor's log after a cursor; after=0 gives the newest `limit` events of the current conversation."""

    async def earlier(self, visitor: Visitor, *, before: int, limit: int = 50) -> Page:
        """Older events, also of the visitor's former conversations."""

    async def read(self, visitor: Visitor, *, upto: int) -> None:
        """The visitor has seen the log up to this seq."""

    async def typing(self, visitor: Visitor) -> None:
        """The visitor is typing: shown to watching agents, never stored."""

    def watch(self, visitor: Visitor) -> AbstractAsyncContextManager[Watch]:
        """Be woken when the visitor's log grows or something ephemeral happens."""

    async def revoke(self, inbox: str, token: str) -> None:
        """Forget a token (log out)."""
