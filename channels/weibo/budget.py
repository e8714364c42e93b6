"""The calls of a day: what may still be asked, and when. They are counted before they are made, over all processes.

Source: open.weibo.com/wiki/Rate-limiting (100 calls a day of one app for one user). That the day is China's is an
assumption, as the page names none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NoReturn

from bot.errors import TemporarySendError
from bot.ports import Shelf
from channels.weibo.options import Options
from channels.weibo.troubles import trouble

ZONE = timezone(timedelta(hours=8))
KEPT = timedelta(hours=50)
"""How long a day's count is kept: a clock that is set back finds what was spent."""
RUSH = 0.1
"""Share of a day's calls that may be spent ahead of time, on what a push tells of."""
SHORTEST = 60.0
"""Seconds between two calls of the poller, however many there are to spend."""
RESTS: Mapping[int, tuple[float, float]] = {
    10022: (600.0, 7200.0),
    10023: (1800.0, 14400.0),
    10024: (1800.0, 14400.0),
    20016: (60.0, 1800.0),
}
"""For how long nobody polls after a refusal: the first time, doubled each time, and at most."""


class SpentError(TemporarySendError):
    """The calls of today are used up."""


@dataclass(frozen=True, slots=True)
class Day:
    """One of the network's days, as it stands: `used` of `calls`, of which the last `reserve` are for answers."""

    now: datetime
    used: int
    calls: int
    reserve: int

    @property
    def left(self) -> int:
        """What polling may still spend."""
        return max(self.calls - self.reserve - self.used, 0)

    @property
    def rest(self) -> float:
        """Seconds until the next day."""
        here = self.now.astimezone(ZONE)
        return (here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - here).total_seconds()

    @property
    def pause(self) -> float:
        """Seconds until the next call, when what is left is spread over what is left of the day."""
        return self.rest if not self.left else min(max(self.rest / self.left, SHORTEST), self.rest)

    @property
    def hurry(self) -> bool:
        """Whether something may be asked ahead of time: the day is not used up faster than it passes, but for a
        little."""
        spendable = self.calls - self.reserve
        return self.left > 0 and self.used < spendable * (1 - self.rest / 86400 + RUSH)


def day_of(now: datetime) -> str:
    """The network's day."""
    return now.astimezone(ZONE).date().isoformat()


def resting(code: int, times: int) -> float:
    """Seconds to rest after the so-manieth refusal in a row."""
    first, most = RESTS[code]
    return min(first * 2.0 ** min(times - 1, 10), most)


class Budget:
    """What one account may ask, on the shelf. A call is a name that is taken: nobody else can take it again."""

    def __init__(self, options: Options, shelf: Shelf) -> None:
        self._options, self._shelf = options, shelf

    async def today(self) -> Day:
        """How the day stands. A hint that lags behind is corrected by the next call that is taken."""
        now = self._shelf.now()
        told = await self._shelf.get(f"calls:{day_of(now)}") or "0"
        used = int(told) if told.isascii() and told.isdigit() else 0
        return Day(now, used, self._options.calls_per_day, self._options.reserve)

    async def poll(self) -> bool:
        """Take a call for polling; False if none is left for that."""
        return await self._take(await self.today(), self._options.calls_per_day - self._options.reserve)

    async def answer(self) -> None:
        """Take a call for an answer. SpentError, with the time until the next day, if there is none."""
        day = await self.today()
        if await self._take(day, self._options.calls_per_day):
            return
        self.spent(day.rest + 5, "the account's calls are used up (by our own count of today)")

    def spent(self, seconds: float, reason: str) -> NoReturn:
        """Raise that an answer has to wait for so long, and that people should know."""
        told = trouble("calls", calls=self._options.calls_per_day)
        raise SpentError(reason, retry_after=seconds, trouble=told)

    async def _take(self, day: Day, most: int) -> bool:
        name = f"calls:{day_of(day.now)}"
        for number in range(day.used + 1, most + 1):
            if await self._shelf.take(f"{name}:{number}", lasts=KEPT):
                await self._shelf.put(name, str(number), lasts=KEPT)
                return True
        if day.used < most:
            await self._shelf.put(name, str(most), lasts=KEPT)
        return False

    # ---- rests -------------------------------------------------------------------------------------------------

    async def rests(self, what: str = "") -> bool:
        """Whether Weibo wants to be left alone, in all or with one interface."""
        return any([await self._shelf.get(f"rest:{one}") is not None for one in {"", what}])

    async def rest(self, code: int, what: str = "") -> float:
        """Weibo refused: leave it alone, each time for longer; the seconds. `what`: with that interface only."""
        told = await self._shelf.get(f"rested:{what}") or "0"
        times = (int(told) if told.isdigit() else 0) + 1
        seconds = resting(code, times)
        await self._shelf.put(f"rested:{what}", str(times), lasts=timedelta(seconds=seconds * 3))
        await self.leave(what, seconds)
        return seconds

    async def leave(self, what: str, seconds: float) -> None:
        """Leave an interface ("" for all) alone for so long."""
        await self._shelf.put(f"rest:{what}", "resting", lasts=timedelta(seconds=seconds))
