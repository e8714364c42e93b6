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

from replies.faq.evidence import SIGNS
from replies.faq.sparse import Floats

_PRIOR: Final = Path(__file__).parent / "prior.json"
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
