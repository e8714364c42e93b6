"""One bot is listened to by one process at a time: Telegram knows one poller, and one address to push to.

Polling: each page of updates is durable together with the number behind it, before Telegram is asked for what comes
next and forgets the page; a crash anywhere repeats a page and loses none. Webhook: Telegram is told the address, and
looked after. Nothing ends either: what goes wrong is said, and tried again after growing pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from bot.errors import RefusedError, SendError, StaleCursorError, StoreError, TemporarySendError, Trouble
from bot.messages import Incoming, Kind
from bot.ports import Accept, Cursor, Shelf
from channels.alone import alone
from channels.telegram import inbound, troubles
from channels.telegram.errors import SomebodyElseError
from channels.telegram.fields import number, word
from channels.telegram.options import Options
from channels.telegram.taps import Taps

if TYPE_CHECKING:
    from channels.telegram.api import Api

logger = structlog.get_logger(__name__)

LEASE, LEASED_FOR = "listening", timedelta(seconds=15)
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
LIMIT, WAIT = 100, 30
"""Updates of a page, and seconds for which Telegram keeps a poll that has nothing to tell."""
FORGOTTEN = timedelta(days=6)
"""After a week without updates their numbers begin anew, anywhere: an old offset would throw them away unseen."""
LOOK_EVERY = 300.0
"""Seconds between two looks at how Telegram fares with its pushes."""
PATIENT = 2
"""Failures in a row that are only logged: when processes change, two of them poll for a moment."""
UNKEPT = "[无法保存的消息]"


class Listening:
    """The listening half of one bot."""

    def __init__(self, name: str, options: Options, api: Api, shelf: Shelf, taps: Taps) -> None:
        self._name, self._options, self._api, self._shelf, self._taps = name, options, api, shelf, taps
        self._cursor = f"offset:{options.bot_id}"
        self._failures = 1  # until it goes well: what was told before a restart may be mended

    async def run(self, accept: Accept) -> None:
        """Until cancelled. Where another process listens already, it waits for that one's end."""
        await alone(self._shelf, LEASE, partial(self._listen, accept), lasts=LEASED_FOR, inbox=self._name)

    async def _listen(self, accept: Accept) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await (self._look_after() if self._options.mode == "webhook" else self._round(accept))
                await self._well()
                pause = FIRST_PAUSE
                continue
            except StaleCursorError:
                logger.info("telegram.cursor_moved")
                continue
            except Exception as error:
                after = await self._ill(error)
            await asyncio.sleep(max(after, pause * random.uniform(0.75, 1.25)))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE)

    # ---- polling --------------------------------------------------------------------------------------------------

    async def _round(self, accept: Accept) -> None:
        """One page, durable. Telegram keeps the call until there is one."""
        before = await self._shelf.get(self._cursor) or ""
        offset = _offset(before, self._shelf.now())
        asked: dict[str, Any] = {"timeout": 0 if self._failures else WAIT, "limit": LIMIT}
        asked["allowed_updates"] = list(inbound.WANTED)
        try:
            updates = await self._api.ask(
                "getUpdates", asked | ({"offset": offset} if offset else {}), within=WAIT + 15
            )
        except SomebodyElseError as other:
            if not other.webhook:
                raise
            return await self._drop_webhook()
        if not isinstance(updates, list):
            raise TemporarySendError("what Telegram told is no list of updates")
        if updates:
            await self._keep(accept, updates, Cursor(self._cursor, before, self._after(updates, offset)))
        return None

    async def _keep(self, accept: Accept, updates: Sequence[Any], cursor: Cursor) -> None:
        heard = [one for update in updates for one in inbound.read(update, self._options.bot_id)]
        try:
            await accept(heard, cursor)
        except RefusedError:
            # One of them the store will never take; the others, and the pages to come, must not wait for it.
            await self._keep_singly(accept, heard)
            await accept((), cursor)
        self._taps.take(updates)

    async def _keep_singly(self, accept: Accept, heard: Sequence[Incoming]) -> None:
        for one in heard:
            bare = Incoming(one.external_id, one.sender, UNKEPT, Kind.OTHER, window=one.window)
            for trial in (one, bare):
                try:
                    await accept((trial,))
                    break
                except RefusedError as error:
                    logger.error("telegram.refused_by_store", external_id=one.external_id, error=str(error))

    def _after(self, updates: Sequence[Any], offset: int) -> str:
        """The cursor behind a page: the next number, and when we had it."""
        told = [number(update, "update_id") for update in updates if isinstance(update, Mapping)]
        behind = max((one + 1 for one in told if one is not None), default=offset)
        return f"{max(behind, offset)}@{int(self._shelf.now().timestamp())}"

    # ---- webhook --------------------------------------------------------------------------------------------------

    async def _drop_webhook(self) -> None:
        """Ours, from when the inbox was in webhook mode, goes; another program's only where people said so."""
        url = word(await self._info(), "url")
        ours = url.endswith(f"/webhooks/{self._name}")
        if url and not ours and not self._options.take_over:
            raise _troubled(troubles.WEBHOOK, _host(url))
        await self._api.ask("deleteWebhook", {"drop_pending_updates": False})

    async def _look_after(self) -> None:
        """Tell Telegram the address, and see how it fares."""
        info, wanted = await self._info(), self._options.webhook(self._name)
        url = word(info, "url")
        if url and url != wanted and not url.endswith(f"/webhooks/{self._name}") and not self._options.take_over:
            raise _troubled(troubles.WEBHOOK, _host(url))
        if url != wanted or self._failures:  # the secret is not told: it may be of another token
            told = {"url": wanted, "secret_token": self._options.secret, "allowed_updates": list(inbound.WANTED)}
            await self._api.ask("setWebhook", told | {"drop_pending_updates": False})
        elif (failed := number(info, "last_error_date")) and number(info, "pending_update_count"):
            since = self._shelf.now() - datetime.fromtimestamp(min(failed, 2**32), UTC)
            if since < timedelta(seconds=LOOK_EVERY * 2):
                raise _troubled(troubles.PUSHES, word(info, "last_error_message")[:200])
        await self._well()
        await asyncio.sleep(LOOK_EVERY)

    async def _info(self) -> Mapping[str, Any]:
        info = await self._api.ask("getWebhookInfo")
        return info if isinstance(info, Mapping) else {}

    # ---- how it goes ----------------------------------------------------------------------------------------------

    async def _well(self) -> None:
        if self._failures:
            self._failures = 0
            await self._shelf.mended(*troubles.ON_LISTEN)

    async def _ill(self, error: Exception) -> float:
        """Say it where it belongs; the least pause it deserves."""
        self._failures += 1
        if not isinstance(error, SendError | StoreError):
            logger.exception("telegram.listening_broke", kind=type(error).__name__)
            return 0.0
        logger.warning("telegram.listening_failed", error=str(error), failures=self._failures)
        trouble = troubles.trouble(troubles.POLLER) if isinstance(error, SomebodyElseError) else None
        trouble = trouble or (error.trouble if isinstance(error, SendError) else None)
        passes = trouble is not None and trouble.key in (troubles.POLLER, troubles.AWAY)
        if trouble is not None and (self._failures > PATIENT or not passes):
            await self._tell(trouble)
        return (error.retry_after or 0.0) if isinstance(error, TemporarySendError) and trouble is None else 0.0

    async def _tell(self, trouble: Trouble) -> None:
        with contextlib.suppress(StoreError):
            await self._shelf.tell(trouble)


def _offset(cursor: str, now: datetime) -> int:
    """Where to go on; 0 for wherever Telegram begins."""
    behind, _, at = cursor.partition("@")
    if not behind.isdigit() or not at.isdigit():
        return 0
    return int(behind) if now - datetime.fromtimestamp(int(at), UTC) < FORGOTTEN else 0


def _troubled(key: str, told: str) -> TemporarySendError:
    trouble = troubles.trouble(key, told)
    return TemporarySendError(trouble.said["en"], trouble=trouble)


def _host(url: str) -> str:
    """Whose it is; what stands behind may be secret."""
    return urlsplit(url).netloc.rpartition("@")[2] or "?"
