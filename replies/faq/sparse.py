"""Rows of weighted features, and how near a question is to each of them: tf-idf by view, in numpy.

`Corpus` is what the rows consist of and can be kept; `Postings` is the same turned round, for asking.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.views import VIEWS, features

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

SKETCH: Final = 1024
_HASHES: Final = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
_AT_ONCE: Final = 512
_COMMON: Final = 4000
"""A feature that more rows than this have tells nothing, and would cost a millisecond."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Row r has features ids[starts[r]:starts[r + 1]] with these counts; `vocabulary` gives a feature its number."""

    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    ids: Ints
    counts: Floats

    @property
    def rows(self) -> int:
        return len(self.starts) - 1

    def chosen(self, rows: Sequence[int]) -> Corpus:
        """These rows in this order, under the same vocabulary."""
        lengths = np.diff(self.starts)[list(rows)]
        places = _spans(self.starts[:-1][list(rows)], lengths)
        return Corpus(self.vocabulary, _starts(lengths), self.ids[places], self.counts[places])

    def compact(self) -> Corpus:
        """Without the features that no row has."""
        used = np.bincount(self.ids, minlength=len(self.vocabulary)) > 0
        if used.all():
            return self
        numbers = np.cumsum(used) - 1
        kept = (feature for feature, use in zip(self.vocabulary, used.tolist(), strict=True) if use)
        vocabulary = {feature: number for number, feature in enumerate(kept)}
        return Corpus(vocabulary, self.starts, numbers[self.ids].astype(np.int32), self.counts)

    def extended(self, plains: Iterable[str]) -> Corpus:
        """More rows at the end; the vocabulary grows, and numbers stay what they were."""
        vocabulary = dict(self.vocabulary)
        ids: list[int] = []
        counts: list[float] = []
        lengths: list[int] = []
        for plain in plains:
            found = features(plain)
            ids += [vocabulary.setdefault(feature, len(vocabulary)) for feature in found]
            counts += found.values()
            lengths.append(len(found))
        return Corpus(
            vocabulary,
            np.concatenate([self.starts, self.starts[-1] + np.cumsum(lengths, dtype=np.int64)]),
            np.concatenate([self.ids, np.array(ids, np.int32)]),
            np.concatenate([self.counts, np.array(counts, np.float32)]),
        )


EMPTY: Final = Corpus({}, np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's known features with their weights; `known` is the share of each view that the FAQ has words for."""

    ids: NDArray[np.int64]
    weights: Floats
    known: float


class Postings:
    """By feature, the rows that have it. Weights are (1 + log count) · idf, each view of a row of length one."""

    def __init__(self, corpus: Corpus) -> None:
        self.vocabulary = corpus.vocabulary
        self.rows = corpus.rows
        size = len(corpus.vocabulary)
        self._view = np.fromiter((ord(key[0]) - 48 for key in corpus.vocabulary), np.int32, size)
        owners = np.repeat(np.arange(self.rows), np.diff(corpus.starts))
        having = np.bincount(corpus.ids, minlength=size)
        total = 1.0 + self.rows
        self._idf = (np.log(total / (1.0 + having)) + 1.0).astype(np.float32)
        self._unseen = float(np.log(total) + 1.0)
        weights = _damped(corpus.counts) * self._idf[corpus.ids]
        places = owners * len(VIEWS) + self._view[corpus.ids]
        lengths = np.sqrt(np.bincount(places, weights * weights, minlength=self.rows * len(VIEWS)))
        self._lengths = lengths.astype(np.float32)
        weights = (weights / lengths[places]).astype(np.float32)
        order = np.argsort(corpus.ids, kind="stable")
        order = order[having[corpus.ids[order]] <= _COMMON]
        self._starts = _starts(np.where(having <= _COMMON, having, 0))
        self._where = (self._view[corpus.ids[order]] * self.rows + owners[order]).astype(np.int32)
        self._weights = weights[order]

    def asked(self, plain: str, gone: Container[int] = ()) -> Asked:
        """The question in the FAQ's features; those that are `gone` it would lack without some of its rows."""
        found = features(plain)
        number = self.vocabulary.get
        ids = np.array([number(feature, -1) for feature in found], np.int64)
        if gone:
            ids = np.array([-1 if id_ in gone else id_ for id_ in ids.tolist()], np.int64)
        counts = _damped(np.array(list(found.values()), np.float32))
        views = np.array([int(feature[0]) for feature in found], np.int64)
        idf = np.where(ids >= 0, self._idf[ids] if len(self._idf) else 0.0, self._unseen)
        weights = counts * idf
        squares = np.bincount(views, weights * weights, minlength=len(VIEWS))
        seen = ids >= 0
        known = float((weights[seen] ** 2).sum() / max(float(squares.sum()), 1e-9))
        lengths = np.sqrt(np.bincount(views[seen], weights[seen] ** 2, minlength=len(VIEWS)))
        return Asked(ids[seen], (weights[seen] / np.maximum(lengths[views[seen]], 1e-9)).astype(np.float32), known)

    def near(self, asked: Asked) -> Floats:
        """Cosine of the question with each row, by view (views × rows)."""
        starts, ends = self._starts[asked.ids], self._starts[asked.ids + 1]
        lengths = ends - starts
        places = _spans(starts, lengths)
        weights = self._weights[places] * np.repeat(asked.weights, lengths)
        size = len(VIEWS) * self.rows
        near = np.bincount(self._where[places], weights, minlength=size).astype(np.float32)
        views: Floats = near.reshape(len(VIEWS), self.rows)
        return views

    def sketch(self, asked: Asked) -> Floats:
        """The question in a few numbers, whose products are near the mean of the views' cosines."""
        sketch: Floats = _sketched(asked.ids, asked.weights, np.zeros(len(asked.ids), np.int64), 1)[0]
        return sketch

    def sketches(self, corpus: Corpus) -> Iterator[Floats]:
        """The rows of the corpus these are the postings of in the same numbers, some hundred at a time."""
        for first in range(0, self.rows, _AT_ONCE):
            last = min(first + _AT_ONCE, self.rows)
            part = slice(int(corpus.starts[first]), int(corpus.starts[last]))
            ids = corpus.ids[part].astype(np.int64)
            owners = np.repeat(np.arange(last - first), np.diff(corpus.starts[first : last + 1]))
            lengths = self._lengths[(owners + first) * len(VIEWS) + self._view[ids]]
            weights = _damped(corpus.counts[part]) * self._idf[ids] / lengths
            yield _sketched(ids, weights, owners, last - first)


def _damped(counts: Floats) -> Floats:
    damped: Floats = np.where(counts > 1, 1 + np.log(np.maximum(counts, 1)), counts).astype(np.float32)
    return damped


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def _spans(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers start, start + 1, … of every span, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places: NDArray[np.int64] = np.arange(total) + np.repeat(starts - (ends - lengths), lengths)
    return places


def _sketched(ids: NDArray[np.int64], weights: Floats, owners: NDArray[np.int64], rows: int) -> Floats:
    """A count sketch: each feature goes to a few of the numbers, with a sign."""
    total = np.zeros(rows * SKETCH)
    for salt in _HASHES:
        mixed = ((ids + 1) * salt & 0xFFFFFFFF) >> 12
        signs = 1.0 - 2.0 * (mixed & 1)
        total += np.bincount(owners * SKETCH + (mixed >> 1) % SKETCH, weights * signs, minlength=rows * SKETCH)
    scale = 1.0 / np.sqrt(len(_HASHES) * len(VIEWS))
    made: Floats = (total * scale).astype(np.float32).reshape(rows, SKETCH)
    return made
