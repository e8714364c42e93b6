"""Notifying: agents are told by mail that a conversation needs them, through the inbox of a channel that can.

Told at least once: two mails of one number are one to a mail program, and one too few leaves a customer waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.delivery import forever
from bot.errors import PermanentSendError, SendError, StoreError
from bot.messages import Notification
from bot.ports import AgentMailer
from bot.store import notifications
from bot.store.notifications import Claimed
from bot.store.runner import Store

if TYPE_CHECKING:
    from bot.intake import InboxHandle

logger = structlog.get_logger(__name__)

PAUSES = (60.0, 300.0, 900.0, 3600.0)
"""Seconds before the next attempts."""
WITHIN = 900.0
"""Seconds one mail may take to be handed over (RFC 5321 4.5.3.2 allows a server ten minutes for its last word)."""


class Notifying:
    """Sends what is due, `slots` mails at a time. `language`: the one agents read; `url`: the desk's address."""

    def __init__(
        self, store: Store, inboxes: Mapping[str, InboxHandle], *, language: str, url: str, slots: int = 4,
        sweep: float = 5.0,
    ) -> None:  # fmt: skip
        self._store, self._language, self._url = store, language, url
        self._slots, self._sweep = slots, sweep
        self._mailers = {name: h.channel for name, h in inboxes.items() if isinstance(h.channel, AgentMailer)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None

    @property
    def able(self) -> bool:
        """There is an inbox that can tell agents."""
        return bool(self._mailers)

    @property
    def running(self) -> bool:
        """The loop is alive, where there is anything to do (for /readyz)."""
        return not self.able or (self._loop is not None and not self._loop.done())

    def start(self) -> None:
        if self.able:
            self._loop = asyncio.create_task(forever(self._step, "notify"), name="notify")

    async def stop(self, within: float) -> None:
        """Let running sends end; what did not is due again when its hold runs out."""
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        late = list(self._tasks)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _step(self) -> None:
        free = self._slots - len(self._tasks)
        hold = timedelta(seconds=WITHIN + 60)
        got: Sequence[Claimed] = await self._store.write(notifications.claim, limit=free, hold=hold) if free else ()
        for claimed in got:
            task = asyncio.create_task(self._send(claimed))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if not got:
            await asyncio.sleep(self._sweep)

    async def _send(self, claimed: Claimed) -> None:
        with contextlib.suppress(StoreError):  # then its hold runs out
            wanted = await self._store.read(notifications.look, claimed.id)
            if wanted is None:
                await self._store.write(notifications.settle, claimed.id, "dropped")
                return
            await self._told(claimed, replace(wanted, url=self._place(wanted), language=self._language))

    async def _told(self, claimed: Claimed, wanted: Notification) -> None:
        mailer = self._mailers.get(wanted.inbox) or next(iter(self._mailers.values()))
        try:
            async with asyncio.timeout(WITHIN):
                await mailer.notify(wanted)
        except PermanentSendError as error:
            logger.warning("notify.refused", agent=wanted.agent, error=str(error))
            await self._store.write(notifications.settle, claimed.id, "failed", str(error))
        except (SendError, TimeoutError) as error:
            again = self._store.now() + timedelta(seconds=PAUSES[min(claimed.attempts, len(PAUSES)) - 1])
            await self._store.write(notifications.postpone, claimed, again, str(error) or type(error).__name__)
        else:
            await self._store.write(notifications.settle, claimed.id, "sent")

    def _place(self, wanted: Notification) -> str:
        return f"{self._url.rstrip('/')}/desk/c/{wanted.conversation}"
