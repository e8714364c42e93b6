"""The engine as a customer meets it: every message is answered, in order and once, whatever happens to the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.dialogue import Decision, Question, Reply
from bot.engine import Pace
from bot.store import agents, desk, open_store, poison
from bot.store.runner import SqliteStore
from bot.tables import EPOCH
from tests.engine.works import QUICK, Network, Works, assemble, set_clock, until, works
from tests.plugins.clerk import Clerk
from tests.store.shop import StandingClock

HASTY = replace(QUICK, lease=timedelta(hours=5))
"""For clocks that run fast: no lease runs out meanwhile."""


class Gated(Clerk):
    """Thinks about a text until its gate is opened."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self.gates = {text: asyncio.Event() for text in texts}

    async def decide(self, question: Question) -> Decision:
        if question.text in self.gates:
            self.asked.append(f"({question.text})")
            await self.gates[question.text].wait()
        return await super().decide(question)


@pytest.fixture
async def fleet(postgres_url: str) -> AsyncIterator[list[Works]]:
    """Two engines on one PostgreSQL, as two processes would have them, without a bell between them."""
    async with AsyncExitStack() as stack:
        network = Network()
        yield [await stack.enter_async_context(works(postgres_url, network=network)) for _ in range(2)]


async def test_every_message_is_answered_in_order_and_once(store_url: str) -> None:
    async with works(store_url) as shop:
        for n in range(10):
            for sender in "abc":
                await shop.say(f"{n}", sender=sender)
        await shop.quiet()
        for sender in "abc":
            assert await shop.replies(sender) == [f"re: {n}" for n in range(10)]
            assert shop.network.heard(sender) == [f"re: {n}" for n in range(10)]


async def test_state_is_carried_from_turn_to_turn(store_url: str) -> None:
    async with works(store_url) as shop:
        for text in "abc":
            await shop.say(text)
        await shop.quiet()
        ((n,),) = await shop.rows("SELECT count(*) AS n FROM conversation")
        assert n == 1
        assert shop.clerk.asked == ["a", "b", "c"]


async def test_a_message_delivered_three_times_at_once_is_one(store_url: str) -> None:
    async with works(store_url) as shop:
        accepted = await asyncio.gather(*(shop.say("hi", key="x") for _ in range(3)))
        assert len({a.message_id for a in accepted}) == 1
        assert sorted(a.duplicate for a in accepted) == [False, True, True]
        await shop.quiet()
        assert (await shop.say("hi", key="x")).duplicate
        await shop.quiet()
        assert await shop.told() == [("customer", "hi"), ("bot", "re: hi")]
        assert shop.clerk.asked == ["hi"]


async def test_a_message_delivered_to_several_processes_at_once_is_one(fleet: list[Works]) -> None:
    for n in range(10):
        accepted = await asyncio.gather(*(shop.say(f"{n}", key=f"{n}") for shop in fleet * 3))
        assert sum(not a.duplicate for a in accepted) == 1
    await fleet[0].quiet()
    assert await fleet[0].replies() == [f"re: {n}" for n in range(10)]
    assert sorted(fleet[0].clerk.asked + fleet[1].clerk.asked) == [f"{n}" for n in range(10)]


async def test_several_processes_keep_the_order_of_every_conversation(fleet: list[Works]) -> None:
    async def customer(sender: str) -> None:
        for n in range(15):
            await fleet[(n + len(sender)) % 2].say(f"{n}", sender=sender)

    senders = [f"s{n}" for n in range(10)]
    await asyncio.gather(*(customer(s) for s in senders))
    await fleet[0].quiet()
    for sender in senders:
        assert await fleet[0].replies(sender) == [f"re: {n}" for n in range(15)]
        assert fleet[0].network.heard(sender) == [f"re: {n}" for n in range(15)]


async def test_more_conversations_than_places_are_all_answered(store_url: str) -> None:
    async with works(store_url, pace=replace(QUICK, turns=2, deliveries=2)) as shop:
        await asyncio.gather(*(shop.say("hi", sender=f"s{n}") for n in range(100)))
        await shop.quiet()
        assert [shop.network.heard(f"s{n}") for n in range(100)] == [["re: hi"]] * 100


async def test_one_who_hangs_up_while_his_message_is_kept_is_answered_all_the_same(store_url: str) -> None:
    async with works(store_url) as shop:
        for n in range(5):
            call = asyncio.ensure_future(shop.say(f"{n}"))
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            await until(partial(_asked, shop, n + 1))
        await shop.quiet()
        assert await shop.replies() == [f"re: {n}" for n in range(5)]


def _asked(shop: Works, times: int) -> bool:
    return len(shop.clerk.asked) >= times


async def test_what_no_database_takes_is_mended_before_it_is_kept(store_url: str) -> None:
    async with works(store_url) as shop:
        odd = "a\0b\ud800c"
        accepted = await shop.say(
            odd, sender="x\0", key="k\0" + "k" * 3000, thread="t\0", value="v\0", language="en\0",
            sender_name="n\0", extra={"\0": [odd, {"big": 2**80}]},
        )  # fmt: skip
        again = await shop.say("other words", sender="x\0", key="k\0" + "k" * 3000)
        assert again.duplicate
        assert again.message_id == accepted.message_id
        await shop.quiet()
        ((text,),) = await shop.rows("SELECT text FROM message WHERE author = 'bot'")
        assert text == "re: a\ufffdb\ufffdc"


# ---- turns that take long, fail, or never end ---------------------------------------------------------------------


async def test_a_slow_turn_keeps_its_lease(store_url: str) -> None:
    """By a clock that stands: it is moved on only when the heartbeat was heard, so slowness of the machine is no
    reason to lose a lease, and the absence of a heartbeat is one to fail."""
    pace = replace(QUICK, lease=timedelta(seconds=0.6))
    brain = Gated("think")
    async with works(store_url, brain=brain, pace=pace, start=False) as shop:
        clock = StandingClock()
        set_clock(shop.store, clock)
        await shop.engine.start()
        await shop.say("think")

        async def kept() -> bool:
            ((end,),) = await shop.rows("SELECT ready_at FROM conversation")
            if isinstance(end, int):
                end = EPOCH + timedelta(microseconds=end)
            return bool(end == clock.at + pace.lease)

        for _ in range(6):
            clock.forward(timedelta(seconds=0.5))
            await until(kept)
        await shop.say("next")
        brain.gates["think"].set()
        await shop.quiet()
        assert brain.asked == ["(think)", "think", "next"]
        assert await shop.replies() == ["re: think", "re: next"]


async def test_a_turn_that_fails_is_tried_again_before_the_next_message(store_url: str) -> None:
    async with works(store_url, pace=HASTY, speed=50) as shop:
        await shop.say("fail=2")
        await shop.say("next")
        await shop.say("other", sender="wang")
        await until(lambda: shop.network.heard("wang"))
        await shop.quiet()
        assert shop.network.heard("li") == ["re: fail=2", "re: next"]
        assert [t for t in shop.clerk.asked if t != "other"] == ["fail=2"] * 3 + ["next"]


async def test_a_message_that_always_fails_is_set_aside_and_can_be_replayed(store_url: str) -> None:
    async with works(store_url, pace=replace(HASTY, max_attempts=3), speed=50) as shop:
        await shop.say("fail=3")
        await shop.say("next")
        await shop.quiet()
        assert shop.network.heard("li") == ["re: next"]
        (listed,) = await shop.store.read(poison.listed)
        assert listed["attempts"] == 3
        assert listed["reason"] == "RuntimeError: no idea what to say to 'fail=3'"
        await shop.store.write(poison.replay, listed["message_id"])
        shop.live.ring_turn()
        await shop.quiet()
        assert shop.network.heard("li") == ["re: next", "re: fail=3"]


class Odd(Clerk):
    """Answers some texts with what cannot be kept."""

    async def decide(self, question: Question) -> Decision:
        match question.text:
            case "state":
                return Decision(rule="odd", state={"set": {1, 2}})
            case "words":
                return Decision(rule="odd", replies=(Reply("x\udc80"),))
            case "language":
                return Decision(rule="odd", language=5)  # type: ignore[arg-type]
            case "none":
                return None  # type: ignore[return-value]
        return await super().decide(question)


@pytest.mark.parametrize("text", ["state", "words", "language", "none"])
async def test_a_turn_that_cannot_be_kept_is_set_aside_like_one_that_fails(store_url: str, text: str) -> None:
    async with works(store_url, brain=Odd(), pace=replace(HASTY, max_attempts=2), speed=50) as shop:
        await shop.say(text)
        await shop.say("next")
        await until(lambda: "re: next" in shop.network.heard("li"))
        kept = text == "language" and isinstance(shop.store, SqliteStore)  # it keeps a number in a text column
        assert len(await shop.store.read(poison.listed)) == (0 if kept else 1)


async def test_a_turn_that_never_ends_is_ended(store_url: str) -> None:
    brain = Gated("never")
    pace = replace(HASTY, turn_within=0.1, max_attempts=2)
    async with works(store_url, brain=brain, pace=pace, speed=50) as shop:
        await shop.say("never")
        await shop.say("next")
        await until(lambda: "re: next" in shop.network.heard("li"))
        (listed,) = await shop.store.read(poison.listed)
        assert listed["reason"] == "TimeoutError"


async def test_a_claim_in_the_middle_of_a_turn_silences_the_bot(store_url: str) -> None:
    brain = Gated("help")
    async with works(store_url, brain=brain) as shop:
        accepted = await shop.say("help")
        await until(lambda: brain.asked)
        agent = await shop.store.write(agents.add, "mei", name="小美", password_hash="x")
        await shop.store.write(desk.claim, accepted.conversation_id, agent)
        brain.gates["help"].set()
        await until(lambda: brain.asked.count("help") == 2)
        await shop.quiet()
        assert await shop.replies() == []


async def test_a_handoff_hands_over_the_transcript(store_url: str) -> None:
    async with works(store_url) as shop:
        await shop.say("one")
        await shop.say("hand")
        await shop.say("two")
        await shop.quiet()
        assert await shop.replies() == ["re: one", "re: hand"]
        rows = await shop.rows("SELECT status FROM conversation")
        assert [r.status for r in rows] == ["open"]
        assert len(await shop.rows("SELECT id FROM handoff")) == 1


# ---- stopping and starting ----------------------------------------------------------------------------------------


async def leases(shop: Works) -> list[tuple[bool, bool]]:
    """(leased, asleep) of every conversation."""
    found = await shop.rows("SELECT leased, ready_at IS NULL AS asleep FROM conversation")
    return [(bool(r.leased), bool(r.asleep)) for r in found]


async def test_a_stop_finishes_the_turn_that_runs(store_url: str) -> None:
    brain = Gated("think")
    async with works(store_url, brain=brain) as shop:
        await shop.say("think")
        await until(lambda: brain.asked)
        stop = asyncio.ensure_future(shop.engine.stop())
        await asyncio.sleep(0.05)
        assert not stop.done()
        brain.gates["think"].set()
        await stop
        assert shop.network.heard("li") == ["re: think"]
        assert await leases(shop) == [(False, True)]


async def test_a_stop_hands_back_what_it_cannot_finish(store_url: str) -> None:
    brain = Gated("think")
    pace = Pace(lease=timedelta(hours=1), turns=1, sweep=0.05, stop_within=0.1)
    async with works(store_url, brain=brain, pace=pace) as shop:
        await shop.say("think", sender="a")
        await until(lambda: brain.asked)
        await shop.say("waits", sender="b")
        await shop.engine.stop()
        assert await leases(shop) == [(False, False)] * 2
        accepted = await shop.say("too late", sender="c")
        assert not accepted.duplicate
    async with works(store_url) as shop:
        await shop.quiet()
        for sender, text in (("a", "think"), ("b", "waits"), ("c", "too late")):
            assert shop.network.heard(sender) == [f"re: {text}"]
        assert shop.clerk.asked.count("think") == 1


@pytest.mark.parametrize("ticks", range(6))
async def test_a_stop_in_the_middle_of_taking_leaves_nothing_taken(store_url: str, ticks: int) -> None:
    """At whatever step of a claim the stop comes."""
    store = await open_store(store_url, serve=True)
    pace = replace(QUICK, lease=timedelta(hours=1))
    made = await assemble(store, pace=pace)
    for sender in "ab":
        await made.say("hi", sender=sender)
    await made.engine.start()
    for _ in range(ticks * 3):
        await asyncio.sleep(0)
    await made.engine.stop()
    assert not any(leased for leased, _ in await leases(made))
    assert await made.rows("SELECT id FROM outbox WHERE held") == []
    made = await assemble(store, pace=pace, network=made.network)
    await made.engine.start()
    await made.quiet()
    await made.engine.stop()
    assert [made.network.heard(sender) for sender in "ab"] == [["re: hi"], ["re: hi"]]
    await store.close()


async def test_a_stop_puts_back_what_waits_behind_a_send(store_url: str) -> None:
    network = Network()
    network.gates["re: twice"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        await shop.say("twice")
        await until(lambda: network.sent)
        stop = asyncio.ensure_future(shop.engine.stop())
        await asyncio.sleep(0.05)
        network.gates["re: twice"].set()
        await stop
        assert network.heard("li") == ["re: twice"]
        assert [bool(r.held) for r in await shop.rows("SELECT held FROM outbox")] == [False]
    async with works(store_url, network=network) as shop:
        await shop.quiet()
        assert network.heard("li") == ["re: twice", "again: twice"]


async def test_what_waits_is_answered_after_a_restart(store_url: str) -> None:
    async with works(store_url, start=False) as shop:
        assert not shop.engine.running
        for n in range(5):
            await shop.say(f"{n}")
    async with works(store_url) as shop:
        assert shop.engine.running
        await shop.quiet()
        assert shop.network.heard("li") == [f"re: {n}" for n in range(5)]
    assert not shop.engine.running


async def test_timers_that_came_due_while_nobody_was_there_fire_once(store_url: str) -> None:
    async with works(store_url) as shop:
        for n in range(3):
            await shop.say(f"t{n} timer=86400")
        await shop.quiet()
    async with AsyncExitStack() as stack:
        network = Network()
        late = StandingClock()
        late.at = shop.store.now() + timedelta(days=3)
        count = 1 if isinstance(shop.store, SqliteStore) else 2
        made = [await stack.enter_async_context(works(store_url, network=network, start=False)) for _ in range(count)]
        for each in made:
            set_clock(each.store, late)
            await each.engine.start()
        await made[0].quiet()
        assert network.heard("li") == [f"timer: t{n}" for n in range(3)]
        assert await made[0].rows("SELECT id FROM timer") == []


async def test_a_timer_fires_and_a_cancelled_one_does_not(store_url: str) -> None:
    async with works(store_url) as shop:
        await shop.say("a timer=0.3")
        await shop.say("b timer=0.3")
        await shop.say("never mind cancel=b")
        await until(lambda: "timer: a" in shop.network.heard("li"))
        await shop.quiet()
        assert "timer: b" not in shop.network.heard("li")
        assert await shop.rows("SELECT id FROM timer") == []
