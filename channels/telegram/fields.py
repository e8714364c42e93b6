"""Telegram's JSON, read without trust: what is not of the shape it should be is as if it were not there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]
LATEST = 4_102_444_800
"""2100-01-01: a date beyond it is no time."""


def part(told: Any, *path: str) -> Json:
    """An object inside; an empty one where there is none."""
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None
    return told if isinstance(told, Mapping) else {}


def word(told: Json, name: str) -> str:
    """A text; a number as one."""
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)


def number(told: Json, name: str) -> int | None:
    """A whole number; one that comes as text counts."""
    value = told.get(name)
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 30:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(told: Json, name: str) -> datetime | None:
    seconds = number(told, name)
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < LATEST else None


def called(user: Json) -> str:
    """A person's, bot's or chat's name as people see it. It is text, whatever it looks like."""
    name = " ".join(filter(None, (word(user, "first_name").strip(), word(user, "last_name").strip())))
    return name or word(user, "title").strip() or word(user, "username").strip()


def languages(code: str) -> str | None:
    """The client's language as one of ours: it is only a hint."""
    code = code.lower().replace("_", "-")
    if code.startswith("zh"):
        return "zh-Hant" if any(mark in code for mark in ("hant", "-tw", "-hk", "-mo")) else "zh-Hans"
    return "en" if code == "en" or code.startswith("en-") else None
