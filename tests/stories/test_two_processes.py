"""One PostgreSQL, two processes: the visitor at one, the agent at the other, as behind a load balancer."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.conftest import Comes, LogsIn
from tests.stories.people import plea
from tests.stories.serving import LI, WANG, Kefu, hire

BELLS_ONLY = """
import functools
import bot.app
import handoff.desk.switchboard
from channels.web.lobby import Pace
handoff.desk.switchboard.SWEEP = 3600
bot.app.chat_routes = functools.partial(bot.app.chat_routes, pace=Pace(ping=3600, silent=7200))
from bot.cli import main
main()
"""
"""The same program; but what no doorbell between processes tells, nobody looks for."""


@pytest.fixture
def pair(tmp_path: Path, postgres_url: str) -> Iterator[tuple[Kefu, Kefu]]:
    hire(postgres_url, LI, WANG)
    one, two = (Kefu(tmp_path, store_url=postgres_url, program=BELLS_ONLY) for _ in range(2))
    made = one, two
    try:
        yield made[0].start(), made[1].start()
    finally:
        for one in made:
            one.kill()


async def test_live_in_both_directions(pair: tuple[Kefu, Kefu], comes: Comes, logs_in: LogsIn) -> None:
    here, there = pair
    visitor, li, asked = await comes(here), await logs_in(there), plea()
    async with visitor.listening() as chat, li.at_desk() as desk:
        await visitor.says(asked)
        row = await desk.hears("row", lambda f: f["d"]["status"] == "open")
        number = row["conv"]
        await li.opens(desk, number)
        await li.does("claim", number)
        arrived = await chat.hears("status", lambda f: f["d"]["agent"] is not None)
        assert arrived["d"]["agent"]["name"] == LI.name
        await li.replies(number, "您好，我是小李。")
        answer = await chat.hears("message", lambda f: f["d"]["author"] == "agent")
        await chat.send(t="read", upto=answer["seq"])
        await desk.hears("read", lambda f: f["d"]["by"] == "visitor")
        await visitor.says("订单还没到")
        await desk.hears("message", lambda f: f["d"]["text"] == "订单还没到")
        await li.does("resolve", number)
        await chat.hears("status", lambda f: f["d"]["status"] == "resolved")


async def test_two_agents_at_two_processes_collide(pair: tuple[Kefu, Kefu], comes: Comes, logs_in: LogsIn) -> None:
    here, there = pair
    visitor, li, asked = await comes(here), await logs_in(here, LI), plea()
    wang = await logs_in(there, WANG)
    await visitor.says(asked)
    number = await li.finds(asked)
    await li.does("claim", number)
    refused = await wang.post(f"/conversations/{number}/claim")
    assert (refused.status_code, refused.json()["row"]["assignee"]["name"]) == (409, LI.name)


async def test_one_message_sent_to_both_is_one_message(pair: tuple[Kefu, Kefu], comes: Comes) -> None:
    here, there = pair
    visitor = await comes(here)
    first = await visitor.says("什么时候发货", cid="one")
    visitor.http.base_url = f"{there.url}/api/w/web"
    assert await visitor.says("什么时候发货", cid="one") == first
    assert (await visitor.texts()).count("什么时候发货") == 1


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
async def test_when_one_goes_the_other_serves_everybody(
    pair: tuple[Kefu, Kefu], comes: Comes, logs_in: LogsIn, end: int
) -> None:
    here, there = pair
    visitor, li, asked = await comes(here), await logs_in(there), plea()
    async with visitor.listening() as chat:
        await visitor.says(asked)
        handed = await chat.status("open")
        here.send(end)
        await chat.closed()
        here.wait()
    number = await li.finds(asked)
    await li.replies(number, "您好，我在。")
    visitor.kefu = there
    visitor.http.base_url = f"{there.url}/api/w/web"
    async with visitor.listening(after=handed["seq"]) as chat:
        await chat.message("agent", "您好，我在。")
        await visitor.says("太好了")
        await li.does("return", number)
        await chat.status("pending")
        await chat.message("bot")
