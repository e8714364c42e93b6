"""An arrival whose turn fails again and again is set aside; the next one proceeds; people may replay it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError
from bot.store import health, log, poison, turns
from bot.store.turns import ABANDONED_MAX
from tests.store.shop import LEASE, Shop


async def spoil(shop: Shop, attempts: int = 3) -> None:
    """Let the waiting arrival fail until it is set aside."""
    for n in range(1, attempts + 1):
        shop.clock.forward(timedelta(minutes=2))
        (lease,) = await shop.claim()
        assert await shop.fail(lease, most=attempts) is (n == attempts)


async def test_a_failed_turn_is_tried_again_later_and_later(shop: Shop) -> None:
    await shop.accept("bad")
    waits = []
    for _ in range(4):
        (lease,) = await shop.claim()
        assert not await shop.fail(lease)
        waits.append(timedelta())
        while not (again := await shop.claim()):
            shop.clock.forward(timedelta(seconds=0.1))
            waits[-1] += timedelta(seconds=0.1)
        await shop.store.write(turns.hand_back, [(le.conversation_id, le.fence) for le in again])
    assert waits == sorted(waits)
    assert waits[-1] > 10 * waits[0] > timedelta()
    (lease,) = await shop.claim()
    assert lease.pending[0].attempts == 4


async def test_nothing_overtakes_a_message_that_waits_for_another_try(shop: Shop) -> None:
    await shop.accept("bad")
    (lease,) = await shop.claim()
    await shop.fail(lease)
    assert (await shop.accept("good", take=True)).lease is None
    assert await shop.claim() == []
    shop.clock.forward(timedelta(minutes=1))
    (lease,) = await shop.claim()
    assert [a.text for a in lease.pending] == ["bad", "good"]


async def test_after_the_last_try_it_is_set_aside_and_the_next_proceeds(shop: Shop) -> None:
    arrived = await shop.accept("bad")
    await shop.accept("good")
    await spoil(shop)
    (listed,) = await shop.store.read(poison.listed)
    assert (listed["message_id"], listed["seq"], listed["reason"], listed["attempts"], listed["replayed_at"]) == (
        arrived.message_id, 1, "ValueError: no", 3, None,
    )  # fmt: skip
    (lease,) = await shop.claim()
    assert [a.text for a in lease.pending] == ["good"]
    await shop.commit(lease, "fine")
    assert (await shop.conversation(arrived.conversation_id)).idle
    page = await shop.store.read(log.desk_events, arrived.conversation_id, after=0)
    assert [e.d for e in page.events if e.t == "poison"] == [{"seq": 1, "reason": "ValueError: no"}]
    assert (await shop.store.read(health.waiting))["poison"] == 1


async def test_what_was_set_aside_alone_leaves_an_idle_conversation(shop: Shop) -> None:
    arrived = await shop.accept("bad")
    await spoil(shop)
    assert await shop.claim() == []
    assert (await shop.conversation(arrived.conversation_id)).idle


async def test_what_takes_its_process_down_is_set_aside_too(shop: Shop) -> None:
    arrived = await shop.accept("deadly")
    await shop.accept("good")
    for _ in range(ABANDONED_MAX):
        (lease,) = await shop.claim()
        assert lease.pending[0].text == "deadly"
        shop.clock.forward(LEASE)
    (lease,) = await shop.claim()
    assert [a.text for a in lease.pending] == ["good"]
    (listed,) = await shop.store.read(poison.listed)
    assert listed["message_id"] == arrived.message_id


async def test_a_handed_back_lease_counts_as_no_try(shop: Shop) -> None:
    await shop.accept("innocent")
    for _ in range(ABANDONED_MAX + 1):
        (lease,) = await shop.claim()
        await shop.store.write(turns.hand_back, [(lease.conversation_id, lease.fence)])
    (lease,) = await shop.claim()
    assert lease.pending[0].attempts == 0


# ---- replay -------------------------------------------------------------------------------------------------------


async def test_a_replay_gets_a_turn_with_the_first_words(shop: Shop) -> None:
    arrived = await shop.accept("bad", value="v")
    await spoil(shop)
    await shop.store.write(poison.replay, arrived.message_id)
    (lease,) = await shop.claim()
    (arrival,) = lease.pending
    assert arrival.payload["replay"] == {"message_id": arrived.message_id, "text": "bad", "kind": "text"}
    assert arrival.payload["value"] == "v"
    await shop.commit(lease, "better")
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    assert [e.d["text"] for e in customer.events] == ["bad", "better"]
    assert (await shop.store.read(poison.listed))[0]["replayed_at"] is not None
    assert (await shop.store.read(health.waiting))["poison"] == 0


async def test_a_replay_that_fails_again_can_be_replayed_with_the_first_words(shop: Shop) -> None:
    arrived = await shop.accept("bad")
    await spoil(shop)
    await shop.store.write(poison.replay, arrived.message_id)
    await spoil(shop)
    newest = (await shop.store.read(poison.listed))[0]
    assert newest["message_id"] != arrived.message_id
    await shop.store.write(poison.replay, newest["message_id"])
    shop.clock.forward(timedelta(minutes=2))
    (lease,) = await shop.claim()
    assert lease.pending[0].payload["replay"] == {"message_id": arrived.message_id, "text": "bad", "kind": "text"}


async def test_a_message_is_replayed_once(shop: Shop) -> None:
    arrived = await shop.accept("bad")
    await spoil(shop)
    outcomes = await asyncio.gather(
        *(shop.store.write(poison.replay, arrived.message_id) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(o, ConflictError) for o in outcomes) == 3
    (lease,) = await shop.claim()
    assert len(lease.pending) == 1


async def test_what_was_not_set_aside_cannot_be_replayed(shop: Shop) -> None:
    arrived = await shop.accept("good")
    with pytest.raises(NotFoundError):
        await shop.store.write(poison.replay, arrived.message_id)


async def test_dying_workers_do_not_use_up_the_tries_of_a_turn(shop: Shop) -> None:
    """They take many innocent turns with them, which must not be given up at their first own trouble."""
    await shop.accept("innocent")
    for _ in range(ABANDONED_MAX - 2):
        await shop.claim()
        shop.clock.forward(LEASE)
    (lease,) = await shop.claim()
    assert not await shop.fail(lease, most=2)
    shop.clock.forward(timedelta(seconds=1))
    (lease,) = await shop.claim()
    assert await shop.fail(lease, most=2)
