"""Death at every named place, one after the other: the next process finds everything it needs."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from random import Random

import pytest

from bot.failpoints import NAMES
from tests.crash.fleet import Fleet
from tests.crash.load import Load
from tests.crash.ordeal import PATIENCE as CALM
from tests.crash.server import Orders
from tests.crash.upstream import Upstream
from tests.crash.verdict import judge, quiet
from tests.databases import Postgres

SEED = int(os.environ.get("KEFU_CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 2**31)
WISHES = ("", "timer=0.2", "twice", "timer=0.2")
TIMES = {"in_group_commit": 12, "after_timer_fire": 1}
"""The how manieth time it is deadly to come there."""
AT_ONCE = 3
"""Places tried at the same time: most of it is waiting for processes to start."""


async def die_at(name: str, url: str, folder: Path, *, idempotent: bool) -> tuple[str, dict[str, list[str]]]:
    """Let a server die at the place in the midst of work, let another take over; what is wrong afterwards."""
    folder.mkdir()
    async with Upstream() as upstream, Fleet(Orders(url, 0, upstream.url, idempotent), folder / "log") as fleet:
        (place,) = fleet.places
        await fleet.start(place, crash_at=f"{name}:{TIMES.get(name, 3)}")
        load = Load(fleet, Random(SEED), WISHES, pause=0.02)
        customers = asyncio.create_task(load.run(3, most=8))
        await fleet.crashed(place)
        await fleet.start(place)
        await customers
        assert await quiet(url, CALM), f"{name}: it did not come to rest\n{fleet.said()}"
        assert await fleet.stop_all() == [0]
        return name, (await judge(url, load.taken, upstream, idempotent=idempotent)).faults


async def all_places(urls: dict[str, str], folder: Path, *, idempotent: bool = True) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> tuple[str, dict[str, list[str]]]:
        async with gate:
            return await die_at(name, urls[name], folder / name, idempotent=idempotent)

    print(f"seed {SEED}")
    found = await asyncio.gather(*(one(name) for name in urls))
    assert dict(found) == {name: {} for name in urls}


async def test_death_at_any_place_on_sqlite(tmp_path: Path) -> None:
    await all_places({name: f"sqlite:///{tmp_path}/{name}.db" for name in NAMES}, tmp_path)


@pytest.mark.parametrize("places", [("before_send", "after_send", "after_settle")])
async def test_death_while_sending_where_a_key_means_nothing(tmp_path: Path, places: tuple[str, ...]) -> None:
    urls = {name: f"sqlite:///{tmp_path}/{name}.db" for name in places}
    await all_places(urls, tmp_path, idempotent=False)


async def test_death_at_any_place_on_postgresql(tmp_path: Path, postgres_server: Postgres) -> None:
    urls = {name: postgres_server.fresh() for name in NAMES}
    await all_places(urls, tmp_path)
    for url in urls.values():
        postgres_server.drop(url)
