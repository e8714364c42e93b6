"""What the ground lends the channel whose client we serve ourselves (the web chat): its visitors and their log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from bot.messages import Incoming


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
