"""kill -9 with WeChat as the network: pushes that are cut and repeated, an API with moods, windows that close."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.crash.wechat_ordeal import WeChatOutcome, WeChatTrial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "3"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: WeChatTrial, outcome: WeChatOutcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.first == []
    assert outcome.calm
    assert outcome.codes == [0] * trial.processes
    assert outcome.kills == trial.kills


async def test_pushes_and_replies_on_sqlite(tmp_path: Path) -> None:
    trial = WeChatTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=KILLS)
    passed(trial, await endure(trial))


async def test_pushes_and_replies_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    trial = WeChatTrial(postgres_url, tmp_path, SEED, processes=2, kills=KILLS)
    passed(trial, await endure(trial))


async def test_by_our_own_count_wechat_has_nothing_to_refuse(tmp_path: Path) -> None:
    """Nothing under way when the customer writes, no moods, no kills: then our ledger is WeChat's."""
    wishes = ("bells=7", "bells=3", "slow=1.3", "long", "timer=0.2")
    trial = WeChatTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, moods=False, calm=True, rounds=4,
                        wishes=wishes, again=0.0)  # fmt: skip
    outcome = await endure(trial)
    passed(trial, outcome)
    assert outcome.refusals == 0
    assert outcome.waited or outcome.tries
