"""An agent's word on what a conversation is about: it counts at once, it is told, and it teaches."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.messages import Forget
from bot.store import corrections, erasing, listing, log
from bot.store.corrections import Example
from tests.store.shop import Shop


async def said(shop: Shop, text: str, category: str | None, tier: str | None = None, rule: str = "") -> int:
    lease = await shop.taken(text)
    facts = {"rule": rule} if rule else {}
    await shop.commit(lease, category=category, tier=tier, facts=facts, language="zh-Hans")
    return lease.conversation_id


async def correct(shop: Shop, conversation: int, category: str, tier: str = "", **more: Any) -> Any:
    return await shop.store.write(
        corrections.correct, conversation, shop.agent, category=category, tier=tier, **more
    )  # fmt: skip


async def about(shop: Shop, conversation: int) -> tuple[str, str]:
    row = await shop.store.read(listing.row, conversation)
    return row["category"], row["tier"]


async def examples(shop: Shop) -> list[Example]:
    return await shop.store.read(corrections.examples)


async def test_an_agent_lowers_a_tier_and_the_bot_may_raise_it_again(shop: Shop) -> None:
    conversation = await said(shop, "这灭火器是假的吧", "complaint", "serious")
    changed = await correct(shop, conversation, "inquiry")
    assert await about(shop, conversation) == ("inquiry", "")
    (event,) = changed.events
    assert event.t == "judgement"
    assert event.d == {
        "category": "inquiry", "tier": "", "was": {"category": "complaint", "tier": "serious"},
        "by": {"id": shop.agent, "name": "小美"},
    }  # fmt: skip
    lease = await shop.taken("坏了，退钱")
    assert (lease.category, lease.tier) == ("inquiry", "")  # the bot goes by it
    await shop.commit(lease, category="complaint", tier="moderate")
    assert await about(shop, conversation) == ("complaint", "moderate")


async def test_the_desk_hears_of_it_and_the_customer_does_not(shop: Shop) -> None:
    conversation = await said(shop, "坏了", "complaint", "minor")
    await correct(shop, conversation, "complaint", "critical")
    people = await shop.store.read(log.desk_events, conversation, after=0)
    assert [e.d["tier"] for e in people.events if e.t == "judgement"] == ["critical"]
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    assert "judgement" not in [e.t for e in customer.events]


async def test_the_example_is_the_message_that_was_judged_so(shop: Shop) -> None:
    conversation = await said(shop, "你好", "chitchat")
    await said(shop, "我是13800138000，\n充电器冒烟了", "complaint", "critical")
    await said(shop, "在吗", "chitchat")
    await correct(shop, conversation, "complaint", "minor")
    assert await examples(shop) == [Example("我是***， 充电器冒烟了", "complaint", "minor", False)]
    (row,) = await shop.rows("SELECT judged_category, judged_tier, language, agent_id FROM correction")
    assert tuple(row) == ("complaint", "critical", "zh-Hans", shop.agent)


async def test_a_message_may_be_named(shop: Shop) -> None:
    conversation = await said(shop, "我要找人", "inquiry", rule="person.asked")
    await said(shop, "谢谢", "praise")
    await correct(shop, conversation, "business", seq=1)
    assert await examples(shop) == [Example("我要找人", "business", "", True)]
    for seq in (3, 99):
        with pytest.raises(NotFoundError):
            await correct(shop, conversation, "praise", seq=seq)
    with pytest.raises(NotFoundError):
        await correct(shop, 99, "praise")


async def test_the_last_word_on_a_message_counts_and_all_are_kept(shop: Shop) -> None:
    conversation = await said(shop, "什么破东西", "abuse")
    await correct(shop, conversation, "complaint", "moderate")
    await correct(shop, conversation, "complaint", "moderate")  # once
    await correct(shop, conversation, "complaint", "minor")
    assert await examples(shop) == [Example("什么破东西", "complaint", "minor", False)]
    (row,) = await shop.rows("SELECT count(*) AS n FROM correction")
    assert row.n == 2


async def test_what_was_never_judged_can_be(shop: Shop) -> None:
    conversation = (await shop.accept("没人理我")).conversation_id
    await correct(shop, conversation, "complaint", "moderate")
    assert await about(shop, conversation) == ("complaint", "moderate")
    assert await examples(shop) == [Example("没人理我", "complaint", "moderate", True)]


@pytest.mark.parametrize(("category", "tier", "earlier"), [("complaint", "minor", 1), ("inquiry", "", 0)])
async def test_it_counts_for_the_history(shop: Shop, category: str, tier: str, earlier: int) -> None:
    conversation = await said(shop, "坏了", "complaint", "serious")
    await correct(shop, conversation, category, tier)
    (row,) = await shop.rows("SELECT complaints FROM contact")
    assert str(row.complaints).count(":") == earlier


async def test_who_is_forgotten_is_no_example(shop: Shop) -> None:
    conversation = await said(shop, "坏了", "complaint", "serious")
    await correct(shop, conversation, "inquiry")
    (row,) = await shop.rows("SELECT contact_id FROM conversation")
    await shop.store.write(erasing.forget, row.contact_id, Forget.EVERYTHING)
    assert await examples(shop) == []
    await correct(shop, conversation, "complaint", "minor")  # nothing is left to learn from
    assert await examples(shop) == []


async def test_the_message_that_decided_is_found(shop: Shop) -> None:
    conversation = await said(shop, "你好", "chitchat")
    await said(shop, "我要找律师", "complaint", "serious")
    await said(shop, "包装也破了", "complaint", "serious")  # as grave as the conversation already was
    assert await shop.store.read(corrections.decisive, conversation) == 2
    await correct(shop, conversation, "complaint", "minor")
    assert [example.text for example in await examples(shop)] == ["我要找律师"]
    assert await shop.store.read(corrections.decisive, conversation) is None
    await correct(shop, conversation, "complaint", "serious")  # taken back: it is about the same message
    assert [(e.text, e.tier) for e in await examples(shop)] == [("我要找律师", "serious")]
    await correct(shop, conversation, "inquiry")
    later = await said(shop, "我要曝光你们", "complaint", "serious")
    assert await shop.store.read(corrections.decisive, later) == 7
    await correct(shop, conversation, "complaint", "moderate")
    assert [e.text for e in await examples(shop)] == ["我要找律师", "我要曝光你们"]
    with pytest.raises(NotFoundError):
        await shop.store.read(corrections.decisive, 99)
