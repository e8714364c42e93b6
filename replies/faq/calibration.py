"""The gate fitted to one FAQ: the shipped one, corrected by what the FAQ's own ways to ask show when they are left out.

Two things are learnt (`leftout` has the examples). The chance: the shipped score is stretched and shifted by a logistic
regression (MAP) whose prior is to leave it alone, as if `PRIOR` examples had spoken for that. The bar: the least chance
at which the wrong answers stay within the operator's rate, counted over the shipped examples, which weigh `BARS`, and
the FAQ's own together, one question in four having no answer in both; and at which no larger share of what has none
would be answered than that rate, as far as the FAQ's own questions without their entry tell.

Own examples weigh `MOST` at most, and less where an entry has few ways to ask, since it is asked with one less than
customers will find: (n - 2) / (n + 1) each, nothing with two. Where no entry has `LEAST` ways there is nothing to say
how often it is right, only how near what has no answer comes, and the shipped gate holds unchanged: the rest alone made
it worse or no better (log loss of CLINC150 .520 → .541, HWU64 .553 → .554, Chinese .390 → .377).

What it is worth where the shipped gate never saw the kind of FAQ it is asked about, at the default rate, shipped →
calibrated (`python -m tests.benchmarks.faq.honest FOLDER`; parts: means of six FAQs of 6 to 112 entries, asked the
questions of all the other entries too, which come near; those of HWU64 are other requests to the same assistant):

    FAQ, ways to ask     right of all answers   of those in scope   answered        of what has no answer, answered
    CLINC150, parts, 3        .958 → .963          .969 → .973      .605 → .591     .020 → .018
    CLINC150, parts, 6        .971 → .969          .985 → .985      .734 → .753     .031 → .037
    CLINC150, parts, 20       .980 → .977          .993 → .993      .839 → .855     .031 → .042
    CLINC150, whole, 3        .967 → .975          .967 → .975      .449 → .395     .000 → .000
    CLINC150, whole, 20       .987 → .985          .991 → .990      .695 → .710     .010 → .010
    HWU64, parts, 3           .847 → .936          .881 → .964      .651 → .466     .081 → .063
    HWU64, parts, 10          .897 → .930          .950 → .979      .724 → .603     .131 → .107
    HWU64, parts, 30          .923 → .953          .970 → .981      .762 → .613     .118 → .064
    HWU64, whole, 3           .870 → .908          .870 → .908      .539 → .415     (all have an answer)
    HWU64, whole, 10          .929 → .954          .929 → .954      .639 → .545     (all have an answer)
    HWU64, whole, 30          .975 → .984          .975 → .984      .704 → .578     (all have an answer)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from replies.faq.gate import STEPS, Gate, Shipped, at_most
from replies.faq.leftout import LEAST, LeftOut

PRIOR: Final = 100.0
BARS: Final = 300.0
MOST: Final = 200.0
OUTSIDE: Final = 0.3
"""The share of the own examples' weight that those without an answer have."""
NO_ANSWER: Final = 0.25
"""The share of customers' questions that are thought to have none."""
NEAR: Final = 0.4
"""How many of these come as near as a question does whose entry is missing; what the others find is never enough."""
_VARIANCE: Final = 0.12
"""What an example says of the shift at an even chance or so; of the stretch it says four times as much."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Own:
    """How the gate of one FAQ differs from the shipped one of this `kind`.

    At each of `gate.STEPS` this share of all questions would be answered, and answered wrongly, and `outside` of those
    without an answer, by own examples that weigh `trust` together. `alone` and `entries` say how many were asked
    without themselves and without their entry; `edits`: how many ways to ask have come and gone since.
    """

    kind: str
    shift: float
    stretch: float
    answered: Numbers
    wrong: Numbers
    outside: Numbers
    trust: float
    alone: int
    entries: int
    edits: int = 0


def calibrated(shipped: Shipped, seen: LeftOut) -> Own:
    """What the left out say of the shipped gate."""
    trust = trusts(seen)
    scores = seen.signs.astype(np.float64) @ shipped.weights
    shift, stretch = _line(scores, seen.right, trust)
    chances = 1 / (1 + np.exp(-np.clip(scores * stretch + shift, -30, 30)))
    answered, wrong = curve(chances, seen.right, seen.inside, trust, NEAR)
    outside = NEAR * beyond(chances[~seen.inside])
    alone = int(seen.inside.sum())
    return Own(
        shipped.kind, shift, stretch, answered, wrong, outside, float(trust.sum()), alone, len(seen.inside) - alone
    )


def trusts(seen: LeftOut) -> Numbers:
    """What each example weighs."""
    inside = np.where(seen.inside, np.maximum(seen.ways - LEAST + 1, 0) / (seen.ways + 1), 0.0)
    if not inside.any():
        return np.zeros(len(inside))
    total = min(float(inside.sum()) / (1 - OUTSIDE), MOST)
    outside = ~seen.inside / max(int((~seen.inside).sum()), 1)
    weights: Numbers = total * ((1 - OUTSIDE) * inside / inside.sum() + OUTSIDE * outside)
    return weights


def curve(
    chances: Numbers, right: NDArray[np.bool_], inside: NDArray[np.bool_], trust: Numbers, near: float = 1.0
) -> tuple[Numbers, Numbers]:
    """For each bar the share of questions answered, and answered wrongly, where `NO_ANSWER` of them have none, and so
    many of these are like those outside."""
    within, without = float(trust[inside].sum()), float(trust[~inside].sum())
    shares = np.where(inside, (1 - NO_ANSWER) / max(within, 1e-9), near * NO_ANSWER / max(without, 1e-9)) * trust
    over = chances[None, :] >= STEPS[:, None]
    return over @ shares, (over & ~right[None, :]) @ shares


def beyond(chances: Numbers) -> Numbers:
    """For each bar the share of these that is over it."""
    over: Numbers = (chances[None, :] >= STEPS[:, None]).sum(axis=1) / max(len(chances), 1)
    return over


def own_gate(shipped: Shipped, own: Own | None, wrong_answers: float) -> Gate:
    """The gate of an FAQ about which this is known."""
    if own is None or not own.trust:
        return at_most(wrong_answers, shipped.weights, shipped.answered, shipped.wrong)
    weights = shipped.weights * own.stretch
    weights[0] += own.shift
    answered, wrong = (
        BARS * theirs + own.trust * ours
        for theirs, ours in ((shipped.answered, own.answered), (shipped.wrong, own.wrong))
    )
    return at_most(wrong_answers, weights, answered, wrong, own.outside)


def older(own: Own | None, edits: int, rows: int) -> Own | None:
    """What still holds after this many edits more to an FAQ that has so many rows now; None if that is too many."""
    if own is None or (own.edits + edits) * 20 > rows:
        return None
    return replace(own, edits=own.edits + edits)


def described(own: Own | None) -> str:
    """What the gate goes by, in a line for a terminal."""
    if own is None or not own.trust:
        return f"gate              as shipped: to be fitted to this FAQ, its entries need {LEAST} ways to ask or more"
    return (
        f"gate              fitted to this FAQ: {own.alone} of its questions asked without themselves, {own.entries} "
        f"without their entry; they weigh {own.trust / (own.trust + BARS):.0%}, the shipped examples the rest"
    )


def _line(scores: Numbers, right: NDArray[np.bool_], trust: Numbers) -> tuple[float, float]:
    """Shift and stretch, by Newton's method."""
    inputs = np.stack([np.ones(len(scores)), scores], axis=1)
    start = np.array([0.0, 1.0])
    pull = PRIOR * _VARIANCE * np.diag([1.0, 4.0])
    at = start
    for _ in range(30):
        chances = 1 / (1 + np.exp(-np.clip(inputs @ at, -30, 30)))
        slope = inputs.T @ (trust * (chances - right)) + pull @ (at - start)
        bend = (inputs * (trust * chances * (1 - chances))[:, None]).T @ inputs + pull
        step = np.linalg.solve(bend, slope)
        at = at - step
        if float(np.abs(step).max()) < 1e-6:
            break
    return float(at[0]), max(float(at[1]), 0.1)
