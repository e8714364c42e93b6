"""What a brain is told of a burst: whether more waits already, and whether the network lets it wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.dialogue import Decision, Question, Reply, TimerRequest
from bot.messages import Kind
from bot.ports import Capabilities
from replies.brain import Scripted
from tests.engine.works import Network, until, works


class Listener:
    """Notes what it is told of each message; the first one takes it until `go`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, bool, bool]] = []
        self.go = asyncio.Event()

    async def decide(self, question: Question) -> Decision:
        self.told.append((question.text, question.more, question.pushes))
        if len(self.told) == 1:
            await self.go.wait()
        return Decision("listener", state=question.state)


@pytest.mark.parametrize("pushes", [True, False])
async def test_the_brain_knows_that_more_waits_and_whether_the_network_pushes(store_url: str, pushes: bool) -> None:
    brain = Listener()
    async with works(store_url, network=Network(Capabilities(pushes=pushes)), brain=brain) as shop:
        await shop.say("one")
        await until(lambda: brain.told)
        await shop.say("two")
        await shop.say("three")
        await shop.say("left", kind=Kind.EVENT)
        brain.go.set()
        await shop.quiet()
    assert brain.told == [
        ("one", False, pushes),
        ("two", True, pushes),
        ("three", False, pushes),  # an event is no message to wait for
        ("left", False, pushes),
    ]


async def test_a_burst_is_answered_once_whatever_the_pieces_and_the_timer_race(store_url: str) -> None:
    async with works(store_url, brain=Scripted.load(), speed=20) as shop:
        senders = [f"s{n}" for n in range(8)]
        for n, sender in enumerate(senders):
            await shop.say("我想问一下", sender=sender)
            await asyncio.sleep(0.02 * n)  # 2 s of this clock are 0.1 s
            await shop.say("运费怎么算", sender=sender)
        await shop.quiet()
        for sender in senders:
            replies = await shop.replies(sender)
            fees = [text for text in replies if "99 元包邮" in text]
            assert len(fees) == 1, replies
            assert len(replies) <= 2, "the opener by itself was answered at most once"
        assert await shop.rows("SELECT id FROM timer") == []


async def test_the_end_of_a_wait_is_kept_over_a_restart(store_url: str) -> None:
    brain = Scripted.load()
    async with works(store_url, brain=brain) as shop:
        await shop.say("我想问一下")
        await until(lambda: shop.rows("SELECT id FROM timer"))
        assert await shop.replies() == []
    async with works(store_url, brain=brain, speed=20) as shop:
        await until(lambda: shop.replies())
        await shop.quiet()
        assert len(await shop.replies()) == 1


class Nagging:
    """Sets a timer by one name at every message."""

    async def decide(self, question: Question) -> Decision:
        if question.timer:
            return Decision("timer", (Reply("rang"),))
        return Decision("set", timers=(TimerRequest("burst", timedelta(seconds=3)),))


async def test_a_timer_that_is_set_anew_rings_once(store_url: str) -> None:
    async with works(store_url, brain=Nagging()) as shop:
        for n in range(5):
            await shop.say(f"{n}")
        await until(lambda: shop.replies())
        await shop.quiet()
        assert await shop.replies() == ["rang"]
