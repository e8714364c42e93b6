"""kill -9 with the agents in a Telegram group: nothing is lost or said twice, and there is one topic a handoff."""

from __future__ import annotations

import os
import random
from pathlib import Path

from bot.store import desk, listing
from tests.crash.desk_ordeal import BUTTONS, DeskOutcome, DeskTrial, Scene, endure
from tests.crash.desk_seat import PLACES
from tests.store.shop import rows

KILLS = int(os.environ.get("KEFU_CRASH_KILLS", "2"))
SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)


def passed(trial: DeskTrial, outcome: DeskOutcome) -> None:
    print(f"seed {trial.seed}: {outcome}")
    assert outcome.verdict.faults == {}, outcome.log
    assert outcome.calm, outcome.log
    assert outcome.codes == [0] * trial.processes


def sqlite(folder: Path, **more: object) -> DeskTrial:
    return DeskTrial(f"sqlite:///{folder}/kefu.db", folder, SEED, **more)  # type: ignore[arg-type]


async def test_a_team_in_a_group_on_sqlite(tmp_path: Path) -> None:
    trial = sqlite(tmp_path, kills=KILLS, customers=3, rounds=8, moods=True, buttons=BUTTONS)
    passed(trial, await endure(trial))


async def test_two_processes_and_one_desk_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    trial = DeskTrial(
        postgres_url, tmp_path, SEED, processes=2, kills=KILLS, customers=3, rounds=8, moods=True, buttons=BUTTONS
    )
    passed(trial, await endure(trial))


async def test_death_between_an_act_and_the_note_of_it(tmp_path: Path) -> None:
    """At each place once, one life after another. Whatever was under way is done once; only what was said in the one
    message that nobody noted may stand there twice."""
    trial = sqlite(tmp_path, rounds=5, deaths=PLACES)
    outcome = await endure(trial)
    passed(trial, outcome)
    api = outcome.scene.api
    assert api.counts["createForumTopic"] == 1
    (topic,) = api.topics()
    repeated = set(outcome.verdict.repeated)
    assert any(repeated <= set(str(m.get("text", "")).split("\n")) for m in api.thread(topic.id))


async def taken_up_again(scene: Scene) -> None:
    """While the server is dead, the agent takes in the web desk what she gave back to the bot in Telegram."""
    (agent,) = await scene.store.read(rows, "SELECT id FROM agent WHERE login = 'mei'")
    ((_, _, place),) = scene.taps
    assert (await scene.store.read(listing.row, place))["status"] == "pending", "the tap was done"
    await scene.store.write(desk.claim, place, agent.id)


def pressed(folder: Path, **more: object) -> DeskTrial:
    """Telegram tells nothing of a topic whose maker died; in the next one she gives the conversation back to the bot,
    and the server dies before it can say so."""
    deaths = ("topic_made", "tap_done")
    return sqlite(
        folder, rounds=1, buttons=("back",), deaths=deaths, own_events=False, between=taken_up_again, **more
    )  # fmt: skip


async def test_a_button_that_is_heard_of_again_acts_once(tmp_path: Path) -> None:
    outcome = await endure(pressed(tmp_path))
    passed(pressed(tmp_path), outcome)
    assert list(outcome.statuses.values()) == ["open"]
    assert outcome.scene.api.counts["createForumTopic"] == 2, "one too many at most"
    assert "可能多出一个" in outcome.scene.api.said(None)


async def test_moving_the_offset_first_is_caught(tmp_path: Path) -> None:
    outcome = await endure(sqlite(tmp_path, rounds=2, deaths=("offset_moved",), mutant="offset_first"))
    print(outcome)
    assert outcome.verdict.answers_lost
