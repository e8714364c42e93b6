"""`make bench BENCH=faq`: how often the FAQ is right, beside plain ways to find an entry, and what a question costs.

With `KEFU_FAQ_DATA=FOLDER` on CLINC150 and HWU64 too, as `tests.benchmarks.faq.cases` describes them.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from replies.faq.encoder import Remembering, SentenceEncoder
from replies.faq.fused import FusedMatcher, make_matcher
from replies.faq.report import Evaluation, Query, evaluate
from replies.faq.wording import canonical, spoken
from tests.benchmarks.cases import say
from tests.benchmarks.faq import cases
from tests.benchmarks.faq.cases import WAYS, Case, everyday, firms, intents, shop

SIZES = ((300, 3), (3334, 3))
FULL = {"clinc": 20, "hwu64": 30}


async def faq(folder: Path) -> None:
    """Accuracy, then cost."""
    await asyncio.to_thread(_accuracy)
    for entries, ways in SIZES:
        command = [sys.executable, "-m", "tests.benchmarks.faq.cost", str(entries), str(ways)]
        told = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
        _cost(json.loads(told.stdout))


def _cases() -> Iterator[Case]:
    chance = random.Random(0)
    yield next(shop(chance))
    yield from (everyday(number, chance) for number in range(3))
    yield from (firms(way, chance) for way in WAYS)
    if data := os.environ.get("KEFU_FAQ_DATA"):
        for name, size in FULL.items():
            if (Path(data) / f"{name}_faq.csv").exists():
                yield intents(Path(data), name, size, chance)


def _accuracy() -> None:
    encoder = Remembering(SentenceEncoder(), 20_000)
    for case in _cases():
        shipped = make_matcher(case.entries, encoder)
        matcher = make_matcher(case.entries, encoder, before=shipped, calibrate=True)
        queries = [Query(one.text, one.id) for one in case.queries]
        found, before = evaluate(matcher, queries), evaluate(shipped, queries)
        inside = [one for one in case.queries if one.id]
        wording = _right(matcher, inside, partial(_by_wording, matcher))
        meaning = _right(matcher, inside, partial(_by_meaning, matcher, encoder))
        right = found.accuracy or 0.0
        say(
            "faq",
            f"{case.name}: right entry first {right:.3f}; {_gated(found)} (with the shipped gate {_gated(before)}) | "
            f"bare tf-idf {wording:.3f}, encoder alone {meaning:.3f} | "
            f"ratios {right / max(wording, 1e-9):.2f} and {right / max(meaning, 1e-9):.2f}",
        )


def _gated(found: Evaluation) -> str:
    silent = "" if found.false_answers is None else f", {1 - found.false_answers:.3f} of the foreign not answered"
    return f"{found.precision or 0:.3f} of the answers right, {found.coverage or 0:.3f} answered{silent}"


def _right(matcher: FusedMatcher, queries: Sequence[cases.Query], best: Callable[[str], int]) -> float:
    index = matcher.index
    return float(np.mean([index.ids[index.owners[best(one.text)]] == one.id for one in queries]))


def _by_wording(matcher: FusedMatcher, text: str) -> int:
    """The row with the most letters and words in common, weighted by how rare they are."""
    postings = matcher.index.postings
    return int(postings.near(postings.asked(canonical(text))).sum(axis=0).argmax())


def _by_meaning(matcher: FusedMatcher, encoder: Remembering, text: str) -> int:
    """The row whose sentence vector is nearest."""
    assert matcher.index.sense is not None
    return int(matcher.index.sense.near(encoder.encode([spoken(text)])[0]).argmax())


def _cost(told: dict[str, Any]) -> None:
    match, decide, plain = (np.array(told[name]) for name in ("match_ms", "decide_ms", "encoder_ms"))
    say(
        "faq",
        f"{told['ways']} ways to ask: match {match[0]:.2f} ms CPU (p99 {match[1]:.2f}), understand and decide "
        f"{decide[0]:.2f} ms (p99 {decide[1]:.2f}) | encoder alone {plain[0]:.2f} ms, ratios {match[0] / plain[0]:.2f} "
        f"and {decide[0] / plain[0]:.2f}",
    )
    say(
        "faq",
        f"{told['ways']} ways to ask: built in {told['build_s']:.1f} s, loaded in {told['load_s']:.2f} s CPU; "
        f"{told['rss_mb']:.0f} MB resident | with the encoder and no FAQ {told['encoder_mb']:.0f} MB, ratio "
        f"{told['rss_mb'] / told['encoder_mb']:.2f}",
    )
