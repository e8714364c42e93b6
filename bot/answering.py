"""Answers that ride on the network's own webhook call: it waits a moment for the turn of what it brought.

The turn's transaction decides whether the webhook or the outbox carries a reply, so no reply goes both ways; what a
webhook was told is remembered with the message, so that the network's repetition is told the same.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot import metrics
from bot.errors import StoreError
from bot.failpoints import reach
from bot.live import Live
from bot.ports import Capabilities, Fitting
from bot.store import answers
from bot.store.answers import Answer, Terms
from bot.store.runner import Store
from bot.store.sql import Tx

logger = structlog.get_logger(__name__)

MARGIN = 0.1
"""Seconds before the network hangs up in which no answer is begun any more."""
LOOK_EVERY = 0.25
"""Seconds between two looks for a turn that another process may have had."""
COMMIT_WITHIN = 5.0
"""Seconds that a turn's commit may take which carries the answer already."""
SPARE = timedelta(seconds=15)
"""How long after the network's last repetition an answer nobody heard of again is given up."""


@dataclass(slots=True, eq=False)
class _Waiter:
    until: float
    future: asyncio.Future[Answer | None]
    claimed: bool = False
    users: int = 0


@dataclass
class Answering:
    """Who waits, by the id of the message he brought."""

    store: Store
    live: Live
    fit: Fitting
    _waiters: dict[int, _Waiter] = field(default_factory=dict)
    _over: list[tuple[Answer, bool, Capabilities]] = field(default_factory=list)
    _settling: asyncio.Task[None] | None = None

    def terms(self, capabilities: Capabilities) -> Terms:
        """How a network's webhook may be answered."""
        gather = partial(self.fit.gather, capabilities=capabilities)
        return Terms(gather, capabilities.asks_again + SPARE, rest=not capabilities.pushes)

    def expect(self, message_id: int, until: float) -> None:
        """A webhook waits for this message's turn until then (loop time); said before the turn can begin, and to be
        followed by `wait` or `leave`."""
        waiter = self._waiters.get(message_id)
        if waiter is None:
            future = asyncio.get_running_loop().create_future()
            waiter = self._waiters[message_id] = _Waiter(until, future)
        waiter.until = max(waiter.until, until)
        waiter.users += 1

    def leave(self, message_id: int) -> None:
        """A webhook waits no longer."""
        waiter = self._waiters[message_id]
        waiter.users -= 1
        if waiter.users == 0:
            del self._waiters[message_id]

    def claim(self, message_id: int, capabilities: Capabilities) -> Terms | None:
        """The turn is about to be committed: the terms, if somebody will still be there to carry its answer."""
        waiter = self._waiters.get(message_id)
        if waiter is None or asyncio.get_running_loop().time() > waiter.until - MARGIN:
            return None
        waiter.claimed = True
        return self.terms(capabilities)

    def told(self, message_id: int, answer: Answer | None) -> None:
        """The turn is committed, with this answer for the webhook."""
        waiter = self._waiters.get(message_id)
        if waiter is not None and not waiter.future.done():
            waiter.future.set_result(answer)

    def unclaim(self, message_id: int) -> None:
        """The commit did not come about."""
        waiter = self._waiters.get(message_id)
        if waiter is not None:
            waiter.claimed = False

    async def wait(self, message_id: int, sender: str, capabilities: Capabilities) -> Answer | None:
        """The answer of an expected message, None if there is none in time. Ends the expectation."""
        waiter = self._waiters[message_id]
        try:
            return await self._wait(waiter, message_id, sender, capabilities)
        finally:
            self.leave(message_id)

    async def _wait(self, waiter: _Waiter, message_id: int, sender: str, capabilities: Capabilities) -> Answer | None:
        loop = asyncio.get_running_loop()
        others = self.store.dialect != "sqlite"
        while (left := waiter.until - loop.time()) > 0 or waiter.claimed:
            pause = COMMIT_WITHIN if waiter.claimed else min(left, LOOK_EVERY) if others else left
            if await _ends(waiter.future, pause):
                return waiter.future.result()
            if waiter.claimed and left <= 0:
                break
            if others and not waiter.claimed:
                found = await self.find(message_id, sender, capabilities)
                if found.turned:
                    return found.answer
        return None

    async def find(self, message_id: int, sender: str, capabilities: Capabilities) -> answers.Found:
        """What a message had been answered, or may be answered now."""
        return await self.store.write(answers.find, message_id, self.terms(capabilities), sender)

    def over(self, answer: Answer, capabilities: Capabilities, *, sent: bool) -> None:
        """The webhook call is over, and its answer went out or not."""
        self._over.append((answer, sent, capabilities))
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        reach("after_answer")
        while self._over:
            batch, self._over = self._over, []
            try:
                await self.store.write(_settle_all, batch)
            except StoreError as error:
                # Unsettled, they are unknown when their hold ends, and may be repeated until then: the truth.
                logger.error("answer.not_settled", error=str(error))
                continue
            for answer, sent, capabilities in batch:
                metrics.SENDS.labels("answer" if sent else "cut").inc()
                self.live.changed(answer.conversation_id)
                if answer.part and capabilities.pushes:
                    self.live.ring_delivery()

    async def stop(self) -> None:
        """Write down what became of the answers."""
        if self._settling is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._settling


async def _ends(future: asyncio.Future[Any], within: float) -> bool:
    """Whether the future is done within so many seconds; a good deal cheaper than asyncio.wait."""
    if future.done():
        return True
    loop = asyncio.get_running_loop()
    over = loop.create_future()

    def end(_: object = None) -> None:
        if not over.done():
            over.set_result(None)

    alarm = loop.call_later(within, end)
    future.add_done_callback(end)
    try:
        await over
    finally:
        alarm.cancel()
        future.remove_done_callback(end)
    return future.done()


def _settle_all(tx: Tx, batch: Sequence[tuple[Answer, bool, Capabilities]]) -> None:
    for answer, sent, capabilities in batch:
        if sent:
            answers.sent(tx, answer)
        else:
            answers.not_sent(tx, answer, capabilities.asks_again)
