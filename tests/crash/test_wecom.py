"""kill -9 with WeCom as the network: what customers said lies there to be fetched, and a repeated send is refused."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.crash.wecom_ordeal import WeComOutcome, WeComTrial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "3"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: WeComTrial, outcome: WeComOutcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.first == []
    assert outcome.calm
    assert outcome.codes == [0] * trial.processes


async def test_pages_and_sends_on_sqlite(tmp_path: Path) -> None:
    trial = WeComTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=KILLS)
    passed(trial, await endure(trial))


async def test_pages_and_sends_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    trial = WeComTrial(postgres_url, tmp_path, SEED, processes=2, kills=KILLS)
    passed(trial, await endure(trial))


async def test_by_our_own_count_wecom_has_nothing_to_refuse(tmp_path: Path) -> None:
    wishes = ("bells=7", "bells=3", "long", "timer=0.2")
    trial = WeComTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, rounds=3, moods=False, calm=True,
                       wishes=wishes)  # fmt: skip
    outcome = await endure(trial)
    passed(trial, outcome)
    assert outcome.refusals == 0


async def test_death_behind_a_page(tmp_path: Path) -> None:
    """It is kept, and so is where to go on; nobody has thought about it yet."""
    trial = WeComTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, rounds=4, moods=False,
                       crash_at="after_page_commit:3")  # fmt: skip
    passed(trial, await endure(trial))


async def test_moving_the_cursor_first_is_caught(tmp_path: Path) -> None:
    trial = WeComTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, rounds=4, moods=False, wishes=("",),
                       mutant="cursor_first", crash_at="cursor_moved:1", patience=6.0)  # fmt: skip
    outcome = await endure(trial)
    print(f"seed {SEED}: {outcome}")
    assert outcome.verdict.lost
