"""kill -9 with Weibo's comments as the network: each is kept once, whoever polls, and answered once in public."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

from tests.crash.fetched_ordeal import FetchedOutcome, FetchedTrial, OnWeibo, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "3"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def trial(url: str, folder: Path, **more: Any) -> FetchedTrial:
    return FetchedTrial(url, folder, SEED, street=OnWeibo, **more)


def passed(tried: FetchedTrial, outcome: FetchedOutcome) -> None:
    print(f"seed {tried.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.calm
    assert outcome.codes == [0] * tried.processes


async def test_comments_and_answers_on_sqlite(tmp_path: Path) -> None:
    tried = trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, kills=KILLS)
    passed(tried, await endure(tried))


async def test_two_processes_and_one_poller_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    tried = trial(postgres_url, tmp_path, processes=2, kills=KILLS)
    passed(tried, await endure(tried))


async def test_death_between_a_page_and_the_next(tmp_path: Path) -> None:
    tried = trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, kills=0, rounds=4, moods=False,
                  crash_at="after_page_commit:3")  # fmt: skip
    passed(tried, await endure(tried))


async def test_moving_since_id_first_is_caught(tmp_path: Path) -> None:
    tried = trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, kills=0, rounds=4, moods=False, wishes=("",),
                  mutant="cursor_first", crash_at="cursor_moved:1", patience=10.0)  # fmt: skip
    outcome = await endure(tried)
    print(f"seed {SEED}: {outcome}")
    assert outcome.verdict.lost
