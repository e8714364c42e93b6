"""Fetches what was said to the account in public, within the calls Weibo allows a day.

One process at a time goes round the lists, by a hold on the shelf; the calls are spread over the day, and more of them
go where no push tells of anything. What a push does tell of, the process it reaches looks up at once if there are calls
for that, and keeps as it was told if not. Nothing ends it: what goes wrong is said, and tried again after pauses.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.errors import PayloadError, SendError, StaleCursorError, StoreError
from bot.http import Request
from bot.messages import Incoming
from bot.ports import Accept, Shelf
from channels.alone import alone
from channels.weibo import inbound, statuses
from channels.weibo.api import Api
from channels.weibo.budget import RESTS, Budget
from channels.weibo.errors import PAUSE, RATE, TOKEN_REFUSED, RefusedError
from channels.weibo.fields import load
from channels.weibo.lists import COMMENTS, LISTS, NAMED, STATUSES, Got, List, Lists
from channels.weibo.options import Options
from channels.weibo.spam import Account

logger = structlog.get_logger(__name__)

LEASE, LEASED_FOR = "polling", timedelta(seconds=15)
PUSHED, PUSHES_WORK = "pushed", timedelta(days=3)
"""That pushes tell of mentions, and how long one of them proves it."""
PASSED, REMEMBERED = "passed:", timedelta(days=2)
"""What a push told of and the lists showed to be for nobody; and how long what a push announced is looked for."""
OFTENER = 8
"""How much more often comments under our posts are asked for than what pushes tell of."""
AGAIN = timedelta(minutes=10)
"""A start reads every list that was not read for so long: a push may have been lost on its way."""
FORBIDDEN = 6 * 3600.0
"""Seconds until an interface the app may not use is tried again."""
GATHER = 0.5
"""Seconds in which pushes are gathered to be looked up together."""
LOOK = 5.0
"""The longest sleep: the clock may be set, and the day may end."""
AFTER_FAILURE = 5.0
WAITING = 1000
MENDED = ("token", "permission", "unaudited", "ip", "banned")


def following(last: Mapping[str, datetime | None], now: datetime, *, pushes: bool) -> List:
    """The list whose turn it is: the one that has waited longest, by its weight. Those never read come first."""

    def waited(one: List) -> float:
        at = last.get(one.name)
        seconds = float("inf") if at is None else abs((now - at).total_seconds())
        return seconds * (OFTENER if pushes and one is COMMENTS else 1)

    return max(LISTS, key=waited)


class Polling:
    """The listening half of what is public.

    A push is acknowledged once its private event is kept, which has its words: `_remember` finds those whose public
    message no process came to keep.
    """

    def __init__(self, options: Options, api: Api, shelf: Shelf, budget: Budget) -> None:
        self._options, self._shelf, self._budget = options, shelf, budget
        self._lists = Lists(options, api, shelf, budget)
        self._us = Account(options.uid, options.ignore)
        self._behind = False
        self._pushed: asyncio.Queue[Incoming] = asyncio.Queue(WAITING)
        self.running = False
        self._unread = list(LISTS)

    def ring(self, request: Request) -> None:
        """A push came. Never waits."""
        with contextlib.suppress(PayloadError):
            told = inbound.messages(load(request.body), own=self._options.uid)
            self._put(one for one in statuses.pushed(told, self._us) if one.public)

    def _put(self, told: Iterable[Incoming]) -> None:
        try:
            for one in told:
                self._pushed.put_nowait(one)
        except asyncio.QueueFull:
            self._behind = True

    async def run(self, accept: Accept) -> None:
        """Until cancelled."""
        self.running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pushes(accept))
                work = partial(self._led, accept)
                group.create_task(alone(self._shelf, LEASE, work, lasts=LEASED_FOR, inbox=self._options.uid))
        finally:
            self.running = False

    # ---- what pushes tell ---------------------------------------------------------------------------------------

    async def _pushes(self, accept: Accept) -> None:
        while True:
            if self._behind and self._pushed.empty():
                await self._remember()
            pushed = [await self._pushed.get()]
            await asyncio.sleep(GATHER)
            while not self._pushed.empty():
                pushed.append(self._pushed.get_nowait())
            seen = await self._looked_up(pushed, accept)
            rest = [one for one in pushed if one.external_id not in seen]
            pause = 1.0
            while rest and not await self._kept(rest, accept):
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60.0)

    async def _remember(self) -> None:
        """Put what pushes announced and nobody kept in the line again."""
        pause = 1.0
        while True:
            try:
                announced = await self._shelf.announced(inbound.MENTION)
                since = self._shelf.now() - REMEMBERED
                lost = [inbound.again(one) for one in announced if one.at >= since]
                told = [one for one in lost if one and not await self._shelf.get(PASSED + one.external_id)]
                break
            except StoreError as error:
                logger.warning("weibo.pushes_not_remembered", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60.0)
        self._behind = False
        self._put(statuses.pushed(told, self._us))

    async def _looked_up(self, pushed: Sequence[Incoming], accept: Accept) -> frozenset[str]:
        """Read the lists they stand in, if there are calls for that; what was seen there."""
        seen: frozenset[str] = frozenset()
        try:
            await self._shelf.put(PUSHED, self._shelf.now().isoformat(), lasts=PUSHES_WORK)
            for which in (STATUSES, NAMED):
                if any(one.external_id.startswith(which.kind) for one in pushed) and await self._affordable(which):
                    got = await self._look(which, accept)
                    seen |= got.seen
                    for one in pushed:
                        if one.external_id in got.seen - got.heard:
                            await self._shelf.put(PASSED + one.external_id, "1", lasts=REMEMBERED)
        except StoreError as error:
            logger.warning("weibo.push_not_looked_up", error=str(error))
        except Exception as error:
            logger.exception("weibo.push_broke", kind=type(error).__name__)
        return seen

    async def _kept(self, rest: Sequence[Incoming], accept: Accept) -> bool:
        """Keep them as they were told. False if the store is away."""
        try:
            await self._lists.keep(accept, await self._lists.named(rest))
        except StoreError as error:
            logger.warning("weibo.push_not_kept", error=str(error))
            return False
        return True

    async def _affordable(self, which: List) -> bool:
        hurry = (await self._budget.today()).hurry
        return hurry and not await self._budget.rests(which.name) and await self._budget.poll()

    # ---- going round --------------------------------------------------------------------------------------------

    async def _led(self, accept: Accept) -> None:
        """One process at a time goes round."""
        self._unread = list(LISTS)
        beside = asyncio.create_task(self._remember())
        try:
            await self._round(accept)
        finally:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)

    async def _round(self, accept: Accept) -> None:
        while True:
            try:
                seconds = await self.step(accept)
            except Exception as error:
                if not isinstance(error, StoreError):
                    logger.exception("weibo.poll_broke", kind=type(error).__name__)
                seconds = AFTER_FAILURE
            await asyncio.sleep(min(seconds, LOOK))

    async def step(self, accept: Accept) -> float:
        """Read the list whose turn it is, if it is time; the seconds until it may be time again."""
        now, last = self._shelf.now(), await self._last()
        which = await self._due(now, last)
        if which is None:
            return LOOK
        if not await self._budget.poll():
            return LOOK
        await self._look(which, accept)
        return 0.0

    async def _due(self, now: datetime, last: Mapping[str, datetime | None]) -> List | None:
        if await self._budget.rests():
            return None
        pushes = await self._shelf.get(PUSHED) is not None
        open_ = {one.name: last[one.name] for one in LISTS if not await self._budget.rests(one.name)}
        day = await self._budget.today()
        while self._unread and day.hurry:
            first = self._unread.pop(0)
            if first.name in open_ and _older(last[first.name], now, AGAIN):
                return first
        latest = max((at for at in last.values() if at is not None and at <= now), default=None)
        if not open_ or (latest is not None and now - latest < timedelta(seconds=day.pause)):
            return None
        waiting = {name: last[name] for name in open_}
        asked = following({**dict.fromkeys((one.name for one in LISTS), now), **waiting}, now, pushes=pushes)
        return asked if asked.name in open_ else None

    async def _last(self) -> dict[str, datetime | None]:
        told = {one.name: await self._shelf.get(f"polled:{one.name}") for one in LISTS}
        return {name: datetime.fromisoformat(at) if at else None for name, at in told.items()}

    async def _look(self, which: List, accept: Accept) -> Got:
        """Read a list for a call that is taken already. What it cannot give is tried again in its turn."""
        await self._shelf.put(f"polled:{which.name}", self._shelf.now().isoformat())
        try:
            got = await self._lists.read(which, accept)
        except StaleCursorError:
            return Got()
        except RefusedError as refusal:
            await self._refused(which, refusal)
        except (SendError, PayloadError) as error:
            logger.warning("weibo.not_polled", list=which.name, error=str(error))
            if isinstance(error, SendError) and error.trouble is not None:
                await self._budget.leave("", PAUSE)
        else:
            await self._shelf.mended(*MENDED)
            return got
        return Got()

    async def _refused(self, which: List, refusal: RefusedError) -> None:
        meaning = refusal.meaning
        logger.warning("weibo.poll_refused", list=which.name, code=refusal.code, error=str(meaning))
        if refusal.code in RATE or refusal.code in RESTS:
            await self._budget.rest(refusal.code, which.name if refusal.code == 10024 else "")
        elif refusal.code in TOKEN_REFUSED:
            await self._budget.leave("", PAUSE)
        else:
            await self._budget.leave(which.name, FORBIDDEN if meaning.trouble else PAUSE)
        if meaning.trouble is not None:
            await self._shelf.tell(meaning.trouble)


def _older(at: datetime | None, now: datetime, age: timedelta) -> bool:
    return at is None or abs(now - at) >= age
