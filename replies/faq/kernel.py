"""How near a question is to every way to ask, and what that says for each entry: ridge regression among neighbours.

The kernel is fused from the views (letters, words, sounds) and the meaning (sentence vectors). The ridge is solved for
the nearest rows only, question by question: that is as good as over all of them, needs no training, and leaves nothing
to be updated when an entry changes. Leaving a row or an entry out, to see how sure one may be, is asking without it.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.encoder import Vectors
from replies.faq.index import Index
from replies.faq.sparse import Asked, Floats

NEIGHBOURS: Final = 64
_LOOKED_AT: Final = 384
_RIDGE: Final = 0.3
_SHARES: Final = np.array([[0.35], [0.4], [0.25]], np.float32)
_MEANING: Final = 0.9
_WIDTH: Final = 0.6
"""How fast what two meanings have in common falls with the distance between them."""
_NARROW: Final = 0.3
"""As fast where most entries are asked in one way only: there the nearest one tells, and others bear it out nowhere."""
_ONE_WAY: Final = 1.5


@dataclass(frozen=True, slots=True)
class Nearness:
    """Of one question to every row: by wording, by meaning (None without an encoder), and both fused."""

    asked: Asked
    wording: Floats
    meaning: Floats | None
    fused: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """The entries in the neighbourhood with their scores, best first; `rows` is the neighbourhood, nearest first."""

    owners: NDArray[np.int64]
    values: Floats
    rows: NDArray[np.int64]


def nearness(index: Index, plain: str, vector: Vectors | None, gone: Container[int] = ()) -> Nearness:
    """Compare with all rows; features that are `gone` are taken for unknown."""
    asked = index.postings.asked(plain, gone)
    views = index.postings.near(asked)
    wording = (_SHARES * views * views).sum(axis=0)
    if vector is None or index.sense is None:
        return Nearness(asked, wording, None, wording)
    meaning = index.sense.near(vector)
    width = _width(index)
    fused = _fused(wording, meaning, width)
    if not index.sense.exact:
        rows = _nearest(fused, _LOOKED_AT)
        meaning[rows] = index.sense.exactly(vector, rows)
        fused[rows] = _fused(wording[rows], meaning[rows], width)
    return Nearness(asked, wording, meaning, fused)


def _fused(wording: Floats, meaning: Floats, width: float) -> Floats:
    return (1 - _MEANING) * wording + _MEANING * _bell(meaning, width)


def _width(index: Index) -> float:
    return _NARROW if index.rows < _ONE_WAY * len(index.ids) else _WIDTH


def _bell(cosines: Floats, width: float) -> Floats:
    near: Floats = np.exp((cosines - 1) / np.float32(width))
    return near


def scores(index: Index, near: Nearness, without: NDArray[np.int64] | None = None) -> Scores:
    """What each entry near the question has for it; `without` leaves these rows out."""
    fused = near.fused
    if without is not None:
        fused = fused.copy()
        fused[without] = -1.0
    rows = _nearest(fused, NEIGHBOURS)
    rows = rows[fused[rows] > 0]
    weights = np.linalg.solve(_among(index, rows, near.meaning is not None), fused[rows])
    owners, places = np.unique(index.owners[rows], return_inverse=True)
    values = np.bincount(places, weights, minlength=len(owners)).astype(np.float32)
    order = np.argsort(-values, kind="stable")
    return Scores(owners[order], values[order], rows)


def _nearest(values: Floats, count: int) -> NDArray[np.int64]:
    if len(values) > count:
        some = np.argpartition(-values, count)[:count]
        return some[np.argsort(-values[some], kind="stable")]
    return np.argsort(-values, kind="stable")


def _among(index: Index, rows: NDArray[np.int64], meaning: bool) -> Floats:
    """The kernel of the neighbours with one another, and the ridge."""
    sketches = index.sketches.rows(rows)
    alike = np.clip(sketches @ sketches.T, 0, 1)
    kernel: Floats = alike * alike
    if meaning and index.sense is not None:
        vectors = index.sense.rows(rows)
        kernel = (1 - _MEANING) * kernel + _MEANING * _bell(vectors @ vectors.T, _width(index))
    kernel[np.diag_indices(len(rows))] = 1.0 + _RIDGE
    return kernel
