"""Delivery: from the outbox to the network, one message of a conversation at a time, in order.

A temporary error is tried again with growing pauses, a permanent one is shown to people, and an ambiguous send is
repeated only where the network drops a repeated key; elsewhere it is `unknown`, which is the truth.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import metrics
from bot.errors import AmbiguousSendError, PermanentSendError, StoreError, TemporarySendError
from bot.failpoints import reach
from bot.live import Live
from bot.messages import Delivery, Outgoing
from bot.ports import Channel, Fit
from bot.store import outbox
from bot.store.rows import Due
from bot.store.runner import Store

if TYPE_CHECKING:
    from bot.engine import InboxHandle

logger = structlog.get_logger(__name__)

SEND_WITHIN = 30.0
"""Seconds for one call to a network; after it nobody can say what became of it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. `again`: seconds until the next one, None when this is the last word."""

    delivery: Delivery
    error: str = ""
    again: float | None = None
    parts: int = 0


class Deliverer:
    """Sends what is due. One task a held message: a slow network holds up only its own conversations."""

    def __init__(
        self, store: Store, live: Live, inboxes: Mapping[int, InboxHandle], *, fit: Fit, slots: int, sweep: float
    ) -> None:
        self._store, self._live, self._inboxes, self._fit = store, live, inboxes, fit
        self._slots, self._sweep = slots, sweep
        self.hold = timedelta(seconds=SEND_WITHIN * 3)
        self._tasks: dict[int, tuple[Due, asyncio.Task[None]]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def has_room(self) -> bool:
        """Whether another message may be held here at once; else it waits for any process that has a free slot."""
        return len(self._tasks) < self._slots and not self._stopping

    def start(self) -> None:
        self._loop = asyncio.create_task(self._claim_forever(), name="deliver")

    async def stop(self, within: float) -> None:
        """Let running sends end; give back what was not tried."""
        self._stopping = True
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        tasks = [task for _, task in self._tasks.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    def take(self, due: Due) -> None:
        """Send a message this process holds."""
        task = asyncio.create_task(self._line(due))
        self._tasks[due.token] = (due, task)
        task.add_done_callback(partial(self._done, due.token))

    def _done(self, name: int, _: asyncio.Task[None]) -> None:
        self._tasks.pop(name, None)
        if len(self._tasks) == self._slots - 1:
            self._live.delivery.ring()

    async def _claim_forever(self) -> None:
        while True:
            free = self._slots - len(self._tasks)
            try:
                got = await self._store.write(outbox.claim, limit=free, hold=self.hold) if free > 0 else []
            except StoreError as error:
                logger.error("store.trouble", error=str(error), loop="deliver")
                got = []
                await asyncio.sleep(1.0)
            for due in got:
                self.take(due)
            if not got:
                await self._live.delivery.wait(self._sweep)

    async def _line(self, due: Due | None) -> None:
        """This message and those behind it, as long as each can be settled."""
        try:
            while due is not None:
                due = await self._one(due)
                if due is not None and self._stopping:
                    await self._store.write(outbox.put_back, [due])
                    return
        except StoreError as error:
            logger.error("delivery.not_settled", error=str(error))  # the hold runs out, and somebody asks again

    async def _one(self, due: Due) -> Due | None:
        handle = self._inboxes.get(due.inbox_id)
        if handle is None:
            outcome = Outcome(Delivery.FAILED, "its inbox is no longer configured")
        else:
            outcome = await self._attempt(handle.channel, due)
            age = (self._store.now() - due.created_at).total_seconds()
            if outcome.again is not None and age > handle.channel.capabilities.retry_for.total_seconds():
                outcome = Outcome(Delivery.FAILED, f"given up after {timedelta(seconds=round(age))}: {outcome.error}")
        metrics.SENDS.labels("retry" if outcome.again is not None else outcome.delivery.value).inc()
        if outcome.again is not None:
            until = self._store.now() + timedelta(seconds=outcome.again)
            await self._store.write(outbox.postpone, due, until, outcome.error, parts=outcome.parts)
            return None
        settled = await self._store.write(outbox.settle, due, outcome.delivery, outcome.error, hold=self.hold)
        reach("after_settle")
        self._live.changed(due.conversation_id)
        return settled.next

    async def _attempt(self, channel: Channel, due: Due) -> Outcome:
        repeatable = channel.capabilities.idempotent_send
        if due.ambiguous and not repeatable:
            return Outcome(Delivery.UNKNOWN, "the process stopped while it was being sent")
        if not repeatable and not await self._store.write(outbox.start, due):
            return Outcome(Delivery.UNKNOWN, "another process took it over")
        parts = list(self._fit(due.outgoing, channel.capabilities))
        sent = due.parts
        try:
            for number, part in list(enumerate(parts))[due.parts :]:
                await _send(channel, part if len(parts) == 1 else replace(part, key=f"{part.key}-{number + 1}"))
                sent += 1
        except TemporarySendError as error:
            return Outcome(Delivery.QUEUED, str(error), again=error.retry_after or _pause(due.attempts), parts=sent)
        except PermanentSendError as error:
            return Outcome(Delivery.FAILED, str(error))
        except Exception as error:
            if not isinstance(error, AmbiguousSendError | TimeoutError):
                logger.exception("send.broke", inbox=due.inbox_id, kind=type(error).__name__)
            reason = str(error) or type(error).__name__
            if repeatable:
                return Outcome(Delivery.QUEUED, reason, again=_pause(due.attempts), parts=sent)
            return Outcome(Delivery.UNKNOWN, reason)
        return Outcome(Delivery.SENT)


async def _send(channel: Channel, outgoing: Outgoing) -> None:
    for call in channel.render(outgoing):
        reach("before_send")
        async with asyncio.timeout(SEND_WITHIN):
            await channel.send(call)
        reach("after_send")


def _pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling from half a second to five minutes, spread by half."""
    return float(min(300.0, 0.25 * 2.0**attempts) * random.uniform(0.75, 1.25))  # noqa: S311
