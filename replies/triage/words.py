"""Judging by lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from replies.commands import wants_person
from replies.text import HAN, Language, clip, fold
from replies.understanding import CALM, TIERS, Evidence, History, Tier, Understanding

_GAP: Final = r"[^。！？；.!?;\n]{0,12}"
_LONGEST: Final = 4000


class WordTriage:
    """Judges by lists of words; what stands under `unless` is taken out of the text first."""

    def __init__(self, danger: Mapping[str, Sequence[str]]) -> None:
        self._unless = _any_of(danger.get("unless", ()))
        self._tiers: list[tuple[Tier, list[re.Pattern[str]]]] = [
            (tier, _any_of(danger.get(tier, ()))) for tier in TIERS
        ]
        self._all = _any_of(phrase for tier in TIERS for phrase in danger.get(tier, ()))

    def understand(self, text: str, language: Language, history: History = CALM) -> Understanding:
        """The highest tier that any word asks for, or that the conversation had already."""
        asks = wants_person(text)
        text = clip(text, _LONGEST)
        tier, spans = self._tier(text)
        if tier is not None and history.tier is not None:
            tier = min(tier, history.tier, key=TIERS.index)
        return Understanding(
            language,
            category="complaint" if spans else "inquiry",
            tier=tier,
            needs_human=asks or tier in ("critical", "serious", "moderate"),
            asks_person=asks,
            confidence=1.0 if spans else 0.0,
            evidence=tuple(Evidence(start, end, text[start:end], f"tier.{tier}") for start, end in spans),
        )

    def _tier(self, text: str) -> tuple[Tier | None, list[tuple[int, int]]]:
        folded = fold(text)
        if not any(pattern.search(folded) for pattern in self._all):
            return None, []
        for pattern in self._unless:
            folded = pattern.sub(lambda found: " " * len(found[0]), folded)
        for tier, patterns in self._tiers:
            if spans := sorted(found.span() for pattern in patterns for found in pattern.finditer(folded)):
                return tier, spans[:5]
        return None, []


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
