"""Fits the gate that kefu ships with: `python -m tests.benchmarks.faq.prior FOLDER` writes `replies/faq/prior.json`.

FOLDER has CLINC150 and HWU64 as `tests.benchmarks.faq.cases` describes them. Every case counts alike, whatever its
size.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from replies.faq import gate, linear
from replies.faq.calibration import curve
from replies.faq.encoder import Encoder, Remembering, SentenceEncoder
from replies.faq.evidence import SIGNS
from replies.faq.fused import FusedMatcher
from replies.faq.index import build, encoded
from replies.faq.wording import canonical
from tests.benchmarks.faq.cases import Case, everything

SEEDS = range(2)
MOST_OUTSIDE = 0.4
STEPS = 30
SOURCE = "python -m tests.benchmarks.faq.prior; CLINC150 (CC BY 3.0), HWU64 (CC BY 4.0), kefu's own questions"
UNUSED = gate.Gate(np.zeros(len(SIGNS), np.float32))
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """What was found for each query of a case: the signs, whether it was right, whether there was a right one."""

    signs: Numbers
    right: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    weights: Numbers


def observe(case: Case, encoder: Encoder | None, regression: bool) -> Seen:
    """Ask everything that is not an entry's own question."""
    index = build(case.entries)
    if encoder:
        index = encoded(index, encoder)
    weights = linear.fit(linear.inputs(index), index.owners, len(index.ids)) if regression else None
    return asked(FusedMatcher(index, UNUSED, encoder=encoder, weights=weights), case)


def asked(matcher: FusedMatcher, case: Case) -> Seen:
    """What a matcher finds for the queries of a case, whatever its gate would do with it."""
    index = matcher.index
    matcher.prepare(query.text for query in case.queries)
    rows: list[tuple[list[float], bool, bool, float]] = []
    for query in case.queries:
        found = matcher.found(query.text)
        if found is not None and canonical(query.text) not in index.exact:
            right = index.ids[int(found.owners[0])] == query.id
            rows.append((found.signs.tolist(), right, bool(query.id), query.weight))
    signs, rights, inside, counts = zip(*rows, strict=True)
    return Seen(np.array(signs), np.array(rights), np.array(inside), _balanced(np.array(counts), np.array(inside)))


def _balanced(weights: Numbers, inside: NDArray[np.bool_]) -> Numbers:
    """That sum to one, `MOST_OUTSIDE` of it at most for what has no answer: else it is that share which is learnt."""
    outside = float(weights[~inside].sum() / weights.sum())
    wanted = min(outside, MOST_OUTSIDE) if inside.any() else outside
    shares = np.where(inside, (1 - wanted) / max(1 - outside, 1e-9), wanted / max(outside, 1e-9))
    balanced: Numbers = shares * weights / weights.sum()
    return balanced


def fit(seen: Sequence[Seen]) -> Numbers:
    """The weights that explain all cases best."""
    signs = np.concatenate([one.signs for one in seen])
    trust = np.concatenate([one.weights for one in seen]) * 300
    scale = np.maximum(signs.std(axis=0), 1e-3)
    scale[SIGNS.index("bias")] = 0
    right = np.concatenate([one.right for one in seen])
    return logistic(signs, right, trust, scale)


def logistic(signs: Numbers, right: NDArray[np.bool_], trust: Numbers, scale: Numbers) -> Numbers:
    """Weights that explain what was seen, drawn to nothing in units of each sign's `scale`.

    signs: cases × SIGNS; `trust` is each case's weight. Newton's method; the problem is convex.
    """
    at = np.zeros(signs.shape[1])
    pull = np.diag(scale**2)
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(signs @ at, -30, 30)))
        slope = signs.T @ (trust * (chance - right)) + pull @ at
        bend = (signs * (trust * chance * (1 - chance) + 1e-9)[:, None]).T @ signs + pull
        step = np.linalg.solve(bend + 1e-6 * np.eye(len(at)), slope)
        at = at - step
        if float(np.abs(step).max()) < 1e-6:
            break
    return at


def shipped(kind: str, seen: Sequence[Seen]) -> gate.Shipped:
    """The gate that fits all cases: its weights, and what would be answered at each bar."""
    weights = fit(seen)
    signs, right, inside, trust = (
        np.concatenate([getattr(one, name) for one in seen]) for name in ("signs", "right", "inside", "weights")
    )
    chances = 1 / (1 + np.exp(-(signs @ weights)))
    return gate.Shipped(kind, weights, *curve(chances, right, inside, trust))


def main(folder: Path) -> None:
    """Fit each kind of gate and write them all."""
    encoder = Remembering(SentenceEncoder(), 100_000)
    cases = [case for seed in SEEDS for case in everything(folder, seed)]
    made: dict[str, object] = {"source": SOURCE, "signs": SIGNS}
    for model in (encoder, None):
        for regression in (False, True):
            fitting = [case for case in cases if not regression or dense(case)]
            seen = [observe(case, model, regression) for case in fitting]
            one = shipped(gate.kind(model is not None, regression), seen)
            made[one.kind] = {
                "weights": [round(float(weight), 3) for weight in one.weights],
                "answered": [round(float(share), 5) for share in one.answered],
                "wrong": [round(float(share), 5) for share in one.wrong],
            }
            print(one.kind, made[one.kind])
    lines = (f"  {json.dumps(name)}: {json.dumps(told)}" for name, told in made.items())
    gate.PRIOR.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def dense(case: Case) -> bool:
    """Whether a regression would be fitted."""
    return sum(len(ways) for entry in case.entries for ways in entry.questions.values()) >= 3 * len(case.entries)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
