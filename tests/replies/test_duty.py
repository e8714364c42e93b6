"""By when a letter is answered: after so much working time, over nights, weekends and the clocks of other places."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from replies.duty import Duty, in_words

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = Duty.of("1-5", "9:00", "18:00", SHANGHAI, 4)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In the week of Monday, 2 November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "due", "opening"),
    [
        (at(2, 10), at(2, 14), at(2, 10)),
        (at(2, 10, 1), at(2, 15), at(2, 10, 1)),
        (at(2, 13, 59), at(2, 18), at(2, 13, 59)),
        (at(2, 16), at(3, 11), at(2, 16)),
        (at(2, 18), at(3, 13), at(3, 9)),
        (at(2, 3), at(2, 13), at(2, 9)),
        (at(6, 17), at(9, 12), at(6, 17)),
        (at(7, 12), at(9, 13), at(9, 9)),
        (at(8, 23, 59), at(9, 13), at(9, 9)),
    ],
)
def test_when_it_is_answered_and_when_people_are_back(now: datetime, due: datetime, opening: datetime) -> None:
    assert (OFFICE.due(now), OFFICE.opening(now)) == (due, opening)
    assert OFFICE.at_work(now) == (opening == now)


@given(
    st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: at(2, 0) + timedelta(minutes=minutes)),
    st.sampled_from(["Asia/Shanghai", "Europe/London", "America/New_York"]),
    st.floats(0.5, 400),
    st.sampled_from(["1-7", "1-5", "6", "7-2", "1,3,5"]),
    st.sampled_from([("0:00", "24:00"), ("9:00", "9:01"), ("9:30", "18:15"), ("23:00", "24:00")]),
)
def test_it_is_always_later_and_in_working_time(
    now: datetime, zone: str, hours: float, days: str, times: tuple[str, str]
) -> None:  # fmt: skip
    duty = Duty.of(days, *times, ZoneInfo(zone), hours)
    due, opening = duty.due(now), duty.opening(now)
    assert opening >= now
    assert due > opening
    minute = due.hour * 60 + due.minute
    last = due - timedelta(minutes=1)
    assert last.weekday() in duty.days
    assert duty.opens < (minute or 24 * 60) <= duty.closes


@pytest.mark.parametrize(
    ("days", "found"),
    [("1-5", {0, 1, 2, 3, 4}), ("6-2", {5, 6, 0, 1}), ("1, 3-4 ,7", {0, 2, 3, 6}), ("7", {6}), ("1-7", set(range(7)))],
)
def test_days_as_they_are_set(days: str, found: set[int]) -> None:
    assert Duty.of(days, "9:00", "18:00", SHANGHAI, 8).days == found


@pytest.mark.parametrize(
    ("told", "mend"),
    [
        (("0-5", "9:00", "18:00"), "letters.days"),
        (("1-5,", "9:00", "18:00"), "letters.days"),
        (("1-5", "9.00", "18:00"), "letters.opens"),
        (("1-5", "9:00", "24:01"), "letters.closes"),
        (("1-5", "18:00", "9:00"), "letters.closes must be later"),
    ],
)
def test_nonsense_is_refused_with_the_mend(told: tuple[str, str, str], mend: str) -> None:
    with pytest.raises(SettingsError, match=mend):
        Duty.of(*told, SHANGHAI, 8)


def test_times_in_words() -> None:
    assert in_words(at(6, 9), "zh-Hans") == "11 月 6 日（周五）9:00"
    assert in_words(at(6, 18, 30), "zh-Hant") == "11 月 6 日（週五）18:30"
    assert in_words(at(6, 9), "en") == "9:00 on Friday, 6 November (UTC+8)"
    assert in_words(at(7, 0), "zh-Hans") == "11 月 6 日（周五）24:00"
    assert in_words(datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Asia/Kolkata")), "en").endswith("(UTC+5:30)")
