"""Multinomial logistic regression over sentence vectors and sketches: for entries that are asked in several ways.

Where every entry has a few ways, what they have in common tells more than the nearest one. Fitted with L-BFGS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.index import Index
from replies.faq.sparse import SKETCH, Floats

_WORDING: Final = 0.9
_DECAY: Final = 2e-5
_MEMORY: Final = 8
_STEPS: Final = 80
_FEW: Final = 3.0
_LARGEST: Final = 4_000_000
"""Rows times entries: fitting more takes minutes, and there is little in common among so many entries anyway."""


def worthwhile(index: Index) -> bool:
    """Whether the entries are asked in enough ways, and are few enough, for this to help."""
    entries = len(index.ids)
    return entries > 1 and index.rows >= _FEW * entries and index.rows * entries <= _LARGEST


def inputs(index: Index) -> Floats:
    """The rows as the regression sees them."""
    wording = index.sketches.rows() * np.float32(_WORDING)
    return wording if index.sense is None else np.hstack([index.sense.rows(), wording])


def inputs_of(sketch: Floats, vector: Floats | None) -> Floats:
    """A question as the regression sees it."""
    wording = sketch * np.float32(_WORDING)
    return wording if vector is None else np.concatenate([vector, wording])


def fit(rows: Floats, owners: NDArray[np.int64], entries: int, start: Floats | None = None) -> Floats:
    """Weights (inputs × entries). From `start`, the weights before an edit, it takes a few steps only."""
    wanted = np.zeros((len(rows), entries), np.float32)
    wanted[np.arange(len(rows)), owners] = 1

    def loss(weights: Floats) -> tuple[float, Floats]:
        chances = np.exp(log_chances(rows @ weights))
        right = chances[np.arange(len(rows)), owners]
        slope = rows.T @ ((chances - wanted) / np.float32(len(rows))) + np.float32(_DECAY) * weights
        return float(-np.log(right + 1e-12).mean() + 0.5 * _DECAY * (weights**2).sum()), slope

    width = rows.shape[1] if rows.ndim == 2 else SKETCH
    return _descend(loss, np.zeros((width, entries), np.float32) if start is None else start)


def carried(old: Sequence[str], weights: Floats | None, new: Sequence[str], width: int) -> Floats | None:
    """The weights before an edit for the entries after it, to start from; None where they say nothing about these."""
    if weights is None or len(weights) != width:
        return None
    places = {id_: place for place, id_ in enumerate(old)}
    start = np.zeros((width, len(new)), np.float32)
    for place, id_ in enumerate(new):
        if id_ in places:
            start[:, place] = weights[:, places[id_]]
    return start


def log_chances(values: Floats) -> Floats:
    """The logarithm of softmax along the last axis."""
    values = values - values.max(axis=-1, keepdims=True)
    logs: Floats = values - np.log(np.exp(values).sum(axis=-1, keepdims=True))
    return logs


def _descend(loss: Callable[[Floats], tuple[float, Floats]], at: Floats) -> Floats:
    height, slope = loss(at)
    moves: list[tuple[Floats, Floats, float]] = []
    for _ in range(_STEPS):
        way = _direction(slope, moves)
        steep = float((slope * way).sum())
        step = 1.0
        while True:
            there = at - np.float32(step) * way
            lower, turned = loss(there)
            if lower <= height - 1e-4 * step * steep or step < 1e-3:
                break
            step /= 2
        moved, bent = there - at, turned - slope
        bend = float((moved * bent).sum())
        gain, at, height, slope = height - lower, there, lower, turned
        if bend <= 1e-12 or gain < 1e-4 * height:
            break
        moves = [*moves[1 - _MEMORY :], (moved, bent, bend)]
    return at


def _direction(slope: Floats, moves: list[tuple[Floats, Floats, float]]) -> Floats:
    """What the curvature of the last moves makes of the slope."""
    way = slope.copy()
    shares: list[float] = []
    for moved, bent, bend in reversed(moves):
        shares.append(float((moved * way).sum()) / bend)
        way -= np.float32(shares[-1]) * bent
    if not moves:
        return way / np.float32(max(float(np.sqrt((slope**2).sum())), 1e-12))
    _, bent, bend = moves[-1]
    way *= np.float32(bend / float((bent**2).sum()))
    for (moved, bent, bend), share in zip(moves, reversed(shares), strict=True):
        way += np.float32(share - float((bent * way).sum()) / bend) * moved
    return way
