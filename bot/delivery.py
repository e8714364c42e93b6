"""Delivery: from the outbox to the network, one message of a conversation at a time, in order.

A temporary error is tried again with growing pauses, a permanent one is shown to people, and an ambiguous send is
repeated only where the network drops a repeated key; elsewhere it is `unknown`, which is the truth.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import structlog

from bot import metrics
from bot.errors import AmbiguousSendError, PermanentSendError, StoreError, TemporarySendError
from bot.failpoints import reach
from bot.live import Live
from bot.messages import Delivery
from bot.ports import Call, Channel, Fitting
from bot.store import outbox
from bot.store.rows import Due
from bot.store.runner import Store
from bot.store.sql import Tx

if TYPE_CHECKING:
    from bot.engine import InboxHandle

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
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
        self, store: Store, live: Live, inboxes: Mapping[int, InboxHandle], *, fit: Fitting, slots: int, sweep: float
    ) -> None:
        self._store, self._live, self._inboxes, self._fit = store, live, inboxes, fit
        self._slots, self._sweep = slots, sweep
        self.hold = timedelta(seconds=SEND_WITHIN * 3)
        self._tasks: dict[int, tuple[Due, asyncio.Task[None]]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._claiming: set[asyncio.Task[bool]] = set()
        self._stopping = False

    @property
    def running(self) -> bool:
        """The loop is alive (for /readyz)."""
        return self._loop is not None and not self._loop.done()

    @property
    def has_room(self) -> bool:
        """Whether another message may be held here at once; else it waits for any process that has a free slot."""
        return len(self._tasks) < self._slots and not self._stopping

    def start(self) -> None:
        self._loop = asyncio.create_task(forever(self._claim, "deliver"), name="deliver")

    async def stop(self, within: float) -> None:
        """Let running sends end; give back what was not tried."""
        self._stopping = True
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, *self._claiming, return_exceptions=True)
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

    async def _claim(self) -> None:
        free = self._slots - len(self._tasks)
        if free > 0:
            # Shielded, so that a stop does not lose what the transaction took.
            claiming = asyncio.create_task(self._claimed(free))
            self._claiming.add(claiming)
            claiming.add_done_callback(self._claiming.discard)
            if await asyncio.shield(claiming):
                return
        await self._live.delivery.wait(self._sweep)

    async def _claimed(self, limit: int) -> bool:
        got = await self._store.write(outbox.claim, limit=limit, hold=self.hold)
        for due in got:
            self.take(due)
        return bool(got)

    async def _line(self, due: Due | None) -> None:
        """This message and those behind it, as long as each can be settled."""
        try:
            while due is not None:
                if self._stopping and not due.ambiguous:
                    await self._store.write(outbox.put_back, [due])
                    return
                due = await self._one(due)
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
            await self._insist(outbox.postpone, due, until, outcome.error, parts=outcome.parts)
            return None
        settled = await self._insist(outbox.settle, due, outcome.delivery, outcome.error, hold=self.hold)
        reach("after_settle")
        self._live.changed(due.conversation_id)
        return settled.next

    async def _insist(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Write what became of a send, while the hold lasts: forgotten, it would be sent again or be unknown."""
        clock = asyncio.get_running_loop()
        until = clock.time() + self.hold.total_seconds()
        while True:
            try:
                return await self._store.write(script, *args, **kwargs)
            except StoreError as error:
                if self._stopping or clock.time() > until:
                    raise
                logger.warning("delivery.not_settled_yet", error=str(error))
                await asyncio.sleep(0.5)

    async def _attempt(self, channel: Channel, due: Due) -> Outcome:
        repeatable = channel.capabilities.idempotent_send
        if due.ambiguous and not repeatable:
            return Outcome(Delivery.UNKNOWN, "the process stopped while it was being sent")
        try:
            parts = [channel.render(part) for part in self._fit.fit(due.outgoing, channel.capabilities)]
        except Exception as error:
            logger.exception("render.broke", inbox=due.inbox_id, kind=type(error).__name__)
            return Outcome(Delivery.FAILED, f"it could not be put into the network's form: {error}")
        if not repeatable and not await self._store.write(outbox.start, due):
            return Outcome(Delivery.UNKNOWN, "another process took it over")
        sent = due.parts
        try:
            for calls in parts[due.parts :]:
                await _send(channel, calls)
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


async def _send(channel: Channel, calls: Sequence[Call]) -> None:
    for call in calls:
        reach("before_send")
        async with asyncio.timeout(SEND_WITHIN):
            await channel.send(call)
        reach("after_send")


async def forever(step: Callable[[], Awaitable[None]], name: str) -> None:
    """Run a loop's step again and again: whatever goes wrong is said and tried again, for nothing else would."""
    while True:
        try:
            await step()
        except Exception as error:
            if isinstance(error, StoreError):
                logger.error("store.trouble", error=str(error), loop=name)
            else:
                logger.exception("loop.broke", loop=name, kind=type(error).__name__)
            await asyncio.sleep(1.0)


def _pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling from half a second to five minutes, spread by half."""
    return float(min(300.0, 0.25 * 2.0**attempts) * random.uniform(0.75, 1.25))  # noqa: S311
