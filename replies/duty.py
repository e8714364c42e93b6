"""When people are on duty, and by when they answer a letter that comes now. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from bot.errors import SettingsError
from replies.text import Language

_DAYS: Final = re.compile(r"[1-7](?:-[1-7])?(?:,[1-7](?:-[1-7])?){0,6}")
_TIME: Final = re.compile(r"(\d{1,2}):([0-5]\d)")
_DAY: Final = 24 * 60
_FARTHEST: Final = 400
"""Days after which looking for a working day ends."""
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_WEEKDAYS: Final[dict[Language, tuple[str, ...]]] = {
    "zh-Hans": tuple("周" + day for day in "一二三四五六日"),
    "zh-Hant": tuple("週" + day for day in "一二三四五六日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Duty:
    """`days` on which people work (0 is Monday), from minute `opens` of the day to minute `closes`, on the clock of
    `zone`. `within`: minutes of such time in which they answer a letter."""

    days: frozenset[int] = frozenset(range(7))
    opens: int = 9 * 60
    closes: int = 21 * 60
    zone: tzinfo = SHANGHAI
    within: int = 12 * 60

    @classmethod
    def of(cls, days: str, opens: str, closes: str, zone: tzinfo, hours: float) -> Duty:
        """From words as they are set: "1-5", "9:00", "18:00". Raises SettingsError with the mend."""
        start, end = _minute("opens", opens), _minute("closes", closes)
        if start >= end:
            raise SettingsError(f"letters.closes must be later than letters.opens, not {closes} after {opens}.")
        return cls(_days(days), start, end, zone, max(1, round(hours * 60)))

    def at_work(self, now: datetime) -> bool:
        """People are there."""
        local = now.astimezone(self.zone)
        return local.weekday() in self.days and self.opens <= local.hour * 60 + local.minute < self.closes

    def opening(self, now: datetime) -> datetime:
        """When they are there next; now, if they are."""
        day, minute = self._from(now)
        return _at(day, minute)

    def due(self, now: datetime) -> datetime:
        """By when a letter that comes now is answered: after `within` of working time, at the next full hour, and
        before they leave."""
        day, minute = self._from(now)
        left = self.within
        for _ in range(_FARTHEST):
            if minute + left <= self.closes:
                return _at(day, min(-(-(minute + left) // 60) * 60, self.closes))
            left -= self.closes - minute
            day, minute = self._next(day), self.opens
        return _at(day, self.closes)

    def _from(self, now: datetime) -> tuple[datetime, int]:
        """The working day and minute from which a letter of now is dealt with."""
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if local.weekday() not in self.days or minute >= self.closes:
            return self._next(local), self.opens
        return local, max(minute, self.opens)

    def _next(self, day: datetime) -> datetime:
        return next(d for n in range(1, 8) if (d := day + timedelta(days=n)).weekday() in self.days)


def in_words(at: datetime, language: Language) -> str:
    """A day and time as it is written in a letter; `at` on the clock of those who read it."""
    day, clock = _WEEKDAYS[language][at.weekday()], f"{at.hour}:{at.minute:02}"
    if at.hour == 0 and at.minute == 0:  # the end of a day is that day's
        before = at - timedelta(days=1)
        day, clock, at = _WEEKDAYS[language][before.weekday()], "24:00", before
    if language == "en":
        return f"{clock} on {day}, {at.day} {_MONTHS[at.month - 1]} ({_offset(at)})"
    return f"{at.month} 月 {at.day} 日（{day}）{clock}"


def _offset(at: datetime) -> str:
    minutes = round((at.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return "UTC" + ("-" if minutes < 0 else "+") + str(hours) + (f":{rest:02}" if rest else "")


def _at(day: datetime, minute: int) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=minute)


def _minute(name: str, text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else _DAY + 1
    if minute > _DAY:
        raise SettingsError(f'letters.{name} is a time like "9:00", at most "24:00", not {text!r}.')
    return minute


def _days(text: str) -> frozenset[int]:
    words = "".join(text.split())
    if _DAYS.fullmatch(words) is None:
        raise SettingsError(f'letters.days are weekdays like "1-5" or "1-5,7" (1 is Monday), not {text!r}.')
    days: set[int] = set()
    for part in words.split(","):
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        # From Saturday to Tuesday is over the weekend's end.
        days.update((start - 1 + n) % 7 for n in range((end - start) % 7 + 1))
    return frozenset(days)
