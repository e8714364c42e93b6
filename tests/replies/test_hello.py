from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.dialogue import Question
from replies.decide import decide
from replies.knowledge import Knowledge

TAIPEI, SHANGHAI, LONDON, BERLIN = "Asia/Taipei", "Asia/Shanghai", "Europe/London", "Europe/Berlin"


@pytest.mark.parametrize(
    ("zone", "at", "text", "hello"),
    [
        (SHANGHAI, "2026-11-22T00:00Z", "你好", "早上好，"),
        (SHANGHAI, "2026-11-21T20:59Z", "你好", "您好，"),
        (SHANGHAI, "2026-11-21T21:00Z", "你好", "早上好，"),
        (SHANGHAI, "2026-11-22T04:00Z", "你好", "中午好，"),
        (SHANGHAI, "2026-11-22T05:00Z", "你好", "下午好，"),
        (SHANGHAI, "2026-11-22T14:59Z", "你好", "晚上好，"),
        (SHANGHAI, "2026-11-22T15:00Z", "你好", "您好，"),
        (SHANGHAI, "2026-11-22T16:00Z", "你好", "您好，"),
        (TAIPEI, "2026-11-22T01:00Z", "哈囉", "早安，"),
        (TAIPEI, "2026-11-22T06:00Z", "哈囉", "午安，"),
        (TAIPEI, "2026-11-22T12:00Z", "哈囉", "您好，"),
        (LONDON, "2026-01-22T00:00Z", "Hello there", "Hello, "),
        (LONDON, "2026-01-22T09:00Z", "Hello there", "Good morning, "),
        (LONDON, "2026-01-22T17:59Z", "Hello there", "Good afternoon, "),
        (LONDON, "2026-01-22T18:00Z", "Hello there", "Good evening, "),
        # Summer time begins in the night before the 29th of March and ends in the one before the 25th of October.
        (BERLIN, "2026-03-28T03:30Z", "Hello there", "Hello, "),
        (BERLIN, "2026-03-29T03:30Z", "Hello there", "Good morning, "),
        (BERLIN, "2026-10-24T16:30Z", "Hello there", "Good evening, "),
        (BERLIN, "2026-10-25T16:30Z", "Hello there", "Good afternoon, "),
        ("America/New_York", "2026-11-22T04:00Z", "Hello there", "Hello, "),
        (None, "2026-11-22T00:00Z", "你好", "您好，"),
        (None, "2026-11-22T09:00Z", "Hello there", "Hello, "),
    ],
)
def test_customers_are_greeted_by_the_clock_of_the_business(
    knowledge: Knowledge, zone: str | None, at: str, text: str, hello: str
) -> None:
    knowing = replace(knowledge, zone=ZoneInfo(zone) if zone else None)
    decision = decide(Question(text, datetime.fromisoformat(at), first=True), knowing)
    assert decision.rule == "greeting"
    assert decision.replies[0].text.startswith(hello)
