"""The options of a web inbox, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from bot.errors import OptionsError
from channels.web.color import parse

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Options:
    """`title` by language; empty, the catalogue's. `origins`: who may embed the chat; empty, anybody.

    The limits are per minute: new visitors, connections and searches of one address,
    messages of one visitor.
    `sockets_per_visitor` counts tabs that listen at the same time. `max_text` in characters, `max_body` in bytes.
    """

    title: Mapping[str, str] = field(default_factory=dict)
    color: str = "#2b59c3"
    origins: tuple[str, ...] = ()
    company: str = ""
    languages: tuple[str, ...] = LANGUAGES
    max_text: int = 4000
    max_body: int = 65_536
    visitors_per_minute: int = 10
    messages_per_minute: int = 20
    connects_per_minute: int = 30
    suggestions_per_minute: int = 60
    sockets_per_visitor: int = 5


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    known = list(Options.__annotations__)
    values: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for key, value in options.items():
        if key not in known:
            problems.append((key, _unknown(key, known)))
            continue
        try:
            reader: Reader = READERS.get(key, _count)
            values[key] = reader(value)
        except ValueError as problem:
            problems.append((key, f"{key} {problem}"))
    if problems:
        raise OptionsError(name, problems)
    return Options(**values)


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"the known ones are: {', '.join(known)}"
    return f"there is no option {key!r} – {hint}"


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 80 or not value.isprintable():
        raise ValueError("must be a line of text of at most 80 characters")
    return value.strip()


def _title(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        return dict.fromkeys(LANGUAGES, _text(value))
    if strange := [k for k in value if k not in LANGUAGES]:
        raise ValueError(f"has no language {strange[0]!r}; write text, or a table of {', '.join(LANGUAGES)}")
    return {language: _text(text) for language, text in value.items()}


def _color(value: Any) -> str:
    if not isinstance(value, str) or parse(value) is None:
        raise ValueError('must be a colour like "#2b59c3"')
    return value


def _origins(value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        raise ValueError('must be a list of origins like ["https://shop.example"]')
    return tuple(_origin(one) for one in listed)


def _origin(value: Any) -> str:
    origin = value.strip().lower().rstrip("/") if isinstance(value, str) else ""
    if not ORIGIN.fullmatch(origin):
        raise ValueError(f'has {value!r}, which is no origin; write scheme and host, like "https://shop.example"')
    return origin


def _languages(value: Any) -> tuple[str, ...]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed or any(one not in LANGUAGES for one in listed):
        raise ValueError(f"must be a list of {', '.join(LANGUAGES)}, the default first")
    return tuple(dict.fromkeys(listed))


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000_000_000:
        raise ValueError("must be a whole number above 0")
    return value


READERS: Mapping[str, Reader] = {
    "title": _title,
    "color": _color,
    "origins": _origins,
    "company": _text,
    "languages": _languages,
}
