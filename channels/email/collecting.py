"""One folder is taken in: from where its cursor stands to the end, a transaction a mail.

Nothing is passed over. A mail the server cannot hand out is kept as one that could not be read, and the next ones do
not wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
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
HEAVY = 8_000_000
"""Bytes of a page past which the next one is not fetched before it is kept."""
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
    mark before them, `at` behind them; `mails`, each with the mark behind it."""

    name: str
    kept: Mark
    at: Mark = field(init=False)
    mails: list[tuple[Mark, Found]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.at = self.kept

    def bears_on(self, found: Found) -> bool:
        """Whether what becomes of a mail may hang on one of these: they have to be kept first."""
        named = (found.external_id, normal(found.mail.sender.email), *threading.ids(found.mail))
        return not self.names.isdisjoint(named)

    def add(self, fetched: Fetched, found: Found) -> None:
        self.at = self.at.moved(fetched.uid, fetched.arrived)
        self.mails.append((self.at, found))
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
        self, folder: Folder, at: Mark, wanted: Sequence[int], handed: Iterator[list[Read]], progress: Progress
    ) -> Mark:
        """A page after the other; the next one is fetched and put on disk while the last is kept."""
        page = Page(folder.cursor, at)
        coming = asyncio.create_task(self._next(folder, at, handed))
        try:
            while mails := await coming:
                if light := sum(len(fetched.raw) for fetched, _ in mails) < HEAVY:
                    coming = asyncio.create_task(self._next(folder, at, handed))
                await self._keep_all(page, mails, progress)
                if not light:
                    coming = asyncio.create_task(self._next(folder, at, handed))
        except MailboxError:
            if left := [uid for uid in wanted if uid > page.at.uid]:
                self._stuck[folder.name, at.validity, left[0]] += 1
            raise
        finally:
            _leave(coming)
        return page.at

    async def _next(self, folder: Folder, at: Mark, handed: Iterator[list[Read]]) -> list[tuple[Fetched, Found]]:
        """The next mails, with their files on disk; none at the end."""
        told = await self._thread(lambda: next(filter(None, handed), []))
        found = await self._admitting.prepared([_found(folder, at, one) for one in told])
        return [(one.fetched, mail) for one, mail in zip(told, found, strict=True)]

    async def _keep_all(self, page: Page, mails: Sequence[tuple[Fetched, Found]], progress: Progress) -> None:
        for fetched, found in mails:
            if page.bears_on(found):
                await self._keep(page, progress)
            page.add(fetched, found)
        await self._keep(page, progress)

    async def _keep(self, page: Page, progress: Progress) -> None:
        """What is on the page, and the cursor behind it."""
        told = await self._admitting.heard([found for _, found in page.mails])
        try:
            await self._accept([one for heard in told for one in heard], page.cursor())
        except RefusedError:
            await self._keep_singly(page, told)
        progress.done += len(page.mails)
        page.turn()
        await self._say(progress, page.at)

    async def _keep_singly(self, page: Page, told: Sequence[Sequence[Heard]]) -> None:
        """The store will never take one of them as it is: that there was such a mail is kept, with the mail itself."""
        at = page.kept
        for (past, _), heard in zip(page.mails, told, strict=True):
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


def _leave(task: asyncio.Task[Any]) -> None:
    """Nobody waits for it any more."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    task.cancel()


def _bare(one: Incoming) -> Incoming:
    return Incoming(
        one.external_id, one.sender, UNKEPT, Kind.OTHER, one.attachments[-1:], one.thread, mute=one.mute,
        wakes=one.wakes,
    )  # fmt: skip
