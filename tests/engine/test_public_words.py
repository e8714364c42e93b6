"""What is said in public and logged of the phone, through the engine and with the shipped words, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from bot.messages import Status
from bot.ports import Capabilities
from bot.store import agents, phone, timers
from bot.store.phone import FOLLOW_UP, LOGGED, CallLog
from bot.store.why import why
from replies.brain import Scripted
from replies.rules import call
from tests.engine.works import Network, Works, works
from tests.replies.shipped import shipped

PLACES = Capabilities(idempotent_send=True, public=Capabilities(max_text=140, idempotent_send=True))
INJURED = "@青禾生活 电热水壶漏电，孩子被电伤送医院了"


@asynccontextmanager
async def shop_of(url: str) -> AsyncIterator[Works]:
    brain = Scripted(shipped())
    async with works(url, network=Network(PLACES), brain=brain) as shop:
        yield shop
    await brain.close()


async def post(shop: Works, text: str, sender: str = "li", **more: Any) -> int:
    said = await shop.say(text, sender=sender, thread=f"public:1:{sender}", public=True, **more)
    await shop.quiet()
    return said.conversation_id


async def test_a_question_in_public_has_one_line_and_the_second_a_person(store_url: str) -> None:
    async with shop_of(store_url) as shop:
        await post(shop, "@青禾生活 怎么开发票")
        await post(shop, "那多久能开好？")
        await post(shop, "人呢")
        (line,) = await shop.replies()
        assert "私信" in line
        assert shop.network.heard("li") == [line]
        (row,) = await shop.rows("SELECT status FROM conversation")
        assert row.status == Status.OPEN.value


async def test_danger_in_public_calls_people_and_only_they_speak(store_url: str) -> None:
    async with shop_of(store_url) as shop:
        author = {"public": {"author": {"followers": 250_000}}}
        first = await post(shop, INJURED, "a", extra=author, incident="kettle")
        second = await post(shop, INJURED, "b", incident="kettle")
        assert await shop.replies("a") == await shop.replies("b") == []
        found = await shop.rows("SELECT conversation_id, trigger, tier, reason FROM handoff ORDER BY id")
        assert [(h.conversation_id, h.trigger, h.tier) for h in found] == [
            (first, "tier", "critical"),
            (second, "tier", "critical"),
        ]
        assert "250000 位粉丝" in found[0].reason
        assert "2 处发言" in found[1].reason
        told = await shop.store.read(why, first, 1)
        assert told["decision"]["rule"] == "public.critical"


async def test_no_timer_speaks_in_public(store_url: str) -> None:
    async with shop_of(store_url) as shop:
        conversation = await post(shop, "@青禾生活 锅坏了，退钱！")
        (line,) = await shop.replies()
        for name in ("resolved", "returned", "burst", "form"):
            await shop.store.write(timers.set_, conversation, name, shop.store.now() - timedelta(seconds=1), {})
            await shop.quiet()
        assert await shop.replies() == [line]


async def test_a_logged_call_is_judged_counted_and_told(store_url: str) -> None:
    assert (call.LOGGED, call.FOLLOW_UP) == (LOGGED, FOLLOW_UP)
    async with shop_of(store_url) as shop:
        said = await shop.say("客户来电：电热水壶漏电，孩子被电伤，要求赔偿", mute=LOGGED)
        await shop.quiet()
        assert await shop.replies() == []
        (row,) = await shop.rows("SELECT status, tier, category FROM conversation")
        assert (row.status, row.tier, row.category) == (Status.OPEN.value, "critical", "complaint")
        (contact,) = await shop.rows("SELECT complaints FROM contact")
        assert str(said.conversation_id) in str(contact.complaints)


async def test_a_promised_call_back_brings_people_again(store_url: str) -> None:
    async with shop_of(store_url) as shop:
        said = await shop.say("客户询问多久发货，已答复", mute=LOGGED)
        await shop.quiet()
        due = shop.store.now() - timedelta(seconds=1)
        await shop.store.write(timers.set_, said.conversation_id, FOLLOW_UP, due, {"note": "告知单号", "agent": "小梅"})
        await shop.quiet()
        assert await shop.replies() == []
        (row,) = await shop.rows(
            "SELECT c.status, h.reason FROM conversation c JOIN handoff h ON h.conversation_id = c.id"
        )
        assert row.status == Status.OPEN.value
        assert row.reason == "约定的回访时间到了：告知单号（小梅）"
        # While people have it, it is told as well, and changes nothing.
        await shop.store.write(timers.set_, said.conversation_id, FOLLOW_UP, due, {"note": "再次", "agent": ""})
        await shop.quiet()
        (again,) = await shop.rows("SELECT reason FROM handoff")
        assert again.reason.endswith("约定的回访时间到了：再次")


async def test_a_grave_call_that_is_settled_is_told_and_stays_settled(store_url: str) -> None:
    async with shop_of(store_url) as shop:
        agent = await shop.store.write(agents.add, "mei", name="小梅", password_hash="x")
        log = CallLog(
            "c1",
            "in",
            "客户来电：电热水壶漏电，孩子被电伤，已安排主管上门",
            "solved",
            shop.store.now(),
            "+8613912345678",
        )
        (inbox,) = await shop.rows("SELECT id FROM inbox")
        changed = await shop.store.write(phone.log_call, inbox.id, agent, log)
        shop.live.ring_turn()
        await shop.quiet()
        (row,) = await shop.rows("SELECT status, tier FROM conversation")
        assert (row.status, row.tier) == (Status.RESOLVED.value, "critical")
        (told,) = await shop.rows("SELECT conversation_id, status, tier FROM handoff")
        assert (told.conversation_id, told.status, told.tier) == (changed.conversation_id, "noted", "critical")
