"""How serious a message is. A table of words for now; whatever judges better only has to be a `Triage`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from replies.text import HAN, Language, clip, fold
from replies.words import TIERS

_GAP: Final = r"[^。！？；.!?;\n]{0,12}"
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class Judgement:
    """`tier` of a complaint (critical, serious, moderate), None if it is none; `evidence`: the words that decided."""

    tier: str | None = None
    evidence: tuple[str, ...] = ()


CALM: Final = Judgement()


class Triage(Protocol):
    """Judges one message. Pure and safe on any text."""

    def judge(self, text: str, language: Language) -> Judgement: ...


class WordTriage:
    """Judges by lists of words; what stands under `unless` is taken out of the text first."""

    def __init__(self, danger: Mapping[str, Sequence[str]]) -> None:
        self._unless = _any_of(danger.get("unless", ()))
        self._tiers = [(tier, _any_of(danger.get(tier, ()))) for tier in TIERS]
        self._all = _any_of(phrase for tier in TIERS for phrase in danger.get(tier, ()))

    def judge(self, text: str, language: Language) -> Judgement:
        """The highest tier that any word asks for."""
        text = clip(text, _LONGEST)
        folded = fold(text)
        if not any(pattern.search(folded) for pattern in self._all):
            return CALM
        for pattern in self._unless:
            folded = pattern.sub(lambda found: " " * len(found[0]), folded)
        shown = text if len(text) == len(folded) else folded
        for tier, patterns in self._tiers:
            if spans := [found.span() for pattern in patterns for found in pattern.finditer(folded)]:
                words = dict.fromkeys(shown[start:end] for start, end in sorted(spans))
                return Judgement(tier, tuple(words)[:5])
        return CALM


def _any_of(phrases: Iterable[str]) -> list[re.Pattern[str]]:
    """Two patterns, Han and Latin: only Latin words have edges, and without these Han is found by first characters."""
    han: dict[str, None] = {}
    latin: dict[str, None] = {}
    for phrase in phrases:
        pattern = _GAP.join(re.escape(part.strip()) for part in fold(phrase).replace("...", "…").split("…"))
        (han if HAN.search(phrase) else latin)[pattern] = None
    found = []
    if han:
        found.append(re.compile("|".join(sorted(han, key=len, reverse=True))))
    if latin:
        found.append(re.compile(rf"(?<![a-z0-9])(?:{'|'.join(sorted(latin, key=len, reverse=True))})(?![a-z0-9])"))
    return found
