"""A date as a form keeps and shows it: a day and its part, or a whole week, month or year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from replies.text import Language

_SHOWN: Final = {
    "zh-Hans": {"morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"},
    "zh-Hant": {"morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"},
    "en": {name: name for name in ("morning", "noon", "afternoon", "evening")},
}

Precision = Literal["day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class When:
    """A day, or the week, month or year that begins on it. `part`: morning, noon, afternoon or evening."""

    day: date
    precision: Precision = "day"
    part: str = ""

    def write(self) -> str:
        """As it is kept: 2026-11-18, 2026-11-18 evening, 2026-W47, 2026-11, 2026."""
        year, week, _ = self.day.isocalendar()
        text = {
            "day": self.day.isoformat(),
            "week": f"{year:04}-W{week:02}",
            "month": f"{self.day:%Y-%m}",
            "year": f"{self.day.year:04}",
        }[self.precision]
        return f"{text} {self.part}".strip()

    def future(self, today: date) -> bool:
        """Whether it begins after today."""
        return self.day > today


def read_written(text: str) -> When | None:
    """What `When.write` wrote; None for anything else."""
    found = re.fullmatch(r"(\d{4})(?:-W(\d\d)|-(\d\d)(?:-(\d\d)(?: (\w+))?)?)?", text)
    if found is None:
        return None
    year, week, month, day, part = found.groups()
    try:
        if week:
            return When(date.fromisocalendar(int(year), int(week), 1), "week")
        precision: Precision = "day" if day else "month" if month else "year"
        return When(date(int(year), int(month or 1), int(day or 1)), precision, part or "")
    except ValueError:
        return None


def show_date(text: str, language: Language) -> str:
    """A kept date as a customer reads it; a text that is none, as it is."""
    when = read_written(text)
    if when is None:
        return text
    day, part = when.day, _SHOWN[language].get(when.part, "")
    if language == "en":
        month = day.strftime("%B")
        return {
            "day": f"{day.day} {month} {day.year} {part}".strip(),
            "week": f"the week of {day.day} {month} {day.year}",
            "month": f"{month} {day.year}",
            "year": f"{day.year}",
        }[when.precision]
    week = "那一周" if language == "zh-Hans" else "那一週"
    return {
        "day": f"{day.year}年{day.month}月{day.day}日{part}",
        "week": f"{day.year}年{day.month}月{day.day}日{week}",
        "month": f"{day.year}年{day.month}月",
        "year": f"{day.year}年",
    }[when.precision]
