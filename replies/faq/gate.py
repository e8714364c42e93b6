"""From what speaks for an entry to the chance that it is right, and whether that is enough to answer or to ask back.

The chance is a logistic function of `evidence.SIGNS`. Its shipped weights (`prior.json`, made by
`tests.benchmarks.faq.prior`) hold for any FAQ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.evidence import SIGNS
from replies.faq.sparse import Floats

_PRIOR: Final = Path(__file__).parent / "prior.json"
_STEPS: Final = 30
WRONG_ANSWERS: Final = 0.05
"""The share of answers that may be wrong, unless the operator says otherwise."""


@dataclass(frozen=True, slots=True)
class Gate:
    """`weights` by SIGNS; a chance of `answer` is enough to answer, of `clarify` to ask back."""

    weights: Floats
    answer: float = 0.75
    clarify: float = 0.3

    def chance(self, signs: Floats) -> float:
        """How likely the best entry is the right one."""
        return float(1 / (1 + np.exp(-np.clip(signs @ self.weights, -30, 30))))


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_PRIOR.read_text("utf-8"))
    return found


def kind(meaning: bool, regression: bool) -> str:
    """Which of the shipped weights hold: with or without sentence vectors, with or without a regression."""
    return ("meaning" if meaning else "wording") + ("+regression" if regression else "")


def shipped(meaning: bool, regression: bool, wrong_answers: float = WRONG_ANSWERS) -> Gate:
    """The gate of an FAQ about which nothing is known yet."""
    prior = _shipped()[kind(meaning, regression)]
    weights = np.array([prior["weights"][sign] for sign in SIGNS], np.float32)
    return strict(Gate(weights), wrong_answers, prior["answer"])


def strict(gate: Gate, wrong_answers: float, answer: dict[str, float]) -> Gate:
    """The gate that lets at most this share of wrong answers through; between the rates of the table, in proportion."""
    rates = sorted((float(rate), chance) for rate, chance in answer.items())
    enough = float(np.interp(wrong_answers, [rate for rate, _ in rates], [chance for _, chance in rates]))
    return replace(gate, answer=enough, clarify=min(gate.clarify, enough))


def fitted(prior: Floats, signs: Floats, right: NDArray[np.bool_], trust: Floats, scale: Floats, ties: float) -> Floats:
    """Weights that explain what was seen, drawn to `prior` (`ties` strong, in units of each sign's `scale`).

    signs: cases × SIGNS; `trust` is each case's weight. Newton's method; the problem is convex.
    """
    at = prior.astype(np.float64)
    pull = np.diag(ties * scale.astype(np.float64) ** 2)
    cases, wanted = signs.astype(np.float64), right.astype(np.float64)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(cases @ at, -30, 30)))
        slope = cases.T @ (trust * (chance - wanted)) + pull @ (at - prior)
        bend = (cases * (trust * chance * (1 - chance) + 1e-9)[:, None]).T @ cases + pull
        step = np.linalg.solve(bend + 1e-6 * np.eye(len(at)), slope)
        at = at - step
        if float(np.abs(step).max()) < 1e-6:
            break
    return at.astype(np.float32)
