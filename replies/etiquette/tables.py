"""The rules as they are written down: `chinese.toml` and `english.toml`, compiled at first use."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

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
    read = tomllib.loads((_HERE / f"{name}.toml").read_text("utf-8"))
    promise, refusal = read["promise"], read["refusal"]
    return Table(
        rules=tuple(_rule(row) for row in read["rules"]),
        vague=_pattern(promise["vague"]),
        time=_pattern(promise["time"]),
        now=_pattern(promise["now"]),
        nobody=_pattern(promise.get("nobody", _NOTHING)),
        deadline=_pattern(refusal["deadline"]),
        excused=_pattern(refusal.get("unless", _NOTHING)),
        levity=_pattern(read["levity"]["words"]),
    )


def warm() -> None:
    """Compile the rules now, rather than while the first text is checked."""
    for name in NAMES:
        table(name)


def _rule(row: dict[str, Any]) -> Rule:
    unless, never = row.get("unless"), row.get("never")
    return Rule(
        row["rule"],
        row["kind"],
        _pattern(row["pattern"]),
        _pattern(unless) if unless else None,
        _pattern(never) if never else None,
        row.get("instead", ""),
    )


def _pattern(lines: str) -> re.Pattern[str]:
    return re.compile("|".join(line for line in lines.split("\n") if line))
