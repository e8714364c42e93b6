"""What an FAQ's own ways to ask show when they are left out of it: how sure one may be of this FAQ, before any customer
has asked.

Each is asked twice. Without itself: its entry should be found all the same. Without its whole entry: whatever is found
is wrong. The ridge is solved for each question anyway, so leaving rows out of it is exact and costs one question; the
regression is fitted anew without a fifth of the entries and a fifth of the others' ways, as often as it takes to ask
`ENOUGH` of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq import kernel, linear
from replies.faq.evidence import SIGNS, find
from replies.faq.index import Index
from replies.faq.sparse import Floats

ENOUGH: Final = 600
"""Ways to ask that are left out: more tell the same."""
LEAST: Final = 3
"""So many ways to ask an entry must have before one without itself tells how customers will fare."""
_FOLDS: Final = 5
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was found, a question a row: `signs` (questions × SIGNS), whether it was the right entry, whether there was
    a right one (`inside`), and how many ways to ask the question's entry has."""

    signs: Floats
    right: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    ways: Numbers


@dataclass(frozen=True, slots=True)
class _Round:
    """Which rows are asked without themselves, and which without their entry, of a regression that knows neither."""

    alone: Numbers
    entry: Numbers
    weights: Floats | None


def leave_out(index: Index, regression: bool) -> LeftOut:
    """Ask the FAQ its own questions, if any entry has `LEAST` ways. Takes a second or two; the same each time."""
    telling = index.rows and int(np.bincount(index.owners).max()) >= LEAST
    asked = [one for turn in _rounds(index, regression) for one in _asked(index, turn)] if telling else []
    signs, right, inside, ways = zip(*asked, strict=True) if asked else ((), (), (), ())
    return LeftOut(
        np.array(signs, np.float32).reshape(-1, len(SIGNS)),
        np.array(right, np.bool_),
        np.array(inside, np.bool_),
        np.array(ways, np.int64),
    )


def _rounds(index: Index, regression: bool) -> Iterator[_Round]:
    chance = np.random.default_rng(0)
    if not regression:
        some = np.sort(chance.permutation(index.rows)[:ENOUGH])
        yield _Round(some, some, None)
        return
    inputs, (entry_folds, row_folds) = linear.inputs(index), _folds(index, chance)
    for fold in range(min(_FOLDS, -(-ENOUGH * _FOLDS // max(index.rows, 1)))):
        known = np.flatnonzero((entry_folds != fold) & (row_folds != fold))
        if not len(known):
            continue
        weights = linear.fit(inputs[known], index.owners[known], len(index.ids))
        alone, entry = (chance.permutation(np.flatnonzero(folds == fold)) for folds in (row_folds, entry_folds))
        yield _Round(alone[:ENOUGH], entry[:ENOUGH], weights)


def _folds(index: Index, chance: np.random.Generator) -> tuple[Numbers, Numbers]:
    """For each row in which round its entry is left out, and in which other one only the row is; the ways of an entry
    are spread over the rounds."""
    entry = (chance.permutation(len(index.ids)) % _FOLDS)[index.owners]
    first = np.searchsorted(index.owners, index.owners)
    return entry, (entry + 1 + (np.arange(index.rows) - first) % (_FOLDS - 1)) % _FOLDS


def _asked(index: Index, turn: _Round) -> Iterator[tuple[Floats, bool, bool, int]]:
    """Ways to ask that several entries share, and those that are their entry's only one, are not asked alone."""
    having = np.bincount(index.corpus.ids, minlength=len(index.corpus.vocabulary))
    ways = np.bincount(index.owners, minlength=len(index.ids))
    for row in turn.alone.tolist():
        owner = int(index.owners[row])
        if ways[owner] > 1 and len(index.exact[index.plains[row]]) == 1:
            found = _without(index, row, np.array([row]), having, turn.weights)
            if found is not None:
                yield found[0], found[1] == owner, True, int(ways[owner])
    for row in turn.entry.tolist():
        owner = int(index.owners[row])
        same = np.flatnonzero(np.isin(index.owners, index.exact[index.plains[row]]))
        found = _without(index, row, same, having, turn.weights, owner)
        if found is not None:
            yield found[0], False, False, int(ways[owner])


def _without(
    index: Index, row: int, left: Numbers, having: Numbers, weights: Floats | None, hidden: int | None = None
) -> tuple[Floats, int] | None:
    """What a row finds without the rows that are left out, and the features that only they have."""
    vector = None if index.sense is None else index.sense.rows(np.array([row]))[0]
    starts = index.corpus.starts
    features = np.concatenate([index.corpus.ids[starts[one] : starts[one + 1]] for one in left.tolist()])
    ids, counts = np.unique(features, return_counts=True)
    near = kernel.nearness(index, index.plains[row], vector, frozenset(ids[having[ids] <= counts].tolist()))
    found = find(index, near, vector, weights, left, hidden)
    return None if found is None else (found.signs, int(found.owners[0]))
