"""Turns: taken by one, kept whole or not at all, given back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import TimerRequest
from bot.errors import LostLeaseError, RefusedError
from bot.ports import HandoffDraft
from bot.store import desk, turns
from bot.store.rows import Lease
from tests.store.shop import LEASE, Shop

DRAFT = HandoffDraft("asked", "wants a person", "minor", {"wish": "refund"}, (1,))


def loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


async def extend(shop: Shop, lease: Lease) -> None:
    await shop.store.write(turns.extend, [(lease.conversation_id, lease.fence)], LEASE)


async def test_a_turn_keeps_everything_at_once(shop: Shop) -> None:
    lease = await shop.taken("你好")
    turned = await shop.commit(
        lease, "您好", "还有什么可以帮您?", state={"n": 1}, language="zh-Hans", facts={"score": 0.5}
    )
    row = await shop.conversation(lease.conversation_id)
    assert (row.seq, row.turned_seq, row.idle, row.leased, row.answered) == (3, 1, True, False, True)
    assert (row.last_text, row.last_author) == ("还有什么可以帮您?", "bot")
    assert turned.lease.pending == []
    assert await shop.texts("author = 'bot'") == ["您好", "还有什么可以帮您?"]
    ((decision,),) = await shop.rows("SELECT decision FROM message WHERE author = 'customer'")
    assert loaded(decision) == {"rule": "test", "score": 0.5}
    again = await shop.taken("more")
    assert (again.state, again.language) == ({"n": 1}, "zh-Hans")


async def test_a_turn_without_words_leaves_the_customer_waiting(shop: Shop) -> None:
    lease = await shop.taken("…")
    await shop.commit(lease)
    row = await shop.conversation(lease.conversation_id)
    assert (row.seq, row.turned_seq, row.idle, row.answered) == (1, 1, True, False)


async def test_what_arrived_meanwhile_goes_on_under_the_same_lease(shop: Shop) -> None:
    lease = await shop.taken("one")
    await shop.accept("two", take=True)
    await shop.accept("three")
    turned = await shop.commit(lease, "1")
    assert [a.text for a in turned.lease.pending] == ["two", "three"]
    assert await shop.claim() == []
    turned = await shop.commit(turned.lease, "2")
    turned = await shop.commit(turned.lease, "3")
    assert turned.lease.pending == []
    assert (await shop.conversation(lease.conversation_id)).idle
    assert await shop.texts("author = 'bot'") == ["1", "2", "3"]


async def test_a_note_in_between_does_not_keep_the_lease(shop: Shop) -> None:
    lease = await shop.taken("one")
    await shop.store.write(desk.note, lease.conversation_id, shop.agent, cid="c", text="careful")
    turned = await shop.commit(lease, "1")
    assert turned.lease.pending == []
    assert (await shop.conversation(lease.conversation_id)).idle


async def test_more_than_one_load_of_arrivals_is_worked_off_in_order(shop: Shop) -> None:
    lease = await shop.taken("0")
    for n in range(1, 45):
        await shop.accept(f"{n}")
    seen = []
    while lease.pending:
        seen.append(lease.pending[0].text)
        lease = (await shop.commit(lease)).lease
    assert seen == [f"{n}" for n in range(45)]


async def test_a_turn_cannot_be_kept_twice(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, "1")
    with pytest.raises(LostLeaseError):
        await shop.commit(lease, "1")
    assert await shop.texts("author = 'bot'") == ["1"]


# ---- leases -------------------------------------------------------------------------------------------------------


async def test_a_lease_is_nobody_elses_until_it_runs_out(shop: Shop) -> None:
    lease = await shop.taken()
    shop.clock.forward(LEASE - timedelta(microseconds=1))
    assert await shop.claim() == []
    shop.clock.forward(timedelta(microseconds=1))
    (taken,) = await shop.claim()
    assert taken.conversation_id == lease.conversation_id
    assert taken.fence != lease.fence


async def test_whoever_lost_the_lease_changes_nothing(shop: Shop) -> None:
    lease = await shop.taken("one")
    shop.clock.forward(LEASE)
    (taken,) = await shop.claim()
    before = await shop.conversation(lease.conversation_id)
    with pytest.raises(LostLeaseError):
        await shop.commit(
            lease, "from the grave", state={"x": 1}, draft=DRAFT, timers=(TimerRequest("t", timedelta()),)
        )
    with pytest.raises(LostLeaseError):
        await shop.fail(lease)
    await extend(shop, lease)
    await shop.store.write(turns.hand_back, [(lease.conversation_id, lease.fence)])
    assert await shop.conversation(lease.conversation_id) == before
    for table in ("outbox", "timer", "handoff", "poison"):
        assert await shop.rows(f"SELECT * FROM {table}") == []
    assert await shop.texts("author = 'bot'") == []
    await shop.commit(taken, "alive")
    assert await shop.texts("author = 'bot'") == ["alive"]


async def test_a_late_turn_counts_while_nobody_else_took_over(shop: Shop) -> None:
    lease = await shop.taken()
    shop.clock.forward(LEASE * 10)
    await shop.commit(lease, "late")
    assert await shop.texts("author = 'bot'") == ["late"]


async def test_an_extended_lease_holds(shop: Shop) -> None:
    lease = await shop.taken()
    for _ in range(5):
        shop.clock.forward(LEASE * 0.9)
        await extend(shop, lease)
        assert await shop.claim() == []
    await shop.commit(lease, "at last")
    assert (await shop.conversation(lease.conversation_id)).idle


async def test_a_released_conversation_is_not_extended(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease)
    await extend(shop, lease)
    assert (await shop.conversation(lease.conversation_id)).idle


async def test_what_is_handed_back_can_be_taken_at_once(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.store.write(turns.hand_back, [(lease.conversation_id, lease.fence)])
    (taken,) = await shop.claim()
    assert [(a.text, a.attempts) for a in taken.pending] == [("hello", 0)]
    with pytest.raises(LostLeaseError):
        await shop.commit(lease)


async def test_conversations_are_taken_in_the_order_they_wait_and_no_more_than_asked(shop: Shop) -> None:
    for sender in "abc":
        await shop.accept(sender, sender=sender)
        shop.clock.forward(timedelta(seconds=1))
    assert [lease.sender for lease in await shop.claim(limit=2)] == ["a", "b"]
    assert [lease.sender for lease in await shop.claim(limit=2)] == ["c"]


# ---- handing over -------------------------------------------------------------------------------------------------


async def test_a_handoff_opens_the_conversation_and_tells_customer_and_desk(shop: Shop) -> None:
    lease = await shop.taken("a person please")
    turned = await shop.commit(lease, "one moment", draft=DRAFT)
    assert turned.lease.status == "open"
    (record,) = await shop.rows('SELECT "trigger", reason, tier, status, transcript FROM handoff')
    assert (record.trigger, record.reason, record.tier, record.status) == (
        "asked",
        "wants a person",
        "minor",
        "offered",
    )
    assert loaded(record.transcript) == [1]
    row = await shop.conversation(lease.conversation_id)
    assert (row.status, row.seq, row.answered) == ("open", 4, False)
    events = await shop.rows("SELECT seq, type, audience FROM event ORDER BY seq")
    assert [tuple(e) for e in events] == [(3, "status", "all"), (4, "handoff", "desk")]


async def test_a_record_that_opens_nothing_is_noted_for_the_desk_and_the_bot_goes_on(shop: Shop) -> None:
    lease = await shop.taken("…")
    noted = HandoffDraft("other", "abuse", None, {}, (1,), queue="abuse", opens=False)
    await shop.commit(lease, draft=noted)
    assert (await shop.conversation(lease.conversation_id)).status == "pending"
    ((queue, status, ended),) = await shop.rows("SELECT queue, status, ended_at FROM handoff")
    assert (queue, status, ended) == ("abuse", "noted", None)
    ((audience, data),) = await shop.rows("SELECT audience, data FROM event WHERE type = 'handoff'")
    assert (audience, loaded(data)["status"]) == ("desk", "noted")
    assert await shop.rows("SELECT seq FROM event WHERE type = 'status'") == []
    lease = await shop.taken("转人工")
    await shop.commit(lease, draft=DRAFT)
    await shop.store.write(desk.claim, lease.conversation_id, shop.agent)
    await shop.store.write(desk.resolve, lease.conversation_id, shop.agent)
    assert [r.status for r in await shop.rows("SELECT status FROM handoff ORDER BY id")] == ["noted", "resolved"]


async def test_a_conversation_is_handed_over_once(shop: Shop) -> None:
    lease = await shop.taken("a person please")
    await shop.accept("hurry")
    turned = await shop.commit(lease, draft=DRAFT)
    await shop.commit(turned.lease, draft=DRAFT)
    assert len(await shop.rows("SELECT id FROM handoff")) == 1


async def test_the_script_leaves_what_it_was_given_so_that_it_can_be_repeated(shop: Shop) -> None:
    lease = await shop.taken("a person please")
    given = (lease.status, lease.state, lease.turned_seq, list(lease.pending))
    turned = await shop.commit(lease, "one moment", draft=DRAFT, state={"n": 1})
    assert (lease.status, lease.state, lease.turned_seq, lease.pending) == given
    assert (turned.lease.status, turned.lease.state, turned.lease.turned_seq) == ("open", {"n": 1}, 1)


async def test_words_no_database_takes_void_the_turn_alone(shop: Shop) -> None:
    """A turn that cannot be kept must be told apart from a database that is away."""
    lease = await shop.taken()
    with pytest.raises((RefusedError, TypeError)):
        await shop.commit(lease, "x", state={"n": 2**70})
    assert await shop.texts("author = 'bot'") == []
    await shop.commit(lease, "y")
    assert await shop.texts("author = 'bot'") == ["y"]
