"""What the desk stands on, handed in by `bot.app`."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from bot.store.runner import Store
from handoff.desk.accounts import Passwords
from handoff.desk.limits import LoginLimits


class DeskWatch(Protocol):
    """The desk's ear for every conversation. What it says are hints: the truth is read from the store."""

    async def wait(self, timeout: float) -> tuple[set[int], Sequence[tuple[int, Mapping[str, Any]]]] | None:
        """Conversations that changed, and (conversation, ephemeral frame) pairs; None after `timeout` seconds."""


class Live(Protocol):
    """The part of `bot.live.Live` the desk uses."""

    def changed(self, conversation_id: int) -> None:
        """A conversation's log grew: wake everybody who watches it, in every process."""

    def signal(self, conversation_id: int, frame: Mapping[str, Any]) -> None:
        """Something passing (typing, viewing) happened in a conversation."""

    def watch_desk(self) -> AbstractContextManager[DeskWatch]: ...


@dataclass(frozen=True, slots=True)
class DeskGround:
    """`pull`: whether an inbox's clients read our log themselves (Capabilities.pull), by inbox name.

    `ring_turn`, `ring_delivery`: the engine's doorbells. `public_url`: where agents reach us; https makes the
    cookie Secure. `inboxes`: names of those at work (None: all); the others' troubles are nobody's.
    """

    store: Store
    live: Live
    ring_turn: Callable[[], None]
    ring_delivery: Callable[[], None]
    pull: Callable[[str], bool]
    public_url: str
    inboxes: Container[str] | None = None
    passwords: Passwords = field(default_factory=Passwords)
    limits: LoginLimits = field(default_factory=LoginLimits)

    @property
    def secure(self) -> bool:
        return urlsplit(self.public_url).scheme == "https"
