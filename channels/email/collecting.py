"""One folder is taken in: from where its cursor stands to the end, a transaction a mail.

Nothing is passed over. A mail the server cannot hand out is kept as one that could not be read, and the next ones do
not wait for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bot.errors import RefusedError
from bot.messages import Heard, Incoming, Kind
from bot.ports import Accept, Cursor, Shelf
from channels.email import mark, troubles
from channels.email.admitting import JUNK, Admitting, Found
from channels.email.imap import Fetched, Mailbox, MailboxError
from channels.email.mail import Mail
from channels.email.mark import Mark
from channels.email.options import Options
from channels.email.own_thread import OwnThread
from channels.email.reading import read

logger = structlog.get_logger(__name__)

STUBBORN = 4
"""Sessions that ended at one and the same mail before it is left with the server."""
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
        """While one is taken in, the next is on its way."""
        following = self._following(handed)
        left = list(wanted)
        try:
            while (got := await following) is not None:
                following = self._following(handed)
                left = [uid for uid in left if uid > got.fetched.uid]
                at = await self._one(folder, at, got)
                progress.done += 1
                await self._say(progress, at)
        except MailboxError:
            if left:
                self._stuck[folder.name, at.validity, left[0]] += 1
            raise
        finally:
            following.cancel()
        return at

    def _following(self, handed: Iterator[Read]) -> asyncio.Task[Read | None]:
        task = asyncio.create_task(self._thread(lambda: next(handed, None)))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # somebody may be gone by then
        return task

    async def _one(self, folder: Folder, at: Mark, got: Read) -> Mark:
        fetched = got.fetched
        past = at.moved(fetched.uid, fetched.arrived)
        found = Found(
            got.mail,
            fetched.raw,
            folder.role,
            history=at.history(fetched.uid, fetched.arrived, got.mail.date),
            cut=not fetched.whole,
            id="" if fetched.raw else f"unread:{folder.name}:{at.validity}:{fetched.uid}",
        )
        heard = await self._admitting.heard(found)
        await self._keep(heard, Cursor(folder.cursor, str(at), str(past)))
        return past

    async def _keep(self, heard: Sequence[Heard], cursor: Cursor) -> None:
        try:
            await self._accept(heard, cursor)
        except RefusedError as error:
            # The store will never take it as it is; that there was a mail is kept, with the mail itself.
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


def _bare(one: Incoming) -> Incoming:
    return Incoming(
        one.external_id, one.sender, UNKEPT, Kind.OTHER, one.attachments[-1:], one.thread, mute=one.mute,
        wakes=one.wakes,
    )  # fmt: skip


# ---- in the mailbox's thread --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Read:
    """A mail as fetched, and what it says."""

    fetched: Fetched
    mail: Mail


def handed_out(box: Mailbox, uids: Sequence[int], given_up: set[int], *, singly: bool = False) -> Iterator[Read]:
    """The mails, in order, every one of them unless it is gone. `given_up`: not even asked for; `singly`: one by one,
    where a session ended at one of them."""
    groups = [[uid] for uid in uids] if singly or given_up else [list(uids)]
    for group in groups:
        if given_up.isdisjoint(group):
            yield from _whole(box, group)
        else:
            yield _unread(group[0], "the server stops in the middle of it, again and again")


def _whole(box: Mailbox, uids: Sequence[int]) -> Iterator[Read]:
    waiting = list(uids)
    for got in box.fetch(uids):
        while waiting and waiting[0] < got.uid:
            yield from _gap(box, waiting.pop(0))
        waiting = waiting[1:]
        yield _read(box, got)
    for uid in waiting:
        yield from _gap(box, uid)


def _gap(box: Mailbox, uid: int) -> Iterator[Read]:
    """A mail that was named and not handed out: gone meanwhile, or the server does not want to."""
    if uid not in box.after(uid - 1)[:1]:
        return
    again = list(box.fetch([uid]))
    yield _read(box, again[0]) if again else _unread(uid, "the server names it and does not hand it out")


def _read(box: Mailbox, got: Fetched) -> Read:
    mail = read(got.raw)
    if got.whole:
        return Read(got, mail)
    size, limit = got.size / 1e6, box.account.limit / 1e6
    why = f"too large: {size:.1f} MB, of which {len(got.raw) / 1e6:.1f} MB were read (limit_megabytes is {limit:.0f})"
    return Read(got, replace(mail, quarantine=mail.quarantine or why))


def _unread(uid: int, why: str) -> Read:
    told = f"The mail with UID {uid} could not be read: {why}. Look at it in the mailbox itself."
    digest = hashlib.sha256(f"{uid} {why}".encode()).hexdigest()
    return Read(Fetched(uid, 0, None, b"", whole=False), Mail(sha256=digest, subject=told, quarantine=why))
