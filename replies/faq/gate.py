"""From what speaks for an entry to the chance that it is right, and whether that is enough to answer or to ask back.

The chance is a logistic function of `evidence.SIGNS`. Its shipped weights (`prior.json`, made by
`tests.benchmarks.faq.prior`) hold for any FAQ; `calibration` fits them to one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.evidence import SIGNS
from replies.faq.sparse import Floats

PRIOR: Final = Path(__file__).parent / "prior.json"
WRONG_ANSWERS: Final = 0.05
"""The share of answers that may be wrong, unless the operator says otherwise; and, as far as an FAQ tells, of the
questions without an answer that may be given one."""
CLARIFY: Final = 0.3
STEPS: Final = np.arange(20, 99) / 100
"""The bars that come into question."""
_NEVER: Final = 0.99
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gate:
    """`weights` by SIGNS; a chance of `answer` is enough to answer, of `clarify` to ask back."""

    weights: Floats
    answer: float = 0.75
    clarify: float = CLARIFY

    def chance(self, signs: Floats) -> float:
        """How likely the best entry is the right one."""
        return float(1 / (1 + np.exp(-np.clip(signs @ self.weights, -30, 30))))


@dataclass(frozen=True, slots=True)
class Shipped:
    """Weights by SIGNS, and for each of STEPS which share of the questions they were fitted on is answered, and
    answered wrongly, with that bar."""

    kind: str
    weights: Numbers
    answered: Numbers
    wrong: Numbers


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(PRIOR.read_text("utf-8"))
    return found


def kind(meaning: bool, regression: bool) -> str:
    """Which of the shipped weights hold: with or without sentence vectors, with or without a regression."""
    return ("meaning" if meaning else "wording") + ("+regression" if regression else "")


def shipped(meaning: bool, regression: bool) -> Shipped:
    """What is known of an FAQ about which nothing is known yet."""
    name = kind(meaning, regression)
    told = _table()[name]
    weights, answered, wrong = (np.array(told[key], np.float64) for key in ("weights", "answered", "wrong"))
    if tuple(_table()["signs"]) != SIGNS:
        raise ValueError(f"{PRIOR} was made for other signs: run tests.benchmarks.faq.prior")
    return Shipped(name, weights, answered, wrong)


def at_most(
    wrong_answers: float, weights: Numbers, answered: Numbers, wrong: Numbers, outside: Numbers | None = None
) -> Gate:
    """The gate that lets at most this share of wrong answers through, and of what is `outside` where that is known."""
    few = wrong <= wrong_answers * np.maximum(answered, 1e-12)
    enough = np.flatnonzero(few if outside is None else few & (outside <= wrong_answers))
    bar = float(STEPS[enough[0]]) if len(enough) else _NEVER
    return Gate(weights.astype(np.float32), answer=bar, clarify=min(CLARIFY, bar))
