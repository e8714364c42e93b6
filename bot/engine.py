"""The engine: accept → turn → deliver. SQL is the truth; everything here may be killed at any moment.

A message is accepted in one transaction, which also leases its conversation when that is idle. Its turn is decided
outside of any transaction and kept in one fenced transaction. Replies for networks go through `bot.delivery`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot import metrics
from bot.answering import Answering
from bot.asking import muted, question_of
from bot.cases import WITHIN
from bot.delivery import Deliverer, forever
from bot.dialogue import Decision, Question
from bot.errors import LostLeaseError, RefusedError, StaleCursorError, StoreError
from bot.failpoints import reach
from bot.intake import ROOM, Accepted, InboxHandle, Intake
from bot.keepable import clean
from bot.live import Live
from bot.ports import Brain, Desk, Fitting, HandoffDraft, Listener
from bot.store import log, threads, timers, turns
from bot.store.rows import Arrival, Lease
from bot.store.runner import Store
from bot.typists import Typists

if TYPE_CHECKING:
    from bot.fetching import Fetching
    from bot.notifying import Notifying

__all__ = ["Accepted", "Engine", "InboxHandle", "Pace"]

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How the engine works. `lease` also is the time after which another process takes over a dead one's work.

    `turn_within`: seconds a turn may take; one that never ends must not keep its conversation for ever. `cases`: by
    when a complaint case of each tier is answered.
    """

    lease: timedelta = timedelta(seconds=30)
    turns: int = 64
    deliveries: int = 32
    sweep: float = 0.5
    max_attempts: int = 5
    turn_within: float = 120.0
    reopen: timedelta = timedelta(hours=24)
    stop_within: float = 10.0
    cases: Mapping[str, timedelta] = field(default_factory=lambda: WITHIN)


class Beside(Protocol):
    """A loop of its own that works from the store."""

    @property
    def running(self) -> bool:
        """It is alive (for /readyz)."""

    def start(self) -> None: ...

    async def stop(self, within: float) -> None:
        """Finish what runs within so many seconds."""


class Engine:
    """Everything one process does for its customers. `bot_name` is what the bot is called in front of them."""

    def __init__(
        self,
        store: Store,
        live: Live,
        inboxes: Mapping[str, InboxHandle],
        *,
        brain: Brain,
        desk: Desk,
        fit: Fitting,
        pace: Pace | None = None,
        bot_name: str = "",
        fetching: Fetching | None = None,
        notifying: Notifying | None = None,
    ) -> None:
        self.store, self.live, self.inboxes = store, live, inboxes
        self.pace = pace or Pace()
        self._brain, self._desk, self._bot_name = brain, desk, bot_name
        self._by_id = {handle.id: handle for handle in inboxes.values()}
        self._fit = fit
        self.deliverer = Deliverer(store, live, self._by_id, fit=fit, slots=self.pace.deliveries, sweep=self.pace.sweep)
        self.answering = Answering(store, live, fit)
        self.typists = Typists(store, self._by_id)
        self.fetching = fetching
        self._beside: list[Beside] = [loop for loop in (fetching, notifying) if loop is not None]
        self._waiting: deque[Lease] = deque()
        self._running: dict[int, tuple[Lease, asyncio.Task[None]]] = {}
        self._loops: list[asyncio.Task[None]] = []
        self._open = False
        self._intake = Intake(
            store,
            live,
            inboxes,
            self.answering,
            lease=self.pace.lease,
            reopen=self.pace.reopen,
            room=lambda: self._open and len(self._waiting) < ROOM,
            take=self._take,
            fetch=self._wanted,
        )
        self.accept, self.ask, self.accept_page = self._intake.accept, self._intake.ask, self._intake.accept_page

    def beside(self, loop: Beside) -> None:
        """Another loop to start and stop with ours; before the start."""
        self._beside.append(loop)

    @property
    def running(self) -> bool:
        """The loops are alive (for /readyz)."""
        beside = all(loop.running for loop in (self.deliverer, *self._beside))
        return self._open and beside and all(not loop.done() for loop in self._loops)

    # ---- turn -----------------------------------------------------------------------------------------------------

    def _take(self, lease: Lease) -> None:
        self._waiting.append(lease)
        self._spawn()

    def _spawn(self) -> None:
        while self._waiting and self._open and len(self._running) < self.pace.turns:
            lease = self._waiting.popleft()
            task = asyncio.create_task(self._turns(lease))
            self._running[lease.fence] = (lease, task)
            task.add_done_callback(partial(self._done, lease.fence))

    def _done(self, fence: int, _: asyncio.Task[None]) -> None:
        self._running.pop(fence, None)
        self._spawn()
        if not self._waiting:
            self.live.turn.ring()

    async def _turns(self, lease: Lease) -> None:
        """Everything that waits in one conversation, in order, until it is released."""
        while lease.pending:
            arrival = lease.pending[0]
            typing = self.typists.soon(lease)
            try:
                async with asyncio.timeout(self.pace.turn_within):
                    question = await self._question(lease, arrival)
                    decision = muted(question, await self._brain.decide(question))
                decision = self._merged(lease, decision)
                draft = await self._draft(lease, question, decision)
                lease = await self._keep(lease, arrival, decision, draft)
            except LostLeaseError:
                metrics.LOST.inc()
                self.live.ring_turn()
                return
            except Exception as error:
                if isinstance(error, StoreError) and not isinstance(error, RefusedError):
                    # Not the message's fault.
                    logger.error("turn.not_kept", conversation=lease.conversation_id, error=str(error))
                    await self._return(lease)
                else:
                    await self._failed(lease, arrival, error)
                return
            finally:
                if typing is not None:
                    typing.cancel()

    async def _question(self, lease: Lease, arrival: Arrival) -> Question:
        alike = await self.store.read(threads.alike, lease.conversation_id) if lease.public else 0
        return question_of(lease, arrival, self._by_id[lease.inbox_id].channel, self.store.now(), alike)

    def _merged(self, lease: Lease, decision: Decision) -> Decision:
        if len(decision.replies) < 2:
            return decision
        capabilities = self._by_id[lease.inbox_id].channel.capabilities.at(lease.public)
        return replace(decision, replies=tuple(self._fit.merge(decision.replies, capabilities)))

    async def _draft(self, lease: Lease, question: Question, decision: Decision) -> HandoffDraft | None:
        if decision.handoff is None:
            return None
        told = await self.store.read(log.transcript, lease.conversation_id)
        return self._desk.draft(decision.handoff, question, told)

    async def _keep(self, lease: Lease, arrival: Arrival, decision: Decision, draft: HandoffDraft | None) -> Lease:
        capabilities = self._by_id[lease.inbox_id].channel.capabilities.at(lease.public)
        reach("before_turn_commit")
        terms = self.answering.claim(arrival.message_id, capabilities)
        try:
            turned = await self.store.write(
                turns.commit,
                lease,
                arrival,
                decision,
                draft=draft,
                bot_name=self._bot_name,
                pull=capabilities.pull,
                hold=self.deliverer.hold if capabilities.idempotent_send and self.deliverer.has_room else None,
                lease=self.pace.lease,
                terms=terms,
                within=self.pace.cases,
            )
        except BaseException:
            self.answering.unclaim(arrival.message_id)
            raise
        reach("after_turn_commit")
        self.answering.told(arrival.message_id, turned.answer)
        metrics.DONE.inc()
        metrics.ANSWER_SECONDS.observe(max(0.0, (self.store.now() - arrival.at).total_seconds()))
        self.live.changed(lease.conversation_id)
        for due in turned.due:
            self.deliverer.take(due)
        if turned.queued:
            self.live.ring_delivery()
        return turned.lease

    async def _failed(self, lease: Lease, arrival: Arrival, error: Exception) -> None:
        reason = clean(f"{type(error).__name__}: {error}"[:500].removesuffix(": "))
        logger.exception("turn.failed", conversation=lease.conversation_id, seq=arrival.seq, kind=type(error).__name__)
        try:
            aside = await self.store.write(turns.fail, lease, arrival, reason, most=self.pace.max_attempts)
        except LostLeaseError:
            metrics.LOST.inc()
        except StoreError:
            logger.error("turn.failure_not_kept", conversation=lease.conversation_id)
        else:
            (metrics.ASIDE if aside else metrics.FAILED).inc()
            self.live.changed(lease.conversation_id)
        self.live.ring_turn()

    async def _return(self, lease: Lease) -> None:
        """Hand a lease back as soon as the store is there again, so that nobody waits for its end."""
        pause = 0.2
        while self._open:
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
            with contextlib.suppress(StoreError):
                await self.store.write(turns.hand_back, [(lease.conversation_id, lease.fence)])
                return

    # ---- loops ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        self._open = True
        self._loops = [
            asyncio.create_task(self._forever(self._claim), name="claim"),
            asyncio.create_task(self._forever(self._sweep), name="sweep"),
            asyncio.create_task(self._forever(self._heartbeat), name="heartbeat"),
        ]
        self._loops[:0] = [
            asyncio.create_task(self._forever(partial(self._listen, handle.name, handle.channel)), name="listen")
            for handle in self.inboxes.values()
            if isinstance(handle.channel, Listener)
        ]
        for beside in (self.deliverer, *self._beside):
            beside.start()

    def _wanted(self) -> None:
        if self.fetching is not None:
            self.fetching.ring()

    async def _listen(self, inbox: str, channel: Listener) -> None:
        try:
            await channel.listen(partial(self.accept_page, inbox))
        except StaleCursorError:
            logger.info("listen.cursor_moved", inbox=inbox)

    async def stop(self) -> None:
        """Finish what runs (within `stop_within` seconds), hand back the rest; nothing is left leased."""
        self._open = False
        takers, heartbeat = self._loops[:-1], self._loops[-1:]
        for loop in takers:
            loop.cancel()
        await asyncio.gather(*takers, *self._intake.shielded, return_exceptions=True)
        unfinished = [task for _, task in self._running.values()]
        if unfinished:
            await asyncio.wait(unfinished, timeout=self.pace.stop_within)
        rest = [lease for lease, _ in self._running.values()] + list(self._waiting)
        late = [*unfinished, *heartbeat]
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)
        self._waiting.clear()
        if rest:
            with contextlib.suppress(StoreError):
                await self.store.write(turns.hand_back, [(le.conversation_id, le.fence) for le in rest])
        await self.answering.stop()
        await self.typists.stop()
        for beside in (self.deliverer, *self._beside):
            await beside.stop(self.pace.stop_within)

    async def _forever(self, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await forever(step, getattr(step, "__name__", "listen").lstrip("_"))

    async def _claim(self) -> None:
        free = self.pace.turns - len(self._running) - len(self._waiting)
        if free <= 0 or not await self._intake.shield(self._claimed(min(free, 16))):
            await self.live.turn.wait(self.pace.sweep)

    async def _claimed(self, limit: int) -> bool:
        leases = await self.store.write(turns.claim, limit=limit, lease=self.pace.lease)
        for lease in leases:
            self._take(lease)
        return bool(leases)

    async def _sweep(self) -> None:
        woken = await self.store.write(timers.fire)
        if woken:
            reach("after_timer_fire")
            metrics.TIMERS.inc(len(woken))
            self.live.ring_turn()
        else:
            await asyncio.sleep(self.pace.sweep)

    async def _heartbeat(self) -> None:
        """A slow turn keeps its lease: all held ones are extended three times in its length."""
        await asyncio.sleep(self.pace.lease.total_seconds() / 3)
        held = [lease for lease, _ in self._running.values()] + list(self._waiting)
        if held:
            await self.store.write(turns.extend, [(le.conversation_id, le.fence) for le in held], self.pace.lease)
