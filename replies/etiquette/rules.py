"""What a rule is, and how a table of them is laid over a text.

The patterns are bounded, so none of them runs away on any text; alternatives begin with a letter wherever they can,
which lets the engine skip what cannot match (a 500-character draft is read in well under 2 ms).
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from replies.etiquette.told import told
from replies.text import Language

Tone = Literal["light", "plain", "grave"]
"""How a text may sound: emoji and particles (呢, 哦, 哈) have no place where a customer has trouble."""

SENTENCE_ENDS: Final = (*"。！？；!?;\n", ". ")
LONGEST: Final = 200
"""Characters on either side of a finding that are looked through for the rest of its sentence."""
_QUOTED: Final = re.compile(
    r"“[^”]{0,60}”|「[^」]{1,60}」|『[^』]{1,60}』|《[^》]{1,60}》|〈[^〉]{1,60}〉|\"[^\"]{1,60}\""
)


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to say otherwise: `words` is what the text says from `start` on, `mend` a better way.

    `instead`: what can stand in the place of `words` as it is; empty where the sentence has to be written anew.
    """

    rule: str
    words: str
    start: int
    why: str
    mend: str
    instead: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(frozen=True, slots=True)
class Rule:
    """`kind` chooses what is told (`told.py`). No finding where `unless` is found in the same sentence, or `never` in
    the whole text. `instead`: a template for the replacement, with the groups of the match."""

    name: str
    kind: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    never: re.Pattern[str] | None = None
    instead: str = ""


@dataclass(slots=True)
class Reading:
    """A text being checked: `seen` is what the patterns look at, `shown` what the writer wrote, letter for letter."""

    seen: str
    shown: str
    language: Language
    _quotes: list[tuple[int, int]] | None = None

    def sentence(self, start: int, end: int) -> str:
        """The sentence around a match."""
        low, high = max(0, start - LONGEST), end + LONGEST
        first = max(low - 1, *(self.seen.rfind(mark, low, start) for mark in SENTENCE_ENDS)) + 1
        found = [place for mark in SENTENCE_ENDS if (place := self.seen.find(mark, end, high)) >= 0]
        return self.seen[first : min(found, default=high)]

    def quoted(self, start: int, end: int) -> bool:
        """It stands in quotation marks: the customer's words, a title, an inscription."""
        if self._quotes is None:
            self._quotes = [match.span() for match in _QUOTED.finditer(self.seen)]
        place = bisect(self._quotes, (start, len(self.seen))) - 1
        return place >= 0 and start < self._quotes[place][1]

    def advice(self, name: str, kind: str, start: int, end: int, instead: str = "") -> Advice:
        """A finding about a stretch of the text."""
        why, mend = told(kind, self.language)
        return Advice(name, self.shown[start:end], start, why, mend, instead)


def apply(rules: Sequence[Rule], reading: Reading) -> Iterator[Advice]:
    """All findings of a table."""
    for one in rules:
        for match in one.pattern.finditer(reading.seen):
            start, end = match.span()
            if not _excused(one, reading, start, end) and not reading.quoted(start, end):
                yield reading.advice(one.name, one.kind, start, end, match.expand(one.instead) if one.instead else "")


def _excused(one: Rule, reading: Reading, start: int, end: int) -> bool:
    if one.unless is not None and one.unless.search(reading.sentence(start, end)):
        return True
    return one.never is not None and one.never.search(reading.seen) is not None
