"""An answer that did not arrive: its settled conversation is open again, with the agent who gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.messages import Delivery
from bot.store import desk, log, outbox, reports
from tests.store.shop import HOLD, Shop, rows

CID = "0123456789"


async def answered(shop: Shop) -> tuple[int, Any]:
    """An agent answers, and the matter is settled; the answer is about to be sent."""
    place = (await shop.accept()).conversation_id
    await shop.store.write(desk.reply, place, shop.agent, cid=CID, text="您好", pull=False)
    (due,) = await shop.dues()
    await shop.resolve(place)
    assert (await shop.conversation(place)).status == "resolved"
    return place, due


async def settle(shop: Shop, due: Any, delivery: Delivery) -> None:
    await shop.store.write(outbox.settle, due, delivery, "550 no", hold=HOLD)


async def statuses(shop: Shop, place: int) -> list[Mapping[str, Any]]:
    page = await shop.store.read(log.desk_events, place, after=0)
    return [e.d for e in page.events if e.t == "status"]


@pytest.mark.parametrize(
    ("delivery", "status"),
    [("failed", "open"), ("unknown", "open"), ("sent", "resolved"), ("expired", "resolved")],
)
async def test_what_was_settled_comes_back_when_the_send_fails(shop: Shop, delivery: str, status: str) -> None:
    place, due = await answered(shop)
    await settle(shop, due, Delivery(delivery))
    found = await shop.conversation(place)
    assert found.status == status
    assert found.assignee_id == (shop.agent if status == "open" else found.assignee_id)


async def test_a_bounce_brings_it_back_once(shop: Shop) -> None:
    place, due = await answered(shop)
    await settle(shop, due, Delivery.SENT)
    for _ in range(2):
        await shop.store.write(reports.report, shop.inbox, due.message_id, Delivery.FAILED, "bounce: 5.1.1")
    found = await shop.conversation(place)
    assert (found.status, found.assignee_id) == ("open", shop.agent)
    assert await shop.rows("SELECT id FROM conversation WHERE resolved_at IS NOT NULL") == []
    told = [d for d in await statuses(shop, place) if d.get("why") == "undelivered"]
    assert [d["agent"]["name"] for d in told] == ["小美"]
    await shop.store.write(desk.resolve, place, shop.agent)  # it can be settled again


async def test_a_late_delivery_report_brings_nothing_back(shop: Shop) -> None:
    place, due = await answered(shop)
    await settle(shop, due, Delivery.SENT)
    await shop.store.write(reports.report, shop.inbox, due.message_id, Delivery.DELIVERED, "")
    assert (await shop.conversation(place)).status == "resolved"


async def test_what_the_bot_said_settles_nothing(shop: Shop) -> None:
    place = await shop.said("好的")
    (due,) = await shop.dues()
    await shop.resolve(place)
    await settle(shop, due, Delivery.FAILED)
    assert (await shop.conversation(place)).status == "resolved"


async def test_a_colleague_who_has_left_gets_nothing_back(shop: Shop) -> None:
    place, due = await answered(shop)
    await shop.store.write(rows, f"UPDATE agent SET active = false WHERE id = {shop.agent} RETURNING id")
    await settle(shop, due, Delivery.FAILED)
    found = await shop.conversation(place)
    assert (found.status, found.assignee_id) == ("open", None)
