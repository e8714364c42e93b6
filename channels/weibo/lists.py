"""Reads one of the lists of what was said to the account in public, and keeps what is new.

The cursor moves in the transaction that keeps the messages: a process that dies in between repeats a page, and what is
repeated is known by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.errors import PayloadError, RefusedError, SendError, StoreError
from bot.messages import Heard, Incoming, Kind
from bot.ports import Accept, Cursor, Shelf
from channels.weibo import errors, incidents, pages, statuses
from channels.weibo.api import Api
from channels.weibo.budget import Budget
from channels.weibo.options import Options
from channels.weibo.spam import Account

logger = structlog.get_logger(__name__)

INCIDENTS, BEGAN = "incidents", "began"
DECIDING, DECIDES = "incidents.deciding", timedelta(seconds=10)
"""Held while incidents are told apart, and for how long at most: a process may die over it."""
UNKEPT = "[无法保存的消息]"


@dataclass(frozen=True, slots=True)
class List:
    """`items`: the name of the list in an answer, `kind` what begins its external ids. `mention`: what stands in it
    names us."""

    name: str
    path: str
    items: str
    kind: str
    mention: bool


@dataclass(frozen=True, slots=True)
class Got:
    """The external ids of what was new in a list: `seen` all of them, `heard` those that were kept."""

    seen: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()


COMMENTS = List("to_me", "/2/comments/to_me.json", "comments", "comment:", False)
STATUSES = List("statuses", "/2/statuses/mentions.json", "statuses", "status:", True)
NAMED = List("comments", "/2/comments/mentions.json", "comments", "comment:", True)
LISTS = (COMMENTS, STATUSES, NAMED)


class Lists:
    """The lists of one account."""

    def __init__(self, options: Options, api: Api, shelf: Shelf, budget: Budget) -> None:
        self._options, self._api, self._shelf, self._budget = options, api, shelf, budget
        self._us = Account(options.uid, options.ignore)

    async def read(self, which: List, accept: Accept) -> Got:
        """Everything new there is, at the price of a call a page. The first page must be readable:
        raises errors.RefusedError, SendError, PayloadError, StoreError."""
        cursor = f"since:{which.name}"
        before = await self._shelf.get(cursor) or ""
        at = pages.place(before)
        since = await self._since() if at.new else None
        got, whole = await self._pages(which, at, since)
        told = [one for read in reversed(got) for one in read.heard]
        heard = await self.named([one for one in told if _later(one, since)])
        done = pages.after(at, got, whole=whole or since is not None)
        await self.keep(accept, heard, Cursor(cursor, before, pages.written(done)))
        ignored = [rule for read in got for rule in read.ignored]
        if heard or ignored:
            logger.info("weibo.polled", list=which.name, heard=len(heard), ignored=ignored[:20])
        seen = frozenset(f"{which.kind}{number}" for read in got for number in read.ids)
        return Got(seen, frozenset(one.external_id for one in heard))

    async def _pages(
        self, which: List, at: pages.Place, since: datetime | None
    ) -> tuple[Sequence[statuses.Read], bool]:
        """The pages, newest first, and whether the last one is the end. What broke later is asked for again."""
        got: list[statuses.Read] = []
        low = at.low
        while len(got) < pages.MOST:
            try:
                read, more = await self._page(which, at, low)
            except (errors.RefusedError, SendError, PayloadError):
                if not got:
                    raise
                return got, False
            got.append(read)
            if not more or (since is not None and _before(read, since)):
                return got, True
            low = min(one for one in read.ids if one > at.since)
            if not await self._budget.poll():
                return got, False
        return got, False

    async def _page(self, which: List, at: pages.Place, low: int) -> tuple[statuses.Read, bool]:
        told = await self._api.get(self._options.api_base + which.path, pages.query(at, low))
        read = statuses.page(
            told, which.items, self._us, mention=which.mention, now=self._shelf.now(), hours=self._options.window_hours
        )
        return read, pages.more(told, read, at)

    async def _since(self) -> datetime:
        """When what is ours began: at the first start, and `history_hours` before it."""
        told = await self._shelf.get(BEGAN)
        if told is None:
            told = self._shelf.now().isoformat()
            await self._shelf.put(BEGAN, told)
        return datetime.fromisoformat(told) - timedelta(hours=self._options.history_hours)

    async def named(self, heard: Sequence[Incoming]) -> Sequence[Incoming]:
        """Each with the incident it belongs to. What is known of incidents is kept before the messages are: who comes
        by again has the same one. Pushes are told to any process, and another one polls: one at a time decides, as who
        does not see what the other one just kept gives the same matter a second name."""
        if not any(_may_be_alike(one) for one in heard):
            return heard
        while True:
            if await self._shelf.take(DECIDING, lasts=DECIDES):
                break
            await asyncio.sleep(0.05)
        try:
            return await self._named(heard)
        finally:
            with contextlib.suppress(StoreError):
                await self._shelf.drop(DECIDING)

    async def _named(self, heard: Sequence[Incoming]) -> Sequence[Incoming]:
        memory = incidents.load(await self._shelf.get(INCIDENTS))
        before, named = memory, []
        for one in heard:
            key = ""
            if _may_be_alike(one):
                key, memory = incidents.name(memory, _told(one, self._shelf.now()))
            named.append(replace(one, incident=key))
        if memory is not before:
            await self._shelf.put(INCIDENTS, incidents.dump(memory), lasts=incidents.WITHIN)
        return named

    async def keep(self, accept: Accept, heard: Sequence[Incoming], cursor: Cursor | None = None) -> None:
        """Make it durable, and move the cursor with it."""
        if not heard and (cursor is None or cursor.before == cursor.after):
            return
        try:
            await accept(heard, cursor)
        except RefusedError:
            # One of them the store will never take; the others must not wait for it.
            for one in heard:
                await _singly(accept, one)
            if cursor is not None:
                await accept((), cursor)


async def _singly(accept: Accept, one: Incoming) -> None:
    """It, or at least that there was something."""
    bare = replace(one, text=UNKEPT, kind=Kind.OTHER, attachments=(), extra={}, sender_name="")
    for tried in (one, bare):
        try:
            kept: Heard = tried
            return await accept((kept,))
        except RefusedError as error:
            logger.error("weibo.refused_by_store", external_id=one.external_id, error=str(error))
    return None


def _may_be_alike(one: Incoming) -> bool:
    return one.public and one.wakes and one.kind is not Kind.OTHER


def _told(one: Incoming, now: datetime) -> incidents.Told:
    public = one.extra.get("public", {})
    around = public.get("around") or [{}]
    ours = bool(public.get("kind") == "comment" and around[0].get("ours"))
    return incidents.Told(one.external_id, str(one.extra.get("post") or public.get("root", "")), one.text, now, ours)


def _later(one: Incoming, since: datetime | None) -> bool:
    return since is None or one.sent_at is None or one.sent_at >= since


def _before(read: statuses.Read, since: datetime) -> bool:
    """Whether the page reaches back to before that."""
    return any(one.sent_at is not None and one.sent_at < since for one in read.heard)
