"""What a conversation is about: raised by the bot, counted for the contact, never lowered by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.messages import Forget
from bot.store import erasing, listing
from bot.store.rows import Lease
from tests.store.shop import Shop
from tests.store.test_turns import DRAFT, loaded

MONTH = timedelta(days=30)


async def about(shop: Shop, conversation: int) -> tuple[str, str]:
    row = await shop.store.read(listing.row, conversation)
    return row["category"], row["tier"]


async def judged(shop: Shop, category: str | None, tier: str | None = None, **more: Any) -> Lease:
    lease = await shop.taken(**more)
    return (await shop.commit(lease, category=category, tier=tier)).lease


async def complaint(shop: Shop, sender: str = "li") -> int:
    """A conversation that becomes a complaint and is settled for good."""
    lease = await judged(shop, "complaint", "minor", sender=sender)
    await shop.resolve(lease.conversation_id)
    shop.clock.forward(timedelta(days=2))
    return lease.conversation_id


@pytest.mark.parametrize(
    ("judgements", "found"),
    [
        ([], ("", "")),
        ([(None, None)], ("", "")),
        ([("inquiry", None), ("praise", None)], ("praise", "")),
        ([("inquiry", None), ("chitchat", None)], ("inquiry", "")),
        ([("chitchat", None)], ("chitchat", "")),
        ([("inquiry", None), ("complaint", "minor")], ("complaint", "minor")),
        ([("complaint", "minor"), ("complaint", "critical")], ("complaint", "critical")),
        ([("complaint", "serious"), ("complaint", "minor"), ("praise", None), (None, None)], ("complaint", "serious")),
        ([("nonsense", "endless")], ("", "")),
    ],
)
async def test_a_matter_only_becomes_graver(shop: Shop, judgements: Any, found: tuple[str, str]) -> None:
    lease = await judged(shop, None)
    for category, tier in judgements:
        lease = await judged(shop, category, tier)
        assert (lease.category, lease.tier) == await about(shop, lease.conversation_id)
    assert await about(shop, lease.conversation_id) == found


async def test_a_handoffs_tier_counts_too(shop: Shop) -> None:
    await judged(shop, "complaint", "minor")
    lease = await shop.taken()
    assert (lease.category, lease.tier) == ("complaint", "minor")
    await shop.commit(lease, draft=replace(DRAFT, tier="serious"))
    assert await about(shop, lease.conversation_id) == ("complaint", "serious")


async def test_earlier_complaints_are_known_from_the_first_message_on(shop: Shop) -> None:
    assert (await shop.taken(sender="wang")).complaints == 0
    await complaint(shop)
    await complaint(shop)
    lease = await judged(shop, "complaint", "minor")
    assert lease.complaints == 2  # this one does not count itself
    assert (await shop.taken()).complaints == 2
    assert (await shop.taken(sender="zhao")).complaints == 0


async def test_a_conversation_counts_once_and_for_thirty_days(shop: Shop) -> None:
    for _ in range(3):
        lease = await judged(shop, "complaint", "minor")
    await shop.resolve(lease.conversation_id)
    shop.clock.forward(MONTH - timedelta(seconds=1))
    lease = await judged(shop, "inquiry")
    assert lease.complaints == 1
    await shop.resolve(lease.conversation_id)
    shop.clock.forward(timedelta(days=2))
    assert (await shop.taken()).complaints == 0


async def test_what_is_remembered_does_not_grow(shop: Shop) -> None:
    for _ in range(13):
        await complaint(shop)
    (row,) = await shop.rows("SELECT complaints FROM contact")
    assert len(loaded(row.complaints)) == 10
    assert (await shop.taken()).complaints == 10


async def test_a_forgotten_customer_has_no_history(shop: Shop) -> None:
    await complaint(shop)
    lease = await shop.taken()
    assert lease.complaints == 1
    await shop.store.write(erasing.forget, lease.contact_id, Forget.EVERYTHING)
    await shop.commit(lease)
    await shop.resolve(lease.conversation_id)
    shop.clock.forward(timedelta(days=2))
    assert (await shop.taken()).complaints == 0


async def test_the_arrival_remembers_what_it_was_judged_to_be(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, category="complaint", tier="minor", facts={"evidence": ["坏"]})
    told = await shop.store.read(listing.detail, lease.conversation_id)
    assert told["conversation"]["category"] == "complaint"
    (row,) = await shop.rows("SELECT decision FROM message WHERE arrival")
    assert loaded(row.decision) == {"rule": "test", "evidence": ["坏"], "category": "complaint", "tier": "minor"}
