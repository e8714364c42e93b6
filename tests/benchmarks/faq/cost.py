"""What a question costs: `python -m tests.benchmarks.faq.cost ENTRIES WAYS` prints its figures as JSON.

In a process of its own, so that the memory is that of the encoder, the index and nothing else.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bot.dialogue import Question
from replies.brain import Scripted
from replies.decide import decide
from replies.faq.encoder import SentenceEncoder, sentence_encoder
from replies.faq.fused import make_matcher
from replies.faq.kept import Kept
from replies.faq.table import Entry, Faq
from replies.text import fold
from tests.benchmarks.faq.cases import HERE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKED = 300


def main(entries: int, ways: int) -> None:
    process = psutil.Process()
    chance = random.Random(0)
    said = _phrases(chance, entries * ways + ASKED)
    faq = [
        Entry(str(n), {"zh-Hans": tuple(said[n * ways : (n + 1) * ways])}, {"zh-Hans": "好的。"})
        for n in range(entries)
    ]
    asked = said[entries * ways :]
    told: dict[str, object] = {"ways": entries * ways}
    encoder = sentence_encoder()
    told["encoder_mb"] = _megabytes(process)
    with tempfile.TemporaryDirectory(prefix="kefu-bench-") as folder:
        kept = Kept(Path(folder))
        began = time.process_time()
        make_matcher(faq, encoder, kept=kept)
        told["build_s"], began = time.process_time() - began, time.process_time()
        matcher = make_matcher(faq, encoder, kept=kept)
        told["load_s"] = time.process_time() - began
    for text in asked[:20]:
        matcher.match(text, "zh-Hans")
    told["match_ms"] = _each(lambda text: matcher.match(text, "zh-Hans"), asked[20:])
    told["rss_mb"] = _megabytes(process)
    if encoder is not None:
        plain = SentenceEncoder()
        told["encoder_ms"] = _each(lambda text: plain.encode([fold(text)]), asked[20:])
        del plain
    brain = Scripted.load(faq=Faq({one.id: one for one in faq}))
    knowledge = replace(brain.knowledge, matcher=make_matcher(faq, encoder))
    fresh = [text + "？" for text in asked[20:]]  # none that the encoder remembers
    told["decide_ms"] = _each(lambda text: decide(Question(text, NOON, language="zh-Hans"), knowledge), fresh)
    print(json.dumps(told))


def _phrases(chance: random.Random, count: int) -> list[str]:
    """Made of halves of everyday questions, all different."""
    with (HERE / "everyday.tsv").open(encoding="utf-8", newline="") as file:
        whole = [text for row in csv.DictReader(file, delimiter="\t") for text in row.values() if text]
    made: dict[str, None] = {}
    while len(made) < count:
        one, other = chance.choice(whole), chance.choice(whole)
        made[one[: len(one) // 2 + 1] + other[len(other) // 2 :]] = None
    return list(made)


def _each(work: Callable[[str], object], texts: Iterable[str]) -> Sequence[float]:
    """p50 and p99 of what one takes: milliseconds of CPU, since other programs run here too."""
    taken = []
    for text in texts:
        began = time.thread_time()
        work(text)
        taken.append((time.thread_time() - began) * 1e3)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
