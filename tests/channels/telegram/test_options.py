"""Options are read strictly, and say the mend."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import OptionsError
from channels.telegram.options import read

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawc"
GOOD: dict[str, Any] = {"token": TOKEN}
PUSHED = GOOD | {"mode": "webhook", "public_url": "https://kefu.example.com"}


def test_a_token_is_enough() -> None:
    told = read("tg", GOOD)
    assert (told.mode, told.bot_id, told.webhook("tg"), told.api_base) == (
        "polling", "123456789", "", "https://api.telegram.org",
    )  # fmt: skip


def test_a_webhook_is_the_inboxs_own() -> None:
    assert read("tg", PUSHED).webhook("tg") == "https://kefu.example.com/webhooks/tg"


def test_pushes_are_told_apart_by_a_secret_that_is_not_the_token() -> None:
    one, other = read("tg", PUSHED), read("tg", PUSHED | {"token": TOKEN.replace("AAH", "AAX")})
    assert one.secret != other.secret
    assert TOKEN.partition(":")[2] not in one.secret


def test_what_is_secret_is_not_shown() -> None:
    told = read("tg", GOOD | {"proxy": "socks5://me:pass-word@127.0.0.1:1080"})
    assert TOKEN not in repr(told)
    assert "pass-word" not in repr(told)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"token": None}, "", "token is missing"),
        ({"token": "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawc"}, "token", "@BotFather"),
        ({"token": TOKEN + " "}, "token", "without spaces"),
        ({"token": 123456789}, "token", "@BotFather"),
        ({"mode": "push"}, "mode", '"polling" or "webhook"'),
        ({"mode": "webhook"}, "mode", "needs public_url"),
        ({"public_url": "http://kefu.example.com"}, "public_url", "https://"),
        ({"take_over": "yes"}, "take_over", "true or false"),
        ({"proxy": "127.0.0.1:1080"}, "proxy", "socks5://"),
        ({"proxy": "socks5://127.0.0.1"}, "proxy", "socks5://"),
        ({"proxy": "http://127.0.0.1:99999"}, "proxy", "socks5://"),
        ({"tokens": "x"}, "tokens", "tokens"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(changes: dict[str, Any], key: str, words: str) -> None:
    given = {name: value for name, value in (GOOD | changes).items() if value is not None}
    with pytest.raises(OptionsError) as raised:
        read("tg", given)
    (told,) = [words for name, words in raised.value.problems if name == key]
    assert words in told
    assert TOKEN not in str(raised.value)
