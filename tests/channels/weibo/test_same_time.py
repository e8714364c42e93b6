"""Two processes hear of the same matter at the same moment: it is one incident all the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.messages import Incoming
from channels.weibo import inbound, incidents
from channels.weibo.api import Api
from channels.weibo.budget import Budget
from channels.weibo.lists import DECIDES, DECIDING, INCIDENTS, Lists
from channels.weibo.options import Options
from tests.channels.wechat.shelf import MemoryShelf

OPTIONS = Options("1902538057", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", "2.00abcdEFghIJklMNopQRstUV")


class BusyShelf(MemoryShelf):
    """Where others come in between, as on a database."""

    async def get(self, name: str) -> str | None:
        found = await super().get(name)
        await asyncio.sleep(0)
        return found

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        await asyncio.sleep(0)
        await super().put(name, value, lasts=lasts)

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        """In one piece, as there."""
        value, until = self.values.get(name, (None, None))
        if value is not None and (until is None or self.time < until):
            return False
        self.values[name] = "held", self.time + lasts
        return True


def lists(shelf: MemoryShelf) -> Lists:
    return Lists(OPTIONS, Api(OPTIONS, shelf), shelf, Budget(OPTIONS, shelf))


def shouted(n: int) -> Incoming:
    return inbound.named("status", str(5_300_000_000_000_000_000 + n), str(2_000_000_001 + n),
                         f"@小店客服 你家的电热水壶漏电了，差点伤到孩子，怎么还在卖{n}", None)  # fmt: skip


async def test_two_processes_give_one_matter_one_name() -> None:
    shelf = BusyShelf()
    one, other = lists(shelf), lists(shelf)
    (first,), (second,) = await asyncio.gather(one.named([shouted(1)]), other.named([shouted(2)]))
    assert first.incident == second.incident != ""
    assert len(incidents.load(await shelf.get(INCIDENTS))) == 2, "neither forgot what the other one kept"
    assert await shelf.get(DECIDING) is None


async def test_a_process_that_died_over_it_is_not_waited_for_for_ever() -> None:
    shelf = BusyShelf()
    await shelf.take(DECIDING, lasts=DECIDES)
    waiting = asyncio.create_task(lists(shelf).named([shouted(1)]))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    shelf.time += DECIDES
    assert (await waiting)[0].incident
