"""Intake: what a network told becomes durable, deduplicated and in order – and only then is anything acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bot import keepable, metrics
from bot.answering import Answering
from bot.errors import StoreError
from bot.failpoints import reach
from bot.live import Live
from bot.messages import AgentReply, Heard, Incoming
from bot.ports import Capabilities, Channel, Cursor, Shelf
from bot.store import arrivals, pages
from bot.store.answers import Answer
from bot.store.rows import Arrived, Lease, token
from bot.store.runner import Store

T = TypeVar("T")
ROOM = 64
"""Leases waiting here beyond the running turns; past this, what arrives is left to any worker."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A durable message. `duplicate`: it had been accepted before, and this changed nothing."""

    conversation_id: int
    seq: int
    message_id: int
    at: datetime
    duplicate: bool


@dataclass(frozen=True, slots=True)
class InboxHandle:
    """An inbox at work: its row's id, its name, its channel and what it keeps."""

    id: int
    name: str
    channel: Channel
    shelf: Shelf | None = None


class Intake:
    """Takes in for one process. An idle conversation is leased on the way and handed to `take`; `room` says whether
    another lease may wait here. `fetch` wakes who fetches attachments."""

    def __init__(
        self,
        store: Store,
        live: Live,
        inboxes: Mapping[str, InboxHandle],
        answering: Answering,
        *,
        lease: timedelta,
        reopen: timedelta,
        room: Callable[[], bool],
        take: Callable[[Lease], None],
        fetch: Callable[[], None] | None = None,
    ) -> None:
        self._store, self._live, self._inboxes, self._answering = store, live, inboxes, answering
        self._lease, self._reopen, self._room, self._take, self._fetch = lease, reopen, room, take, fetch
        self._pulls = {handle.id for handle in inboxes.values() if handle.channel.capabilities.pull}
        self.shielded: set[asyncio.Task[Any]] = set()

    async def accept(self, inbox: str, incoming: Incoming) -> Accepted:
        """Make one message durable. Returns only after the commit; StoreError means that nothing was kept."""
        handle = self._inboxes[inbox]
        incoming = keepable.keepable(incoming)
        try:
            arrived = await self.shield(self._accept(handle, incoming))
        except arrivals.DuplicateError:
            return await self._known(handle.id, incoming.external_id)
        return Accepted(arrived.conversation_id, arrived.seq, arrived.message_id, arrived.at, duplicate=False)

    async def ask(self, inbox: str, incoming: Incoming, *, began: float | None = None) -> Answer | None:
        """Make one message durable and wait for what its webhook may answer, as long as the network does.

        A repeated message gets the answer it had. `began`: when the webhook call came (loop time). StoreError means
        that nothing was kept.
        """
        handle = self._inboxes[inbox]
        capabilities = handle.channel.capabilities
        assert capabilities.answer_within is not None
        began = asyncio.get_running_loop().time() if began is None else began
        until = began + capabilities.answer_within.total_seconds()
        incoming = keepable.keepable(incoming)
        try:
            arrived = await self.shield(self._accept(handle, incoming, until))
            message_id = arrived.message_id
        except arrivals.DuplicateError:
            message_id = (await self._known(handle.id, incoming.external_id)).message_id
            await self._again(message_id, incoming.sender, capabilities, until)
        return await self._answering.wait(message_id, incoming.sender, capabilities)

    async def _again(self, message_id: int, sender: str, capabilities: Capabilities, until: float) -> None:
        """Expect the answer of a message that came before. Expected first: its turn may end while we look."""
        self._answering.expect(message_id, until)
        try:
            found = await self._answering.find(message_id, sender, capabilities)
        except BaseException:
            self._answering.leave(message_id)
            raise
        if found.turned:
            self._answering.told(message_id, found.answer)

    async def _accept(self, handle: InboxHandle, incoming: Incoming, until: float | None = None) -> Arrived:
        take = self._room()
        arrived = await self._store.write(
            arrivals.accept,
            handle.id,
            incoming,
            token=token(),
            lease=self._lease if take else None,
            reopen=self._reopen,
            wake=_wake(handle.channel),
        )
        reach("after_accept_commit")
        if until is not None:
            self._answering.expect(arrived.message_id, until)
        self._arrived(arrived, incoming)
        if arrived.lease is None and not take:
            self._live.ring_turn()
        return arrived

    def _arrived(self, arrived: Arrived, incoming: Incoming) -> None:
        metrics.NEW.inc()
        self._live.changed(arrived.conversation_id)
        if arrived.lease is not None:
            self._take(arrived.lease)
        if incoming.attachments and self._fetch is not None:
            self._fetch()
        if incoming.window is not None:
            self._live.ring_delivery()  # what waited for the customer

    async def accept_page(self, inbox: str, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        """Make all that a channel fetched durable, together with the cursor behind it (`bot.ports.Accept`)."""
        handle = self._inboxes[inbox]
        clean = [keepable.heard(one) for one in heard]
        await self.shield(self._accept_page(handle, clean, cursor))

    async def _accept_page(self, handle: InboxHandle, heard: Sequence[Heard], cursor: Cursor | None) -> None:
        page = await self._store.write(
            pages.keep,
            handle.id,
            heard,
            cursor,
            lease=self._lease if self._room() else None,
            reopen=self._reopen,
            wake=_wake(handle.channel),
            pulls=self._pulls,
        )
        reach("after_page_commit")
        for arrived, incoming in page.arrived:
            self._arrived(arrived, incoming)
        for conversation_id in page.changed:
            self._live.changed(conversation_id)
        if any(isinstance(one, AgentReply) for one in heard):
            self._live.ring_delivery()
        if any(arrived.lease is None for arrived, _ in page.arrived):
            self._live.ring_turn()

    async def shield(self, work: Coroutine[Any, Any, T]) -> T:
        """A caller that goes away must not take with it the leases that come of the work."""
        task = asyncio.create_task(work)
        self.shielded.add(task)
        task.add_done_callback(self.shielded.discard)
        return await asyncio.shield(task)

    async def _known(self, inbox_id: int, external_id: str) -> Accepted:
        metrics.DUPLICATE.inc()
        first = await self._store.read(arrivals.find, inbox_id, external_id)
        if first is None:
            raise StoreError("a duplicate of a message that is not there; deliver it again")
        return Accepted(first.conversation_id, first.seq, first.message_id, first.at, duplicate=True)


def _wake(channel: Channel) -> timedelta | None:
    """When what waits for the customer goes out after he acted: at once, or after the webhook that can carry it."""
    capabilities = channel.capabilities
    if not capabilities.pushes:
        return None
    return timedelta() if capabilities.answer_within is None else capabilities.answer_within + timedelta(seconds=1)
