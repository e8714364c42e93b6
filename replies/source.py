"""Where the words of the house are kept, and how faults in them are told: file, line, text and mend."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import ContentError

CONTENT: Final = Path(__file__).parent / "content"
"""What is shipped: a folder a language with `scripts.toml`, `words.toml` and `faq.csv`."""

_SHOWN: Final = 20
_TOML_LINE: Final = re.compile(r"\(at line (\d+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the content that does not hold together or should not be said."""

    file: str
    line: int
    text: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" + (f" → {self.mend}" if self.mend else "")


class SourceError(ContentError):
    """A file that cannot be read at all; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def refuse(faults: Iterable[Fault]) -> None:
    """Raise ContentError naming every fault, if there are any."""
    told = [str(fault) for fault in faults]
    if len(told) > _SHOWN:
        told[_SHOWN:] = [f"… and {len(told) - _SHOWN} more"]
    if told:
        raise ContentError("\n".join(told))


def read_source(path: Path) -> str:
    """The text of a content file; raises SourceError if it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        mend = "check the path and its permissions"
        raise SourceError(Fault(str(path), 1, f"cannot be read: {error.strerror}", mend)) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceError(Fault(str(path), line, "is not UTF-8", "save the file as UTF-8")) from error


def parse_toml(source: str, file: str) -> dict[str, Any]:
    """The tables of a TOML text; raises SourceError with file and line."""
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        line = int(found[1]) if found else source.count("\n") + 1
        mend = "look for a missing quotation mark or comma on this line or the one before"
        raise SourceError(Fault(file, line, f"is not TOML: {error}", mend)) from error


def line_of(source: str, table: str, key: str = "", value: str = "") -> int:
    """The line on which a value of `[table] key` begins; the nearest heading if it cannot be told."""
    lines = source.splitlines()
    start = _find(lines, 0, rf"\s*\[\s*{re.escape(table)}\s*\]")
    if start is None or not key:
        return (start or 0) + 1
    begin = _find(lines, start + 1, rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    if begin is None:
        return start + 1
    head = value.splitlines()[0][:40] if value.strip() else ""
    needle = head.replace("\\", "\\\\").replace('"', '\\"')
    for number in range(begin, len(lines)):
        if number > begin and re.match(r"\s*\[[^\[\"']+\]\s*(#.*)?$", lines[number]):
            break
        if head and (head in lines[number] or needle in lines[number]):
            return number + 1
    return begin + 1


def _find(lines: list[str], start: int, pattern: str) -> int | None:
    matcher = re.compile(pattern)
    return next((number for number in range(start, len(lines)) if matcher.match(lines[number])), None)
