"""Somebody types: shown to the customer on networks that can (`bot.ports.Typist`). Nobody waits for it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.intake import InboxHandle
from bot.ports import Typist
from bot.store import listing
from bot.store.rows import Lease
from bot.store.runner import Store

logger = structlog.get_logger(__name__)

SLOW = 1.0
"""Seconds after which a customer wonders whether the bot heard him."""
AGAIN = 15.5
"""Seconds until it is shown anew: WeChat shows it for 15 s and refuses to be told again meanwhile."""
REMEMBERED = 1024
"""Conversations of which is known whether and when typing was shown."""


@dataclass(slots=True)
class _Place:
    """A conversation: whom to show it (None: its network cannot), and when that may be done next."""

    typist: Typist | None
    sender: str
    next_at: float = 0.0


class Typists:
    """Fire and forget: what goes wrong is logged for the curious, and forgotten."""

    def __init__(self, store: Store, inboxes: Mapping[int, InboxHandle]) -> None:
        self._store = store
        self._able = {
            inbox_id: handle.channel
            for inbox_id, handle in inboxes.items()
            if handle.channel.capabilities.typing and isinstance(handle.channel, Typist)
        }
        self._places: OrderedDict[int, _Place] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def agent(self, conversation_id: int) -> None:
        """An agent types a reply. The first time, the conversation is looked up."""
        if not self._able:
            return
        place = self._places.get(conversation_id)
        if place is None:
            # Taken as one that cannot until it is known: the next keystrokes ask for nothing.
            self._spawn(self._look(conversation_id, self._keep(conversation_id, _Place(None, ""))))
        elif place.typist is not None:
            self._show(place)

    def soon(self, lease: Lease) -> asyncio.TimerHandle | None:
        """A turn begins: show it if that takes long. To be cancelled when the turn ends; None where none can see it."""
        if lease.inbox_id not in self._able:
            return None
        return asyncio.get_running_loop().call_later(SLOW, self._slow, lease)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _slow(self, lease: Lease) -> None:
        place = self._places.get(lease.conversation_id)
        if place is None or place.typist is None:
            place = self._keep(lease.conversation_id, _Place(self._able[lease.inbox_id], lease.sender))
        self._show(place)

    async def _look(self, conversation_id: int, place: _Place) -> None:
        try:
            found = await self._store.read(listing.whose, conversation_id)
        except Exception:
            self._places.pop(conversation_id, None)
            raise
        if found is not None:
            place.typist, place.sender = self._able.get(found.inbox_id), found.sender
            if place.typist is not None:
                self._show(place)

    def _show(self, place: _Place) -> None:
        now = asyncio.get_running_loop().time()
        if now >= place.next_at and place.typist is not None:
            place.next_at = now + AGAIN
            self._spawn(place.typist.typing(place.sender))

    def _keep(self, conversation_id: int, place: _Place) -> _Place:
        self._places[conversation_id] = place
        if len(self._places) > REMEMBERED:
            self._places.popitem(last=False)
        return place

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:
        logger.debug("typing.not_shown", error=str(error), kind=type(error).__name__)
