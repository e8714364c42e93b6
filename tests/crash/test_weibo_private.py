"""kill -9 with Weibo's private messages as the network: pushes without an id, cut and repeated; answers in the push and
by messages/reply; refusals, faults and a customer who may no longer be written to."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

from tests.crash.lines import OnWeibo
from tests.crash.wechat_ordeal import WeChatOutcome, WeChatTrial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "2"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
PLACES = ("after_accept_commit", "before_answer", "before_send", "after_send")


def trial(url: str, folder: Path, **more: Any) -> WeChatTrial:
    return WeChatTrial(url, folder, SEED, line=OnWeibo, **more)


def passed(tried: WeChatTrial, outcome: WeChatOutcome) -> None:
    print(f"seed {tried.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.first == []
    assert outcome.calm
    assert outcome.codes == [0] * tried.processes
    assert outcome.kills == tried.kills


async def test_pushes_and_replies_on_sqlite(tmp_path: Path) -> None:
    tried = trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, kills=KILLS, customers=2)
    passed(tried, await endure(tried))


async def test_pushes_and_replies_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    tried = trial(postgres_url, tmp_path, processes=2, kills=KILLS, customers=2)
    passed(tried, await endure(tried))


async def test_death_at_chosen_places(tmp_path: Path) -> None:
    """Kept and not yet acknowledged; with the answer in hand; before and after messages/reply, which is the only way
    for a timer's words."""

    async def die_at(place: str) -> None:
        (tmp_path / place).mkdir()
        tried = trial(f"sqlite:///{tmp_path}/{place}.db", tmp_path / place, kills=0, customers=1, rounds=2,
                      moods=False, wishes=("timer=0.2",), crash_at=f"{place}:1")  # fmt: skip
        passed(tried, await endure(tried))

    await asyncio.gather(*(die_at(place) for place in PLACES))


async def test_answering_before_it_is_kept_is_caught(tmp_path: Path) -> None:
    """Nothing but the death between the two can lose it: one customer who waits for each answer."""
    tried = trial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, kills=0, customers=1, rounds=3, moods=False, wishes=("",),
                  again=0.0, mutant="answered_first", crash_at="answered:2", hangs_up=30.0)  # fmt: skip
    outcome = await endure(tried)
    print(f"seed {SEED}: {outcome}")
    assert outcome.verdict.lost
