"""How near in meaning a question is to each row: roughly to all of them, exactly to those that come into question."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.sparse import Floats
from replies.faq.squeezed import Squeezed

FEW: Final = 2000
"""Up to so many rows all are compared exactly: that takes a fifth of a millisecond."""
_ROUGH: Final = 128
_SAMPLE: Final = 4096


class Sense:
    """Sentence vectors of length one. Where there are many, they are looked at along their main directions first, which
    is a quarter of the work; their part along the others is made good for the rows that matter (`exactly`)."""

    def __init__(self, vectors: Squeezed) -> None:
        self._vectors = vectors
        self.exact = len(vectors) <= FEW
        self._turn: Floats | None = None
        if self.exact:
            self._seen = vectors.rows()
        else:
            self._turn = _directions(vectors)
            self._seen = np.concatenate([vectors.rows(part) @ self._turn for part in _parts(len(vectors))])

    def near(self, vector: Floats) -> Floats:
        """Cosine of the question with every row; about, unless `exact`."""
        asked: Floats = vector if self._turn is None else vector @ self._turn
        near: Floats = self._seen @ asked
        return near

    def exactly(self, vector: Floats, rows: NDArray[np.int64]) -> Floats:
        """Cosine of the question with some rows."""
        near: Floats = self.rows(rows) @ vector
        return near

    def rows(self, rows: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """The vectors of all or some rows."""
        return self._seen[rows] if self._turn is None else self._vectors.rows(rows)


class Answers:
    """Sentence vectors of the entries' answers, and which of the entries have one."""

    def __init__(self, vectors: Squeezed, given: NDArray[np.bool_]) -> None:
        self._vectors, self._given = vectors, given
        middle = np.zeros(vectors.steps.shape[1], np.float64)
        for part in _parts(len(vectors)):
            middle += vectors.rows(part)[given[part]].sum(axis=0, dtype=np.float64)
        self._middle: Floats = (middle / max(int(given.sum()), 1)).astype(np.float32)

    def nearer(self, vector: Floats, entries: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """By how much nearer to the question some entries' answers are than the answers are on the whole; nothing for
        those without one."""
        nearer: Floats = self._vectors.rows(entries) @ vector - self._middle @ vector
        return np.where(self._given[entries], nearer, np.float32(0))


def _parts(rows: int) -> list[slice]:
    return [slice(first, first + 512) for first in range(0, rows, 512)]


def _directions(vectors: Squeezed) -> Floats:
    """The directions in which the rows differ most (numbers × directions), as far as a sample of them shows."""
    sample = vectors.rows(slice(None, None, 1 + len(vectors) // _SAMPLE))
    _, turned = np.linalg.eigh(sample.T @ sample)
    main: Floats = np.ascontiguousarray(turned[:, ::-1][:, :_ROUGH], np.float32)
    return main
