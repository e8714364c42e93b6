"""The rules as they are written down, compiled at first use: the sheets in `chinese/` and `english/`.

A rule: its name, the kind that chooses what is told (`told.py`), and regular expressions, a few alternatives a line
(the lines are joined with "|"); `<party>` in one stands for the pattern that [names] calls so. No finding where
`unless` is found in the same sentence, or `never` in the whole text; `instead` can stand in the place of what was
found. Keep repetition bounded: a draft may be anything. English is read in lower case with straight apostrophes, and
what is found begins at the beginning of a word.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any, Final

from replies.etiquette.openers import eager
from replies.etiquette.rules import Rule

_HERE: Final = Path(__file__).parent
NAMES: Final = ("chinese", "english")
_NOTHING: Final = r"(?!)"


@dataclass(frozen=True, slots=True)
class Table:
    """All of a language. `vague`: words that hold something out; no finding beside a `time` or what is done `now`;
    `nobody`: those who are nobody in particular. `deadline`: what cannot be done by a time. `levity`: chat talk."""

    rules: tuple[Rule, ...]
    vague: re.Pattern[str]
    time: re.Pattern[str]
    now: re.Pattern[str]
    nobody: re.Pattern[str]
    deadline: re.Pattern[str]
    excused: re.Pattern[str]
    levity: re.Pattern[str]


@cache
def table(name: str) -> Table:
    """`chinese` or `english`."""
    read = _read(_HERE / name)
    promise, refusal = read["promise"], read["refusal"]
    words = name == "english"
    return Table(
        rules=tuple(_rule(row, words) for row in read["rules"]),
        vague=eager(_joined(promise["vague"]), words=words),
        time=_pattern(promise["time"]),
        now=_pattern(promise["now"]),
        nobody=eager(_joined(promise.get("nobody", _NOTHING)), words=words),
        deadline=eager(_joined(refusal["deadline"])),
        excused=_pattern(refusal.get("unless", _NOTHING)),
        levity=eager(_joined(read["levity"]["words"])),
    )


def _read(folder: Path) -> dict[str, Any]:
    """All sheets of a folder in one, the names put in."""
    sheets = [path.read_text("utf-8") for path in sorted(folder.glob("*.toml"))]
    names = {
        f"<{name}>": text.strip() for sheet in sheets for name, text in tomllib.loads(sheet).get("names", {}).items()
    }
    read: dict[str, Any] = {"rules": []}
    for text in sheets:
        sheet = tomllib.loads(reduce(lambda so_far, name: so_far.replace(name, names[name]), names, text))
        read["rules"] += sheet.pop("rules", [])
        read |= sheet
    return read


def warm() -> None:
    """Compile the rules now, rather than while the first text is checked."""
    for name in NAMES:
        table(name)


def _rule(row: dict[str, Any], words: bool) -> Rule:
    unless, never = row.get("unless"), row.get("never")
    return Rule(
        row["rule"],
        row["kind"],
        eager(_joined(row["pattern"]), words=words),
        _pattern(unless) if unless else None,
        _pattern(never) if never else None,
        row.get("instead", ""),
    )


def _pattern(lines: str) -> re.Pattern[str]:
    return re.compile(_joined(lines))


def _joined(lines: str) -> str:
    return "|".join(line for line in lines.split("\n") if line)
