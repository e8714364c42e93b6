"""Delivery: from the outbox to the network, one message of a conversation at a time, in order.

A temporary error is tried again with growing pauses, a permanent one is shown to people, and an ambiguous send is
repeated only where the network drops a repeated key; elsewhere it is `unknown`, which is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import structlog

from bot import metrics
from bot.errors import (
    AmbiguousSendError,
    PermanentSendError,
    SendError,
    StoreError,
    TemporarySendError,
    WindowClosedError,
)
from bot.failpoints import reach
from bot.live import Live
from bot.messages import Author, Delivery, Outgoing
from bot.ports import Call, Capabilities, Channel, Fitting, Notifier, Shelf
from bot.store import outbox, parking
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
NOTICE_EVERY = timedelta(hours=48)
"""A customer is called back once in so long at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. `again`: seconds until the next one, None when this is the last word.

    `parts`: calls that went out. `unsent`: the one after those certainly did not. `waits`: only the customer can help
    (window, quota, passive); `shut`: the network said so.
    """

    delivery: Delivery
    error: str = ""
    again: float | None = None
    parts: int = 0
    unsent: bool = False
    waits: str = ""
    shut: bool = False


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
        self._healthy: set[int] = set()

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
            outcome = self._patient(handle.channel, due, await self._attempt(handle, due))
        kind = "parked" if outcome.waits else "retry" if outcome.again is not None else outcome.delivery.value
        metrics.SENDS.labels(kind).inc()
        if handle is not None and outcome.waits:
            await self._park(handle, due, outcome)
            return None
        if outcome.again is not None:
            until = self._store.now() + timedelta(seconds=outcome.again)
            parts, unsent = outcome.parts, outcome.unsent
            await self._insist(outbox.postpone, due, until, outcome.error, parts=parts, unsent=unsent)
            return None
        settled = await self._insist(
            outbox.settle, due, outcome.delivery, outcome.error, hold=self.hold, unsent=outcome.unsent
        )
        reach("after_settle")
        self._live.changed(due.conversation_id)
        return settled.next

    def _patient(self, channel: Channel, due: Due, outcome: Outcome) -> Outcome:
        """The outcome, unless it would be tried again for longer than the network's messages are worth it."""
        age = self._store.now() - due.created_at
        if outcome.again is None or age <= channel.capabilities.retry_for:
            return outcome
        return Outcome(Delivery.FAILED, f"given up after {timedelta(seconds=round(age.total_seconds()))}: "
                       f"{outcome.error}", unsent=outcome.unsent)  # fmt: skip

    async def _park(self, handle: InboxHandle, due: Due, outcome: Outcome) -> None:
        until = self._store.now() + handle.channel.capabilities.park_for
        parked = await self._insist(parking.park, due, outcome.waits, until, parts=outcome.parts, shut=outcome.shut)
        self._live.changed(due.conversation_id)
        if parked and outcome.waits == "window" and isinstance(handle.channel, Notifier) and handle.shelf is not None:
            await _call_back(handle.channel, handle.shelf, due.outgoing)

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

    async def _attempt(self, handle: InboxHandle, due: Due) -> Outcome:
        channel, capabilities = handle.channel, handle.channel.capabilities
        if due.ambiguous and not capabilities.idempotent_send:
            return Outcome(Delivery.UNKNOWN, "the process stopped while it was being sent")
        if due.expired:
            return Outcome(Delivery.EXPIRED, "the customer did not write again in time")
        if not capabilities.pushes:
            return Outcome(Delivery.QUEUED, parts=due.parts, waits="passive")
        try:
            parts = [channel.render(part) for part in self._fit.fit(due.outgoing, capabilities)]
        except Exception as error:
            logger.exception("render.broke", inbox=due.inbox_id, kind=type(error).__name__)
            return Outcome(Delivery.FAILED, f"it could not be put into the network's form: {error}")
        outcome = await self._calls(channel, due, [call for part in parts for call in part])
        await self._troubles(handle, outcome)
        return outcome.outcome

    async def _calls(self, channel: Channel, due: Due, calls: Sequence[Call]) -> _Tried:
        """Send what is not out yet, one after the other; a network that counts is asked for each."""
        capabilities, sent = channel.capabilities, due.parts
        for call in calls[due.parts :]:
            started = await self._start(due, capabilities, more=sent > due.parts)
            if not started.ours:
                return _Tried(Outcome(Delivery.UNKNOWN, "another process took it over"))
            if started.waits:
                return _Tried(Outcome(Delivery.QUEUED, parts=sent, waits=started.waits))
            try:
                await _send(channel, call)
            except Exception as error:
                return _Tried(_failure(error, capabilities, due, sent), error)
            sent += 1
        return _Tried(Outcome(Delivery.SENT))

    async def _start(self, due: Due, capabilities: Capabilities, *, more: bool) -> outbox.Started:
        note, counted = not capabilities.idempotent_send, capabilities.reply_window is not None
        if not counted and (more or not note):
            return outbox.Started(ours=True)
        bots = due.outgoing.author is not Author.AGENT and not due.outgoing.purpose
        reserve = (capabilities.reserve if bots else 0) if counted else None
        return await self._store.write(outbox.start, due, note=note, reserve=reserve, more=more)

    async def _troubles(self, handle: InboxHandle, tried: _Tried) -> None:
        """Tell people what only they can mend, and that it is mended once something went through."""
        shelf, inbox = handle.shelf, handle.id
        if shelf is None:
            return
        trouble = tried.error.trouble if isinstance(tried.error, SendError) else None
        with contextlib.suppress(StoreError):
            if trouble is not None:
                self._healthy.discard(inbox)
                await shelf.tell(trouble)
            elif tried.outcome.delivery is Delivery.SENT and inbox not in self._healthy:
                await shelf.mended()
                self._healthy.add(inbox)


@dataclass(frozen=True, slots=True)
class _Tried:
    outcome: Outcome
    error: Exception | None = None


def _failure(error: Exception, capabilities: Capabilities, due: Due, sent: int) -> Outcome:
    """What an error of a call means for its message."""
    if isinstance(error, TemporarySendError):
        again = error.retry_after or _pause(due.attempts)
        return Outcome(Delivery.QUEUED, str(error), again=again, parts=sent, unsent=True)
    if isinstance(error, WindowClosedError):
        waits = "quota" if error.spent else "window"
        return Outcome(Delivery.QUEUED, str(error), parts=sent, waits=waits, shut=True)
    if isinstance(error, PermanentSendError):
        return Outcome(Delivery.FAILED, str(error), unsent=True)
    if not isinstance(error, AmbiguousSendError | TimeoutError):
        logger.exception("send.broke", inbox=due.inbox_id, kind=type(error).__name__)
    reason = str(error) or type(error).__name__
    if capabilities.idempotent_send:
        return Outcome(Delivery.QUEUED, reason, again=_pause(due.attempts), parts=sent)
    return Outcome(Delivery.UNKNOWN, reason)


async def _call_back(channel: Notifier, shelf: Shelf, waiting: Outgoing) -> None:
    """Outside the window, once in its length: the notice that asks the customer to come back, where one is set up."""
    calls = channel.notice(waiting)
    if not calls:
        return
    try:
        if await shelf.take(f"notice:{waiting.recipient}", lasts=NOTICE_EVERY):
            for call in calls:
                await _send(channel, call)
    except (SendError, StoreError, TimeoutError) as error:
        logger.warning("notice.not_sent", error=str(error))


async def _send(channel: Channel | Notifier, call: Call) -> None:
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
