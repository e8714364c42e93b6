"""The plug is pulled in the middle of a conversation, and nobody has to say anything twice."""

from __future__ import annotations

import asyncio
import contextlib
import signal

import httpx
import pytest

from tests.stories.conftest import Comes, LogsIn
from tests.stories.people import plea
from tests.stories.serving import LI, Kefu
from tests.stories.words import faq, said

ENDS = [pytest.param(signal.SIGTERM, id="stopped"), pytest.param(signal.SIGKILL, id="killed")]


@pytest.mark.parametrize("end", ENDS)
async def test_a_restart_between_a_customer_and_an_agent(own: Kefu, comes: Comes, logs_in: LogsIn, end: int) -> None:
    own.start()
    visitor, li, asked = await comes(own), await logs_in(own), plea()
    async with visitor.listening() as chat, li.at_desk() as desk:
        await visitor.says(asked, cid="first")
        await chat.status("open")
        number = await li.finds(asked)
        await li.does("claim", number)
        await li.replies(number, "您好，我是小李。")
        last = await chat.message("agent")
        await li.opens(desk, number)
        own.send(end)
        codes = await asyncio.gather(chat.closed(), desk.closed())
        assert own.wait() == (0 if end == signal.SIGTERM else -signal.SIGKILL)
    assert set(codes) == ({1012} if end == signal.SIGTERM else {1006})

    own.start()
    before = chat.messages()
    async with visitor.listening(after=last["seq"]) as chat, li.at_desk("mine") as desk:
        assert chat.messages() == [], "what was read is not brought again"
        await li.opens(desk, number)
        assert (await li.row(number))["assignee"]["name"] == LI.name, "the agent still has it, and is still logged in"
        again = await visitor.says(asked, cid="first")
        assert again["seq"] < last["seq"], "sent again after a lost answer, it is the same message"
        await visitor.says("还在吗？")
        await desk.message("customer", "还在吗？")
        await li.replies(number, "在的，刚才断线了。")
        await chat.message("agent", "在的")
        await li.does("resolve", number)
        closing = await chat.hears("message", lambda f: f["d"]["author"] == "bot")
        assert said("resolved", "zh-Hans", closing["d"]["text"])
        rating = await chat.hears("message", lambda f: bool(f["d"]["quick_replies"]))
    ended = ["还在吗？", "在的，刚才断线了。", closing["d"]["text"], rating["d"]["text"]]
    assert await visitor.texts() == [*before, *ended]


@pytest.mark.parametrize("place", ["after_accept_commit", "before_turn_commit", "after_turn_commit"])
async def test_killed_in_the_middle_of_a_message_it_is_answered_once(own: Kefu, comes: Comes, place: str) -> None:
    own.start(KEFU_CRASH_AT=place, KEFU_ENGINE_LEASE_SECONDS="1")
    visitor = await comes(own)
    with contextlib.suppress(httpx.TransportError):  # where it died before it could answer
        await visitor.post("什么时候发货", cid="only")
    own.wait()
    own.start(KEFU_ENGINE_LEASE_SECONDS="1")
    async with visitor.listening() as chat:
        await visitor.says("什么时候发货", cid="only")
        await chat.message("bot", faq("ship_time", "zh-Hans"))
        await visitor.says("谢谢", cid="next")
        await chat.hears("message", lambda f: said("thanks", "zh-Hans", f["d"]["text"]))
    authors = [e["d"]["author"] for e in (await visitor.log())["events"] if e["t"] == "message"]
    assert authors == ["visitor", "bot", "visitor", "bot"]


async def test_what_was_acknowledged_under_load_is_there_after_a_kill(own: Kefu, comes: Comes) -> None:
    own.start()
    visitors = [await comes(own) for _ in range(8)]
    kept: list[list[str]] = [[] for _ in visitors]

    async def talk(n: int) -> None:
        with contextlib.suppress(httpx.TransportError):
            for m in range(1000):
                await visitors[n].says(f"第 {m} 句", cid=f"m{m}")
                kept[n].append(f"第 {m} 句")

    talking = [asyncio.create_task(talk(n)) for n in range(len(visitors))]
    while min(len(said) for said in kept) < 5:
        await asyncio.sleep(0.01)
    own.kill()
    await asyncio.gather(*talking)
    own.start()
    for visitor, said_ in zip(visitors, kept, strict=True):
        mine = [e["d"]["text"] for e in (await visitor.log())["events"] if e["d"].get("author") == "visitor"]
        assert mine[: len(said_)] == said_
        assert len(mine) - len(said_) <= 1, "at most the one whose answer was lost"
