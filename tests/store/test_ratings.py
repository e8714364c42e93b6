"""Ratings: bound to the handling that ended and its agent, one each, seen by the desk alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import Decision, Reply
from bot.errors import LostLeaseError
from bot.messages import Delivery
from bot.store import desk, listing, log, outbox, turns
from bot.store.rows import Lease
from tests.store.shop import HOLD, LEASE, Shop
from tests.store.test_turns import DRAFT

MEI = {"name": "小美", "number": "007"}


async def handed_off(shop: Shop, text: str = "a person, please") -> int:
    lease = await shop.taken(text)
    await shop.commit(lease, "yes", draft=DRAFT)
    return lease.conversation_id


async def settle(shop: Shop, conversation: int, agent: int | None = None) -> None:
    agent = agent or shop.agent
    await shop.store.write(desk.claim, conversation, agent)
    await shop.store.write(desk.resolve, conversation, agent)
    shop.clock.forward(timedelta(seconds=1))
    await spend(shop)


async def spend(shop: Shop) -> list[str | None]:
    """Turns for all that waits; the values that came with it."""
    values = []
    for lease in await shop.claim():
        while lease.pending:
            values.append(lease.pending[0].payload.get("value"))
            lease = (await shop.commit(lease)).lease
    return values


async def rate(shop: Shop, score: int, **more: Any) -> Lease:
    lease = await shop.taken(str(score), **more)
    await shop.commit(lease, "thanks", rating=score)
    shop.clock.forward(timedelta(seconds=1))
    return lease


async def kept(shop: Shop) -> list[tuple[Any, ...]]:
    found = await shop.rows("SELECT conversation_id, handoff_id, agent_id, score FROM rating ORDER BY id")
    return [tuple(row) for row in found]


async def test_a_mark_goes_to_the_handoff_that_ended_and_its_agent(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    lease = await rate(shop, 5)
    assert lease.conversation_id == conversation
    assert await kept(shop) == [(conversation, 1, shop.agent, 5)]
    row = await shop.store.read(listing.row, conversation)
    assert row["status"] == "pending"  # the tap reopened it, and nobody's open list has it
    assert (await shop.store.read(listing.counts, shop.agent))["unassigned"] == 0


async def test_the_last_mark_of_a_handling_counts(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    for score in (1, 4):
        await rate(shop, score)
    assert await kept(shop) == [(conversation, 1, shop.agent, 4)]


async def test_each_handling_has_a_mark_of_its_own(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    await rate(shop, 5)
    await handed_off(shop)
    await settle(shop, conversation, shop.other)
    await rate(shop, 2)
    assert await kept(shop) == [(conversation, 1, shop.agent, 5), (conversation, 2, shop.other, 2)]
    ratings = (await shop.store.read(listing.detail, conversation))["ratings"]
    assert [(r["score"], r["agent"]["name"]) for r in ratings] == [(2, "阿伯"), (5, "小美")]


async def test_a_handling_nobody_asked_for_is_rated_too_once(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    await rate(shop, 5)
    await settle(shop, conversation, shop.other)  # taken from the bot
    for score in (2, 3):
        await rate(shop, score)
    assert await kept(shop) == [(conversation, 1, shop.agent, 5), (conversation, None, shop.other, 3)]
    await settle(shop, conversation, shop.agent)
    await rate(shop, 4)
    assert (await kept(shop))[2:] == [(conversation, None, shop.agent, 4)]


async def test_a_mark_that_comes_days_later_is_about_the_conversation_before(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    shop.clock.forward(timedelta(days=3))
    lease = await rate(shop, 4)
    assert lease.conversation_id != conversation
    assert await kept(shop) == [(conversation, 1, shop.agent, 4)]


async def test_a_mark_out_of_the_blue_is_kept_with_nobody(shop: Shop) -> None:
    lease = await rate(shop, 4)
    assert await kept(shop) == [(lease.conversation_id, None, None, 4)]


async def test_the_desk_sees_it_and_the_customer_does_not(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await settle(shop, conversation)
    await rate(shop, 5)
    people = await shop.store.read(log.desk_events, conversation, after=0)
    (found,) = [e.d for e in people.events if e.t == "rating"]
    assert found == {"score": 5, "agent": {"id": shop.agent, **MEI}}
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    assert "rating" not in [e.t for e in customer.events]


async def test_who_had_a_person_is_told_apart(shop: Shop) -> None:
    conversation = await handed_off(shop)
    await shop.store.write(desk.resolve, conversation, shop.agent)  # nobody had it
    assert await spend(shop) == [None]
    await handed_off(shop)
    await shop.store.write(desk.claim, conversation, shop.agent)
    await shop.store.write(desk.resolve, conversation, shop.agent)
    assert await spend(shop) == ["person"]


async def test_a_request_to_rate_stays_one_on_its_way_out(shop: Shop) -> None:
    lease = await shop.taken()
    decision = Decision("test", (Reply("bye"), Reply("how was it?", purpose="rating")))
    await shop.store.write(
        turns.commit, lease, lease.pending[0], decision, draft=None, bot_name="Bot", pull=False, hold=None, lease=LEASE
    )
    (first,) = await shop.store.write(outbox.claim, limit=10, hold=HOLD)
    assert first.outgoing.purpose == ""
    settled = await shop.store.write(outbox.settle, first, Delivery.SENT, "", hold=HOLD)
    assert settled.next is not None
    assert settled.next.outgoing.purpose == "rating"


async def test_a_turn_that_is_lost_keeps_no_mark(shop: Shop) -> None:
    lease = await shop.taken("5")
    await shop.store.write(desk.claim, lease.conversation_id, shop.agent)
    with pytest.raises(LostLeaseError):
        await shop.commit(lease, rating=5)
    assert await kept(shop) == []
