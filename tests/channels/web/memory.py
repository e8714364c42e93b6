"""Visits kept in memory, strict about its contract: what the web channel is tested against."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.errors import StoreError
from bot.lent import Event, Page, Visitor, Watch
from bot.messages import Incoming


@dataclass
class Ear:
    """One client's Watch."""

    frames: list[Mapping[str, Any]] = field(default_factory=list)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    async def wait(self, timeout: float) -> Sequence[Mapping[str, Any]] | None:
        try:
            async with asyncio.timeout(timeout):
                await self.stirred.wait()
        except TimeoutError:
            return None
        self.stirred.clear()
        frames, self.frames = self.frames, []
        return frames


@dataclass
class Thread:
    """What one visitor sees."""

    log: list[Event] = field(default_factory=list)
    seq: int = 0
    typed: int = 0
    read: int = 0
    ears: list[Ear] = field(default_factory=list)


Answer = Callable[["MemoryVisits", str, Incoming], Awaitable[None]]


class MemoryVisits:
    """`broken`: every call raises StoreError. `answer`: called after each new message, in a task of its own."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.tokens: dict[tuple[str, str], Visitor] = {}
        self.threads: dict[str, Thread] = {}
        self.accepted: dict[tuple[str, str], Event] = {}
        self.incoming: list[Incoming] = []
        self.broken = False
        self.answer = answer
        self.tasks: set[asyncio.Task[None]] = set()

    # ---- the port --------------------------------------------------------------------------------------------------

    async def admit(self, inbox: str, *, language: str | None) -> str:
        self._works()
        token, sender = secrets.token_urlsafe(32), f"v{len(self.threads) + 1}"
        self.tokens[inbox, token] = Visitor(inbox, sender, language)
        self.threads[sender] = Thread()
        return token

    async def visitor(self, inbox: str, token: str) -> Visitor | None:
        self._works()
        return self.tokens.get((inbox, token))

    async def accept(self, inbox: str, incoming: Incoming) -> Event:
        self._works()
        incoming.text.encode()  # a store cannot keep lone surrogates
        assert "\0" not in incoming.text
        key = (inbox, incoming.external_id)
        if key in self.accepted:
            return self.accepted[key]
        event = self.say(incoming.sender, "visitor", incoming.text, cid=incoming.extra["cid"])
        self.accepted[key] = event
        self.incoming.append(incoming)
        if self.answer:
            task = asyncio.ensure_future(self.answer(self, incoming.sender, incoming))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return event

    async def events(self, visitor: Visitor, *, after: int, limit: int = 500) -> Page:
        self._works()
        assert 0 <= after < 2**31
        thread = self.threads[visitor.sender]
        if after > thread.seq:
            return Page(reset=True, seq=thread.seq)
        news = [e for e in thread.log if e.seq > after]
        if after and len(news) > limit:
            return Page(reset=True, seq=thread.seq)
        return Page(tuple(news[-limit:]), earlier=not after and len(news) > limit, seq=thread.seq)

    async def earlier(self, visitor: Visitor, *, before: int, limit: int = 50) -> Page:
        self._works()
        assert 0 <= before < 2**31
        thread = self.threads[visitor.sender]
        old = [e for e in thread.log if e.seq < before]
        return Page(tuple(old[-limit:]), earlier=len(old) > limit, seq=thread.seq)

    async def read(self, visitor: Visitor, *, upto: int) -> None:
        self._works()
        thread = self.threads[visitor.sender]
        if thread.read < upto <= thread.seq:
            thread.read = upto
            self.put(visitor.sender, "read", {"by": "visitor", "upto": upto})

    async def typing(self, visitor: Visitor) -> None:
        self._works()
        self.threads[visitor.sender].typed += 1

    @asynccontextmanager
    async def watch(self, visitor: Visitor) -> AsyncIterator[Watch]:
        ear = Ear()
        self.threads[visitor.sender].ears.append(ear)
        try:
            yield ear
        finally:
            self.threads[visitor.sender].ears.remove(ear)

    async def revoke(self, inbox: str, token: str) -> None:
        self._works()
        self.tokens.pop((inbox, token), None)

    # ---- what tests make happen ------------------------------------------------------------------------------------

    def say(
        self,
        sender: str,
        author: str,
        text: str,
        *,
        name: str = "",
        cid: str | None = None,
        replies: Sequence[tuple[str, str]] = (),
        at: datetime | None = None,
        attachments: Sequence[Mapping[str, Any]] = (),
    ) -> Event:
        """A message in the visitor's log."""
        data = {
            "id": len(self.accepted) + self.threads[sender].seq + 1,
            "author": author,
            "name": name,
            "text": text,
            "quick_replies": [{"label": label, "value": value} for label, value in replies],
            "attachments": list(attachments),
            "cid": cid,
            "at": (at or datetime.now(UTC)).isoformat(),
            "status": "sent",
        }
        return self.put(sender, "message", data)

    def put(self, sender: str, t: str, d: Mapping[str, Any], *, skip: int = 0) -> Event:
        """An event in the visitor's log, `skip` numbers later (numbers that only the desk sees)."""
        thread = self.threads[sender]
        thread.seq += 1 + skip
        event = Event(thread.seq, t, d)
        thread.log.append(event)
        self._stir(sender)
        return event

    def signal(self, sender: str, frame: Mapping[str, Any]) -> None:
        """Something ephemeral."""
        for ear in self.threads[sender].ears:
            ear.frames.append(frame)
        self._stir(sender)

    def ears(self) -> int:
        return sum(len(thread.ears) for thread in self.threads.values())

    def _stir(self, sender: str) -> None:
        for ear in self.threads[sender].ears:
            ear.stirred.set()

    def _works(self) -> None:
        if self.broken:
            raise StoreError("the store cannot be reached")
