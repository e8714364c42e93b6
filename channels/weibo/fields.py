"""Weibo's JSON, read without trusting it: ids longer than 2^53 stay exact, numbers may be text and text numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from bot.errors import PayloadError, TooLargeError

MOST = 256 * 1024
"""Bytes of a push. Weibo names no limit; a text has 300 characters and the rest is ids."""
DEEPEST = 20
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CREATED = re.compile(
    r"[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r" (?P<sign>[+-])(?P<zh>\d{2})(?P<zm>\d{2}) (?P<year>\d{4})"
)
"""As in "Mon Jul 16 18:09:20 +0800 2012"."""
MILLISECONDS = 100_000_000_000
"""A timestamp beyond it (the year 5138) counts milliseconds."""


def load(body: bytes, most: int = MOST) -> dict[str, Any]:
    """An object; PayloadError if it is none."""
    if len(body) > most:
        raise TooLargeError(f"the body is over {most} bytes")
    try:
        # Decimals as they were written: a longitude is no number to us.
        told = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise PayloadError("the body is not JSON") from error
    if not isinstance(told, dict) or _deep(told) > DEEPEST:
        raise PayloadError("the body is not the object it should be")
    return told


def _deep(value: Any, depth: int = 1) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth if depth > DEEPEST else max((_deep(one, depth + 1) for one in inner), default=depth)


def text(told: Any, *path: str) -> str:
    """What stands there as text; "" where there is nothing of the kind."""
    for name in path:
        told = told.get(name) if isinstance(told, Mapping) else None
    if isinstance(told, bool) or not isinstance(told, str | int):
        return ""
    return str(told)


def number(told: Any, *path: str) -> int:
    """A count, however it is written; 0 where there is none."""
    written = text(told, *path).strip()
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else 0


def ident(told: Any, *names: str) -> str:
    """An id under the first of these names that has one: digits, exact, as text."""
    found = (text(told, name).strip() for name in names)
    return next((one for one in found if one.isascii() and one.isdigit() and 0 < len(one) <= 32 and one != "0"), "")


def moment(told: str) -> datetime | None:
    """When it was said, in any of the forms Weibo has: its own, seconds, milliseconds. None if it says nothing."""
    told = told.strip()
    try:
        if told.isascii() and told.isdigit():
            stamp = int(told)
            return datetime.fromtimestamp(stamp / 1000 if stamp > MILLISECONDS else stamp, UTC)
        if (m := CREATED.fullmatch(told)) is None:
            return None
        zone = timedelta(hours=int(m["zh"]), minutes=int(m["zm"])) * (-1 if m["sign"] == "-" else 1)
        day, hour, minute, second = (int(m[name]) for name in ("day", "hour", "minute", "second"))
        at = datetime(int(m["year"]), MONTHS.index(m["month"]), day, hour, minute, second, tzinfo=timezone(zone))
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def data_of(push: Mapping[str, Any]) -> Mapping[str, Any]:
    """`data` of a push: an object, that object written as a string, or nothing ({} and "" both occur)."""
    told = push.get("data")
    if isinstance(told, str) and told.strip():
        try:
            told = load(told.encode("utf-8", "replace"))
        except PayloadError:
            return {}
    return told if isinstance(told, Mapping) else {}
