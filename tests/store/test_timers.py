"""Timers: set, moved, cancelled, fired once, and in their conversation's line."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.dialogue import TimerRequest
from bot.store import health, log, timers
from tests.store.shop import Shop

MINUTE = timedelta(minutes=1)


async def set_timer(shop: Shop, name: str, after: timedelta, *, sender: str = "li") -> int:
    """A turn that sets a timer; its conversation."""
    lease = await shop.taken(sender=sender)
    await shop.commit(lease, timers=(TimerRequest(name, after, {"name": name}),))
    return lease.conversation_id


async def fire(shop: Shop, limit: int = 50) -> list[int]:
    return await shop.store.write(timers.fire, limit=limit)


async def fired(shop: Shop) -> list[str]:
    """The names of the timers that wait for their turn, over all conversations."""
    names = []
    for lease in await shop.claim():
        for arrival in lease.pending:
            names.append(arrival.payload["timer"])
        while lease.pending:
            lease = (await shop.commit(lease)).lease
    return names


async def test_a_timer_fires_when_it_is_due_and_once(shop: Shop) -> None:
    conversation = await set_timer(shop, "ask", MINUTE)
    shop.clock.forward(MINUTE - timedelta(microseconds=1))
    assert await fire(shop) == []
    shop.clock.forward(timedelta(microseconds=1))
    assert await fire(shop) == [conversation]
    assert await fire(shop) == []
    (lease,) = await shop.claim()
    (arrival,) = lease.pending
    assert (arrival.kind, arrival.payload) == ("event", {"timer": "ask", "data": {"name": "ask"}})
    assert await shop.rows("SELECT id FROM timer") == []


async def test_many_who_look_at_once_fire_it_once(shop: Shop) -> None:
    for sender in "abcdef":
        await set_timer(shop, f"t-{sender}", MINUTE, sender=sender)
    shop.clock.forward(MINUTE)
    woken: list[int] = []
    while len(woken) < 6:
        for found in await asyncio.gather(*(fire(shop) for _ in range(4))):
            woken += found
    assert len(set(woken)) == 6
    assert sorted(await fired(shop)) == [f"t-{s}" for s in "abcdef"]


async def test_a_timer_takes_its_place_in_the_line(shop: Shop) -> None:
    await set_timer(shop, "ask", MINUTE)
    await shop.accept("before")
    shop.clock.forward(MINUTE)
    await fire(shop)
    await shop.accept("after")
    (lease,) = await shop.claim()
    assert [a.text or a.payload["timer"] for a in lease.pending] == ["before", "ask", "after"]


async def test_timers_fire_in_the_order_they_come_due(shop: Shop) -> None:
    lease = await shop.taken()
    wishes = (("late", 3), ("early", 1), ("middle", 2))
    await shop.commit(lease, timers=tuple(TimerRequest(name, MINUTE * n) for name, n in wishes))
    shop.clock.forward(MINUTE * 3)
    assert len(await fire(shop, limit=2)) == 2
    assert len(await fire(shop)) == 1
    assert await fired(shop) == ["early", "middle", "late"]


async def test_a_timer_set_again_moves(shop: Shop) -> None:
    await set_timer(shop, "ask", MINUTE)
    await set_timer(shop, "ask", MINUTE * 5)
    shop.clock.forward(MINUTE * 4)
    assert await fire(shop) == []
    shop.clock.forward(MINUTE)
    await fire(shop)
    assert await fired(shop) == ["ask"]


async def test_a_cancelled_timer_does_not_fire(shop: Shop) -> None:
    await set_timer(shop, "ask", MINUTE)
    lease = await shop.taken("never mind")
    await shop.commit(lease, cancel_timers=("ask", "one that never was"))
    shop.clock.forward(MINUTE)
    assert await fire(shop) == []


async def test_one_turn_may_cancel_and_set(shop: Shop) -> None:
    await set_timer(shop, "ask", MINUTE)
    lease = await shop.taken()
    await shop.commit(lease, cancel_timers=("ask",), timers=(TimerRequest("ask", MINUTE * 2),))
    shop.clock.forward(MINUTE)
    assert await fire(shop) == []
    shop.clock.forward(MINUTE)
    assert len(await fire(shop)) == 1


async def test_timers_of_a_name_are_a_conversations_own(shop: Shop) -> None:
    first = await set_timer(shop, "ask", MINUTE, sender="a")
    second = await set_timer(shop, "ask", MINUTE, sender="b")
    shop.clock.forward(MINUTE)
    assert sorted(await fire(shop)) == sorted([first, second])


async def test_a_turn_that_is_lost_sets_no_timer(shop: Shop) -> None:
    lease = await shop.taken()
    shop.clock.forward(timedelta(hours=1))
    await shop.claim()
    outcome = await asyncio.gather(shop.commit(lease, timers=(TimerRequest("ask", MINUTE),)), return_exceptions=True)
    assert isinstance(outcome[0], Exception)
    assert await shop.rows("SELECT id FROM timer") == []


async def test_a_clock_that_jumps_three_days_fires_each_once(shop: Shop) -> None:
    for sender in "abc":
        await set_timer(shop, "follow-up", timedelta(hours=72), sender=sender)
    shop.clock.forward(timedelta(hours=72))
    assert (await shop.store.read(health.waiting))["timers_overdue"] == 3
    assert len(await fire(shop)) == 3
    assert await fired(shop) == ["follow-up"] * 3
    assert await fire(shop) == []


async def test_nobody_sees_a_timer_in_the_log(shop: Shop) -> None:
    conversation = await set_timer(shop, "ask", MINUTE)
    shop.clock.forward(MINUTE)
    await fire(shop)
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    people = await shop.store.read(log.desk_events, conversation, after=0)
    assert [e.d["text"] for e in customer.events] == [e.d["text"] for e in people.events] == ["hello"]
