"""Reply windows: what an act opens, how it is counted, and how what may not go out waits for the next act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import StoreError
from bot.messages import Delivery, Forget, Window
from bot.store import health, outbox, parking, windows
from bot.store.rows import Due
from tests.store.shop import HOLD, Shop

TWO_DAYS = timedelta(hours=48)
MESSAGE = Window("message", TWO_DAYS, 5)
MENU = Window("menu", timedelta(minutes=1), 3)
WEEK = timedelta(days=7)


async def ledger(shop: Shop) -> tuple[str, int | None, int]:
    (row,) = await shop.rows("SELECT window_by, window_granted, window_used FROM conversation")
    return row.window_by, row.window_granted, row.window_used


async def spend(shop: Shop, times: int = 1, *, reserve: int = 0) -> list[str]:
    (row,) = await shop.rows("SELECT id FROM conversation")
    return [await shop.store.write(windows.spend, row.id, reserve=reserve) for _ in range(times)]


async def waiting(shop: Shop) -> list[tuple[str, str]]:
    """(text, what it waits for) of everything in the line."""
    found = await shop.rows(
        "SELECT m.text, o.parked, m.error FROM outbox o JOIN message m ON m.id = o.message_id ORDER BY o.seq"
    )
    for row in found:
        assert row.error == (f"parked.{row.parked}" if row.parked else ""), "people are told the same"
    return [(row.text, row.parked) for row in found]


async def park(shop: Shop, due: Due, waits: str = "quota", *, shut: bool = False) -> bool:
    return await shop.store.write(parking.park, due, waits, shop.clock.now() + WEEK, parts=0, shut=shut)


async def test_a_message_opens_what_its_network_says(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    assert await ledger(shop) == ("message", 5, 0)
    assert await spend(shop, 6) == [""] * 5 + ["quota"]
    assert await ledger(shop) == ("message", 5, 5)
    shop.clock.forward(TWO_DAYS)
    assert await spend(shop) == ["window"]


async def test_without_a_window_nothing_is_open(shop: Shop) -> None:
    await shop.accept()
    assert await spend(shop) == ["window"]


async def test_a_reserve_is_left_for_others(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    assert await spend(shop, 5, reserve=1) == [""] * 4 + ["quota"]
    assert await spend(shop, 2) == ["", "quota"]


async def test_any_number_is_no_number(shop: Shop) -> None:
    await shop.accept(window=Window("message", TWO_DAYS))
    assert await spend(shop, 20, reserve=1) == [""] * 20


async def test_an_act_that_allows_one_takes_nothing_from_any_number(shop: Shop) -> None:
    """Who wrote to a Weibo account and then names it in public may be answered as before."""
    await shop.accept(window=Window("message", TWO_DAYS))
    shop.clock.forward(timedelta(hours=1))
    await shop.accept(window=Window("mention", TWO_DAYS, 1))
    assert await spend(shop, 3) == [""] * 3
    shop.clock.forward(timedelta(hours=47))
    assert await spend(shop) == ["window"]
    await shop.accept(window=Window("mention", TWO_DAYS, 1))
    assert await spend(shop, 2) == ["", "quota"]


async def test_who_left_may_not_be_written_to_though_he_was_at_will(shop: Shop) -> None:
    await shop.accept(window=Window("message", TWO_DAYS))
    await shop.accept(window=Window("unfollow", timedelta(), 0), wakes=False)
    assert await spend(shop) == ["window"]


async def test_the_next_message_begins_anew(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    await spend(shop, 5)
    await shop.accept(window=MESSAGE)
    assert await ledger(shop) == ("message", 5, 0)


@pytest.mark.parametrize(("used", "left"), [(0, 0), (2, 0), (4, 1), (5, 2)])
async def test_a_smaller_act_adds_to_what_is_still_open(shop: Shop, used: int, left: int) -> None:
    await shop.accept(window=MESSAGE)
    await spend(shop, used)
    await shop.accept(window=MENU)
    assert await ledger(shop) == ("message", 5, left)
    shop.clock.forward(timedelta(minutes=2))
    assert (await spend(shop))[0] == ""


async def test_a_smaller_act_opens_what_was_closed(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    shop.clock.forward(TWO_DAYS)
    await shop.accept(window=MENU)
    assert await ledger(shop) == ("menu", 3, 0)
    assert await spend(shop, 4) == ["", "", "", "quota"]


async def test_who_left_cannot_be_reached(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    await shop.accept(window=Window("unfollow", timedelta(), 0))
    assert await spend(shop) == ["window"]


@pytest.mark.parametrize("spent", [True, False])
async def test_the_network_s_word_overrules_our_count(shop: Shop, spent: bool) -> None:
    await shop.accept(window=MESSAGE)
    (row,) = await shop.rows("SELECT id FROM conversation")
    await shop.store.write(windows.shut, row.id, spent=spent)
    assert await spend(shop) == ["quota" if spent else "window"]


async def test_a_send_is_counted_where_it_starts_and_once(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    (lease,) = await shop.claim()
    await shop.commit(lease, "1")
    (due,) = await shop.dues()
    for _ in range(2):  # tried again after nobody knows what: it may have gone out
        assert await shop.store.write(outbox.start, due, reserve=0) == outbox.Started(ours=True)
    assert await ledger(shop) == ("message", 5, 1)
    await shop.store.write(outbox.start, due, reserve=0, more=True)
    assert await ledger(shop) == ("message", 5, 2)


async def test_what_certainly_did_not_go_out_is_not_counted(shop: Shop) -> None:
    await shop.accept(window=MESSAGE)
    (lease,) = await shop.claim()
    await shop.commit(lease, "1", "2")
    (due,) = await shop.dues()
    await shop.store.write(outbox.start, due, reserve=0)
    await shop.store.write(outbox.postpone, due, shop.clock.now(), "busy", parts=0, unsent=True)
    assert await ledger(shop) == ("message", 5, 0)
    (due,) = await shop.dues()
    await shop.store.write(outbox.start, due, reserve=0)
    await shop.store.write(outbox.postpone, due, shop.clock.now(), "who knows", parts=0)
    assert await ledger(shop) == ("message", 5, 1)
    (due,) = await shop.dues()
    await shop.store.write(outbox.start, due, reserve=0)
    await shop.store.write(outbox.settle, due, Delivery.FAILED, "never", hold=HOLD, unsent=True)
    assert await ledger(shop) == ("message", 5, 0)


async def test_what_may_not_go_out_waits_and_so_does_all_behind_it(shop: Shop) -> None:
    await shop.said("1", "2")
    (due,) = await shop.dues()
    assert await park(shop, due)
    assert await waiting(shop) == [("1", "quota"), ("2", "quota")]
    lease = await shop.taken("and?")
    await shop.commit(lease, "3")
    assert await waiting(shop) == [("1", "quota"), ("2", "quota"), ("3", "quota")]
    assert await shop.dues() == []
    assert (await shop.store.read(health.waiting))["parked"] == 3


async def test_the_customer_s_next_act_sets_it_free_in_order(shop: Shop) -> None:
    await shop.said("1", "2")
    (due,) = await shop.dues()
    await park(shop, due, "window", shut=True)
    assert await spend(shop) == ["window"]
    await shop.accept("I am back", window=MESSAGE)
    assert await waiting(shop) == [("1", ""), ("2", "")]
    (first,) = await shop.dues()
    assert (first.outgoing.text, first.expired, first.attempts) == ("1", False, 1)
    second = (await shop.store.write(outbox.settle, first, Delivery.SENT, "", hold=HOLD)).next
    assert second is not None
    assert second.outgoing.text == "2"


async def test_the_network_says_that_any_number_was_enough(shop: Shop) -> None:
    """Weibo's 26403, in a window that as far as we knew allows as many as we like."""
    await shop.accept("hello", window=Window("message", TWO_DAYS))
    (lease,) = await shop.claim()
    await shop.commit(lease, "1", "2")
    (due,) = await shop.dues()
    await shop.store.write(outbox.start, due, reserve=0)
    assert await park(shop, due, "quota", shut=True)
    assert await waiting(shop) == [("1", "quota"), ("2", "quota")]
    assert await ledger(shop) == ("message", 1, 1)
    assert await spend(shop) == ["quota"]
    await shop.accept("I am back", window=Window("message", TWO_DAYS))
    assert await ledger(shop) == ("message", None, 0)
    assert await waiting(shop) == [("1", ""), ("2", "")]


async def test_an_act_that_opens_nothing_sets_nothing_free(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    await park(shop, due)
    await shop.accept(window=Window("unfollow", timedelta(), 0))
    await shop.accept()
    assert await waiting(shop) == [("1", "quota")]


async def test_what_waits_expires(shop: Shop) -> None:
    await shop.said("1", "2")
    (due,) = await shop.dues()
    await park(shop, due)
    shop.clock.forward(WEEK)
    (due,) = await shop.dues()
    assert due.expired
    following = (await shop.store.write(outbox.settle, due, Delivery.EXPIRED, "in vain", hold=HOLD)).next
    assert following is not None
    assert following.expired


async def test_a_lost_hold_parks_nothing(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    shop.clock.forward(HOLD)
    (again,) = await shop.dues()
    assert not await park(shop, due)
    assert await waiting(shop) == [("1", "")]
    assert await park(shop, again)


async def test_a_matter_in_which_words_still_wait_is_not_over(shop: Shop) -> None:
    conversation = await shop.said("1")
    (due,) = await shop.dues()
    await park(shop, due)
    await shop.resolve(conversation)
    shop.clock.forward(timedelta(days=3))
    assert (await shop.accept("hello again", window=MESSAGE)).conversation_id == conversation
    assert [d.outgoing.text for d in await shop.dues()] == ["1"]


@pytest.mark.parametrize("what", list(Forget))
async def test_a_customer_who_leaves_is_forgotten(shop: Shop, what: Forget) -> None:
    await shop.accept("my secret", sender_name="李雷", sender="li")
    await shop.accept("other", sender_name="韩梅", sender="han")
    await shop.accept("", sender="li", window=Window("unfollow", timedelta(), 0), forget=what)
    names = await shop.rows("SELECT name FROM contact ORDER BY id")
    assert [row.name for row in names] == ["", "韩梅"]
    assert await shop.texts() == (["my secret", "", "other"] if what is Forget.PROFILE else ["", "", "other"])
    assert [r.author_name for r in await shop.rows("SELECT author_name FROM message ORDER BY id")] == ["", "韩梅", ""]


async def test_a_window_costs_a_duplicate_nothing(shop: Shop) -> None:
    await shop.accept(key="a", window=MESSAGE)
    await spend(shop, 2)
    with pytest.raises(StoreError):
        await shop.accept(key="a", window=MESSAGE)
    assert await ledger(shop) == ("message", 5, 2)
