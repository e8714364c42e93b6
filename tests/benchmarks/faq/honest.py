"""What calibration on the own FAQ is worth: `python -m tests.benchmarks.faq.honest FOLDER [wording]`.

Each kind of FAQ is asked with a gate fitted on the other kinds only, as an operator's FAQ is one the shipped gate never
saw: whole domains of CLINC150 and HWU64, and entries drawn from all over, with few and with many ways to ask, the
questions of all other entries being out of scope; the whole of both, with CLINC150's own questions out of scope; and
what was written for kefu, with one way to ask each. Printed for
the default rate of wrong answers, where one question in four has no answer: how many of all answers are right, of
those to questions that have one, how much of these is answered, and how much of what has no answer; first with the
shipped gate, then calibrated.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from replies.faq import gate
from replies.faq.calibration import NO_ANSWER, calibrated, own_gate
from replies.faq.encoder import Encoder, Remembering, SentenceEncoder
from replies.faq.fused import make_matcher
from replies.faq.leftout import LeftOut, leave_out
from replies.faq.report import read_queries
from replies.faq.table import read_faq
from tests.benchmarks.faq.cases import WAYS, Case, Query, everyday, few, firms, intents, shop
from tests.benchmarks.faq.prior import Seen, asked, shipped

SIZES = {"clinc": (1, 2, 3, 6, 20), "hwu64": (1, 2, 3, 10, 30)}
LEAST_OUTSIDE = 150
DOMAINS = {
    "clinc": (
        "freeze_account routing pin_change bill_due pay_bill account_blocked interest_rate min_payment bill_balance "
        "transfer order_checks balance spending_history transactions report_fraud",
        "plug_type travel_notification translate flight_status international_visa timezone exchange_rate vaccines "
        "travel_suggestion travel_alert lost_luggage book_flight book_hotel carry_on car_rental direct_deposit "
        "pto_request taxes payday w2 pto_balance pto_request_status next_holiday insurance insurance_change "
        "schedule_meeting pto_used meeting_schedule rollover_401k income",
        "current_location oil_change_when oil_change_how uber traffic tire_pressure schedule_maintenance gas mpg "
        "distance directions last_maintenance gas_type tire_change jump_start",
    ),
    "hwu64": ("calendar email social", "music play audio", "iot alarm lists"),
}


@dataclass(frozen=True)
class Trial:
    """A case, what was found for its queries, and what its FAQ showed by itself."""

    kind: str
    ways: float
    regression: bool
    seen: Seen
    own: LeftOut


def every(folder: Path) -> Iterator[tuple[str, Case]]:
    chance = random.Random(5)
    for name, sizes in SIZES.items():
        ids = sorted(read_faq(folder / f"{name}_faq.csv").entries)
        for size in sizes[2:]:
            yield f"all of {name}", intents(folder, name, size, random.Random(1))
        for size in sizes:
            drawn = [set(chance.sample(ids, int(len(ids) * share))) for share in (0.75, 0.1, 0.1)]
            domains = [{id_ for id_ in ids if id_.startswith(tuple(told.split()))} for told in DOMAINS[name]]
            for kept in (*drawn, *domains):
                yield name, part(folder, name, size, kept, chance)
    yield from (("written", everyday(number, chance)) for number in range(3))
    yield from (("written", firms(way, chance, kept=120)) for way in WAYS)
    yield from (("shop", case) for case in shop(chance))


def part(folder: Path, name: str, size: int, kept: set[str], chance: random.Random) -> Case:
    """All questions of the entries that are kept, and half as many or more of those of the others."""
    entries = [few(entry, size, chance) for entry in read_faq(folder / f"{name}_faq.csv") if entry.id in kept]
    queries = read_queries(folder / f"{name}_queries.csv")
    inside = [Query(one.text, one.id) for one in queries if one.id in kept]
    outside = [Query(one.text, "") for one in queries if one.id not in kept]
    chance.shuffle(outside)
    return Case(f"{name} {size}", entries, inside + outside[: max(LEAST_OUTSIDE, len(inside) // 2)])


def trial(kind: str, case: Case, encoder: Encoder | None) -> Trial:
    matcher = make_matcher(case.entries, encoder)
    regression = matcher.weights is not None
    ways = matcher.index.rows / len(matcher.index.ids)
    return Trial(kind, ways, regression, asked(matcher, case), leave_out(matcher.index, regression))


def figures(seen: Seen, judge: gate.Gate) -> list[float]:
    """Right of all answers, right of those within scope, answered within scope, answered outside."""
    outside = NO_ANSWER if not seen.inside.all() else 0.0
    answered = 1 / (1 + np.exp(-(seen.signs @ judge.weights))) >= judge.answer
    trust = np.where(seen.inside, (1 - outside) * seen.weights / max(seen.weights[seen.inside].sum(), 1e-9), 0.0)
    trust += np.where(seen.inside, 0.0, outside * seen.weights / max(seen.weights[~seen.inside].sum(), 1e-9))
    shares = []
    for among, hit in (
        (answered, seen.right),
        (answered & seen.inside, seen.right),
        (seen.inside, answered),
        (~seen.inside, answered),
    ):
        shares.append(float((trust * (among & hit)).sum() / max((trust * among).sum(), 1e-9)))
    return shares


def told(trials: Sequence[Trial], kind: str, encoder: Encoder | None) -> Iterator[tuple[str, list[float], list[float]]]:
    """By how many ways to ask an entry has: the figures with the shipped gate, and calibrated."""
    for one in trials:
        if one.kind != kind:
            continue
        others = [other.seen for other in trials if foreign_to(kind, other.kind) and other.regression == one.regression]
        prior = shipped(gate.kind(encoder is not None, one.regression), others)
        own = calibrated(prior, one.own)
        judges = own_gate(prior, None, gate.WRONG_ANSWERS), own_gate(prior, own, gate.WRONG_ANSWERS)
        yield _bucket(one.ways), figures(one.seen, judges[0]), figures(one.seen, judges[1])


def foreign_to(kind: str, other: str) -> bool:
    """Whether a gate for the one may be fitted on the other: on parts, and on none of the same data."""
    return other in ("written", "shop", *SIZES) and other not in kind


def _bucket(ways: float) -> str:
    return next(
        name for most, name in ((1.5, "1"), (2.6, "2"), (3.5, "3"), (12.0, "6-10"), (99.0, "20+")) if ways < most
    )


def main(folder: Path, meaning: bool) -> None:
    encoder = Remembering(SentenceEncoder(), 100_000) if meaning else None
    trials = [trial(kind, case, encoder) for kind, case in every(folder)]
    print("FAQ          ways    cases  right of answers   in scope          answered          outside answered")
    for kind in dict.fromkeys(one.kind for one in trials):
        found: dict[str, list[tuple[list[float], list[float]]]] = {}
        for name, before, after in told(trials, kind, encoder):
            found.setdefault(name, []).append((before, after))
        for name, rows in sorted(found.items(), key=lambda item: int(item[0].strip("+").partition("-")[0])):
            means = np.array(rows).mean(axis=0)
            shown = "   ".join(f"{before:.3f} → {after:.3f}" for before, after in means.T)
            print(f"{kind:12} {name:7} {len(rows):4}   {shown}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "wording" not in sys.argv[2:])
