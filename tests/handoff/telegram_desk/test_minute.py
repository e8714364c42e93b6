"""Twenty messages a minute, shared out over all topics (TG-10). Time stands still but where the test moves it on."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue import HandoffRequest
from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.shelf import InboxShelf
from bot.store import agents, arrivals, open_store, topics
from bot.store.runner import Store
from handoff.desk.ground import DeskGround
from handoff.telegram_desk import naming
from handoff.telegram_desk.budget import Budget
from handoff.telegram_desk.calls import Calls
from handoff.telegram_desk.naming import Group
from handoff.telegram_desk.opening import Opening
from handoff.telegram_desk.showing import LONGEST_BURST, SETTLE, Showing
from handoff.telegram_desk.words import Words
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram
from tests.fakes.telegram_world import Bot, Json, Topic
from tests.handoff.telegram_desk.conftest import draft, linked
from tests.store.shop import MORNING, Shop, stop_clock

MOST = 18
LOOK = 5.0
"""Seconds after which the desk looks without a bell."""


class Watch(Telegram):
    """Notes when each message went into the group."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.went: list[float] = []

    def _spend(self, bot: Bot, group: int) -> None:
        super()._spend(bot, group)
        self.went.append(self.now())


@dataclass
class Minute:
    """A desk that is stepped through time, in seconds from its beginning; `plans`: what people do, and when."""

    shop: Shop
    telegram: Watch
    showing: Showing
    plans: list[tuple[float, int, Callable[[], Awaitable[Any]]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def at(self) -> float:
        return (self.shop.clock.at - MORNING).total_seconds()

    def plan(self, when: float, act: Callable[[], Awaitable[Any]]) -> None:
        heappush(self.plans, (when, next(self.numbers), act))

    async def until(self, when: float) -> None:
        """Let time pass as the desk would: it comes again when it said, and at every bell."""
        while True:
            while self.plans and self.plans[0][0] <= self.at():
                await heappop(self.plans)[2]()
            wait = await self.showing.step()
            bell = self.plans[0][0] if self.plans else float("inf")
            after = min(self.at() + (LOOK if wait is None else max(0.02, min(wait, LOOK))), bell)
            if after > when:
                self.shop.clock.forward(timedelta(seconds=when - self.at()))
                return
            self.shop.clock.forward(timedelta(seconds=after - self.at()))

    async def hand_over(self, sender: str, tier: str = "") -> int:
        lease = await self.shop.taken(f"{sender} 要人工", sender=sender, sender_name=sender)
        judged: dict[str, Any] = {"category": "complaint", "tier": tier} if tier else {}
        await self.shop.commit(
            lease, "这就为您转人工", draft=draft(tier=tier or None), handoff=HandoffRequest("asked", "x"), **judged
        )  # fmt: skip
        return int(lease.conversation_id)

    async def left(self) -> int:
        return len(await self.shop.store.read(topics.work))

    def topic(self, sender: str) -> Topic | None:
        return next((t for t in self.telegram.topics() if f" {sender} " in t.name), None)

    def posts(self, sender: str) -> list[Json]:
        topic = self.topic(sender)
        return [] if topic is None else self.telegram.thread(topic.id)

    def shown(self, sender: str) -> list[str]:
        """The customer's lines that stand in his topic."""
        lines = [line for post in self.posts(sender) for line in str(post["text"]).split("\n")]
        return [line for line in lines if line.startswith(f"{sender}-")]


@pytest.fixture
async def minute(tmp_path: Path) -> AsyncIterator[Minute]:
    store: Store = await open_store(f"sqlite:///{tmp_path}/kefu.db", serve=True)
    clock = stop_clock(store)
    seconds = lambda: (clock.at - MORNING).total_seconds()  # noqa: E731
    agent = await store.write(agents.add, "mei", name="小美", number="007", password_hash="x", role="supervisor")
    inbox = await store.write(arrivals.keep_inbox, "shop", "web")
    files = KeptFiles(store, MediaFolder(tmp_path / "media"), 1_000_000)
    ground = DeskGround(
        store=store, live=Live(), ring_turn=lambda: None, ring_delivery=lambda: None, pull=lambda inbox: True,
        public_url="http://desk.test", files=files, telegram=True,
    )  # fmt: skip
    shelf = InboxShelf(store, await store.write(arrivals.keep_inbox, naming.INBOX, naming.CHANNEL), zone=UTC)
    with Watch(clock=seconds) as telegram:
        mei = telegram.add_user("Mei")
        telegram.join(GROUP, mei)
        await linked(store, agent, mei)
        calls, words, budget = Calls(DESK_TOKEN, api_base=telegram.url), Words("zh-Hans"), Budget(MOST)
        opening = Opening(store, calls, words, budget, Group(GROUP), seconds)
        opening.informed = True
        showing = Showing(ground, calls, words, budget, Group(GROUP), shelf, seconds, opening)
        yield Minute(Shop(store, clock, inbox, agent, agent), telegram, showing)
        await calls.close()
    await store.close()


def busiest(went: list[float]) -> int:
    """Messages in the fullest 60 seconds."""
    return max(sum(1 for other in went if at <= other < at + 60) for at in went)


async def test_a_rush_is_shared_out_and_the_gravest_come_first(minute: Minute) -> None:
    """Nine handoffs at once, whose customers write on and on; then somebody is hurt, and somebody else is angry."""
    shop, telegram = minute.shop, minute.telegram
    crowd = [f"c{n}" for n in range(9)]
    for sender in crowd:
        await minute.hand_over(sender)
        for n in range(12):
            text = f"{sender}-{n}"
            minute.plan(2 + 5 * n, lambda s=sender, t=text: shop.accept(t, sender=s))  # type: ignore[misc]
    minute.plan(20, lambda: minute.hand_over("angry", "serious"))
    minute.plan(30, lambda: minute.hand_over("hurt", "critical"))

    await minute.until(29.9)
    assert sum(1 for s in crowd if minute.topic(s)) < len(crowd), "the minute does not do for everybody"
    assert minute.topic("hurt") is None
    await minute.until(30.0)
    assert minute.topic("angry"), "before those who came earlier"
    assert len(minute.posts("hurt")) == 2, "topic, card and words at once, however much else waits"
    assert "危急投诉" in telegram.said(None)

    await minute.until(900.0)
    assert await minute.left() == 0
    for sender in crowd:
        assert minute.shown(sender) == [f"{sender}-{n}" for n in range(12)], "each line once, in order"
    lines, posts = 12 * len(crowd), sum(len(minute.posts(s)) - 1 for s in crowd)
    assert posts <= lines / 3, "bursts are merged"
    assert telegram.said(None).count("消息较多") == 1
    assert busiest(telegram.went) <= MOST
    assert telegram.refused == []


async def test_a_burst_is_one_message_and_who_never_stops_is_shown_all_the_same(minute: Minute) -> None:
    await minute.hand_over("c0")
    await minute.until(1.0)
    for n in range(4):
        minute.plan(10 + 0.5 * n, lambda n=n: minute.shop.accept(f"c0-{n}", sender="c0"))  # type: ignore[misc]
    before = len(minute.posts("c0"))
    await minute.until(11.5 + SETTLE - 0.1)
    assert len(minute.posts("c0")) == before
    await minute.until(11.5 + SETTLE + 0.1)
    assert (len(minute.posts("c0")), minute.shown("c0")) == (before + 1, [f"c0-{n}" for n in range(4)])

    for n in range(40):
        minute.plan(100 + 0.5 * n, lambda n=n: minute.shop.accept(f"c0-{n + 4}", sender="c0"))  # type: ignore[misc]
    await minute.until(130.0)
    assert minute.shown("c0") == [f"c0-{n}" for n in range(44)]
    later = [post["date"] for post in minute.posts("c0") if post["date"] >= 100]
    assert len(later) <= 20 / LONGEST_BURST + 1
    assert max(b - a for a, b in pairwise([100, *later])) <= LONGEST_BURST + 1


async def test_told_to_wait_it_waits_and_not_longer(minute: Minute) -> None:
    minute.telegram.trouble("createForumTopic", errcode=429, hint="30")
    await minute.hand_over("c0", "critical")
    await minute.until(29.9)
    assert (minute.telegram.counts["createForumTopic"], minute.telegram.went) == (1, [])
    await minute.until(31.0)
    assert len(minute.posts("c0")) == 2
    assert minute.telegram.counts["createForumTopic"] == 2


async def test_when_it_is_quiet_again_cards_say_what_is_true(minute: Minute) -> None:
    """What only tidies up waits for room, and is done in the end."""
    from bot.store import desk

    places = [await minute.hand_over(f"c{n}") for n in range(6)]
    await minute.until(5.0)
    for place in places:
        await minute.shop.store.write(desk.claim, place, minute.shop.agent)
    await minute.until(400.0)
    assert await minute.left() == 0
    for n in range(6):
        assert "小美 (007) 处理中" in minute.posts(f"c{n}")[0]["text"]
    assert busiest(minute.telegram.went) <= MOST
