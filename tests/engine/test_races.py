"""Two transactions on PostgreSQL, put into one order by hand: whichever comes first, nothing is lost or doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.dialogue import Decision, Reply, TimerRequest
from bot.errors import ConflictError, LostLeaseError
from bot.messages import Delivery, Incoming
from bot.store import arrivals, desk, open_store, outbox, poison, timers, turns
from bot.store.arrivals import DuplicateError
from bot.store.rows import Lease, token
from bot.store.sql import Statement, Tx, p
from bot.tables import Conversation, Message, UtcTime
from tests.engine.byhand import Hand, hands
from tests.store.shop import DAY, HOLD, LEASE, Shop

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]


@pytest.fixture
async def shop(postgres_url: str) -> AsyncIterator[Shop]:
    store = await open_store(postgres_url)
    yield await Shop.open(store)
    await store.close()


@pytest.fixture
async def pair(shop: Shop, postgres_url: str) -> AsyncIterator[tuple[Hand, Hand]]:
    async with hands(shop, postgres_url) as both:
        yield both


def acceptance(shop: Shop, text: str, *, key: str | None = None, sender: str = "li", take: bool = True) -> Any:
    """What makes `arrivals.accept` keep a message."""
    incoming = Incoming(key or text, sender, text)
    return (arrivals.accept, shop.inbox, incoming), {
        "token": token(), "lease": LEASE if take else None, "reopen": DAY,
    }  # fmt: skip


def keeping(lease: Lease, *replies: str, hold: timedelta | None = None, **decided: Any) -> Any:
    """What makes `turns.commit` keep a turn."""
    decision = Decision(rule="test", replies=tuple(Reply(r) for r in replies), **decided)
    return (turns.commit, lease, lease.pending[0], decision), {
        "draft": None, "bot_name": "Bot", "pull": False, "hold": hold, "lease": LEASE,
    }  # fmt: skip


async def work_off(shop: Shop) -> list[str]:
    """Give everything that waits its turn; the texts in order. Nothing may be left asleep."""
    seen = []
    for lease in await shop.claim():
        while lease.pending:
            seen.append(lease.pending[0].text or lease.pending[0].payload["timer"])
            lease = (await shop.commit(lease)).lease
    asleep = await shop.rows(
        "SELECT m.text FROM message m JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.arrival AND m.seq > c.turned_seq"
    )
    assert asleep == []
    return seen


# ---- a message arrives while a turn is kept (the lost wake-up) ----------------------------------------------------


async def test_a_message_that_commits_first_is_seen_by_the_turn(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await shop.taken("first")
    args, kwargs = acceptance(shop, "second")
    assert (await one.run(*args, **kwargs)).lease is None
    args, kwargs = keeping(lease, "1")
    turn = await two.blocked(*args, **kwargs)
    await one.commit()
    turned = await turn
    await two.commit()
    assert [a.text for a in turned.lease.pending] == ["second"]
    assert await shop.claim() == []
    await shop.commit(turned.lease, "2")
    assert await shop.texts("author = 'bot'") == ["1", "2"]
    assert await work_off(shop) == []


@pytest.mark.parametrize("take", [True, False])
async def test_a_turn_that_commits_first_leaves_the_message_awake(
    shop: Shop, pair: tuple[Hand, Hand], take: bool
) -> None:
    one, two = pair
    lease = await shop.taken("first")
    args, kwargs = keeping(lease, "1")
    assert (await one.run(*args, **kwargs)).lease.pending == []
    args, kwargs = acceptance(shop, "second", take=take)
    message = await two.blocked(*args, **kwargs)
    await one.commit()
    arrived = await message
    await two.commit()
    if take:
        assert arrived.lease is not None
        assert [a.text for a in arrived.lease.pending] == ["second"]
        await shop.commit(arrived.lease)
        assert await work_off(shop) == []
    else:
        assert await work_off(shop) == ["second"]


async def test_a_timer_that_fires_first_is_seen_by_the_turn(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await shop.taken("set")
    await shop.commit(lease, timers=(TimerRequest("t", timedelta()),))
    lease = await shop.taken("first")
    await one.run(timers.fire)
    args, kwargs = keeping(lease)
    turn = await two.blocked(*args, **kwargs)
    await one.commit()
    turned = await turn
    await two.commit()
    assert [a.payload for a in turned.lease.pending] == [{"timer": "t", "data": {}}]


def release_in_one_statement(tx: Tx, lease: Lease) -> None:
    """How it must not be done: the subquery looks with eyes from before the row lock was waited for."""
    pending = sa.exists().where(M.c.conversation_id == C.c.id, M.c.arrival, M.c.seq > p("turned"))
    tx.count(
        Statement(
            sa.update(C)
            .where(C.c.id == p("id"))
            .values(
                turned_seq=p("turned"),
                leased=sa.false(),
                ready_at=sa.case((pending, p("now", UtcTime())), else_=sa.null()),
            )
        ),
        id=lease.conversation_id,
        turned=lease.pending[0].seq,
        now=tx.now,
    )


async def test_the_order_by_hand_does_bring_about_the_lost_wake_up(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    """A test of the tests above: a release in one statement falls asleep on a message under the same hands."""
    one, two = pair
    lease = await shop.taken("first")
    args, kwargs = acceptance(shop, "second")
    await one.run(*args, **kwargs)
    release = await two.blocked(release_in_one_statement, lease)
    await one.commit()
    await release
    await two.commit()
    assert (await shop.conversation(lease.conversation_id)).idle
    with pytest.raises(AssertionError):
        await work_off(shop)


# ---- one message, delivered twice at once -------------------------------------------------------------------------


@pytest.mark.parametrize("first_kept", [True, False])
@pytest.mark.parametrize("known_customer", [True, False])
async def test_a_duplicate_waits_for_the_first_and_its_fate(
    shop: Shop, pair: tuple[Hand, Hand], first_kept: bool, known_customer: bool
) -> None:
    one, two = pair
    if known_customer:
        await work_off_first(shop)
    args, kwargs = acceptance(shop, "once", key="x")
    await one.run(*args, **kwargs)
    args, kwargs = acceptance(shop, "once", key="x")
    second = await two.blocked(*args, **kwargs)
    if first_kept:
        await one.commit()
        with pytest.raises(DuplicateError):
            await second
        await two.rollback()
    else:
        await one.rollback()
        assert (await second).lease is not None
        await two.commit()
    assert len(await shop.rows("SELECT id FROM message WHERE external_id = 'x'")) == 1
    assert len(await shop.rows("SELECT id FROM conversation")) == 1


async def work_off_first(shop: Shop) -> None:
    await shop.commit(await shop.taken("before"))


async def test_the_same_id_in_two_threads_at_once_is_kept_in_one(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    args, kwargs = acceptance(shop, "once", key="x", sender="li")
    await one.run(*args, **kwargs)
    args, kwargs = acceptance(shop, "once", key="x", sender="wang")
    second = await two.blocked(*args, **kwargs)
    await one.commit()
    with pytest.raises(DuplicateError):
        await second
    await two.rollback()
    assert [r.sender for r in await shop.rows("SELECT sender FROM conversation")] == ["li"]


async def test_two_first_messages_at_once_share_a_conversation(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    args, kwargs = acceptance(shop, "a")
    await one.run(*args, **kwargs)
    args, kwargs = acceptance(shop, "b")
    second = await two.blocked(*args, **kwargs)
    await one.commit()
    assert (await second).seq == 2
    await two.commit()
    assert len(await shop.rows("SELECT id FROM conversation")) == 1
    assert len(await shop.rows("SELECT id FROM contact_identity")) == 1


async def test_two_messages_at_once_after_a_day_share_a_new_conversation(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    old = await shop.accept("old")
    await shop.resolve(old.conversation_id)
    shop.clock.forward(timedelta(days=2))
    args, kwargs = acceptance(shop, "a")
    first = await one.run(*args, **kwargs)
    args, kwargs = acceptance(shop, "b")
    second = await two.blocked(*args, **kwargs)
    await one.commit()
    arrived = await second
    await two.commit()
    assert arrived.conversation_id == first.conversation_id != old.conversation_id
    assert arrived.seq == first.seq + 1


# ---- two workers, one conversation --------------------------------------------------------------------------------


async def test_a_conversation_another_worker_is_taking_is_passed_over(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.accept("hi", sender="a")
    await shop.accept("hi", sender="b")
    (first,) = await one.run(turns.claim, limit=1, lease=LEASE)
    (second,) = await two.run(turns.claim, limit=5, lease=LEASE)
    assert {first.sender, second.sender} == {"a", "b"}
    await one.commit()
    assert await two.run(turns.claim, limit=5, lease=LEASE) == []
    await two.commit()


async def test_a_worker_that_dies_while_taking_leaves_it_to_the_other(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.accept("hi")
    assert len(await one.run(turns.claim, limit=1, lease=LEASE)) == 1
    assert await two.run(turns.claim, limit=1, lease=LEASE) == []
    await one.rollback()
    (lease,) = await two.run(turns.claim, limit=1, lease=LEASE)
    assert lease.pending[0].attempts == 0
    await two.commit()


async def test_a_zombie_that_waits_for_whoever_took_over_keeps_nothing(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    zombie = await shop.taken("hi")
    shop.clock.forward(LEASE)
    (taken,) = await one.run(turns.claim, limit=1, lease=LEASE)
    args, kwargs = keeping(zombie, "from the grave", state={"x": 1}, timers=(TimerRequest("t", timedelta()),))
    late = await two.blocked(*args, **kwargs)
    await one.commit()
    with pytest.raises(LostLeaseError):
        await late
    await two.rollback()
    await shop.commit(taken, "alive")
    assert await shop.texts("author = 'bot'") == ["alive"]
    assert await shop.rows("SELECT id FROM timer") == []


async def test_a_zombie_that_is_keeping_its_turn_is_not_taken_over(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    zombie = await shop.taken("hi")
    shop.clock.forward(LEASE)
    args, kwargs = keeping(zombie, "just in time")
    await one.run(*args, **kwargs)
    assert await two.run(turns.claim, limit=1, lease=LEASE) == []
    await one.commit()
    assert await two.run(turns.claim, limit=1, lease=LEASE) == []
    await two.commit()
    assert await shop.texts("author = 'bot'") == ["just in time"]


# ---- timers -------------------------------------------------------------------------------------------------------


async def armed(shop: Shop) -> Lease:
    """A leased conversation whose timer `t` is due."""
    await shop.commit(await shop.taken("set"), timers=(TimerRequest("t", timedelta()),))
    return await shop.taken("never mind")


async def test_a_timer_being_cancelled_does_not_fire(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    args, kwargs = keeping(await armed(shop), cancel_timers=("t",))
    await one.run(*args, **kwargs)
    assert await two.run(timers.fire) == []
    await one.commit()
    assert await two.run(timers.fire) == []
    await two.commit()
    assert await work_off(shop) == []


async def test_a_timer_whose_cancelling_is_lost_fires(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    args, kwargs = keeping(await armed(shop), cancel_timers=("t",))
    await one.run(*args, **kwargs)
    await one.rollback()
    assert len(await two.run(timers.fire)) == 1
    await two.commit()


async def test_a_timer_that_fires_before_it_is_cancelled_comes_once(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await armed(shop)
    await one.run(timers.fire)
    args, kwargs = keeping(lease, cancel_timers=("t",))
    turn = await two.blocked(*args, **kwargs)
    await one.commit()
    turned = await turn
    await two.commit()
    assert [a.payload.get("timer") for a in turned.lease.pending] == ["t"]
    await shop.commit(turned.lease)
    assert await work_off(shop) == []


async def test_a_timer_being_moved_does_not_fire(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    args, kwargs = keeping(await armed(shop), timers=(TimerRequest("t", timedelta(minutes=5)),))
    await one.run(*args, **kwargs)
    assert await two.run(timers.fire) == []
    await one.commit()
    assert await two.run(timers.fire) == []
    await two.commit()
    shop.clock.forward(timedelta(minutes=5))
    assert len(await shop.store.write(timers.fire)) == 1


async def test_two_who_fire_at_once_share_the_timers(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    for sender in "ab":
        await shop.commit(await shop.taken("set", sender=sender), timers=(TimerRequest("t", timedelta()),))
    (first,) = await one.run(timers.fire, limit=1)
    (second,) = await two.run(timers.fire)
    assert first != second
    await one.commit()
    await two.commit()
    assert await work_off(shop) == ["t", "t"]


async def test_firing_and_a_turn_never_wait_for_one_another_in_a_ring(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    """A turn holds its conversation and then wants the timer; whoever fires must not hold the timer and want it."""
    one, two = pair
    lease = await armed(shop)
    await one.run(lambda tx: tx.first(desk.HELD, id=lease.conversation_id))
    assert await two.run(timers.fire) == []
    assert await one.run(timers.cancel, lease.conversation_id, "t")
    await one.commit()
    await two.commit()


# ---- people -------------------------------------------------------------------------------------------------------


async def test_a_claim_that_commits_first_silences_the_bot(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await shop.taken("hi")
    await one.run(desk.claim, lease.conversation_id, shop.agent)
    args, kwargs = keeping(lease, "I am a bot")
    turn = await two.blocked(*args, **kwargs)
    await one.commit()
    with pytest.raises(LostLeaseError):
        await turn
    await two.rollback()
    assert await shop.texts("author = 'bot'") == []
    (again,) = await shop.claim()
    assert again.status == "open"


async def test_a_turn_that_commits_first_is_in_the_log_before_the_claim(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await shop.taken("hi")
    args, kwargs = keeping(lease, "I am a bot", state={"n": 1})
    await one.run(*args, **kwargs)
    claim = await two.blocked(desk.claim, lease.conversation_id, shop.agent)
    await one.commit()
    assert (await claim).seq == 3
    await two.commit()
    row = await shop.conversation(lease.conversation_id)
    assert (row.status, row.assignee_id, row.idle) == ("open", shop.agent, True)


async def test_of_two_agents_the_first_has_it(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    lease = await shop.taken("hi")
    await one.run(desk.claim, lease.conversation_id, shop.agent)
    second = await two.blocked(desk.claim, lease.conversation_id, shop.other)
    await one.commit()
    with pytest.raises(ConflictError):
        await second
    await two.rollback()


async def test_a_message_that_comes_while_the_conversation_is_resolved_opens_it_again(
    shop: Shop, pair: tuple[Hand, Hand]
) -> None:
    one, two = pair
    await shop.commit(await shop.taken("hi"))
    (row,) = await shop.rows("SELECT id FROM conversation")
    await one.run(desk.resolve, row.id, shop.agent)
    args, kwargs = acceptance(shop, "wait", take=False)
    message = await two.blocked(*args, **kwargs)
    await one.commit()
    await message
    await two.commit()
    assert (await shop.conversation(row.id)).status == "pending"
    assert "wait" in await work_off(shop)


async def test_two_replays_at_once_are_one(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    arrived = await shop.accept("bad")
    (lease,) = await shop.claim()
    await shop.fail(lease, most=1)
    await one.run(poison.replay, arrived.message_id)
    second = await two.blocked(poison.replay, arrived.message_id)
    await one.commit()
    with pytest.raises(ConflictError):
        await second
    await two.rollback()


# ---- delivery -----------------------------------------------------------------------------------------------------


async def test_a_reply_queued_while_the_line_empties_is_taken_by_the_turn(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.said("1")
    (due,) = await shop.dues()
    lease = await shop.taken("more")
    settled = await one.run(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    assert settled.next is None
    args, kwargs = keeping(lease, "2", hold=HOLD)
    turn = await two.blocked(*args, **kwargs)
    await one.commit()
    turned = await turn
    await two.commit()
    assert [d.outgoing.text for d in turned.due] == ["2"]
    assert await shop.dues() == []


async def test_a_line_that_empties_while_a_reply_is_queued_goes_on_with_it(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.said("1")
    (due,) = await shop.dues()
    lease = await shop.taken("more")
    args, kwargs = keeping(lease, "2", hold=HOLD)
    turned = await one.run(*args, **kwargs)
    assert turned.due == []
    settle = await two.blocked(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    await one.commit()
    settled = await settle
    await two.commit()
    assert settled.next is not None
    assert settled.next.outgoing.text == "2"
    assert await shop.dues() == []


async def test_of_two_deliverers_one_has_the_head_and_nobody_what_is_behind_it(
    shop: Shop, pair: tuple[Hand, Hand]
) -> None:
    one, two = pair
    await shop.said("1", "2")
    (first,) = await one.run(outbox.claim, limit=5, hold=HOLD)
    assert await two.run(outbox.claim, limit=5, hold=HOLD) == []
    await one.commit()
    assert await two.run(outbox.claim, limit=5, hold=HOLD) == []
    await two.commit()
    settled = await one.run(outbox.settle, first, Delivery.SENT, "", hold=HOLD)
    assert await two.run(outbox.claim, limit=5, hold=HOLD) == []
    await one.commit()
    assert settled.next is not None
    assert await two.run(outbox.claim, limit=5, hold=HOLD) == []


async def test_of_a_late_holder_and_the_one_who_took_over_one_settles(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.said("1")
    (late,) = await shop.dues()
    shop.clock.forward(HOLD)
    (holder,) = await one.run(outbox.claim, limit=1, hold=HOLD)
    settle = await two.blocked(outbox.settle, late, Delivery.SENT, "", hold=HOLD)
    await one.commit()
    assert not (await settle).kept
    await two.commit()
    assert (await shop.store.write(outbox.settle, holder, Delivery.SENT, "", hold=HOLD)).kept


async def test_a_retry_waits_for_the_last_word(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    one, two = pair
    await shop.said("1")
    (due,) = await shop.dues()
    await one.run(outbox.settle, due, Delivery.FAILED, "no", hold=HOLD)
    retry = await two.blocked(desk.retry, due.message_id, shop.agent)
    await one.commit()
    await retry
    await two.commit()
    (again,) = await shop.dues()
    assert again.outgoing == due.outgoing


async def test_one_who_waits_for_a_locked_row_does_not_hold_up_the_others(shop: Shop, pair: tuple[Hand, Hand]) -> None:
    """Somebody may keep a row locked for long – an operator at a prompt – and only that conversation waits."""
    one, _ = pair
    locked = await shop.accept("hi", sender="locked")
    await one.run(lambda tx: tx.first(desk.HELD, id=locked.conversation_id))
    stuck = [asyncio.ensure_future(shop.accept(f"{n}", sender="locked")) for n in range(3)]
    for n in range(5):
        await asyncio.wait_for(shop.accept(f"free {n}", sender="free"), 30)
    assert not any(task.done() for task in stuck)
    await one.rollback()
    assert sorted([(await task).seq for task in stuck]) == [2, 3, 4]
