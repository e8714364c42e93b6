"""What two wordings are compared by: their letters, their words, and how they sound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from replies.faq.sounds import sound
from replies.faq.wording import GREY

VIEWS: Final = ("letters", "words", "sounds")
"""A feature begins with the number of its view."""

_RUNS: Final = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")
_CODE: Final = re.compile(r"[a-z]{0,3}\d{4,}[a-z\d]*\Z")


def features(plain: str) -> dict[str, float]:
    """What a canonical wording consists of, and how often; what any question has counts less."""
    found: dict[str, float] = {}
    words: list[str] = []
    for run in _RUNS.findall(plain):
        if "\u3400" <= run[0] <= "\u9fff":
            _han(run, found)
        elif not _CODE.match(run):
            words.append(run)
    if words:
        _latin(words, found)
    return found


def _han(run: str, found: dict[str, float]) -> None:
    grey = [0.3 if char in GREY else 1.0 for char in run]
    for length in (1, 2, 3):
        for start in range(len(run) - length + 1):
            piece = run[start : start + length]
            weight = max(grey[start : start + length])
            _add(found, "0" + piece, weight)
            if length > 1:
                _add(found, "1" + piece, weight)
    heard = [sound(char) for char in run]
    for (one, other), weights in zip(pairwise(heard), pairwise(grey), strict=True):
        _add(found, f"2{one} {other}", max(weights))
    for syllable, weight in zip(heard, grey, strict=True):
        _add(found, "2" + syllable, 0.5 * weight)


def _latin(words: Sequence[str], found: dict[str, float]) -> None:
    for word in words:
        _add(found, "1" + word, 1.0)
        for piece in _pieces(f" {word} "):
            _add(found, "0" + piece, 1.0)
    for one, other in pairwise(words):
        _add(found, f"1{one} {other}", 1.0)


def _pieces(framed: str) -> Iterator[str]:
    for length in (2, 3, 4):
        for start in range(len(framed) - length + 1):
            yield framed[start : start + length]


def _add(found: dict[str, float], feature: str, weight: float) -> None:
    found[feature] = found.get(feature, 0.0) + weight
