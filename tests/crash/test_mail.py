"""kill -9 with e-mail as the network: mail lies on a real server, and what goes out cannot be taken back."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.crash.mail_ordeal import MailOutcome, MailTrial, endure

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "3"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: MailTrial, outcome: MailOutcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}
    assert outcome.calm
    assert outcome.codes == [0] * trial.processes


async def test_no_mail_is_lost_doubled_or_answered_twice_on_sqlite(tmp_path: Path) -> None:
    trial = MailTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=KILLS)
    passed(trial, await endure(trial))


async def test_two_processes_on_one_mailbox(tmp_path: Path, postgres_url: str) -> None:
    trial = MailTrial(postgres_url, tmp_path, SEED, processes=2, kills=KILLS)
    passed(trial, await endure(trial))


@pytest.mark.parametrize(
    "place", ["after_page_commit:4", "before_turn_commit:3", "after_turn_commit:3", "before_send:3", "after_send:3"]
)
async def test_death_at_any_place_of_a_mails_way(tmp_path: Path, place: str) -> None:
    """The first three pages hold no mail: they say where the three folders begin."""
    trial = MailTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, mails=12, resets=0, crash_at=place)
    passed(trial, await endure(trial))


async def test_moving_the_cursor_first_is_caught(tmp_path: Path) -> None:
    """Each mail comes once: a second copy would save a mail that a lost page had, and hide the loss."""
    trial = MailTrial(f"sqlite:///{tmp_path}/kefu.db", tmp_path, SEED, kills=0, mails=12, resets=0, wishes=("once",),
                      mutant="cursor_first", crash_at="cursor_moved:1", patience=8.0)  # fmt: skip
    outcome = await endure(trial)
    print(f"seed {SEED}: {outcome}")
    assert outcome.verdict.lost
