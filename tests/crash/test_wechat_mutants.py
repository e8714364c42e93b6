"""Tests of the tests: networks' ways broken on purpose are caught by the trials that sound ones pass."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.crash.wechat_ordeal import WeChatOutcome, WeChatTrial, endure

SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


async def tried(folder: Path, mutant: str, wish: str, **more: object) -> WeChatOutcome:
    basis: dict[str, object] = {"kills": 0, "customers": 1, "rounds": 3, "moods": False, "patience": 20.0}
    trial = WeChatTrial(f"sqlite:///{folder}/kefu.db", folder, SEED, wishes=(wish,), mutant=mutant,
                        **(basis | more))  # type: ignore[arg-type]  # fmt: skip
    outcome = await endure(trial)
    print(f"mutant {mutant}, seed {SEED}: {outcome}")
    return outcome


async def test_saying_it_both_ways_is_caught(tmp_path: Path) -> None:
    assert (await tried(tmp_path, "both_ways", "")).verdict.sent_twice


async def test_another_answer_to_the_same_push_is_caught(tmp_path: Path) -> None:
    assert (await tried(tmp_path, "decided_anew", "", again=1.0)).verdict.unequal


async def test_not_counting_is_caught(tmp_path: Path) -> None:
    outcome = await tried(tmp_path, "uncounted", "bells=7", calm=True)
    assert outcome.verdict.spent
    assert outcome.refusals


async def test_sending_an_answer_again_after_a_crash_is_caught(tmp_path: Path) -> None:
    assert (await tried(tmp_path, "resent", "", crash_at="after_answer", again=0.0)).verdict.sent_twice
