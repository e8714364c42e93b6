"""Doorbells: what tells workers and watching clients that something is there to be read.

Rings carry no truth: what happened is read from the store, by cursor. A lost ring costs one sweep, never a message.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import orjson

FRAMES = 64
"""Ephemeral frames (typing) kept for a client that is slow to fetch them; older ones fall away."""

LONGEST_FRAME = 600
"""Characters of a frame that still goes to the other processes."""

Frame = Mapping[str, Any]


class Bell:
    """Something waits: rung by any number of callers, heard once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, timeout: float) -> None:
        """Until it rings, at most `timeout` seconds; then it is quiet again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()
        self._event.clear()

    def hush(self) -> None:
        """What rang was heard in another way."""
        self._event.clear()


class Relay(Protocol):
    """Carries rings to the other processes on the same database."""

    def send(self, ring: str) -> None:
        """Queue one ring; never waits, may lose it."""


class CustomerWatch:
    """One client of a thread. Bound to a conversation as soon as there is one."""

    def __init__(self, conversation_id: int | None) -> None:
        self.conversation_id = conversation_id
        self._bell = Bell()
        self._frames: deque[Frame] = deque(maxlen=FRAMES)
        self._news = False

    def wake(self, frame: Frame | None = None) -> None:
        if frame is None:
            self._news = True
        else:
            self._frames.append(frame)
        self._bell.ring()

    async def wait(self, timeout: float) -> Sequence[Frame] | None:
        """None after `timeout` seconds; else the frames that came, the log perhaps having grown."""
        if not self._news and not self._frames:
            await self._bell.wait(timeout)
        if not self._news and not self._frames:
            return None
        frames = tuple(self._frames)
        self._frames.clear()
        self._bell.hush()
        self._news = False
        return frames


class DeskWatch:
    """One desk: the set of conversations that changed since it last asked, and frames with their conversation."""

    def __init__(self) -> None:
        self._bell = Bell()
        self._changed: set[int] = set()
        self._frames: deque[tuple[int, Frame]] = deque(maxlen=FRAMES)

    def wake(self, conversation_id: int, frame: Frame | None = None) -> None:
        if frame is None:
            self._changed.add(conversation_id)
        else:
            self._frames.append((conversation_id, frame))
        self._bell.ring()

    async def wait(self, timeout: float) -> tuple[set[int], list[tuple[int, Frame]]] | None:
        """None after `timeout` seconds without anything."""
        if not self._changed and not self._frames:
            await self._bell.wait(timeout)
        if not self._changed and not self._frames:
            return None
        changed, self._changed = self._changed, set()
        frames = list(self._frames)
        self._frames.clear()
        self._bell.hush()
        return changed, frames


class Live:
    """All bells of one process; with a relay, also those of the others."""

    def __init__(self) -> None:
        self.turn = Bell()
        self.delivery = Bell()
        self.relay: Relay | None = None
        self._customers: dict[int | None, set[CustomerWatch]] = {}
        self._desks: set[DeskWatch] = set()

    def ring_turn(self) -> None:
        """A conversation waits that nobody has leased."""
        self.turn.ring()
        self._relay("t")

    def ring_delivery(self) -> None:
        """A message waits in the outbox that nobody holds."""
        self.delivery.ring()
        self._relay("d")

    def changed(self, conversation_id: int) -> None:
        """The conversation's log grew."""
        self.heard(conversation_id)
        self._relay(f"c{conversation_id}")

    def heard(self, conversation_id: int, frame: Frame | None = None, *, desk: bool = True) -> None:
        """Wake whoever watches here. A conversation nobody knows wakes those still without one: it may be theirs."""
        if self._customers and (frame is None or frame.get("to") != "desk"):
            for watch in self._customers.get(conversation_id, ()):
                watch.wake(frame)
            if frame is None:
                for watch in self._customers.get(None, ()):
                    watch.wake()
        if desk:
            for desk_watch in self._desks:
                desk_watch.wake(conversation_id, frame)

    def signal(self, conversation_id: int, frame: Frame) -> None:
        """Something ephemeral for those who watch the conversation (typing). {"to": "desk"}: agents only."""
        self.heard(conversation_id, frame)
        packed = base64.urlsafe_b64encode(orjson.dumps(frame)).decode()
        if len(packed) <= LONGEST_FRAME:
            self._relay(f"f{conversation_id}:{packed}")

    def _relay(self, ring: str) -> None:
        if self.relay is not None:
            self.relay.send(ring)

    def wake_all(self) -> None:
        """Rings may have been lost: everybody looks."""
        self.turn.ring()
        self.delivery.ring()
        for watches in self._customers.values():
            for watch in watches:
                watch.wake()

    @contextlib.contextmanager
    def watch(self, conversation_id: int | None) -> Iterator[CustomerWatch]:
        """Listen for one customer's client."""
        watch = CustomerWatch(conversation_id)
        self._customers.setdefault(conversation_id, set()).add(watch)
        try:
            yield watch
        finally:
            self._drop(watch)

    def bind(self, watch: CustomerWatch, conversation_id: int | None) -> None:
        """The client's thread has this conversation now."""
        if watch.conversation_id == conversation_id:
            return
        self._drop(watch)
        watch.conversation_id = conversation_id
        self._customers.setdefault(conversation_id, set()).add(watch)

    def _drop(self, watch: CustomerWatch) -> None:
        watches = self._customers.get(watch.conversation_id)
        if watches is not None:
            watches.discard(watch)
            if not watches:
                del self._customers[watch.conversation_id]

    @contextlib.contextmanager
    def watch_desk(self) -> Iterator[DeskWatch]:
        """Listen for one agent's desk."""
        watch = DeskWatch()
        self._desks.add(watch)
        try:
            yield watch
        finally:
            self._desks.discard(watch)
