"""Labelled examples: what triage is trained and measured on."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.errors import ContentError
from replies.source import Fault, read_source, refuse
from replies.text import Language, detect, language_of
from replies.understanding import CATEGORIES, TIERS, Category, Tier

TRAINING: Final = Path(__file__).parent / "training"
"""What we wrote, a table a language; installed too, so that an operator's examples are learnt beside them."""
_NONE: Final = ("", "-", "null", "none")


@dataclass(frozen=True, slots=True)
class Example:
    """A message with what it means. `mood`: angry, distressed or "" (calm, or nobody said)."""

    text: str
    category: Category
    tier: Tier | None
    language: Language
    mood: str = ""
    human: bool | None = None

    @property
    def label(self) -> str:
        return self.tier or self.category


def read_examples(path: Path) -> list[Example]:
    """A TSV with a heading (text, category, tier, maybe mood, human, language; lines of # are remarks) or JSON lines.

    Raises ContentError with file and line of every row that is none.
    """
    source = read_source(path)
    rows = _jsonl(source, path) if path.suffix in (".jsonl", ".json") else _tsv(source, path)
    examples: list[Example] = []
    faults: list[Fault] = []
    for number, row in rows:
        try:
            examples.append(_example(row))
        except ValueError as error:
            faults.append(Fault(str(path), number, str(error), "text, category and the tier of a complaint"))
    refuse(faults)
    if not examples:
        raise ContentError(f"{path}: has no examples")
    return examples


def _tsv(source: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = [(number, line) for number, line in enumerate(source.splitlines(), 1) if line and line[0] != "#"]
    if not lines:
        return
    heading = lines[0][1].split("\t")
    if "text" not in heading or "category" not in heading:
        raise ContentError(f"{path}:{lines[0][0]}: the heading is not text, category, tier, … → tabs between columns")
    for number, line in lines[1:]:
        fields = next(csv.reader(io.StringIO(line), delimiter="\t", quoting=csv.QUOTE_NONE), [])
        yield number, dict(zip(heading, fields, strict=False))


def _jsonl(source: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(source.splitlines(), 1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ContentError(f"{path}:{number}: is not JSON: {error}") from error
            yield number, row if isinstance(row, dict) else {}


def _example(row: dict[str, Any]) -> Example:
    text, category = row.get("text"), row.get("category")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("has no text")
    if category not in CATEGORIES:
        raise ValueError(f"category {category!r} is none of {', '.join(CATEGORIES)}")
    tier = row.get("tier")
    tier = None if tier is None or tier in _NONE else tier
    if tier is not None and tier not in TIERS:
        raise ValueError(f"tier {tier!r} is none of {', '.join(TIERS)}")
    if (tier is None) == (category == "complaint"):
        raise ValueError("a complaint has a tier, and nothing else has one")
    language = language_of(str(row.get("language") or "")) or detect(text)
    human = {"yes": True, "no": False, True: True, False: False}.get(row.get("human", ""))
    return Example(text, category, tier, language, str(row.get("mood") or ""), human)
