"""Mails of ours put into the Sent folder, where the provider does not do that itself. A courtesy to those who look at
the mailbox with a program of their own: nothing waits for it, and what goes wrong is only said in the log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from bot.errors import SendError
from channels.email.imap import Mailbox, MailboxError
from channels.email.options import Options
from channels.email.own_thread import OwnThread

logger = structlog.get_logger(__name__)

MOST = 100
"""Mails that wait to be filed; of more, the oldest are left out."""


class Filing:
    """One session files all that waits, then it ends."""

    def __init__(self, options: Options, token: Callable[[], Awaitable[str]]) -> None:
        self._options, self._token = options, token
        self._waiting: deque[bytes] = deque(maxlen=MOST)
        self._task: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        return self._options.keep_sent and not self._options.files

    def file(self, raw: bytes) -> None:
        """Never waits."""
        if self.wanted:
            self._waiting.append(raw)
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._run(), name="file sent mail")

    async def close(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task], timeout=5)
            self._task.cancel()

    async def _run(self) -> None:
        thread = OwnThread("file sent mail")
        try:
            account = self._options.imap(await self._token())
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
                await thread(partial(_filed, Mailbox(account), self._options.sent, batch))
        except (MailboxError, SendError) as error:
            logger.info("email.not_filed", mailbox=self._options.address, error=str(error))
        except Exception as error:
            logger.exception("email.filing_broke", kind=type(error).__name__)
        finally:
            thread.end(lambda: None)


def _filed(box: Mailbox, sent: str, batch: list[bytes]) -> None:
    try:
        box.open()
        folder = sent or box.folders().get("sent", "")
        for raw in batch if folder else ():
            box.put(folder, raw)
    finally:
        box.close()
