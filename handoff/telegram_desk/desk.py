"""The desk at work: one process at a time polls the bot and shows the topics; another takes over when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import StoreError
from bot.ports import Shelf
from bot.store import linking, shelf, topics
from handoff.desk.ground import DeskGround
from handoff.telegram_desk.acting import Acting, Hands
from handoff.telegram_desk.budget import Budget
from handoff.telegram_desk.calls import POLL_WITHIN, Calls
from handoff.telegram_desk.faults import BarredError, BusyError, CallError, LaterError, MovedError, VagueError, trouble
from handoff.telegram_desk.hearing import (
    Alone,
    Asked,
    Heard,
    Made,
    Moved,
    Place,
    Said,
    Tapped,
    Turned,
    gathered,
    hear,
    made,
)
from handoff.telegram_desk.naming import INBOX, USERNAME, Group
from handoff.telegram_desk.opening import Opening
from handoff.telegram_desk.showing import Showing
from handoff.telegram_desk.words import Words

logger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
RENEW, TRY_AGAIN = 8.0, 3.0
OFFSET_LASTS = timedelta(days=6)
"""After a week without any update Telegram may begin with other numbers: an old one would hide them."""
ALBUM = 0.7
"""Seconds in which the rest of an album comes."""
SWEEP = 5.0
BACK_OFF = (1.0, 2.0, 5.0, 15.0, 30.0)
MOST_TRIES = 5
"""An update that fails so often is left, and its writer told."""
DESK, OFFSET, MOVED_TO = "desk", "offset", "moved"


class TelegramDesk:
    """`most`: messages a minute. `clock`: seconds that only go forward."""

    def __init__(
        self, ground: DeskGround, shelf: Shelf, calls: Calls, *, group: int, language: str, most: int = 18,
        clock: Callable[[], float] = time.monotonic, lease: timedelta = LEASE,
    ) -> None:  # fmt: skip
        self._ground, self._shelf, self._calls, self._lease = ground, shelf, calls, lease
        self._words, self._group, self._configured = Words(language), Group(group), group
        self._budget, self._clock = Budget(most), clock
        self._task: asyncio.Task[None] | None = None
        self._fails = 0
        self._tries: tuple[int | None, int] = (None, 0)

    @property
    def running(self) -> bool:
        """The loop is alive (for /readyz)."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        self._task = asyncio.create_task(self._forever(), name="telegram-desk")

    async def stop(self, within: float) -> None:
        """End at once: everything stands in rows."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._calls.close()

    # ---- whose turn it is -----------------------------------------------------------------------------------------

    async def _forever(self) -> None:
        while True:
            try:
                if await self._shelf.take(DESK, lasts=self._lease):
                    await self._on_duty()
                else:
                    await asyncio.sleep(TRY_AGAIN)
            except (StoreError, CallError, TimeoutError) as error:
                await self._stumbled(error)
            except Exception:
                logger.exception("telegram_desk.broke")
                await asyncio.sleep(TRY_AGAIN)

    async def _on_duty(self) -> None:
        """Be the desk until something breaks or our time is over."""
        try:
            await self._begin()
            async with asyncio.TaskGroup() as group:
                for work in (self._renew(), self._listen(), self._show()):
                    group.create_task(work)
        except BaseExceptionGroup as broken:
            raise _first(broken) from broken
        finally:
            with contextlib.suppress(StoreError):
                await asyncio.shield(self._shelf.drop(DESK))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(min(RENEW, self._lease.total_seconds() / 3))
            if not await self._shelf.hold(DESK, lasts=self._lease):
                raise StoreError("another process is the Telegram desk now")

    async def _begin(self) -> None:
        moved = await self._shelf.get(f"{MOVED_TO}:{self._configured}")
        self._group.chat = int(moved) if moved else self._configured
        me = await self._calls.me()
        self._place = Place(self._group.chat, int(me["id"]), str(me.get("username", "")))
        if await self._shelf.get(USERNAME) != self._place.username:
            await self._shelf.put(USERNAME, self._place.username)
        inbox = await self._ground.store.read(shelf.inbox_id, INBOX)
        assert inbox is not None, "whoever lends us the shelf has made its inbox"
        hands = Hands(inbox, self._calls.download, self._answer, self._react, self._first)
        self._acting = Acting(self._ground, self._words, hands, self._place.username)
        self._opening = Opening(
            self._ground.store, self._calls, self._words, self._budget, self._group, self._clock
        )  # fmt: skip
        self._showing = Showing(
            self._ground, self._calls, self._words, self._budget, self._group, self._shelf, self._clock, self._opening
        )  # fmt: skip

    async def _stumbled(self, error: Exception) -> None:
        """Say what people have to mend, and come again later."""
        pause = BACK_OFF[min(self._fails, len(BACK_OFF) - 1)]
        self._fails += 1
        logger.warning("telegram_desk.trouble", error=str(error), kind=type(error).__name__)
        with contextlib.suppress(StoreError):
            match error:
                case MovedError():
                    await self._moved(error.to)
                    pause = 0.0
                case LaterError():
                    pause = error.after
                case BusyError() if self._fails == 1:
                    pass  # whoever was the desk before us may still be listening
                case BusyError():
                    await self._shelf.tell(trouble("busy", str(error)))
                    pause = max(pause, 5.0)
                case BarredError():
                    await self._shelf.tell(trouble("barred", str(error)))
                case CallError() if not isinstance(error, VagueError):
                    await self._shelf.tell(trouble("refused", str(error)))
        await asyncio.sleep(pause)

    async def _well(self) -> None:
        self._fails = 0
        await self._shelf.mended(trouble("busy", "").key, trouble("barred", "").key)

    # ---- hearing --------------------------------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Every update is done, and only then confirmed: what we die over comes again."""
        wait = 0  # until we know all that happened while nobody listened
        while True:
            kept = await self._shelf.get(OFFSET)
            offset = int(kept) if kept else None
            try:
                updates = await self._whole_albums(offset, wait)
            except VagueError as error:
                await self._vague(error)
                continue
            if not updates:
                wait, self._opening.informed = POLL_WITHIN, True
            else:
                await self._heard(updates, offset)
                last = max(int(u.get("update_id", 0)) for u in updates)
                await self._shelf.put(OFFSET, str(last + 1), lasts=OFFSET_LASTS)
            await self._well()

    async def _heard(self, updates: Sequence[Any], offset: int | None) -> None:
        """Do them all. What cannot be done again and again is given up, and its writer told: others wait behind it."""
        tries = self._tries[1] + 1 if self._tries[0] == offset else 1
        self._tries = (offset, tries)
        for heard in gathered(hear(update, self._place) for update in updates if isinstance(update, dict)):
            try:
                await self._do(heard)
            except (StoreError, LaterError, MovedError, BusyError, BarredError):
                raise
            except Exception as error:
                if tries < MOST_TRIES:
                    raise
                logger.exception("telegram_desk.given_up", kind=type(error).__name__)
                await self._acting.broken(heard)

    async def _vague(self, error: VagueError) -> None:
        self._fails += 1
        logger.warning("telegram_desk.poll", error=str(error))
        await asyncio.sleep(BACK_OFF[min(self._fails, len(BACK_OFF)) - 1])

    async def _whole_albums(self, offset: int | None, wait: int) -> Sequence[Any]:
        """The updates; where they end within an album, with the rest of it."""
        updates = await self._calls.updates(offset, wait=wait)
        while updates and _album(updates[-1]):
            await asyncio.sleep(ALBUM)
            more = await self._calls.updates(offset, wait=0)
            if len(more) <= len(updates):
                return more or updates
            updates = more
        return updates

    async def _do(self, heard: Heard) -> None:
        match heard:
            case Made():
                await self._opening.found(heard)
            case Said():
                if heard.root and await self._ground.store.read(topics.at, heard.chat, heard.thread) is None:
                    await self._opening.found(made(heard.chat, heard.thread, heard.root))
                await self._acting.said(heard)
            case Asked():
                await self._acting.asked(heard)
            case Tapped():
                await self._acting.tapped(heard)
            case Turned():
                await self._acting.turned(heard)
            case Moved():
                await self._moved(heard.new)
            case Alone():
                await self._alone(heard)

    async def _moved(self, to: int) -> None:
        logger.info("telegram_desk.group_moved", to=to)
        await self._shelf.put(f"{MOVED_TO}:{self._configured}", str(to))
        await self._ground.store.write(topics.moved, self._group.chat, to)
        self._group.chat = to
        self._place = Place(to, self._place.bot, self._place.username)

    async def _alone(self, alone: Alone) -> None:
        """Somebody writes to the bot himself: with a code he is linked."""
        store, words = self._ground.store, self._words
        first, _, rest = alone.text.strip().partition(" ")
        known = await store.read(linking.member, alone.user)
        code = rest.strip() if first.lower() == "/start" else first
        if first.lower() == "/unlink":
            told = words("link.how") if known is None else words("unlinked")
            if known is not None:
                await store.write(linking.unlink, known.agent_id)
        elif code and not code.startswith("/"):
            found = await store.write(linking.link, code, alone.user, alone.name)
            if found is not None:
                told = words("linked", name=found.name)
            else:  # whoever is linked already may have sent the code before, and his answer was lost
                told = words("link.wrong") if known is None else words("link.already", name=known.name)
        else:
            told = words("link.how") if known is None else words("link.already", name=known.name)
        with contextlib.suppress(CallError):
            await self._calls.say(alone.user, None, told)

    # ---- showing --------------------------------------------------------------------------------------------------

    async def _show(self) -> None:
        """Whenever a conversation changes, and every few seconds: a ring may be lost."""
        with self._ground.live.watch_desk() as watch:
            while True:
                try:
                    wait = await self._showing.step()
                except VagueError as error:
                    logger.warning("telegram_desk.call", error=str(error))
                    wait = 2.0
                if wait is not None and wait <= SWEEP:
                    await asyncio.sleep(min(wait, 1.0) if wait > 0 else 0)
                    if wait > 1.0:
                        await watch.wait(wait - 1.0)
                else:
                    await watch.wait(SWEEP)

    async def _answer(self, query: str, text: str, alert: bool) -> None:
        with contextlib.suppress(CallError):
            await self._calls.answer(query, text, alert=alert)

    async def _react(self, number: int, emoji: str) -> None:
        with contextlib.suppress(CallError):
            await self._calls.react(self._group.chat, number, emoji)

    async def _first(self, name: str, lasts: timedelta) -> bool:
        return await self._shelf.take(name, lasts=lasts)


def _album(update: Any) -> bool:
    return isinstance(update, dict) and "media_group_id" in (update.get("message") or {})


def _first(broken: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = broken.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
