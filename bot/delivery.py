"""Delivery: from the outbox to the network, one message of a conversation at a time, in order.

A temporary error is tried again with growing pauses, a permanent one is shown to people, and an ambiguous send is
repeated only where the network drops a repeated key; elsewhere it is `unknown`, which is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import structlog

from bot import metrics
from bot.errors import SendError, StoreError
from bot.failpoints import reach
from bot.live import Live
from bot.messages import Author, Delivery, Outgoing
from bot.outcome import Outcome, failure, patient
from bot.ports import Call, Capabilities, Channel, Fitting, Notifier, Receipt, Shelf
from bot.store import outbox, parking, patience
from bot.store.rows import Due
from bot.store.runner import Store
from bot.store.sql import Tx

if TYPE_CHECKING:
    from bot.engine import InboxHandle

logger = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
SEND_WITHIN = 30.0
"""Seconds for one call to a network that names no time; after it nobody can say what became of it."""
SLOW_SHARE = 4
"""Networks whose sends may take long get one slot in so many, each: the others must not wait for them."""
NOTICE_EVERY = timedelta(hours=48)
"""A customer is called back once in so long at most."""


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

    def _room(self, inbox: int) -> int:
        """How many more messages of this inbox may be sent at a time."""
        handle = self._inboxes.get(inbox)
        if handle is None or handle.channel.capabilities.send_within is None:
            return self._slots
        busy = sum(due.inbox_id == inbox for due, _ in self._tasks.values())
        return max(1, self._slots // SLOW_SHARE) - busy

    def take(self, due: Due) -> None:
        """Send a message this process holds."""
        task = asyncio.create_task(self._line(due))
        self._tasks[due.token] = (due, task)
        task.add_done_callback(partial(self._done, due.token))

    def _done(self, name: int, _: asyncio.Task[None]) -> None:
        due, _ = self._tasks.pop(name)
        if len(self._tasks) == self._slots - 1 or self._room(due.inbox_id) == 1:
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
        full = [inbox for inbox in self._inboxes if self._room(inbox) <= 0]
        got = await self._store.write(outbox.claim, limit=limit, hold=self.hold, without=full)
        over: list[Due] = []
        for due in got:
            if self._room(due.inbox_id) > 0 or due.ambiguous or due.expired:
                self.take(due)
            else:
                over.append(due)
        if over:
            await self._store.write(outbox.put_back, over)
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
            age, can = self._store.now() - due.created_at, handle.channel.capabilities.at(due.outgoing.public)
            outcome = patient(await self._attempt(handle, due), can, age)
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
        unsent, extra = outcome.unsent, outcome.extra
        settled = await self._insist(
            outbox.settle, due, outcome.delivery, outcome.error, hold=self.hold, unsent=unsent, extra=extra
        )
        reach("after_settle")
        self._live.changed(due.conversation_id)
        return settled.next

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
        channel, capabilities = handle.channel, handle.channel.capabilities.at(due.outgoing.public)
        if due.ambiguous and not (capabilities.idempotent_send or capabilities.remembers):
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
        capabilities, sent = channel.capabilities.at(due.outgoing.public), due.parts
        extra: dict[str, Any] = {}
        problems: list[str] = []
        for call in calls[due.parts :]:
            started = await self._start(due, capabilities, more=sent > due.parts)
            if not started.ours:
                return _Tried(Outcome(Delivery.UNKNOWN, "another process took it over"))
            if started.waits:
                return _Tried(Outcome(Delivery.QUEUED, parts=sent, waits=started.waits))
            try:
                async with self._held(due, capabilities):
                    receipt = await _send(channel, call, capabilities.send_within)
            except Exception as error:
                return _Tried(failure(error, capabilities, due, sent), error)
            extra |= receipt.extra
            problems += [receipt.problem] if receipt.problem else []
            sent += 1
        return _Tried(Outcome(Delivery.SENT, "; ".join(problems), extra=extra))

    @contextlib.asynccontextmanager
    async def _held(self, due: Due, capabilities: Capabilities) -> AsyncIterator[None]:
        """The message stays ours while a long send lasts."""
        if capabilities.send_within is None:
            yield
            return
        renewing = asyncio.create_task(self._renew(due))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, due: Due) -> None:
        while True:
            await asyncio.sleep(self.hold.total_seconds() / 3)
            with contextlib.suppress(StoreError):
                await self._store.write(patience.renew, due, self.hold)

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
                await shelf.mended(*handle.channel.capabilities.send_mends)
                self._healthy.add(inbox)
                if handle.channel.capabilities.pauses:
                    await self._store.write(patience.hurry, inbox)
                    self._live.delivery.ring()


@dataclass(frozen=True, slots=True)
class _Tried:
    outcome: Outcome
    error: Exception | None = None


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


async def _send(channel: Channel | Notifier, call: Call, within: timedelta | None = None) -> Receipt:
    reach("before_send")
    async with asyncio.timeout(SEND_WITHIN if within is None else within.total_seconds()):
        receipt = await channel.send(call)
    reach("after_send")
    return receipt


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
