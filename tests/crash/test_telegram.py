"""kill -9 with Telegram as the network: each update is kept once, whoever polls, and nothing is said twice."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.crash.fetched_ordeal import FetchedOutcome, FetchedTrial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "3"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: FetchedTrial, outcome: FetchedOutcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.calm
    assert outcome.codes == [0] * trial.processes


async def test_updates_and_sends_on_sqlite(tmp_path: Path) -> None:
    trial = FetchedTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=KILLS)
    passed(trial, await endure(trial))


async def test_two_processes_and_one_poller_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    trial = FetchedTrial(postgres_url, tmp_path, SEED, processes=2, kills=KILLS)
    passed(trial, await endure(trial))


async def test_death_between_a_page_and_the_next_poll(tmp_path: Path) -> None:
    """It is kept; Telegram has not heard of it and delivers it again."""
    trial = FetchedTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, rounds=4, moods=False,
                          crash_at="after_page_commit:3")  # fmt: skip
    passed(trial, await endure(trial))


async def test_moving_the_offset_first_is_caught(tmp_path: Path) -> None:
    trial = FetchedTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, rounds=4, moods=False, wishes=("",),
                          mutant="cursor_first", crash_at="cursor_moved:1", patience=10.0)  # fmt: skip
    outcome = await endure(trial)
    print(f"seed {SEED}: {outcome}")
    assert outcome.verdict.lost
