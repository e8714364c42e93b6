"""Options are read strictly, and say the mend."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.errors import OptionsError
from channels.weibo.options import read

GOOD: dict[str, Any] = {"uid": "1902538057", "app_secret": "0a1b2c3d4e5f", "access_token": "2.00abcdefgh"}


def test_what_is_needed_is_enough() -> None:
    told = read("weibo", GOOD)
    assert (told.window_hours, told.window_messages, told.public, told.calls_per_day) == (48, None, True, 100)
    assert told.messages_base == "https://m.api.weibo.com"


def test_a_number_and_a_day_may_be_written_as_such() -> None:
    told = read("weibo", GOOD | {"uid": 1902538057, "token_expires": date(2027, 5, 1)})
    assert (told.uid, told.token_expires) == ("1902538057", date(2027, 5, 1))


@pytest.mark.parametrize("key", sorted(GOOD))
def test_what_is_missing_is_named_with_its_place(key: str) -> None:
    with pytest.raises(OptionsError, match=f"{key} is missing"):
        read("weibo", {name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("uid", "shop"),
        ("uid", True),
        ("uid", -5),
        ("app_secret", "with space"),
        ("access_token", "令牌令牌令牌令牌"),
        ("token_expires", "soon"),
        ("token_expires", 20270501),
        ("window_hours", 0),
        ("window_hours", True),
        ("window_messages", 0),
        ("public", "yes"),
        ("calls_per_day", 1),
        ("reserve", 100),
        ("ignore", "x"),
        ("messages_base", "http://m.api.weibo.com"),
        ("api_base", "ftp://api.weibo.com"),
        ("upload_base", "https://u:p@upload.api.weibo.com"),
        ("acces_token", "x"),
    ],
)
def test_nonsense_is_refused(key: str, value: Any) -> None:
    with pytest.raises(OptionsError) as caught:
        read("weibo", GOOD | {key: value})
    assert [name for name, _ in caught.value.problems] == [key]
    assert GOOD["app_secret"] not in str(caught.value)


def test_secrets_are_not_shown() -> None:
    shown = repr(read("weibo", GOOD))
    assert GOOD["app_secret"] not in shown
    assert GOOD["access_token"] not in shown
