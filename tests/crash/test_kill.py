"""kill -9 of a random process, again and again, under load, with redelivery and an upstream that lies."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.crash.ordeal import Outcome, Trial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "8"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: Trial, outcome: Outcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.calm
    assert outcome.codes == [0] * trial.processes
    assert outcome.kills == (0 if trial.gently else trial.kills)
    assert outcome.messages > trial.kills
    assert outcome.posts > outcome.messages


async def test_nothing_is_lost_doubled_or_disordered_on_sqlite(tmp_path: Path) -> None:
    trial = Trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=KILLS)
    passed(trial, await endure(trial))


async def test_nothing_is_lost_doubled_or_disordered_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    trial = Trial(postgres_url, tmp_path, SEED, processes=2, kills=KILLS)
    passed(trial, await endure(trial))


@pytest.mark.parametrize("kills", [max(2, KILLS // 2)])
async def test_where_a_key_means_nothing_nothing_is_ever_sent_twice(tmp_path: Path, kills: int) -> None:
    trial = Trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=kills, idempotent=False)
    passed(trial, await endure(trial))


async def test_restarts_one_after_the_other_are_noticed_by_nobody(tmp_path: Path, postgres_url: str) -> None:
    trial = Trial(postgres_url, tmp_path, SEED, processes=2, kills=max(2, KILLS // 2), gently=True, lease=600)
    passed(trial, await endure(trial))
