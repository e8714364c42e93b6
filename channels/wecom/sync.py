"""Fetches what came: when rung, every `poll_seconds`, and at the start; page by page, each durable before the next.

Where to go on stands on the shelf and moves in the transaction that keeps the page, so that a crash anywhere repeats
a page and loses none; what is repeated is known by its msgid. Several processes may fetch at once: the one that finds
the cursor moved reads it again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.errors import RefusedError, SendError, StaleCursorError, StoreError, TemporarySendError
from bot.messages import Heard, Incoming, Kind
from bot.ports import Accept, Cursor, Shelf
from channels.wecom import events, inbound
from channels.wecom.api import Api, ErrcodeError
from channels.wecom.mending import BAD_MSG_TOKEN, BAD_PARAMETER, PROVEN_BY_SYNC
from channels.wecom.options import Options
from channels.wecom.people import People
from channels.wecom.sending import UNDELIVERED, UNDELIVERED_LASTS
from channels.wecom.tag import Tag

logger = structlog.get_logger(__name__)

PATH = "/cgi-bin/kf/sync_msg"
LIMIT = 1000
TOKEN_LASTS = timedelta(minutes=9, seconds=30)
"""WeCom says ten minutes."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
UNKEPT = "[无法保存的消息]"


class Sync:
    """The listening half of one account."""

    def __init__(self, options: Options, api: Api, shelf: Shelf, tag: Tag, people: People | None) -> None:
        self._options, self._api, self._shelf, self._tag, self._people = options, api, shelf, tag, people
        self._bell = asyncio.Event()
        self._token: tuple[str, datetime] | None = None
        self._cursor = f"cursor:{options.open_kfid}"
        self._since: datetime | None = None
        self._troubled = True

    def ring(self, token: str) -> None:
        """There is something to fetch; `token` is good for ten minutes."""
        self._token = (token, self._shelf.now() + TOKEN_LASTS) if token else None
        self._bell.set()

    async def run(self, accept: Accept) -> None:
        """Until cancelled. Nothing ends it: what goes wrong is said, and tried again after growing pauses."""
        pause = FIRST_PAUSE
        while True:
            self._bell.clear()
            try:
                await self._round(accept)
                await self._well()
            except Exception as error:
                after = await self._ill(error)
                # A ring does not shorten the first of it: while WeCom or the store is down, rings come all the same.
                await asyncio.sleep(min(pause, 5.0))
                await self._wait(max(pause - 5.0, after))
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                pause = FIRST_PAUSE
                await self._wait(self._options.poll_seconds)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        except TimeoutError:
            pass

    async def _round(self, accept: Accept) -> None:
        """Everything there is now."""
        before = await self._shelf.get(self._cursor) or ""
        since = await self._first_start(before)
        tag = await self._tag.get()
        while True:
            page = await self._page_from(before)
            after = page.get("next_cursor")
            after = after if isinstance(after, str) and after else before
            heard = inbound.read(
                page.get("msg_list"), account=self._options.open_kfid, tag=tag, welcome=self._options.welcome
            )
            # Before the page, so that who reads of the failure and sends again finds it.
            for msgid in events.failed(page.get("msg_list"), tag):
                await self._shelf.put(UNDELIVERED + msgid, "1", lasts=UNDELIVERED_LASTS)
            try:
                await self._keep(accept, await self._named(_later(heard, since)), Cursor(self._cursor, before, after))
            except StaleCursorError:
                before = await self._shelf.get(self._cursor) or ""
                continue
            if not page.get("has_more") or after == before:  # the same cursor again would give the same page
                return
            before = after

    async def _first_start(self, cursor: str) -> datetime | None:
        """Without `history`: when we began. What was sent before is not ours."""
        if self._options.history:
            return None
        if self._since is None:
            name = f"since:{self._options.open_kfid}"
            kept = await self._shelf.get(name)
            if kept is None and not cursor:
                kept = self._shelf.now().isoformat()
                await self._shelf.put(name, kept)
            self._since = datetime.fromisoformat(kept) if kept else None
        return self._since

    async def _page_from(self, cursor: str) -> Mapping[str, Any]:
        """The page after a cursor; one WeCom no longer knows would stop us for ever, so it begins again without."""
        try:
            return await self._page(cursor)
        except ErrcodeError as refusal:
            if refusal.code != BAD_PARAMETER or not cursor:
                raise
        logger.warning("wecom.cursor_refused", account=self._options.open_kfid)
        return await self._page("")

    async def _page(self, cursor: str) -> Mapping[str, Any]:
        asked = {"cursor": cursor, "limit": LIMIT, "voice_format": 0, "open_kfid": self._options.open_kfid}
        if token := self._fresh_token():
            try:
                return await self._api.post(PATH, {**asked, "token": token})
            except ErrcodeError as refusal:
                if refusal.code != BAD_MSG_TOKEN:
                    raise
                self._token = None  # it was older than we thought; without one we are asked to be slow
        return await self._api.post(PATH, asked)

    def _fresh_token(self) -> str:
        token, until = self._token or ("", None)
        return token if until is not None and self._shelf.now() < until else ""

    async def _named(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        if self._people is None:
            return heard
        return inbound.named(heard, await self._people.names([h.sender for h in heard if isinstance(h, Incoming)]))

    async def _keep(self, accept: Accept, heard: Sequence[Heard], cursor: Cursor) -> None:
        if not heard and cursor.before == cursor.after:
            return
        try:
            await accept(heard, cursor)
        except RefusedError:
            # One of them the store will never take; the others, and the pages to come, must not wait for it.
            await self._keep_singly(accept, heard)
            await accept((), cursor)

    async def _keep_singly(self, accept: Accept, heard: Sequence[Heard]) -> None:
        for one in heard:
            try:
                await accept((one,))
            except RefusedError as error:
                logger.error("wecom.refused_by_store", error=str(error), kind=type(one).__name__)
                if isinstance(one, Incoming):
                    await self._keep_bare(accept, one)

    async def _keep_bare(self, accept: Accept, one: Incoming) -> None:
        """That there was a message, if not what it said."""
        bare = Incoming(one.external_id, one.sender, UNKEPT, Kind.OTHER, window=one.window)
        try:
            await accept((bare,))
        except RefusedError as error:
            logger.error("wecom.lost", external_id=one.external_id, error=str(error))

    async def _well(self) -> None:
        if self._troubled:
            await self._shelf.mended(*PROVEN_BY_SYNC)
            self._troubled = False

    async def _ill(self, error: Exception) -> float:
        """Say it where it belongs; for how long WeCom wants to be left alone."""
        self._troubled = True
        known = error.meaning if isinstance(error, ErrcodeError) else error
        if not isinstance(known, SendError | StoreError):
            logger.exception("wecom.sync_broke", kind=type(known).__name__)
            return 0.0
        logger.warning("wecom.sync_failed", error=str(known), kind=type(known).__name__)
        if isinstance(known, SendError) and known.trouble is not None:
            with contextlib.suppress(StoreError):
                await self._shelf.tell(known.trouble)
            return 0.0  # whoever mends it wants to see that it is mended
        return (known.retry_after or 0.0) if isinstance(known, TemporarySendError) else 0.0


def _later(heard: Sequence[Heard], since: datetime | None) -> Sequence[Heard]:
    if since is None:
        return heard
    return [h for h in heard if not isinstance(h, Incoming) or h.sent_at is None or h.sent_at >= since]
