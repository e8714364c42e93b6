"""What speaks for the best entry: the numbers the gate judges by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq import kernel
from replies.faq.encoder import Vectors
from replies.faq.index import Index
from replies.faq.kernel import Nearness, Scores
from replies.faq.linear import inputs_of, log_chances
from replies.faq.sparse import Floats

SIGNS: Final = ("bias", "lead", "wording", "meaning", "known", "share", "ways", "chance")
_TRUST: Final = 0.1
"""What the logarithm of the regression's chance counts beside the ridge's score."""
_HINT: Final = 0.2
"""What it counts when the answer is nearer the question than answers are in general."""
_DOUBT: Final = 0.2
"""The score of an entry that may be missing: in a small FAQ the best of a few is still not the right one."""


@dataclass(frozen=True, slots=True)
class Found:
    """Entries by number, best first, their values, and what speaks for the first of them (`SIGNS`)."""

    owners: NDArray[np.int64]
    values: Floats
    signs: Floats


def find(
    index: Index,
    near: Nearness,
    vector: Vectors | None,
    weights: Floats | None,
    without: NDArray[np.int64] | None = None,
    hidden: int | None = None,
) -> Found | None:
    """The best entries for a question; None if no row has anything in common with it.

    `weights` are the logistic regression's, None without it; `without` leaves rows out, and `hidden` an entry that has
    none left.
    """
    ridge = kernel.scores(index, near, without)
    if not len(ridge.owners):
        return None
    owners, values, chance = _weighed(index, near, vector, weights, ridge, hidden)
    return Found(owners, values, _signs(index, near, ridge, owners, values, chance))


def _weighed(
    index: Index,
    near: Nearness,
    vector: Vectors | None,
    weights: Floats | None,
    ridge: Scores,
    hidden: int | None,
) -> tuple[NDArray[np.int64], Floats, float]:
    if weights is None:
        values = ridge.values + _hints(index, vector, ridge.owners)
        order = np.argsort(-values, kind="stable")
        return ridge.owners[order], values[order], 0.0
    logs = log_chances(inputs_of(index.postings.sketch(near.asked), vector) @ weights)
    values = _TRUST * np.maximum(logs, -8)
    values[ridge.owners] += ridge.values
    values += _hints(index, vector)
    if hidden is not None:
        values[hidden] = -np.inf
    order = np.argsort(-values, kind="stable")[:8]
    return order, values[order].astype(np.float32), float(np.exp(logs[order[0]]))


def _hints(
    index: Index, vector: Vectors | None, owners: NDArray[np.int64] | slice = slice(None)
) -> Floats | np.float32:
    """What the answers say for each of these entries, nothing on the whole."""
    if vector is None or index.answers is None:
        return np.float32(0)
    return np.float32(_HINT) * index.answers.nearer(vector, owners)


def _signs(
    index: Index, near: Nearness, ridge: Scores, owners: NDArray[np.int64], values: Floats, chance: float
) -> Floats:
    """As SIGNS names them: the lead over the second entry; how near its nearest way to ask is by wording and by
    meaning; the share of the question's features that the FAQ knows; its share of the ridge's scores; how many ways to
    ask an entry has here (the logarithm); the regression's chance."""
    best = int(owners[0])
    own = ridge.rows[index.owners[ridge.rows] == best]
    score = max(float(ridge.values[ridge.owners == best].sum()), 0.0)
    total = float(np.maximum(ridge.values, 0).sum())
    return np.array(
        [
            1.0,
            float(values[0] - values[1]) if len(values) > 1 else float(values[0]),
            _most(near.wording, own),
            _most(near.meaning, own),
            near.asked.known,
            score / (total + _DOUBT),
            float(np.log(index.rows / len(index.ids))),
            chance,
        ],
        np.float32,
    )


def _most(nearness: Floats | None, rows: NDArray[np.int64]) -> float:
    return float(nearness[rows].max()) if nearness is not None and len(rows) else 0.0
