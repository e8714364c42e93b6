"""A group at the strict Bot API, a store, and the desk between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue import HandoffRequest
from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.messages import Kind
from bot.ports import HandoffDraft, Measure
from bot.shelf import InboxShelf
from bot.store import agents, arrivals, linking, topics
from bot.store.runner import Store
from handoff.desk.ground import DeskGround
from handoff.telegram_desk import naming
from handoff.telegram_desk.calls import Calls
from handoff.telegram_desk.desk import TelegramDesk
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram
from tests.fakes.telegram_world import Json, Topic
from tests.store.shop import Shop

WITHIN = 120.0
"""Seconds after which what is waited for will not come; on any machine it takes one or two."""


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    with Telegram() as fake:
        fake.per_minute = 1000  # how the real one's twenty are shared out is shown in test_minute
        yield fake


@dataclass
class Team:
    """Two agents in the group, one of them linked; a customer li; and desks that may be started and ended."""

    store: Store
    telegram: Telegram
    folder: Path
    mei: int
    li_hua: int
    """Telegram users: mei is linked to the agent mei, li_hua to nobody."""
    agent: int
    other: int
    inbox: int
    live: Live = field(default_factory=Live)
    desks: list[TelegramDesk] = field(default_factory=list)
    pull: bool = False
    kinds: frozenset[Kind] = frozenset({Kind.IMAGE, Kind.FILE, Kind.VOICE})
    most: int = 1000
    speaks: bool = True
    public_most: int | None = None
    lease: timedelta = timedelta(seconds=30)

    @property
    def ground(self) -> DeskGround:
        return DeskGround(
            store=self.store, live=self.live, ring_turn=lambda: None, ring_delivery=lambda: None,
            pull=lambda inbox: self.pull, public_url="http://desk.test", files=self.files,
            carries=lambda inbox, public: self.kinds, telegram=True, speaks=lambda inbox: self.speaks,
            public_most=lambda inbox: self.public_most, public_measure=lambda inbox: Measure.HALF_WIDTHS,
            public_long=lambda inbox, text: 2 * len(text),
        )  # fmt: skip

    @property
    def files(self) -> KeptFiles:
        return KeptFiles(self.store, MediaFolder(self.folder), 10_000_000)

    async def desk(self, token: str = DESK_TOKEN) -> TelegramDesk:
        """One process's desk, started."""
        row = await self.store.write(arrivals.keep_inbox, naming.INBOX, naming.CHANNEL)
        shelf = InboxShelf(self.store, row, self.files.file, self.files.ahead, UTC)
        calls = Calls(token, api_base=self.telegram.url)
        made = TelegramDesk(
            self.ground, shelf, calls, group=GROUP, language="zh-Hans", most=self.most, lease=self.lease
        )  # fmt: skip
        self.desks.append(made)
        made.start()
        return made

    async def until(self, true: Callable[[], Any], what: str) -> Any:
        """Whatever the condition says once it says anything; at most so long."""
        clock = asyncio.get_running_loop()
        end = clock.time() + WITHIN
        while not (found := true()):
            assert clock.time() < end, f"no {what}: {self.seen()}"
            await asyncio.sleep(0.02)
        return found

    async def becomes(self, asked: Callable[[], Awaitable[Any]], wanted: Any) -> None:
        """Until what is asked of the store is as wanted."""
        found = await asked()
        end = asyncio.get_running_loop().time() + WITHIN
        while found != wanted:
            assert asyncio.get_running_loop().time() < end, f"{found!r}, not {wanted!r}: {self.seen()}"
            await asyncio.sleep(0.02)
            found = await asked()

    async def settled(self, topic: Topic) -> None:
        """All there was to show is shown."""
        place = (await self.store.read(topics.at, GROUP, topic.id)).conversation_id  # type: ignore[union-attr]

        async def left() -> bool:
            return any(row.conversation_id == place for row in await self.store.read(topics.work))

        await self.becomes(left, False)

    def seen(self) -> str:
        said = {t.name: self.telegram.said(t.id) for t in self.telegram.topics()}
        return f"{said} general={self.telegram.said(None)!r} refused={self.telegram.refused[-5:]}"

    async def write(self, script: Any, *args: Any, **more: Any) -> Any:
        """A script, and the bell that rings after it."""
        done = await self.store.write(script, *args, **more)
        place = getattr(done, "conversation_id", None)
        if place is not None:
            self.live.changed(place)
        return done

    async def topic(self, n: int = 0) -> Topic:
        """The n-th topic, with its card."""

        def found() -> Topic | None:
            topics = self.telegram.topics()
            return topics[n] if len(topics) > n and self.telegram.thread(topics[n].id) else None

        return await self.until(found, "topic with a card")  # type: ignore[no-any-return]

    def card(self, topic: Topic) -> Json:
        return self.telegram.thread(topic.id)[0]

    async def reads(self, topic: Topic, text: str) -> None:
        """The words stand in the topic."""
        await self.until(lambda: text in self.telegram.said(topic.id), text)


async def linked(store: Store, agent: int, user: int) -> None:
    await store.write(linking.link, await store.write(linking.offer, agent), user, "")


@pytest.fixture
async def team(store: Store, telegram: Telegram, tmp_path: Path) -> AsyncIterator[Team]:
    made = [
        await store.write(agents.add, login, name=name, number=number, password_hash="x", role=role)
        for login, name, number, role in (("mei", "小美", "007", "supervisor"), ("bo", "阿伯", "008", "agent"))
    ]
    inbox = await store.write(arrivals.keep_inbox, "shop", "web")
    users = [telegram.add_user(name) for name in ("Mei", "Hua")]
    for user in users:
        telegram.join(GROUP, user)
    await linked(store, made[0], users[0])
    team = Team(store, telegram, tmp_path / "media", users[0], users[1], made[0], made[1], inbox)
    yield team
    for desk in team.desks:
        await desk.stop(1)


@pytest.fixture
def shop(team: Team) -> Shop:
    """The store's words, on the running clock."""
    return Shop(team.store, None, team.inbox, team.agent, team.other)  # type: ignore[arg-type]


def draft(**more: Any) -> HandoffDraft:
    told = {"wish": "退款", "first": "杯子碎了", "last": "孩子划伤了手", "tried": [{"id": "faq1", "text": "可以退换"}]}
    values: dict[str, Any] = {"trigger": "asked", "reason": "客户要求", "tier": None, "summary": told, "transcript": ()}
    return HandoffDraft(**(values | more))


Handed = Callable[..., Awaitable[int]]


@pytest.fixture
def hand_over(team: Team, shop: Shop) -> Handed:
    """A customer's words lead to people; the conversation."""

    async def handed(
        text: str = "杯子碎了", *, sender: str = "li", tier: str = "", name: str = "王小明", **more: Any
    ) -> int:  # fmt: skip
        lease = await shop.taken(text, sender=sender, sender_name=name, **more)
        judged: dict[str, Any] = {"category": "complaint", "tier": tier} if tier else {}
        request = HandoffRequest("asked", "客户要求")
        await shop.commit(lease, "这就为您转人工", draft=draft(tier=tier or None), handoff=request, **judged)
        team.live.changed(lease.conversation_id)
        return int(lease.conversation_id)

    return handed
