"""Tests of the tests: an engine broken on purpose must be caught by the same trials a sound one passes."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

from tests.crash.ordeal import Outcome, Trial, endure

SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
TRIES = 3
"""A mutant may be lucky once; a sound engine is never caught."""


async def caught(trial: Trial, fault: str) -> None:
    """Try until the fault shows."""
    for number in range(TRIES):
        outcome: Outcome = await endure(replace(trial, seed=SEED + number))
        print(f"mutant {trial.mutant}, seed {SEED + number}: {outcome}")
        if outcome.verdict.faults.get(fault):
            return
    raise AssertionError(f"nobody noticed {trial.mutant}")


async def test_acknowledging_before_the_commit_is_caught(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kefu.db"
    await caught(Trial(url, tmp_path, SEED, kills=2, wishes=("",), mutant="acknowledge_before_commit"), "lost")


async def test_forgetting_what_was_delivered_is_caught(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kefu.db"
    await caught(Trial(url, tmp_path, SEED, kills=0, seconds=3, wishes=("",), mutant="no_dedupe"), "twice")


async def test_keeping_a_turn_without_its_lease_is_caught(tmp_path: Path, postgres_url: str) -> None:
    trial = Trial(postgres_url, tmp_path, SEED, processes=2, kills=0, seconds=3, lease=0.05, wishes=("slow=0.3",))
    await caught(replace(trial, mutant="no_fence"), "twice")


async def test_the_same_haste_with_a_fence_doubles_nothing(tmp_path: Path, postgres_url: str) -> None:
    """It is the fence that was caught missing: leases far too short cost turns, and nothing else."""
    trial = Trial(postgres_url, tmp_path, SEED, processes=2, kills=0, seconds=3, lease=0.2, wishes=("", "", "slow=0.3"))
    outcome = await endure(trial)
    print(f"seed {SEED}: {outcome}")
    faults = outcome.verdict.faults
    assert not {"twice", "disorder", "sent_twice", "timers_twice"} & faults.keys()
