"""The desk in a group, from the handoff to the last word: everything through the Bot API."""

from __future__ import annotations

import asyncio

from bot.store import listing
from tests.fakes.telegram import GROUP
from tests.handoff.telegram_desk.conftest import Handed, Team
from tests.store.shop import Shop, rows


async def texts(team: Team, where: str = "author = 'agent'") -> list[str]:
    found = await team.store.read(rows, f"SELECT text FROM message WHERE {where} ORDER BY id")
    return [row.text for row in found]


async def said(team: Team, *wanted: str, where: str = "author = 'agent'") -> None:
    """These words, and no others, are said."""

    async def there() -> None:
        while await texts(team, where) != list(wanted):
            await asyncio.sleep(0.02)

    try:
        await asyncio.wait_for(there(), 10)
    except TimeoutError:
        raise AssertionError(f"{await texts(team, where)}, not {wanted}; {team.seen()}") from None


async def test_a_handoff_opens_a_topic_with_card_and_transcript(team: Team, hand_over: Handed) -> None:
    await team.desk()
    place = await hand_over(tier="serious")
    topic = await team.topic()
    assert topic.name == f"🟠 王小明 · 网页 #{place}"
    assert topic.icon_color == 16749490
    card = team.card(topic)["text"]
    for fact in (
        "严重",
        "王小明",
        "退款",
        "孩子划伤了手",
        "可以退换",
        "待认领",
        f"http://desk.test/desk/c/{place}",
        "//",
    ):
        assert fact in card, card
    await team.reads(topic, "这就为您转人工")
    words = team.telegram.said(topic.id)
    assert words.index("王小明") < words.index("这就为您转人工")
    await team.until(lambda: team.telegram.groups[GROUP].pinned, "pinned card")


async def test_an_agent_answers_and_the_customer_writes_on(team: Team, hand_over: Handed, shop: Shop) -> None:
    await team.desk()
    place = await hand_over()
    topic = await team.topic()
    team.telegram.say(team.mei, "您好，我是小美。", topic=topic.id)
    await said(team, "您好，我是小美。")
    row = await team.store.read(listing.row, place)
    assert (row["status"], row["assignee"]["name"]) == ("open", "小美")
    await team.reads(topic, "小美 (007) 已认领")
    await shop.accept("谢谢")
    await shop.accept("我等您")
    team.live.changed(place)
    await team.reads(topic, "谢谢\n我等您")
    assert team.telegram.said(topic.id).count("您好，我是小美。") == 1, "what was written there is not repeated"
    await team.until(lambda: "小美 (007) 处理中" in team.card(topic)["text"], "card that says who has it")
