"""Dates as people write them, in three languages, against the day it is: "上周三", "三月五號", "last Tuesday".

What can be read in two ways comes back as two dates, for the customer to choose; nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from replies.forms.moments import When
from replies.text import Language, simplified

_DIGITS: Final = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_N: Final = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_WEEKDAYS: Final = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_EN_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_FEASTS: Final = {
    "双十一": (11, 11), "双11": (11, 11), "双十二": (12, 12), "双12": (12, 12), "618": (6, 18), "六一八": (6, 18),
    "国庆": (10, 1), "元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "圣诞": (12, 25),
    "christmas": (12, 25), "black friday": (0, 0), "new year": (1, 1), "singles' day": (11, 11),
    "singles day": (11, 11),
}  # fmt: skip
_PARTS: Final = {
    "morning": r"凌晨|清晨|早上|今早|早晨|上午|一早|\bmorning\b|\b\d{1,2}(?::\d\d)? ?am\b",
    "noon": r"中午|正午|\bnoon\b|\blunch\b",
    "afternoon": r"下午|午后|\bafternoon\b",
    "evening": r"傍晚|晚上|今晚|昨晚|前晚|夜里|半夜|深夜|\bevening\b|\bnight\b|\btonight\b|\b\d{1,2}(?::\d\d)? ?pm\b",
}
_EN_N: Final = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
                "a couple of": 2, "a few": 3}  # fmt: skip
_DAYS: Final = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "刚才": 0, "刚刚": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "昨儿": 1,
    "大前天": 3, "前天": 2, "前日": 2, "前晚": 2, "明天": -1, "后天": -2,
    "day before yesterday": 2, "yesterday": 1, "last night": 1, "today": 0, "tonight": 0, "this morning": 0,
    "this afternoon": 0, "just now": 0, "tomorrow": -1,
}  # fmt: skip

_Reading = Callable[[re.Match[str], date], list[When]]


def read_dates(text: str, today: date, language: Language = "zh-Hans") -> list[When]:
    """The date a text names: none, one, or the two it may mean. Never raises."""
    plain = simplified(unicodedata.normalize("NFKC", text[:200])).casefold()
    part = next((name for name, pattern in _PARTS.items() if re.search(pattern, plain)), "")
    for pattern, reading in _READINGS:
        if pattern is _SLASHED and language != "en":
            reading = _slashed_chinese
        for found in pattern.finditer(plain):
            try:
                whens = reading(found, today)
            except (ValueError, OverflowError, KeyError):
                return []  # the 31st of February
            if whens:
                return [When(w.day, w.precision, part if w.precision == "day" else "") for w in whens]
    return []


def _number(text: str) -> int:
    """Up to 99, in figures or Chinese numerals."""
    if text.isdigit():
        return int(text)
    if text in _EN_N:
        return _EN_N[text]
    tens, ten, ones = text.partition("十")
    if ten:
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[char]) for char in text))


def _year(text: str | None, today: date) -> int | None:
    """去年, 2025, 25, 民国114; None where no year is said."""
    if not text:
        return None
    relative = {"今年": 0, "去年": 1, "上年": 1, "前年": 2, "this year": 0, "last year": 1}
    if text in relative:
        return today.year - relative[text]
    if text.startswith("民国"):
        return int(re.sub(r"\D", "", text)) + 1911
    year = int(re.sub(r"\D", "", text))
    return year + 2000 if year < 100 else year


def _dated(year: int | None, month: int, day: int, today: date) -> list[When]:
    """Without a year it is the last such day."""
    if year is not None:
        return [When(date(year, month, day))]
    found = date(today.year, month, day)
    return [When(found if found <= today else date(today.year - 1, month, day))]


def _full(found: re.Match[str], today: date) -> list[When]:
    return _dated(_year(found["y"], today), _number(found["m"]), _number(found["d"]), today)


def _month(found: re.Match[str], today: date) -> list[When]:
    year, month = _year(found["y"], today), _number(found["m"])
    first = date(year or today.year, month, 1)
    return [When(first if year or first <= today else date(today.year - 1, month, 1), "month")]


def _this_month(found: re.Match[str], today: date) -> list[When]:
    """上个月5号, 这个月5号, 5号, 上个月."""
    first = today.replace(day=1)
    for _ in range(found["last"].count("上") if found["last"] else 0):
        first = (first - timedelta(days=1)).replace(day=1)
    if not found["d"]:
        return [When(first, "month")]
    day = first.replace(day=_number(found["d"]))
    if not found["last"] and day > today:
        day = (first - timedelta(days=1)).replace(day=_number(found["d"]))
    return [When(day)]


def _feast(found: re.Match[str], today: date) -> list[When]:
    month, day = _FEASTS[found["feast"]]
    year = _year(found["y"], today)
    if month:
        return _dated(year, month, day, today)
    first = date(year or today.year, 11, 1)  # Black Friday: the day after the fourth Thursday
    friday = first + timedelta(days=(3 - first.weekday()) % 7 + 22)
    return [When(friday if year or friday <= today else _feast_before(today))]


def _feast_before(today: date) -> date:
    first = date(today.year - 1, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _day(found: re.Match[str], today: date) -> list[When]:
    return [When(today - timedelta(days=_DAYS[found[0]]))]


def _weekday(found: re.Match[str], today: date) -> list[When]:
    """上周三 is in the week before this one, 周三 the last there was."""
    back, weekday = found["back"] or "", _WEEKDAYS[found["w"]]
    monday = today - timedelta(days=today.weekday())
    if back:
        return [When(monday + timedelta(days=weekday - 7 * back.count("上") + 7 * back.count("下")))]
    return [When(today - timedelta(days=(today.weekday() - weekday) % 7))]


def _week(found: re.Match[str], today: date) -> list[When]:
    monday = today - timedelta(days=today.weekday())
    return [When(monday - timedelta(days=7 * max(found[0].count("上"), found[0].count("last"))), "week")]


def _english_weekday(found: re.Match[str], today: date) -> list[When]:
    weekday = _EN_DAYS.index(found["w"][:3])
    if found["how"] == "next":
        return [When(today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1))]
    back = (today.weekday() - weekday) % 7
    return [When(today - timedelta(days=back or (7 if found["how"] == "last" else 0)))]


def _ago(found: re.Match[str], today: date) -> list[When]:
    unit = found["unit"]
    half = found["n"].startswith("半")
    n = 1 if half else _number(found["n"])
    if unit[0] in "天日d":
        return [When(today - timedelta(days=n))]
    if unit[0] in "周星礼w":
        return [When(today - timedelta(days=7 * n))]
    if "月" in unit or unit[0] == "m":
        return [When(today - timedelta(days=15))] if half else [_months_before(today, n)]
    return [_months_before(today, 6)] if half else [When(date(today.year - n, 1, 1), "year")]


def _months_before(today: date, n: int) -> When:
    months = today.year * 12 + today.month - 1 - n
    return When(date(months // 12, months % 12 + 1, 1), "month")


def _english(found: re.Match[str], today: date) -> list[When]:
    return _dated(_year(found["y"], today), _MONTHS[found["m"][:3]], int(found["d"]), today)


def _english_month(found: re.Match[str], today: date) -> list[When]:
    if found["last"]:
        return [_months_before(today, 1)]
    year, month = _year(found["y"], today), _MONTHS[found["m"][:3]]
    first = date(year or today.year, month, 1)
    return [When(first if year or first <= today else date(today.year - 1, month, 1), "month")]


def _slashed(found: re.Match[str], today: date) -> list[When]:
    """3/5: both orders are in use, so both are offered unless only one is a date, or only one is not to come."""
    return list(dict.fromkeys(_both(found, today)))


def _slashed_chinese(found: re.Match[str], today: date) -> list[When]:
    """Without a year at its end it is the month first."""
    return _slashed(found, today) if found["y"] else list(_both(found, today))[:1]


def _both(found: re.Match[str], today: date) -> Iterator[When]:
    first, second, year = int(found["a"]), int(found["b"]), _year(found["y"], today)
    for month, day in ((first, second), (second, first)):
        if 1 <= month <= 12 and 1 <= day <= 31:
            yield from _dated(year, month, day, today)


def _only_year(found: re.Match[str], today: date) -> list[When]:
    year = _year(found["y"], today)
    return [When(date(year, 1, 1), "year")] if year else []


_YEAR: Final = r"(?P<y>今年|去年|前年|(?:民国)?\d{2,4}年)"
_EN_MONTH: Final = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_EN_YEAR: Final = r"(?:,? (?:of |in )?(?P<y>\d{4}|last year|this year))?"
_SLASHED: Final = re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})(?:[/.-](?P<y>\d{4}|\d{2}))?(?![\d/.-])")
_READINGS: Final[tuple[tuple[re.Pattern[str], _Reading], ...]] = (
    (re.compile(r"(?<!\d)(?P<y>\d{4})[/.-](?P<m>\d{1,2})[/.-](?P<d>\d{1,2})(?!\d)"), _full),
    (re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)"), _full),
    (re.compile(rf"{_YEAR}?的?(?P<m>{_N})月(?P<d>{_N})[日号]?"), _full),
    (re.compile(rf"(?P<last>上{{1,2}}个?月|这个?月|本月)(?:的?(?P<d>{_N})[日号])?"), _this_month),
    (re.compile(rf"(?P<n>半|{_N}) ?个?(?P<unit>天|日|周|星期|礼拜|半?月|年)(?:之|以)?前"), _ago),
    (re.compile(rf"{_YEAR}?的?(?P<m>{_N})月(?:份)?"), _month),
    (re.compile(rf"{_YEAR}?的?(?P<feast>{'|'.join(map(re.escape, _FEASTS))})"), _feast),
    (re.compile(r"(?P<back>上{1,3}个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<w>[一二三四五六日天末])"), _weekday),
    (re.compile(r"(?:上{1,3}个?|这个?|本)(?:周|星期|礼拜)"), _week),
    (re.compile("|".join(map(re.escape, _DAYS))), _day),
    (
        re.compile(r"(?<![\d月])(?P<last>(?!))?(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3})[号日](?!码|楼|线|店)"),
        _this_month,
    ),
    (
        re.compile(
            r"\b(?P<n>\d{1,3}|an?|one|two|three|four|five|six|seven|a couple of|a few) (?P<unit>day|week|month|year)s? "
            r"(?:ago|back|before)\b"
        ),
        _ago,
    ),
    (re.compile(rf"\b{_EN_MONTH} ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\b{_EN_YEAR}"), _english),
    (re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_EN_MONTH}{_EN_YEAR}"), _english),
    (
        re.compile(rf"(?P<last>\blast month\b)|\b(?:in|of|since|this|early|late|mid|last)[ -]{_EN_MONTH}\b{_EN_YEAR}"),
        _english_month,
    ),
    (re.compile(rf"(?P<last>(?!))?\b{_EN_MONTH} (?P<y>\d{{4}})"), _english_month),
    (
        re.compile(
            r"\b(?:(?P<how>last|this|next|on|past) )?"
            r"(?P<w>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\b"
        ),
        _english_weekday,
    ),
    (re.compile(r"\b(?:last|this) week\b"), _week),
    (_SLASHED, _slashed),
    (re.compile(r"(?P<y>今年|去年|前年|(?:民国)?\d{2,4}年|\blast year\b|(?<!\d)(?:19|20)\d\d(?!\d))"), _only_year),
)
"""From the most telling to the least; the first that makes a date is it."""
