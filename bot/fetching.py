"""Fetching: what customers send as files, from their network to our folder, soon after it was accepted.

Networks keep a file for some days only. Until then every failure that may pass is tried again, with growing pauses;
what can never come, or is not what it should be, is told to people instead of the file.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot import metrics
from bot.delivery import forever
from bot.errors import PermanentSendError, SendError, StoreError, TemporarySendError
from bot.failpoints import reach
from bot.filetypes import wordy
from bot.live import Bell, Live
from bot.media import KeptFiles
from bot.messages import Kind
from bot.ports import Fetcher, Stored
from bot.store import fetches
from bot.store.fetches import Wanted
from bot.store.media import Kept
from bot.store.runner import Store

if TYPE_CHECKING:
    from bot.intake import InboxHandle

logger = structlog.get_logger(__name__)

TIDY_EVERY = 24 * 3600.0
"""Seconds between two looks for files that no row names."""

GIVE_UP = timedelta(days=3)
"""After this the networks have thrown it away themselves."""
SEEN_OR_HEARD = {Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.STICKER}
LONGEST_PAUSE = 3600.0


class NeverError(Exception):
    """It will never come. `error` is what the desk has words for: gone, too_large, wrong, expired, unsupported."""

    def __init__(self, error: str, reason: str = "") -> None:
        super().__init__(error)
        self.error, self.reason = error, reason


class Fetching:
    """Fetches what is wanted, `slots` files at a time. `inboxes` by the id of their row; `within`: seconds a fetch.

    Woken by `ring` and by the time of the next attempt; at least every `sweep` seconds it looks what a process that
    died has left.
    """

    def __init__(
        self,
        store: Store,
        live: Live,
        inboxes: Mapping[int, InboxHandle],
        files: KeptFiles,
        *,
        slots: int = 4,
        within: float = 60.0,
        sweep: float = 30.0,
    ) -> None:
        self._store, self._live, self._inboxes, self._files = store, live, inboxes, files
        self._slots, self._within, self._sweep = slots, within, sweep
        self.hold = timedelta(seconds=within * 2)
        self._bell = Bell()
        self._told: dict[int, str] = {}
        self._tasks: dict[asyncio.Task[None], Wanted] = {}
        self._loop: asyncio.Task[None] | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._claiming: set[asyncio.Task[None]] = set()

    @property
    def running(self) -> bool:
        """The loop is alive (for /readyz)."""
        return self._loop is not None and not self._loop.done()

    def start(self) -> None:
        self._loop = asyncio.create_task(forever(self._step, "fetch"), name="fetch")
        self._tidying = asyncio.create_task(forever(self._tidy, "tidy"), name="tidy")

    async def _tidy(self) -> None:
        await asyncio.sleep(TIDY_EVERY)
        gone = await self._files.tidy()
        if gone:
            logger.info("media.tidied", files=gone)

    def ring(self) -> None:
        """Something is wanted. Never waits; a lost ring costs one sweep."""
        self._bell.ring()

    async def stop(self, within: float) -> None:
        """Let running fetches end; give back what did not."""
        if self._loop is not None and self._tidying is not None:
            self._loop.cancel()
            self._tidying.cancel()
            await asyncio.gather(self._loop, self._tidying, *self._claiming, return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        late = dict(self._tasks)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1)
        for wanted in late.values():
            with contextlib.suppress(StoreError):  # then its hold runs out
                await self._store.write(fetches.postpone, wanted, self._store.now())

    async def _step(self) -> None:
        if len(self._tasks) < self._slots:
            # Shielded, so that a stop does not lose what the transaction took.
            claiming = asyncio.create_task(self._claim())
            self._claiming.add(claiming)
            claiming.add_done_callback(self._claiming.discard)
            await asyncio.shield(claiming)
        await self._bell.wait(await self._pause_for() if len(self._tasks) < self._slots else self._sweep)

    async def _claim(self) -> None:
        free = self._slots - len(self._tasks)
        for wanted in await self._store.write(fetches.claim, limit=free, hold=self.hold):
            task = asyncio.create_task(self._one(wanted))
            self._tasks[task] = wanted
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        self._bell.ring()

    async def _pause_for(self) -> float:
        """Seconds until the next attempt is due; a sweep at most."""
        soonest = await self._store.read(fetches.soonest)
        if soonest is None:
            return self._sweep
        return min(self._sweep, max(0.05, (soonest - self._store.now()).total_seconds()))

    async def _one(self, wanted: Wanted) -> None:
        try:
            outcome = await self._attempt(wanted)
        except StoreError as error:
            logger.error("fetch.not_settled", error=str(error))  # the hold runs out, and somebody fetches it again
        else:
            metrics.FETCHES.labels(outcome).inc()
            if outcome != "retry":
                self._live.changed(wanted.conversation_id)

    async def _attempt(self, wanted: Wanted) -> str:
        try:
            stored = await self._fetch(wanted)
            kept = await self._files.save(wanted.conversation_id, wanted.attachment.name or stored.name, stored.data)
        except NeverError as failure:
            await self._store.write(fetches.failed, wanted, failure.error, failure.reason)
            return "failed"
        except TemporarySendError as error:
            return await self._again(wanted, str(error), error.retry_after)
        except Exception as error:
            if not isinstance(error, StoreError | TimeoutError | SendError):
                logger.exception("fetch.broke", inbox=wanted.inbox_id, kind=type(error).__name__)
            return await self._again(wanted, str(error) or type(error).__name__, None)
        reach("after_media_save")
        return await self._arrived(wanted, kept)

    async def _fetch(self, wanted: Wanted) -> Stored:
        handle = self._inboxes.get(wanted.inbox_id)
        if handle is None:
            raise TemporarySendError("its inbox is not configured", retry_after=LONGEST_PAUSE)
        if not isinstance(handle.channel, Fetcher):
            raise NeverError("unsupported")
        try:
            async with asyncio.timeout(self._within):
                stored = await handle.channel.fetch(wanted.attachment, limit=self._files.most)
        except SendError as error:
            await self._tell(handle, error)
            if isinstance(error, PermanentSendError) and error.trouble is None:
                raise NeverError("gone", str(error)) from error
            raise  # what a person can mend may be mended in time
        await self._mended(handle)
        if len(stored.data) > self._files.most:
            raise NeverError("too_large")
        if wanted.attachment.kind in SEEN_OR_HEARD and (not stored.data or wordy(stored.data)):
            raise NeverError("wrong")
        return stored

    async def _tell(self, handle: InboxHandle, error: SendError) -> None:
        """Show people what they have to mend."""
        if error.trouble is not None and handle.shelf is not None:
            self._told[handle.id] = error.trouble.key
            with contextlib.suppress(StoreError):
                await handle.shelf.tell(error.trouble)

    async def _mended(self, handle: InboxHandle) -> None:
        key = self._told.pop(handle.id, None)
        if key is not None and handle.shelf is not None:
            with contextlib.suppress(StoreError):
                await handle.shelf.mended(key)

    async def _again(self, wanted: Wanted, reason: str, after: float | None) -> str:
        age = self._store.now() - wanted.created_at
        if age > GIVE_UP:
            await self._store.write(fetches.failed, wanted, "expired", reason)
            return "failed"
        logger.warning("fetch.again", inbox=wanted.inbox_id, attempts=wanted.attempts, reason=reason)
        until = self._store.now() + timedelta(seconds=after or _pause(wanted.attempts))
        await self._store.write(fetches.postpone, wanted, until)
        return "retry"

    async def _arrived(self, wanted: Wanted, kept: Kept) -> str:
        if await self._store.write(fetches.arrived, wanted, kept):
            return "fetched"
        await asyncio.to_thread(self._files.folder.drop, kept.key)  # somebody else had it, or it was erased
        return "void"


def _pause(attempts: int) -> float:
    """Seconds before the next attempt: doubling from two seconds to an hour, spread by half."""
    return float(min(LONGEST_PAUSE, 2.0 ** min(attempts, 12)) * random.uniform(0.75, 1.25))  # noqa: S311
