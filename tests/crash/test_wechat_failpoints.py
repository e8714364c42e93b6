"""Death at the named places of a webhook's answer, and of a customer's file: repeated, the same, and never twice."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import pytest

from bot.store import open_store
from tests.crash.fleet import Fleet
from tests.crash.inboxes import CERTIFIED
from tests.crash.lines import OnWeChat
from tests.crash.server import Orders
from tests.crash.wechat_ordeal import PATIENCE, WeChatTrial, endure
from tests.crash.wechat_world import World
from tests.databases import Postgres
from tests.fakes import inbound
from tests.fakes.media import PNG
from tests.store.shop import rows

SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
PLACES = ("after_accept_commit", "before_turn_commit", "after_turn_commit", "before_answer", "after_answer")
WISHES = ("", "", "twice", "timer=0.2", "slow=0.3")


async def die_at(name: str, url: str, folder: Path, processes: int) -> tuple[str, object]:
    folder.mkdir()
    trial = WeChatTrial(url, folder, SEED, processes, kills=0, customers=1, rounds=4, moods=False, wishes=WISHES,
                        crash_at=f"{name}:3")  # fmt: skip
    outcome = await endure(trial)
    print(f"{name}: {outcome}")
    assert outcome.codes == [0] * processes
    return name, (outcome.verdict.faults, outcome.first, outcome.calm)


async def test_death_around_an_answer_on_sqlite(tmp_path: Path) -> None:
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in PLACES}
    found = await asyncio.gather(*(die_at(name, url, tmp_path / name, 1) for name, url in urls.items()))
    assert dict(found) == {name: ({}, [], True) for name in PLACES}


async def test_death_around_an_answer_on_postgresql(tmp_path: Path, postgres_server: Postgres) -> None:
    """Another process is there at once, to be asked again."""
    places = ("before_answer", "after_answer")
    urls = {name: postgres_server.fresh() for name in places}
    found = await asyncio.gather(*(die_at(name, url, tmp_path / name, 2) for name, url in urls.items()))
    assert dict(found) == {name: ({}, [], True) for name in places}
    for url in urls.values():
        postgres_server.drop(url)


@pytest.mark.parametrize("crash_at", ["after_media_save", "after_accept_commit"])
async def test_a_picture_is_fetched_by_the_next_process(tmp_path: Path, crash_at: str) -> None:
    url = f"sqlite:///{tmp_path}/kefu.db"
    line = OnWeChat()
    with line.api() as api:
        orders = Orders(url, 0, api.url, network="wechat", folder=str(tmp_path / "media"))
        async with Fleet(orders, tmp_path / "servers.log") as fleet:
            (place,) = fleet.places
            await fleet.start(place, crash_at=crash_at)
            world = World(line, fleet, api, random.Random(SEED), again=0.0)
            picture = inbound.image(f"{CERTIFIED}-0", api.user_media("image", PNG, "image.png"))
            delivered = asyncio.create_task(world.deliver(CERTIFIED, f"{CERTIFIED}-0", "", picture))
            await fleet.crashed(place)
            await fleet.start(place)
            await delivered
            store = await open_store(url)
            async with asyncio.timeout(PATIENCE):
                while not (kept := await store.read(rows, "SELECT key FROM media")):
                    await asyncio.sleep(0.05)
            wanted = await store.read(rows, "SELECT message_id FROM media_fetch")
            await store.close()
            assert await fleet.stop_all() == [0]
    assert len(kept) == 1
    assert wanted == []
    assert [path.read_bytes() for path in (tmp_path / "media").rglob(kept[0].key)] == [PNG]
