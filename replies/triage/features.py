"""What the model sees of a message: hashed pieces of words, and the names of the rules that fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

SIZE: Final = 1 << 15
"""Buckets. With so many, few of the pieces of a few thousand messages share one."""
_LONGEST: Final = 500
_DIGITS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_RUNS: Final = re.compile(r"[a-z']+|[\u3400-\u9fff]+|0|[!?]+|[^\sa-z0-9]")
_EDGES: Final = 160
"""Length in characters up to which a message counts as short, middle, or long."""


@lru_cache(maxsize=1 << 15)
def _bucket(piece: str) -> int:
    return crc32(piece.encode("utf-8", "replace")) & (SIZE - 1)


def buckets(folded: str, rules: Iterable[str] = ()) -> npt.NDArray[np.int64]:
    """The buckets of a folded message and of the names of rules that fit it, sorted, each once."""
    if len(folded) > _LONGEST:
        folded = folded[: _LONGEST * 3 // 4] + " " + folded[-_LONGEST // 4 :]
    found = {_bucket(piece) for piece in pieces(_DIGITS.sub("0", folded))}
    found.update(_bucket(f"rule:{name}") for name in rules)
    return np.array(sorted(found), dtype=np.int64)


def bucketed(rules: Iterable[str]) -> npt.NDArray[np.int64]:
    """The buckets of names alone."""
    return np.array(sorted({_bucket(f"rule:{name}") for name in rules}), dtype=np.int64)


def pieces(text: str) -> Iterator[str]:
    """Han in one to three characters, Latin in words, pairs of words and parts of words, and the punctuation."""
    before = "^"
    for run in _RUNS.findall(text):
        yield run[:1] if run[0] in "!?" else run if len(run) < 4 or run[0] < "\u3400" else run[:4]
        if run[0] >= "\u3400":
            yield from _han(run)
        elif run[0].isalpha():
            yield f"{before} {run}"
            yield from _latin(f"<{run}>")
        before = run
    yield f"{before} $"
    yield f"length:{min(len(text) // 12, 8)}"


def _han(run: str) -> Iterator[str]:
    for size in (1, 2, 3):
        for start in range(len(run) - size + 1):
            yield run[start : start + size]
    yield f"^{run[:2]}"
    yield f"{run[-2:]}$"


def _latin(word: str) -> Iterator[str]:
    for size in (3, 4, 5):
        for start in range(len(word) - size + 1):
            yield f"~{word[start : start + size]}"
