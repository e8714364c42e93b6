"""What a channel fetched: a page and its cursor are kept together, once, whoever fetched it too."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.errors import StaleCursorError
from bot.messages import Delivery, Heard, Incoming, Recall, Report, Window
from bot.ports import Cursor
from bot.store import outbox, pages, shelf
from bot.store.pages import Page
from tests.store.shop import DAY, HOLD, LEASE, Shop

A, B, C = Incoming("1", "li", "a"), Incoming("2", "li", "b"), Incoming("3", "han", "c")
NAME = "cursor:kf"


async def keep(shop: Shop, heard: Sequence[Heard], before: str = "", after: str = "") -> Page:
    cursor = Cursor(NAME, before, after) if after else None
    return await shop.store.write(
        pages.keep, shop.inbox, heard, cursor, lease=LEASE, reopen=DAY, wake=timedelta()
    )  # fmt: skip


async def cursor(shop: Shop) -> str | None:
    return await shop.store.read(shelf.get, shop.inbox, NAME)


async def test_a_page_and_its_cursor(shop: Shop) -> None:
    page = await keep(shop, [A, B, C], after="x")
    assert [arrived.seq for arrived, _ in page.arrived] == [1, 2, 1]
    assert [arrived.lease is not None for arrived, _ in page.arrived] == [True, False, True]
    assert await cursor(shop) == "x"
    assert await shop.texts() == ["a", "b", "c"]


async def test_the_page_again_changes_nothing_but_the_cursor(shop: Shop) -> None:
    await keep(shop, [A, B], after="x")
    assert (await keep(shop, [B, A, A, C], "x", "y")).arrived[0][1] == C
    assert await shop.texts() == ["a", "b", "c"]
    assert await cursor(shop) == "y"


async def test_a_cursor_that_moved_keeps_nothing(shop: Shop) -> None:
    await keep(shop, [A], after="x")
    with pytest.raises(StaleCursorError):
        await keep(shop, [B], "old", "y")
    assert await shop.texts() == ["a"]
    assert await cursor(shop) == "x"


async def test_two_processes_with_the_same_page(shop: Shop) -> None:
    results = await asyncio.gather(*(keep(shop, [A, B], "", "x") for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(r, Page) for r in results) == 1
    assert sum(isinstance(r, StaleCursorError) for r in results) == 3
    assert await shop.texts() == ["a", "b"]


async def test_a_report_is_the_last_word_on_its_message(shop: Shop) -> None:
    conversation = await shop.said("hello")
    (due,) = await shop.dues()
    await shop.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    told = Report(f"{due.outgoing.key}#2", Delivery.FAILED, "refused by the customer")
    assert (await keep(shop, [told])).changed == [conversation]
    assert (await keep(shop, [told])).changed == []
    (row,) = await shop.rows("SELECT delivery, error FROM message WHERE author = 'bot'")
    assert (row.delivery, row.error) == ("failed", "refused by the customer")


async def test_a_failure_told_before_the_send_was_settled_stays_one(shop: Shop) -> None:
    await shop.said("hello")
    (due,) = await shop.dues()
    assert (await keep(shop, [Report(due.outgoing.key, Delivery.FAILED, "refused")])).changed
    settled = await shop.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    assert not settled.kept
    (row,) = await shop.rows("SELECT delivery, error FROM message WHERE author = 'bot'")
    assert (row.delivery, row.error) == ("failed", "refused")
    assert await shop.rows("SELECT id FROM outbox") == []


@pytest.mark.parametrize("key", ["kefu-999", "somebody else's", "", "kefu-99999999999999999999"])
async def test_a_report_on_nothing_of_ours_is_no_news(shop: Shop, key: str) -> None:
    await shop.said("hello")
    assert (await keep(shop, [Report(key, Delivery.FAILED)])).changed == []


async def test_a_message_taken_back_is_marked_and_kept(shop: Shop) -> None:
    page = await keep(shop, [A, Recall("1"), Recall("unknown")])
    conversation = page.arrived[0][0].conversation_id
    assert page.changed == [conversation]
    (row,) = await shop.rows("SELECT payload, text FROM message")
    assert "recalled" in str(row.payload)
    assert row.text == "a"
    assert (await keep(shop, [Recall("1")])).changed == []


async def test_the_handle_of_a_message_reaches_its_reply(shop: Shop) -> None:
    window = Window("enter", timedelta(seconds=20), 1)
    page = await keep(shop, [Incoming("e1", "li", "进入会话", handle="WELCOME", window=window)])
    lease = page.arrived[0][0].lease
    assert lease is not None
    await shop.commit(lease, "您好")
    (due,) = await shop.dues()
    assert due.outgoing.handle == "WELCOME"
