from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SettingsError
from channels.web.channel import WebChannel
from channels.web.options import LANGUAGES, Options, read


def test_nothing_set_is_fine() -> None:
    assert read("web", {}) == Options()


def test_everything_set() -> None:
    options = read(
        "shop",
        {
            "title": {"zh-Hans": " 客服 ", "en": "Help"},
            "color": "0a7",
            "origins": [
                "https://Shop.example/",
                "http://localhost:9001",
                "https://*.shop.example",
                "http://[::1]:8000",
            ],
            "company": "云杉商城",
            "languages": ["en", "zh-Hans", "en"],
            "max_text": 2000,
            "max_body": 10_000,
            "visitors_per_minute": 1,
            "messages_per_minute": 2,
            "connects_per_minute": 3,
            "sockets_per_visitor": 4,
            "suggestions_per_minute": 5,
        },
    )
    assert options.title == {"zh-Hans": "客服", "en": "Help"}
    assert options.origins == (
        "https://shop.example",
        "http://localhost:9001",
        "https://*.shop.example",
        "http://[::1]:8000",
    )
    assert options.languages == ("en", "zh-Hans")
    assert (options.max_text, options.sockets_per_visitor, options.suggestions_per_minute) == (2000, 4, 5)


def test_one_line_of_title_is_for_every_language() -> None:
    assert read("web", {"title": "客服"}).title == dict.fromkeys(LANGUAGES, "客服")


def test_one_origin_or_language_needs_no_list() -> None:
    options = read("web", {"origins": "https://shop.example", "languages": "en"})
    assert (options.origins, options.languages) == (("https://shop.example",), ("en",))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", ""),
        ("title", 7),
        ("title", "two\nlines"),
        ("title", "x" * 81),
        ("title", {"fr": "Aide"}),
        ("title", {"en": 7}),
        ("color", "blue"),
        ("color", "#12345"),
        ("color", 123456),
        ("origins", 7),
        ("origins", ["shop.example"]),
        ("origins", ["https://shop.example/path"]),
        ("origins", ["https://shop.example; script-src *"]),
        ("origins", ["https://*"]),
        ("origins", ["*"]),
        ("origins", [7]),
        ("company", ["x"]),
        ("languages", []),
        ("languages", ["fr"]),
        ("languages", 7),
        ("max_text", 0),
        ("max_text", -1),
        ("max_text", "4000"),
        ("max_text", True),
        ("max_text", 1.5),
        ("max_body", 10**12),
        ("sockets_per_visitor", None),
    ],
)
def test_nonsense_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(SettingsError, match=rf"inbox 'shop': {key} (must|has)"):
        WebChannel("shop", {key: value})


def test_an_unknown_option_is_told_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="no option 'colour' – did you mean color"):
        WebChannel("web", {"colour": "#fff"})


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        WebChannel("web", {"zzz": 1, "color": "blue", "max_text": 0})
    assert all(
        word in str(caught.value) for word in ("'zzz'", "the known ones are: title", "color must", "max_text must")
    )
