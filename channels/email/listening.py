"""One mailbox is listened to: by one process at a time, over one long session, with IDLE where the server knows it
and a look at every folder now and then in any case.

Nothing ends it: what goes wrong is said in plain words, and tried again after growing pauses. Everything that blocks
does so in a thread of the mailbox's own, so that neither another mailbox nor the end of the process waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from bot.errors import KefuError, SendError, StaleCursorError, StoreError, Trouble
from bot.ports import Accept, Shelf
from channels.alone import alone
from channels.email import troubles
from channels.email.admitting import Admitting
from channels.email.cases import INBOX, JUNK, SENT
from channels.email.collecting import Collecting, Folder
from channels.email.imap import AWAY, LOGIN, Mailbox, MailboxError
from channels.email.options import Options
from channels.email.own_thread import OwnThread

logger = structlog.get_logger(__name__)

LEASE, LEASED_FOR = "listening", timedelta(seconds=15)
FIRST_PAUSE, LONGEST_PAUSE, AFTER_REFUSAL = 1.0, 300.0, 60.0
PATIENT = 3
"""Failures in a row that are only logged: lines break, and servers start anew."""
BREATH = 0.2
"""Seconds between two looks at a folder in which something happens all the time."""
Token = Callable[[str], Awaitable[str]]
"""The token to log in with ("" for none), another than the one that was refused."""


class Listening:
    """The listening half of one mailbox."""

    def __init__(self, options: Options, shelf: Shelf, admitting: Admitting, token: Token) -> None:
        self._options, self._shelf, self._admitting, self._token = options, shelf, admitting, token
        self._stuck: Counter[tuple[str, int, int]] = Counter()
        self._failures = 0
        self._refused = ""

    async def run(self, accept: Accept) -> None:
        """Until cancelled. Where another process listens already, it waits for that one's end."""
        await alone(self._shelf, LEASE, partial(self._listen, accept), lasts=LEASED_FOR, inbox=self._options.address)

    async def _listen(self, accept: Accept) -> None:
        pause = FIRST_PAUSE
        while True:
            self._failures += 1  # until it goes well
            try:
                await self._session(accept)
            except StaleCursorError:
                logger.info("email.cursor_moved")
                pause = FIRST_PAUSE
            except Exception as error:
                pause = FIRST_PAUSE if self._failures == 1 else pause
                pause = max(pause, await self._ill(error))
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE)

    # ---- a session ------------------------------------------------------------------------------------------------

    async def _session(self, accept: Accept) -> None:
        """Until it breaks."""
        token = await self._token(self._refused)
        box = Mailbox(self._options.imap(token))
        thread = OwnThread(f"mailbox {self._options.address}")
        try:
            await self._opened(box, thread, token)
            folders = await self._folders(box, thread)
            collecting = Collecting(self._options, self._shelf, self._admitting, accept, box, thread, self._stuck)
            while True:
                await self._look(collecting, folders)
                await self._well()
                await self._wait(collecting, box, thread)
        finally:
            box.abort()
            thread.end(box.close)

    async def _opened(self, box: Mailbox, thread: OwnThread, token: str) -> None:
        try:
            await thread(box.open)
        except MailboxError as error:
            self._refused = token if error.key == LOGIN else ""
            raise
        self._refused = ""

    async def _folders(self, box: Mailbox, thread: OwnThread) -> list[Folder]:
        """The inbox first: what it has is answered by what lies in Sent."""
        known = await thread(box.folders)
        named = {SENT: self._options.sent or known.get(SENT, ""), JUNK: self._options.junk or known.get(JUNK, "")}
        return [Folder(INBOX, "INBOX"), *(Folder(role, name) for role, name in named.items() if name)]

    async def _look(self, collecting: Collecting, folders: list[Folder]) -> None:
        """At every folder. One besides the inbox that cannot be opened is told of, and left."""
        for folder in list(folders):
            try:
                await collecting.take_in(folder)
            except MailboxError as error:
                if folder.role == INBOX or not error.refused:
                    raise
                folders.remove(folder)
                await self._shelf.tell(troubles.folder(self._options, folder.name, str(error)))

    async def _wait(self, collecting: Collecting, box: Mailbox, thread: OwnThread) -> None:
        """Until it is time for the next look at everything; the inbox is watched meanwhile, where the server can."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._options.poll_seconds
        if not box.idles:
            await asyncio.sleep(self._options.poll_seconds)
            return
        inbox = Folder(INBOX, "INBOX")
        while True:
            await collecting.take_in(inbox)  # it is gone into again, and what came meanwhile is taken
            left = end - clock()
            if left <= BREATH:
                return
            if await thread(lambda: box.wait(left)):  # noqa: B023  # awaited at once
                await asyncio.sleep(BREATH)

    # ---- how it goes ----------------------------------------------------------------------------------------------

    async def _well(self) -> None:
        if await self._shelf.get(troubles.BREAKER) is None:
            await self._shelf.mended(troubles.BREAKER)
        if self._failures:
            self._failures = 0
            self._stuck.clear()
            await self._shelf.mended(*troubles.ON_READ)

    async def _ill(self, error: Exception) -> float:
        """Say it where it belongs; the least pause it deserves."""
        if isinstance(error, MailboxError):
            logger.warning("email.mailbox_away", key=error.key, error=str(error), failures=self._failures)
            if error.key != AWAY or self._failures >= PATIENT:
                await self._tell(troubles.unreadable(self._options, error.key, str(error)))
            return AFTER_REFUSAL if error.key == LOGIN else 0.0  # who asks too often is locked out
        if isinstance(error, SendError) and error.trouble is not None:
            await self._tell(error.trouble)
        elif not isinstance(error, KefuError):
            logger.exception("email.listening_broke", kind=type(error).__name__)
            return 0.0
        logger.warning("email.listening_failed", error=str(error), kind=type(error).__name__)
        return 0.0

    async def _tell(self, trouble: Trouble) -> None:
        with contextlib.suppress(StoreError):
            await self._shelf.tell(trouble)
