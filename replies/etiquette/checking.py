"""Laying all rules over a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from replies.etiquette import written
from replies.etiquette.promises import promises, refusals
from replies.etiquette.public import in_public
from replies.etiquette.rules import Advice, Reading, Tone, apply
from replies.etiquette.tables import Table, table
from replies.text import Language, simplified

MOST: Final = 20_000
"""Characters that are looked at; nobody sends more in one message."""


def check(text: str, language: Language, tone: Tone = "plain", *, public: bool = False) -> tuple[Advice, ...]:
    """What should be said otherwise, in the order of the text. `tone` grave: no emoji, no particles (complaints).
    `public`: everybody will read it."""
    text = text[:MOST]
    rules = table("english" if language == "en" else "chinese")
    reading = _reading(text, language)
    found = list(_found(reading, rules))
    found += written.check_script(text, language)
    if tone == "grave":
        found += written.levity(reading, rules)
    if public:
        found += in_public(text, language)
    return _in_order(found)


def _reading(text: str, language: Language) -> Reading:
    """Patterns see one form of a text; where that has another length, the writer is shown that form."""
    seen = text.lower().replace("’", "'") if language == "en" else simplified(text)
    return Reading(seen, text if len(seen) == len(text) else seen, language)


def _found(reading: Reading, rules: Table) -> Iterator[Advice]:
    yield from apply(rules.rules, reading)
    yield from promises(reading, rules)
    yield from refusals(reading, rules)
    if reading.language == "zh-Hant":
        yield from written.region(reading)


def _in_order(found: list[Advice]) -> tuple[Advice, ...]:
    """Sorted, and the same rule told once for one place."""
    kept: list[Advice] = []
    ends: dict[str, int] = {}
    for advice in sorted(found, key=lambda one: (one.start, -one.end, one.rule)):
        if advice.start >= ends.get(advice.rule, 0):
            kept.append(advice)
            ends[advice.rule] = advice.end
    return tuple(kept)
