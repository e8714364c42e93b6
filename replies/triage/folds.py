"""Which examples are so alike that one must not be learnt from when another is judged, and the parts made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from replies.triage.model import Floats

FOLDS: Final = 5
WORDED: Final = 0.55
"""Cosine of two messages' words from which they count as one said twice."""
MEANT: Final = 0.78
"""Cosine of their vectors: a message and its translation are one, too."""
_BAND: Final = 512

Indices = npt.NDArray[np.int64]


def groups(alike: Floats, vectors: Floats | None) -> Indices:
    """A group for each example: near-duplicates of one another, and of one another's, are in one.

    `alike`: cosines of their words, each with each; `vectors` have length one.
    """
    leader = list(range(len(alike)))
    for start in range(0, len(alike), _BAND):
        rows = slice(start, start + _BAND)
        same = alike[rows] >= WORDED
        if vectors is not None:
            same |= vectors[rows] @ vectors.T >= MEANT
        for row, other in np.argwhere(same):
            _join(leader, start + int(row), int(other))
    return np.array([_head(leader, index) for index in range(len(leader))], dtype=np.int64)


def _head(leader: list[int], index: int) -> int:
    while leader[index] != index:
        leader[index] = leader[leader[index]]
        index = leader[index]
    return index


def _join(leader: list[int], one: int, other: int) -> None:
    one, other = _head(leader, one), _head(leader, other)
    leader[max(one, other)] = min(one, other)


def parts(group: Indices, labels: Sequence[str]) -> Indices:
    """The part (0 to FOLDS - 1) of each example: whole groups, the largest first, where its label is rarest so far."""
    part = np.zeros(len(group), dtype=np.int64)
    full: dict[str, list[int]] = {label: [0] * FOLDS for label in labels}
    heads, sizes = np.unique(group, return_counts=True)
    for head in heads[np.argsort(-sizes, kind="stable")]:
        members = np.flatnonzero(group == head)
        counts = full[labels[int(head)]]
        fold = counts.index(min(counts))
        part[members] = fold
        for member in members:
            full[labels[int(member)]][fold] += 1
    return part
