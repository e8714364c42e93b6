"""What operators teach: words of their trade by tier, words that are no complaint, and examples (triage.toml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from replies.source import Fault, line_of, parse_toml, read_source
from replies.text import HAN, LANGUAGES, bare, fold
from replies.triage.reading import Reading
from replies.understanding import CATEGORIES, TIERS, Category, Evidence, Tier

FILE: Final = "triage.toml"
WORDS: Final = (*TIERS, "unless")
TABLES: Final = ("words", "examples")
_GAP: Final = r"[^。！？；.!?;\n]{0,12}"
_ALIKE: Final = 0.8

Verdict = tuple[Category, Tier | None, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """What the lessons say of one message: nothing (None), or a verdict and the words behind it."""

    verdict: Verdict | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Lessons:
    """`words`: phrases by tier and `unless`; "…" is a gap of a few words. `examples`: message → category, tier."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    examples: Mapping[str, tuple[Category, Tier | None]] = field(default_factory=dict)
    _patterns: list[tuple[str, re.Pattern[str]]] = field(default_factory=list)
    _known: dict[str, list[tuple[frozenset[str], Category, Tier | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in WORDS:
            if phrases := [phrase for phrase in self.words.get(name, ()) if bare(fold(phrase))]:
                self._patterns.append((name, _any_of(phrases)))
        for text, (category, tier) in self.examples.items():
            grams = _grams(bare(fold(text)))
            for gram in grams:
                self._known.setdefault(gram, []).append((grams, category, tier))

    def judge(self, reading: Reading) -> Learned:
        """An example that the message repeats almost word for word decides; else the gravest tier of a phrase in it."""
        if self._known and (same := self._nearest(bare(reading.plain))) is not None:
            end = len(reading.folded)
            start, stop = reading.span(0, end)
            return Learned(same, (Evidence(start, stop, reading.text[start:stop], "example"),))
        folded = reading.folded
        patterns = dict(self._patterns)
        if (unless := patterns.get("unless")) is not None:
            folded = unless.sub(lambda found: " " * len(found[0]), folded)
        for tier in TIERS:
            if tier in patterns and (found := patterns[tier].search(folded)):
                start, stop = reading.span(*found.span())
                return Learned(
                    ("complaint", tier, 1.0), (Evidence(start, stop, reading.text[start:stop], f"tier.{tier}.words"),)
                )
        return Learned()

    def _nearest(self, plain: str) -> Verdict | None:
        grams = _grams(plain[:300])
        best: Verdict | None = None
        high = _ALIKE
        for gram in grams:
            for known, category, tier in self._known.get(gram, ())[:50]:
                alike = len(grams & known) / len(grams | known)
                if alike >= high:
                    best, high = (category, tier, alike), alike
        return best


def _grams(plain: str) -> frozenset[str]:
    return frozenset([plain[at : at + 2] for at in range(len(plain) - 1)] or [plain])


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    """Only Latin words have edges."""
    parts = []
    for phrase in sorted(phrases, key=len, reverse=True):
        pattern = _GAP.join(re.escape(part.strip()) for part in fold(phrase).replace("...", "…").split("…"))
        parts.append(pattern if HAN.search(phrase) else rf"(?<![a-z0-9]){pattern}(?![a-z0-9])")
    return re.compile("|".join(parts))


def load_lessons(content: Path) -> tuple[Lessons, list[Fault]]:
    """The lessons of all languages of a content folder, and what is wrong with them. A language may have none."""
    words: dict[str, list[str]] = {name: [] for name in WORDS}
    examples: dict[str, tuple[Category, Tier | None]] = {}
    faults: list[Fault] = []
    for language in LANGUAGES:
        path = content / language / FILE
        if not path.exists():
            continue
        source = read_source(path)
        tables = parse_toml(source, str(path))
        faults += _check(tables, source, str(path))
        for name, phrases in _lists(tables, "words", WORDS):
            words[name] += phrases
        for label, texts in _lists(tables, "examples", LABELS):
            examples |= dict.fromkeys(texts, _meaning(label))
    return Lessons(words, examples), faults


LABELS: Final = (*(category for category in CATEGORIES if category != "complaint"), *TIERS)


def _meaning(label: str) -> tuple[Category, Tier | None]:
    return ("complaint", label) if label in TIERS else (label, None)  # type: ignore[return-value]


def _lists(tables: Mapping[str, Any], table: str, names: Sequence[str]) -> list[tuple[str, list[str]]]:
    lists = tables.get(table)
    if not isinstance(lists, dict):
        return []
    return [
        (name, [text for text in lists[name] if _says(text)]) for name in names if isinstance(lists.get(name), list)
    ]


def _says(text: object) -> bool:
    return isinstance(text, str) and bool(bare(fold(text)))


def _check(tables: Mapping[str, Any], source: str, file: str) -> list[Fault]:
    faults: list[Fault] = []
    for table, lists in tables.items():
        if table not in TABLES:
            faults.append(Fault(file, line_of(source, table), f"[{table}] is not known", f"use {', '.join(TABLES)}"))
        elif isinstance(lists, dict):
            faults += _check_table(table, lists, source, file)
    return faults


def _check_table(table: str, lists: Mapping[str, Any], source: str, file: str) -> list[Fault]:
    names = WORDS if table == "words" else LABELS
    faults: list[Fault] = []
    for name, texts in lists.items():
        line = line_of(source, table, name)
        if name not in names:
            faults.append(Fault(file, line, f"[{table}] {name} is not known", f"use {', '.join(names)}"))
        elif not isinstance(texts, list) or not all(map(_says, texts)):
            faults.append(Fault(file, line, f"[{table}] {name} is not a list of texts", '["…", "…"]'))
    return faults
