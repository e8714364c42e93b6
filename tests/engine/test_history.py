"""What a brain is told of a customer's history: the tier that stands, and complaints of earlier days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.dialogue import Decision, Question, Reply
from bot.store import agents, corrections, desk
from tests.engine.works import Works, works
from tests.store.shop import StandingClock, rows

DAYS = timedelta(days=2)


class Judge:
    """Takes every "bad" for a serious complaint, and notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, tuple[str | None, int]] = {}

    async def decide(self, question: Question) -> Decision:
        self.told[question.text] = (question.tier, question.complaints)
        bad = question.text.startswith("bad")
        category, tier = ("complaint", "serious") if bad else ("inquiry", None)
        return Decision("judge", (Reply("ok"),), category=category, tier=tier)


def _newest(tx: Any) -> int:
    return int(rows(tx, "SELECT max(id) AS id FROM conversation")[0].id)


async def write(shop: Works, text: str) -> int:
    await shop.say(text)
    await shop.quiet()
    return int(await shop.store.read(_newest))


async def test_the_brain_knows_the_tier_that_stands_and_earlier_complaints(store_url: str) -> None:
    brain, clock = Judge(), StandingClock()
    async with works(store_url, brain=brain, clock=clock) as shop:
        agent = await shop.store.write(agents.add, "mei", name="小美", password_hash="x")
        for text in ("hello", "bad", "again"):
            conversation = await write(shop, text)
        assert brain.told == {"hello": (None, 0), "bad": (None, 0), "again": ("serious", 0)}
        await shop.store.write(corrections.correct, conversation, agent, category="complaint", tier="minor")
        await write(shop, "lower")
        assert brain.told["lower"] == ("minor", 0)
        await shop.store.write(desk.resolve, conversation, agent)
        shop.live.ring_turn()
        await shop.quiet()
        clock.forward(DAYS)
        assert await write(shop, "next day") != conversation
        assert brain.told["next day"] == (None, 1)
