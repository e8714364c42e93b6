"""Which character a mistyped one stands for: 退宽 is 退款, since nobody says 退宽, and 险在 is 现在.

Input methods write by sound, so what is typed by mistake is a homophone. It is known by its neighbours: a pair of
characters may be the FAQ's own, more or less usual, or unheard of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from replies.faq.sounds import homophones, syllable
from replies.text import HAN

PAIRS: Final = Path(__file__).parent / "pairs.txt"
"""A line a first character, and those that stand behind it: as customers use to, very often, often. Made by
`tests.benchmarks.faq.pairs`."""
_USUAL: Final = (4.5, 3.0, 2.0)
"""How well a pair of each of these fits."""
_OWN: Final = 3.0
"""How much better, because the FAQ has it."""
_BEST: Final = 6.0
_CLEARLY: Final = 3.0
"""By how much better it must fit than what was written."""
_SURE: Final = 3.0
"""What fits so well is no mistake."""


@cache
def _behind() -> dict[str, list[str]]:
    return {line[0]: line[1:].split(" ") for line in PAIRS.read_text("utf-8").splitlines()}


def _usually(one: str, other: str) -> float:
    groups = zip(_behind().get(one, ()), _USUAL, strict=False)
    return next((fits for group, fits in groups if other in group), 0.0)


class Spelling:
    """The words of an FAQ and of everybody. Safe in several threads."""

    def __init__(self, plains: Iterable[str]) -> None:
        self._pairs: set[str] = set()
        self._heard: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for plain in plains:
            self._pairs.update(one + other for one, other in pairwise(plain))
            for char in plain:
                if HAN.match(char):
                    self._heard[syllable(char)][char] = None

    def corrected(self, text: str) -> str:
        """With a homophone, of the FAQ first, where it goes with its neighbours clearly better than what is written:
        the clearest first, since what stands beside a mistake does not fit either."""
        chars = list(text)
        better = {place: self._better(chars, place) for place, char in enumerate(chars) if HAN.match(char)}
        while better:
            place = max(better, key=lambda place: better[place][0])
            gain, char = better.pop(place)
            if gain < _CLEARLY:
                break
            chars[place] = char
            better |= {beside: self._better(chars, beside) for beside in (place - 1, place + 1) if beside in better}
        return "".join(chars)

    def _better(self, chars: Sequence[str], place: int) -> tuple[float, str]:
        """By how much another character fits better here, and which."""
        before, char, after = chars[place - 1] if place else "", chars[place], "".join(chars[place + 1 : place + 2])
        written = self._fits(before, char, after)
        if written >= _SURE:
            return 0.0, char
        heard = syllable(char)
        others = chain(self._heard.get(heard, ()), homophones(heard))
        best = max(others, key=lambda other: self._fits(before, other, after), default=char)
        return self._fits(before, best, after) - written, best

    def _fits(self, before: str, char: str, after: str) -> float:
        """With the neighbour it goes with better, and half as much with the other one."""
        one, other = self._pair(before, char), self._pair(char, after)
        return max(one, other) + 0.5 * min(one, other)

    def _pair(self, one: str, other: str) -> float:
        if not one or not other:
            return 0.0
        return min(_usually(one, other) + _OWN * (one + other in self._pairs), _BEST)
