"""What the ground lends the web chat: visitors, their log, and being woken (`bot.ports.Visits`)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from bot.engine import Engine
from bot.errors import StoreError
from bot.keepable import keepable
from bot.lent import Event, Page, Visitor, Watch
from bot.live import CustomerWatch
from bot.messages import Incoming
from bot.store import log, visitors


class WebVisits:
    """Serves the web inboxes of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._store, self._live = engine, engine.store, engine.live
        self._watches: dict[tuple[str, str], set[CustomerWatch]] = {}

    async def admit(self, inbox: str, *, language: str | None) -> str:
        token = secrets.token_urlsafe(32)
        sender = "v-" + secrets.token_hex(8)
        await self._store.write(visitors.admit, self._id(inbox), _digest(token), sender, language or "")
        return token

    async def visitor(self, inbox: str, token: str) -> Visitor | None:
        row = await self._store.read(visitors.who, self._id(inbox), _digest(token))
        return None if row is None else Visitor(inbox, row.sender, row.language or None)

    async def revoke(self, inbox: str, token: str) -> None:
        await self._store.write(visitors.revoke, self._id(inbox), _digest(token))

    async def accept(self, inbox: str, incoming: Incoming) -> Event:
        incoming = keepable(incoming)
        accepted = await self._engine.accept(inbox, incoming)
        for watch in self._watches.get((inbox, incoming.sender), ()):
            if watch.conversation_id != accepted.conversation_id:  # his first message, or the first of a new one
                self._live.bind(watch, accepted.conversation_id)
                watch.wake()
        if not accepted.duplicate:
            return log.accepted_event(accepted.message_id, accepted.seq, accepted.at, incoming)
        event = await self._store.read(log.customer_event, accepted.message_id)
        if event is None:
            raise StoreError("an accepted message cannot be read back")
        return event

    async def events(self, visitor: Visitor, *, after: int, limit: int = 500) -> Page:
        inbox_id = self._id(visitor.inbox)
        return await self._store.read(log.customer_events, inbox_id, visitor.sender, after=after, limit=limit)

    async def earlier(self, visitor: Visitor, *, before: int, limit: int = 50) -> Page:
        inbox_id = self._id(visitor.inbox)
        return await self._store.read(log.customer_earlier, inbox_id, visitor.sender, before=before, limit=limit)

    async def read(self, visitor: Visitor, *, upto: int) -> None:
        changed = await self._store.write(visitors.read, self._id(visitor.inbox), visitor.sender, upto)
        if changed is not None:
            self._live.changed(changed)

    async def typing(self, visitor: Visitor) -> None:
        current = await self._conversation(visitor)
        if current is not None:
            self._live.signal(current, {"t": "typing", "to": "desk", "d": {"author": "customer"}})

    def watch(self, visitor: Visitor) -> AbstractAsyncContextManager[Watch]:
        return self._watch(visitor)

    @asynccontextmanager
    async def _watch(self, visitor: Visitor) -> AsyncIterator[Watch]:
        place = visitor.inbox, visitor.sender
        with self._live.watch(await self._conversation(visitor)) as watch:
            self._watches.setdefault(place, set()).add(watch)
            try:
                yield _Bound(self, visitor, watch)
            finally:
                self._watches[place].discard(watch)
                if not self._watches[place]:
                    del self._watches[place]

    async def _conversation(self, visitor: Visitor) -> int | None:
        row = await self._store.read(visitors.conversation, self._id(visitor.inbox), visitor.sender)
        return None if row is None else int(row.id)

    async def rebind(self, visitor: Visitor, watch: CustomerWatch) -> bool:
        """The thread may have got a conversation, or a new one, since the watch began; True if it has."""
        before = watch.conversation_id
        self._live.bind(watch, await self._conversation(visitor))
        return watch.conversation_id != before

    def _id(self, inbox: str) -> int:
        return self._engine.inboxes[inbox].id


class _Bound:
    """A watch that finds its conversation by itself: unbound ones hear of every conversation nobody knows."""

    def __init__(self, visits: WebVisits, visitor: Visitor, watch: CustomerWatch) -> None:
        self._visits, self._visitor, self._watch = visits, visitor, watch

    async def wait(self, timeout: float) -> Sequence[Mapping[str, Any]] | None:
        frames = await self._watch.wait(timeout)
        if frames is None or self._watch.conversation_id is None:
            moved = await self._visits.rebind(self._visitor, self._watch)
            return () if moved and frames is None else frames
        return frames


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
