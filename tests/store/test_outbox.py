"""The outbox: in order within a conversation, one holder a message, honest about what nobody can know."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError
from bot.messages import Author, Delivery
from bot.store import desk, health, log, outbox
from bot.store.outbox import Settled
from bot.store.rows import Due
from tests.store.shop import HOLD, Shop


async def settle(shop: Shop, due: Due, delivery: Delivery = Delivery.SENT, error: str = "") -> Settled:
    return await shop.store.write(outbox.settle, due, delivery, error, hold=HOLD)


async def deliveries(shop: Shop) -> list[str]:
    rows = await shop.rows("SELECT delivery FROM message WHERE author <> 'customer' ORDER BY conversation_id, seq")
    return [r.delivery for r in rows]


async def drain(shop: Shop) -> list[str]:
    """Send everything that can be sent now; the texts in order."""
    texts = []
    while dues := await shop.dues(limit=1):
        due: Due | None = dues[0]
        while due is not None:
            texts.append(due.outgoing.text)
            due = (await settle(shop, due)).next
    return texts


async def test_a_reply_knows_where_it_goes(shop: Shop) -> None:
    lease = await shop.taken(sender="li", thread="order 7", sender_name="李雷", language="zh-Hans")
    await shop.commit(lease, "您好")
    (due,) = await shop.dues()
    out = due.outgoing
    assert (out.recipient, out.thread, out.text, out.author, out.author_name, out.language) == (
        "li", "order 7", "您好", Author.BOT, "Bot", "zh-Hans",
    )  # fmt: skip
    assert (due.attempts, due.parts, due.ambiguous) == (1, 0, False)


async def test_one_message_of_a_conversation_at_a_time_in_order(shop: Shop) -> None:
    await shop.said("1", "2", "3")
    (first,) = await shop.dues()
    assert first.outgoing.text == "1"
    assert await shop.dues() == []
    second = (await settle(shop, first)).next
    assert second is not None
    assert second.outgoing.text == "2"
    assert await shop.dues() == []
    third = (await settle(shop, second)).next
    assert third is not None
    assert third.outgoing.text == "3"
    assert (await settle(shop, third)) == Settled(kept=True, next=None)
    assert await shop.rows("SELECT id FROM outbox") == []
    assert await deliveries(shop) == ["sent"] * 3


async def test_conversations_do_not_wait_for_one_another(shop: Shop) -> None:
    for sender in "abc":
        await shop.said(f"to {sender}", sender=sender)
    assert sorted(d.outgoing.text for d in await shop.dues(limit=2)) == ["to a", "to b"]
    assert [d.outgoing.text for d in await shop.dues()] == ["to c"]


async def test_a_turn_may_take_its_first_reply_for_sending_at_once(shop: Shop) -> None:
    lease = await shop.taken()
    turned = await shop.commit(lease, "1", "2", hold=HOLD)
    assert [d.outgoing.text for d in turned.due] == ["1"]
    assert turned.queued
    assert await shop.dues() == []
    second = (await settle(shop, turned.due[0])).next
    assert second is not None
    assert second.outgoing.text == "2"


async def test_a_turn_takes_nothing_that_would_overtake(shop: Shop) -> None:
    await shop.said("1")
    lease = await shop.taken()
    turned = await shop.commit(lease, "2", hold=HOLD)
    assert turned.due == []
    assert await drain(shop) == ["1", "2"]


async def test_where_the_customer_reads_our_log_nothing_is_queued(shop: Shop) -> None:
    lease = await shop.taken()
    turned = await shop.commit(lease, "hi", pull=True)
    assert (turned.due, turned.queued) == ([], False)
    assert await deliveries(shop) == ["sent"]
    assert await shop.rows("SELECT id FROM outbox") == []


async def test_a_postponed_message_waits_and_its_line_with_it(shop: Shop) -> None:
    await shop.said("1", "2")
    (due,) = await shop.dues()
    until = shop.clock.at + timedelta(minutes=5)
    assert await shop.store.write(outbox.postpone, due, until, "busy", parts=2)
    assert await deliveries(shop) == ["queued", "queued"]
    shop.clock.forward(timedelta(minutes=5) - timedelta(microseconds=1))
    assert await shop.dues() == []
    shop.clock.forward(timedelta(microseconds=1))
    (again,) = await shop.dues()
    assert (again.outgoing.text, again.outgoing.key, again.attempts, again.parts) == ("1", due.outgoing.key, 2, 2)
    assert not again.ambiguous


async def test_a_hold_that_ran_out_is_taken_by_the_next(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    shop.clock.forward(HOLD)
    (again,) = await shop.dues()
    assert again.outgoing.key == due.outgoing.key
    assert not again.ambiguous
    assert await settle(shop, due) == Settled(kept=False)
    assert not await shop.store.write(outbox.postpone, due, shop.clock.at, "late", parts=0)
    assert not (await shop.store.write(outbox.start, due)).ours
    assert (await settle(shop, again)).kept
    events = await shop.store.read(log.desk_events, due.conversation_id, after=0)
    assert [e.d["delivery"] for e in events.events if e.t == "delivery"] == ["sent"]


async def test_a_send_that_may_have_gone_out_is_marked_for_whoever_comes_next(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    assert (await shop.store.write(outbox.start, due)).ours
    assert await deliveries(shop) == ["sending"]
    shop.clock.forward(HOLD)
    (again,) = await shop.dues()
    assert again.ambiguous


async def test_a_send_known_not_to_have_gone_out_is_not_marked(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    await shop.store.write(outbox.start, due)
    await shop.store.write(outbox.postpone, due, shop.clock.at, "refused", parts=0)
    (again,) = await shop.dues()
    assert not again.ambiguous


async def test_what_is_put_back_can_be_taken_at_once(shop: Shop) -> None:
    await shop.said("1")
    dues = await shop.dues()
    await shop.store.write(outbox.put_back, dues)
    (again,) = await shop.dues()
    assert again.outgoing.text == "1"
    assert not (await shop.store.write(outbox.start, dues[0])).ours


@pytest.mark.parametrize("end", [Delivery.FAILED, Delivery.UNKNOWN, Delivery.EXPIRED])
async def test_the_line_goes_on_behind_what_could_not_be_sent(shop: Shop, end: Delivery) -> None:
    conversation = await shop.said("1", "2")
    (due,) = await shop.dues()
    settled = await settle(shop, due, end, "no such user")
    assert settled.next is not None
    await settle(shop, settled.next)
    assert await deliveries(shop) == [end.value, "sent"]
    events = await shop.store.read(log.desk_events, conversation, after=0)
    told = [e.d for e in events.events if e.t == "delivery"]
    assert told[0] == {"seq": 2, "delivery": end.value, "error": "no such user"}
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    assert [e.t for e in customer.events] == ["message"] * 3


# ---- retry --------------------------------------------------------------------------------------------------------


async def test_a_retry_really_sends_again_under_the_old_key(shop: Shop) -> None:
    conversation = await shop.said("1")
    (due,) = await shop.dues()
    await settle(shop, due, Delivery.FAILED, "down")
    changed = await shop.store.write(desk.retry, due.message_id, shop.agent)
    assert [e.d for e in changed.events] == [{"seq": 2, "delivery": "queued", "error": ""}]
    (again,) = await shop.dues()
    assert again.outgoing == due.outgoing
    await settle(shop, again)
    assert await deliveries(shop) == ["sent"]
    events = await shop.store.read(log.desk_events, conversation, after=0)
    assert [e.d["delivery"] for e in events.events if e.t == "delivery"] == ["failed", "queued", "sent"]


@pytest.mark.parametrize("state", ["queued", "sending", "sent"])
async def test_only_what_failed_can_be_retried(shop: Shop, state: str) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    if state == "sending":
        await shop.store.write(outbox.start, due)
    if state == "sent":
        await settle(shop, due)
    with pytest.raises(ConflictError) as refused:
        await shop.store.write(desk.retry, due.message_id, shop.agent)
    assert refused.value.current == state


async def test_two_who_retry_at_once_send_it_once(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    await settle(shop, due, Delivery.UNKNOWN)
    outcomes = await asyncio.gather(
        *(shop.store.write(desk.retry, due.message_id, shop.agent) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(o, ConflictError) for o in outcomes) == 3
    assert await drain(shop) == ["1"]


async def test_what_was_never_sent_cannot_be_retried(shop: Shop) -> None:
    arrived = await shop.accept()
    for message in (arrived.message_id, 999):
        with pytest.raises(NotFoundError):
            await shop.store.write(desk.retry, message, shop.agent)


async def test_what_waits_is_counted(shop: Shop) -> None:
    await shop.said("1", "2")
    assert (await shop.store.read(health.waiting))["outbox"] == 2
    await drain(shop)
    assert (await shop.store.read(health.waiting))["outbox"] == 0
