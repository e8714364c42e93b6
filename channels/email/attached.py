"""What is attached in a form of its own: Outlook's winmail.dat, invitations. Pure; nothing raises."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from channels.email import charsets
from channels.email.mail import File

LARGEST_TNEF = 50_000_000
LARGEST_CALENDAR = 500_000
SHOWN = 5
"""Events of one invitation that are told."""


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What a winmail.dat held."""

    files: tuple[File, ...] = ()
    plain: str = ""
    markup: str = ""


def unwrap(data: bytes) -> Unwrapped | None:
    """Outlook's own wrapping; None if it cannot be opened."""
    from tnefparse import TNEF  # few mails need it

    if len(data) > LARGEST_TNEF:
        return None
    try:
        wrapped = TNEF(data, do_checksum=False)
        files = tuple(_unwrapped(wrapped))
        return Unwrapped(files, _text(wrapped.body), _text(wrapped.htmlbody))
    except Exception:  # it raises whatever its input makes it stumble over
        return None


def _unwrapped(wrapped: object) -> Iterator[File]:
    for one in getattr(wrapped, "attachments", ()):
        name = charsets.printable(str(one.long_filename() or one.name or "")).replace("\\", "/").rpartition("/")[2]
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield File(name.strip("\0 ")[:200] or "attachment", kind, bytes(one.data or b""))


def _text(told: object) -> str:
    if isinstance(told, bytes):
        return charsets.text(told)
    return charsets.whole(told) if isinstance(told, str) else ""


def invitation(data: bytes, label: str = "") -> str:
    """An invitation in a line an event: `📅 what · when · where · who`; "" if there is none to be read."""
    from icalendar import Calendar  # few mails need it

    if len(data) > LARGEST_CALENDAR:
        return ""
    try:
        calendars = Calendar.from_ical(charsets.text(data, label or "utf-8"), multiple=True)
        events = [event for one in calendars for event in one.walk("VEVENT")]
        return "\n".join(_line(event) for event in events[:SHOWN])
    except Exception:  # as above
        return ""


def _line(event: object) -> str:
    get = getattr(event, "get")  # noqa: B009 – a component is a dictionary of no declared type
    start, end = _when(get("DTSTART")), _when(get("DTEND"))
    organizer = str(get("ORGANIZER") or "").partition(":")[2]
    when = f"{start} – {end}" if start and end else start
    told = (str(get("SUMMARY") or ""), when, str(get("LOCATION") or ""), organizer)
    return "📅 " + " · ".join(charsets.printable(part).strip()[:300] for part in told if part.strip())


def _when(value: object) -> str:
    at = getattr(value, "dt", None)
    if isinstance(at, datetime):
        return f"{at:%Y-%m-%d %H:%M} {at:%Z}".strip()
    return f"{at:%Y-%m-%d}" if isinstance(at, date) else ""
