from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.forms.dates import read_dates
from replies.forms.moments import read_written, show_date
from replies.text import LANGUAGES, Language

WEDNESDAY = date(2026, 11, 25)

CHINESE = [
    ("今天", "2026-11-25"), ("昨天", "2026-11-24"), ("前天晚上", "2026-11-23 evening"), ("大前天", "2026-11-22"),
    ("昨晚", "2026-11-24 evening"), ("上周三", "2026-11-18"), ("上個禮拜三", "2026-11-18"), ("上上周五", "2026-11-13"),
    ("这周一", "2026-11-23"), ("周五", "2026-11-20"), ("星期三", "2026-11-25"), ("礼拜天下午", "2026-11-22 afternoon"),
    ("上周", "2026-W47"), ("3月5号", "2026-03-05"), ("三月五號", "2026-03-05"), ("12月25日", "2025-12-25"),
    ("十二月二十五号", "2025-12-25"), ("2025年3月5日上午", "2025-03-05 morning"), ("2025/3/5", "2025-03-05"),
    ("民國114年3月5日", "2025-03-05"), ("去年双十一", "2025-11-11"), ("雙11", "2026-11-11"), ("去年国庆", "2025-10-01"),
    ("两周前", "2026-11-11"), ("3天前", "2026-11-22"), ("三个月前", "2026-08"), ("半年前", "2026-05"),
    ("上个月5号", "2026-10-05"), ("上个月", "2026-10"), ("5号", "2026-11-05"), ("28号", "2026-10-28"),
    ("去年十一月", "2025-11"), ("去年", "2025"), ("２０２６年１１月１日", "2026-11-01"), ("20261101", "2026-11-01"),
    ("11/20", "2026-11-20"), ("大概是上周三吧", "2026-11-18"),
]  # fmt: skip
ENGLISH = [
    ("today", "2026-11-25"), ("yesterday morning", "2026-11-24 morning"), ("last night", "2026-11-24 evening"),
    ("the day before yesterday", "2026-11-23"), ("last Tuesday", "2026-11-24"), ("last Wednesday", "2026-11-18"),
    ("on Monday", "2026-11-23"), ("2 weeks ago", "2026-11-11"), ("three days ago", "2026-11-22"),
    ("a couple of days ago", "2026-11-23"), ("last week", "2026-W47"), ("last month", "2026-10"),
    ("March 5th, 2026", "2026-03-05"), ("5 March", "2026-03-05"), ("Dec 25", "2025-12-25"), ("in March", "2026-03"),
    ("March 2024", "2024-03"), ("25/11/2026", "2026-11-25"), ("2026-11-01", "2026-11-01"),
    ("I bought it in 2023", "2023"), ("Black Friday", "2025-11-28"),
]  # fmt: skip
NONE = ["", "不知道", "X200", "2026-02-30", "2/30", "may", "13800138000", "十十月", "第三方", "电饭煲", "soon"]


@pytest.mark.parametrize(("text", "written"), CHINESE)
def test_chinese_dates(text: str, written: str) -> None:
    assert [when.write() for when in read_dates(text, WEDNESDAY, "zh-Hans")] == [written]


@pytest.mark.parametrize(("text", "written"), ENGLISH)
def test_english_dates(text: str, written: str) -> None:
    assert [when.write() for when in read_dates(text, WEDNESDAY, "en")] == [written]


@pytest.mark.parametrize("text", NONE)
def test_no_date_is_made_of_something_else(text: str) -> None:
    assert read_dates(text, WEDNESDAY, "en") == []
    assert read_dates(text, WEDNESDAY, "zh-Hans") == []


def test_what_reads_two_ways_is_two_dates_unless_only_one_can_be() -> None:
    both = [when.write() for when in read_dates("03/05/2026", WEDNESDAY, "en")]
    assert both == ["2026-03-05", "2026-05-03"]
    assert [when.write() for when in read_dates("03/05/2026", WEDNESDAY, "zh-Hans")] == both
    assert [when.write() for when in read_dates("3/5", WEDNESDAY, "zh-Hans")] == ["2026-03-05"], "month first"
    assert [when.write() for when in read_dates("05/05/2026", WEDNESDAY, "en")] == ["2026-05-05"]


@pytest.mark.parametrize(("text", "language"), [("明天", "zh-Hans"), ("下周三", "zh-Hans"), ("next Friday", "en")])
def test_what_is_to_come_is_known_to_be(text: str, language: Language) -> None:
    (when,) = read_dates(text, WEDNESDAY, language)
    assert when.future(WEDNESDAY)


def test_a_date_is_shown_as_people_write_it() -> None:
    assert show_date("2026-11-24 evening", "zh-Hans") == "2026年11月24日晚上"
    assert show_date("2026-W47", "zh-Hant") == "2026年11月16日那一週"
    assert show_date("2026-03", "en") == "March 2026"
    assert show_date("大概去年夏天", "zh-Hans") == "大概去年夏天"


@given(st.text(), st.sampled_from(LANGUAGES), st.dates(date(1, 1, 2), date(9999, 12, 30)))
def test_any_text_on_any_day(text: str, language: Language, today: date) -> None:
    for when in read_dates(text, today, language):
        again = read_written(when.write())
        assert again is not None
        assert again.write() == when.write()


@given(
    st.lists(st.sampled_from("上下前大去今半一二十0123 5/-.年月日号天周星期礼拜两个双lastweekdayagomarch"), max_size=14)
)
def test_anything_that_looks_like_a_date(parts: list[str]) -> None:
    assert len(read_dates("".join(parts), WEDNESDAY, "zh-Hans")) <= 2
    assert len(read_dates("".join(parts), WEDNESDAY, "en")) <= 2
