"""Questions the FAQ lacks: counted once a wording, without anybody's numbers, settled by people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import Gap
from bot.errors import ConflictError, LostLeaseError, NotFoundError
from bot.messages import Forget
from bot.store import desk, erasing, suggestions
from tests.store.shop import Shop


async def missed(shop: Shop, text: str, *, near: str = "", why: str = "miss", sender: str = "li") -> int:
    lease = await shop.taken(text, sender=sender)
    await shop.commit(lease, "sorry", gap=Gap(text, near, why), language="zh-Hans")
    shop.clock.forward(timedelta(seconds=1))
    return lease.conversation_id


async def listed(shop: Shop, state: str = "open") -> list[dict[str, Any]]:
    return await shop.store.read(suggestions.listed, state)


async def test_the_same_question_is_counted_up(shop: Shop) -> None:
    first = await missed(shop, "能货到付款吗？")
    second = await missed(shop, "能货到付款吗!!", near="pay", sender="wang")
    await missed(shop, " 能 货到付款 吗 😀", why="unsolved")
    (found,) = await listed(shop)
    assert (found["text"], found["language"], found["near"]) == ("能货到付款吗？", "zh-Hans", "pay")
    assert (found["misses"], found["unsolved"], found["count"]) == (2, 1, 3)
    assert found["last_at"] - found["first_at"] == timedelta(seconds=2)
    assert found["conversations"] == [second, first]


async def test_numbers_go_before_questions_are_compared(shop: Shop) -> None:
    await missed(shop, "订单 20261125998877 到哪了")
    await missed(shop, "订单 20261124112233 到哪了")
    (found,) = await listed(shop)
    assert (found["text"], found["count"]) == ("订单 *** 到哪了", 2)


@pytest.mark.parametrize("text", ["", " ", "😀！？", "***", "13800138000", "\u200b"])
async def test_what_has_no_words_is_no_question(shop: Shop, text: str) -> None:
    await missed(shop, text)
    assert await listed(shop) == []


async def test_an_endless_question_is_cut(shop: Shop) -> None:
    await missed(shop, "怎么退货呢" * 20_000)
    (found,) = await listed(shop)
    assert len(found["text"]) == 300


async def test_the_most_asked_stand_first_and_places_are_bounded(shop: Shop) -> None:
    await missed(shop, "有发票吗")
    for n in range(23):
        await missed(shop, "能货到付款吗", sender=f"guest{n}")
    assert [found["count"] for found in await listed(shop)] == [23, 1]
    (row,) = await shop.rows("SELECT count(*) AS n FROM suggestion_place WHERE suggestion_id = 2")
    assert row.n == suggestions.PLACES


async def test_done_opens_again_when_it_is_asked_again_and_dismissed_does_not(shop: Shop) -> None:
    await missed(shop, "有发票吗")
    await missed(shop, "你是傻子吗")
    first, second = sorted([found["id"] for found in await listed(shop)])
    await shop.store.write(suggestions.settle, first, "done", shop.agent, "invoice")
    await shop.store.write(suggestions.settle, second, "dismissed", shop.agent)
    assert await shop.store.read(suggestions.counts) == {"open": 0, "done": 1, "dismissed": 1}
    assert (await shop.store.read(suggestions.one, first))["entry"] == "invoice"
    await missed(shop, "有发票吗")
    await missed(shop, "你是傻子吗")
    assert await shop.store.read(suggestions.counts) == {"open": 1, "done": 0, "dismissed": 1}


async def test_one_settles_it(shop: Shop) -> None:
    await missed(shop, "有发票吗")
    await shop.store.write(suggestions.settle, 1, "dismissed", shop.agent)
    await shop.store.write(suggestions.settle, 1, "dismissed", shop.other)  # the same again is no harm
    with pytest.raises(ConflictError, match="settled"):
        await shop.store.write(suggestions.settle, 1, "done", shop.other)
    await shop.store.write(suggestions.settle, 1, "open", shop.other)
    await shop.store.write(suggestions.settle, 1, "done", shop.other, "x")
    with pytest.raises(NotFoundError):
        await shop.store.write(suggestions.settle, 99, "done", shop.agent)


async def test_a_turn_that_is_lost_counts_nothing(shop: Shop) -> None:
    lease = await shop.taken("有发票吗")
    await shop.store.write(desk.claim, lease.conversation_id, shop.agent)
    with pytest.raises(LostLeaseError):
        await shop.commit(lease, gap=Gap("有发票吗"))
    assert await listed(shop) == []


async def test_who_is_forgotten_takes_his_words_along(shop: Shop) -> None:
    await missed(shop, "我叔叔在你们那儿上班吗")
    await missed(shop, "有发票吗")
    other = await missed(shop, "有发票吗", sender="wang")
    (row,) = await shop.rows("SELECT contact_id FROM conversation WHERE sender = 'li'")
    await shop.store.write(erasing.forget, row.contact_id, Forget.PROFILE)
    assert len(await listed(shop)) == 2
    await shop.store.write(erasing.forget, row.contact_id, Forget.EVERYTHING)
    (found,) = await listed(shop)
    assert (found["text"], found["conversations"]) == ("有发票吗", [other])
