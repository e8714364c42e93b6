"""One folder is taken in: from where its cursor stands to the end, a transaction a mail.

Nothing is passed over. A mail the server cannot hand out is kept as one that could not be read, and the next ones do
not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.errors import RefusedError
from bot.messages import Heard, Incoming, Kind
from bot.ports import Accept, Cursor, Shelf
from channels.email import mark, threading, troubles
from channels.email.addresses import normal
from channels.email.admitting import Admitting
from channels.email.cases import JUNK, Found
from channels.email.handing import Read, handed_out
from channels.email.imap import Fetched, Mailbox, MailboxError
from channels.email.mark import Mark
from channels.email.options import Options
from channels.email.own_thread import OwnThread

logger = structlog.get_logger(__name__)

STUBBORN = 4
"""Sessions that ended at one and the same mail before it is left with the server."""
AHEAD, HEAVY = 16, 8_000_000
"""Mails that are on their way at once, and their bytes together."""
SOON = 10.0
"""Seconds after which progress is said, again and again."""
UNKEPT = "[无法保存的邮件]"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the mailbox, and what it is to us: inbox, junk or sent."""

    role: str
    name: str

    @property
    def cursor(self) -> str:
        return f"mail:{self.name}"


@dataclass(slots=True)
class Progress:
    """How a long fetch goes on. `told`: people see it."""

    began: float = field(default_factory=time.monotonic)
    said: float = 0.0
    done: int = 0
    told: bool = False


@dataclass(slots=True)
class Page:
    """Mails that are kept in one transaction, while many wait; one that comes alone is a page of its own. `kept`: the
    mark before them, `at` behind them."""

    name: str
    kept: Mark
    at: Mark = field(init=False)
    mails: list[tuple[Mark, Sequence[Heard]]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.kept

    @property
    def full(self) -> bool:
        return len(self.mails) >= AHEAD

    def bears_on(self, found: Found) -> bool:
        """Whether what becomes of a mail may hang on one of these: they have to be kept first."""
        named = (found.external_id, normal(found.mail.sender.email), *threading.ids(found.mail))
        return not self.names.isdisjoint(named)

    def add(self, fetched: Fetched, found: Found, heard: Sequence[Heard]) -> None:
        self.at = self.at.moved(fetched.uid, fetched.arrived)
        self.mails.append((self.at, heard))
        self.names |= {found.external_id, normal(found.mail.sender.email)}

    def cursor(self) -> Cursor:
        return Cursor(self.name, str(self.kept), str(self.at))

    def turn(self) -> None:
        """They are kept."""
        self.kept = self.at
        self.mails.clear()
        self.names.clear()


class Collecting:
    """Takes folders in through one session. `stuck` counts, over sessions, at which mail they ended."""

    def __init__(
        self, options: Options, shelf: Shelf, admitting: Admitting, accept: Accept, box: Mailbox, thread: OwnThread,
        stuck: Counter[tuple[str, int, int]],
    ) -> None:  # fmt: skip
        self._options, self._shelf, self._admitting, self._accept = options, shelf, admitting, accept
        self._box, self._thread, self._stuck = box, thread, stuck

    async def take_in(self, folder: Folder) -> int:
        """Everything new in it; how many mails that were. Raises MailboxError, StoreError, StaleCursorError."""
        await self._thread(lambda: self._box.select(folder.name))
        at = await self._mark(folder)
        progress = Progress()
        while uids := await self._thread(lambda: self._box.after(at.uid)):  # noqa: B023  # awaited at once
            at = await self._window(folder, at, uids, progress)
        if progress.told:
            await self._shelf.mended(troubles.FETCHING)
        return progress.done

    # ---- where we stand -------------------------------------------------------------------------------------------

    async def _mark(self, folder: Folder) -> Mark:
        kept = await self._shelf.get(folder.cursor) or ""
        at = mark.read(kept)
        if at is not None and at.validity == self._box.validity:
            return at
        if at is None:
            at = await self._begun(folder)
        else:
            logger.warning("email.uids_void", folder=folder.role, before=at.validity, now=self._box.validity)
            at = at.void(self._box.validity, self._box.next)
        await self._accept((), Cursor(folder.cursor, kept, str(at)))
        return at

    async def _begun(self, folder: Folder) -> Mark:
        last = self._box.next - 1 if self._box.next else await self._thread(self._last)
        history = None if folder.role == JUNK else self._options.history
        return mark.begun(self._shelf.now(), self._box.validity, last, history)

    def _last(self) -> int:
        """The last UID of a folder whose server does not say what comes next."""
        last = 0
        while uids := self._box.after(last):
            last = uids[-1]
        return last

    # ---- mails ----------------------------------------------------------------------------------------------------

    async def _window(self, folder: Folder, at: Mark, uids: Sequence[int], progress: Progress) -> Mark:
        wanted = await self._wanted(at, uids)
        if wanted:
            given_up = {uid for uid in wanted if self._stuck[folder.name, at.validity, uid] >= STUBBORN}
            singly = self._stuck[folder.name, at.validity, wanted[0]] > 0
            handed = handed_out(self._box, wanted, given_up, singly=singly)
            at = await self._each(folder, at, wanted, handed, progress)
        if at.uid < uids[-1]:  # those at the end were not wanted, or are gone
            past = at.moved(uids[-1])
            await self._accept((), Cursor(folder.cursor, str(at), str(past)))
            at = past
        return at

    async def _wanted(self, at: Mark, uids: Sequence[int]) -> list[int]:
        old = [uid for uid in uids if uid < at.bound]
        dates = await self._thread(lambda: self._box.arrived(old)) if old else {}
        return [uid for uid in uids if at.wants(uid, dates.get(uid))]

    async def _each(
        self, folder: Folder, at: Mark, wanted: Sequence[int], handed: Iterator[Read], progress: Progress
    ) -> Mark:
        page = Page(folder.cursor, at)
        try:
            async with contextlib.aclosing(self._ready(folder, at, handed)) as ready:
                async for fetched, found, more in ready:
                    if page.bears_on(found):
                        await self._keep(page, progress)
                    page.add(fetched, found, await self._admitting.heard(found))
                    if not more or page.full:
                        await self._keep(page, progress)
        except MailboxError:
            await self._keep(page, progress)
            if left := [uid for uid in wanted if uid > page.at.uid]:
                self._stuck[folder.name, at.validity, left[0]] += 1
            raise
        return page.at

    async def _ready(
        self, folder: Folder, at: Mark, handed: Iterator[Read]
    ) -> AsyncGenerator[tuple[Fetched, Found, bool], None]:
        """The mails in their order, with their files on disk: that takes long, and is done for several at once; and
        whether another one is here. What was fetched before the session broke is handed on first."""
        ready: deque[tuple[Fetched, asyncio.Task[Found]]] = deque()
        reading: asyncio.Task[Read | None] | None = self._following(handed)
        broken: MailboxError | None = None
        try:
            while reading or ready:
                if reading and (not ready or (reading.done() and _light(ready))):
                    try:
                        got = await reading
                    except MailboxError as error:
                        got, broken = None, error
                    reading = self._following(handed) if got else None
                    if got:
                        preparing = self._admitting.prepared(_found(folder, at, got))
                        ready.append((got.fetched, asyncio.create_task(preparing)))
                else:
                    fetched, task = ready.popleft()
                    yield fetched, await task, bool(ready)
            if broken:
                raise broken
        finally:
            for _, task in ready:
                _leave(task)
            if reading:
                _leave(reading)

    def _following(self, handed: Iterator[Read]) -> asyncio.Task[Read | None]:
        return asyncio.create_task(self._thread(lambda: next(handed, None)))

    async def _keep(self, page: Page, progress: Progress) -> None:
        """What is on the page, and the cursor behind it."""
        if not page.mails:
            return
        try:
            await self._accept([one for _, heard in page.mails for one in heard], page.cursor())
        except RefusedError:
            await self._keep_singly(page)
        progress.done += len(page.mails)
        page.turn()
        await self._say(progress, page.at)

    async def _keep_singly(self, page: Page) -> None:
        """The store will never take one of them as it is: that there was such a mail is kept, with the mail itself."""
        at = page.kept
        for past, heard in page.mails:
            cursor, at = Cursor(page.name, str(at), str(past)), past
            try:
                await self._accept(heard, cursor)
            except RefusedError as error:
                logger.error("email.refused_by_store", error=str(error))
                await self._accept([_bare(one) for one in heard if isinstance(one, Incoming)], cursor)

    async def _say(self, progress: Progress, at: Mark) -> None:
        now = time.monotonic()
        if now - max(progress.began, progress.said) < SOON:
            return
        progress.said, progress.told = now, True
        left = max(0, self._box.next - 1 - at.uid)
        logger.info("email.fetching", done=progress.done, left=left, seconds=round(now - progress.began))
        await self._shelf.tell(troubles.fetching(self._options, progress.done, left))


def _found(folder: Folder, at: Mark, got: Read) -> Found:
    fetched = got.fetched
    return Found(
        got.mail,
        fetched.raw,
        folder.role,
        history=at.history(fetched.uid, fetched.arrived, got.mail.date),
        cut=not fetched.whole,
        again_seen=bool(at.again) and fetched.uid < at.bound,
        id="" if fetched.raw else f"unread:{folder.name}:{at.validity}:{fetched.uid}",
    )


def _light(ready: Collection[tuple[Fetched, object]]) -> bool:
    """Whether there is room for one more."""
    return len(ready) < AHEAD and sum(len(fetched.raw) for fetched, _ in ready) < HEAVY


def _leave(task: asyncio.Task[Any]) -> None:
    """Nobody waits for it any more."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    task.cancel()


def _bare(one: Incoming) -> Incoming:
    return Incoming(
        one.external_id, one.sender, UNKEPT, Kind.OTHER, one.attachments[-1:], one.thread, mute=one.mute,
        wakes=one.wakes,
    )  # fmt: skip
