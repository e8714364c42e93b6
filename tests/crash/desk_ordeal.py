"""One crash run with the agents in a Telegram group: customers write, a person answers in topics and presses buttons.

Customers are on the harness's own network, which drops a key it knows: so whatever an agent writes comes to them once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random

import httpx

from bot.store import agents, linking, open_store, shelf, topics
from bot.store.runner import Store
from handoff.telegram_desk.desk import DESK
from handoff.telegram_desk.naming import INBOX
from tests.crash.desk_verdict import DeskVerdict, judge
from tests.crash.fleet import Fleet
from tests.crash.load import Load
from tests.crash.server import Orders
from tests.crash.upstream import Upstream
from tests.crash.wechat_ordeal import SPREAD, still
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram
from tests.fakes.telegram_world import Topic
from tests.store.shop import rows

MOODS = (
    ("sendMessage", {"errcode": 429, "hint": "1"}), ("sendMessage", {"status": 500}), ("sendMessage", {"cut": True}),
    ("createForumTopic", {"cut": True}), ("createForumTopic", {"errcode": 429, "hint": "1"}),
    ("getUpdates", {"cut": True}), ("getUpdates", {"status": 502, "html": True}), ("editMessageText", {"status": 500}),
)  # fmt: skip
BUTTONS = ("claim", "claim", "decline", "note", "back", "resolve")


@dataclass(frozen=True)
class DeskTrial:
    """What to do. `deaths`: the fail points at which the first server dies, one life after another. `rounds`: messages
    of a customer, and acts of the agent for each of them. `own_events`: whether Telegram tells the bot what it did
    itself."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 0
    customers: int = 1
    rounds: int = 4
    moods: bool = False
    buttons: tuple[str, ...] = ("note",)
    mutant: str = ""
    deaths: tuple[str, ...] = ()
    own_events: bool = True
    patience: float = 240.0
    between: Callable[[Scene], Awaitable[None]] | None = None
    """What happens after the last of these deaths, while the server is dead."""


@dataclass
class DeskOutcome:
    verdict: DeskVerdict
    scene: Scene
    kills: int
    calm: bool
    codes: list[int]
    log: str
    statuses: dict[int, str]
    """Of the conversations, in the end."""

    def __str__(self) -> str:
        said = sum(map(len, self.scene.load.taken.values()))
        return (
            f"{self.kills} kills, {said} messages, {len(self.scene.written)} answers, {len(self.scene.taps)} taps,"
            f" {len(self.scene.api.topics())} topics, {len(self.verdict.repeated)} lines twice; {self.verdict.faults}"
        )


@dataclass
class Scene:
    """`written`: what the agent wrote, with the conversation; `taps`: (query, act, conversation); `foreign`: what was
    written by somebody who is no agent."""

    trial: DeskTrial
    random: Random
    api: Telegram
    upstream: Upstream
    load: Load
    store: Store
    mei: int
    stranger: int
    written: list[tuple[int, str]] = field(default_factory=list)
    taps: list[tuple[str, str, int]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    async def customer(self, sender: str) -> None:
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for number in range(self.trial.rounds):
                wish = "hand" if number == 0 or self.random.random() < 0.2 else ""
                await self._say(client, sender, f"{sender}-{number} {wish}".strip())
                await asyncio.sleep(self.random.uniform(0.05, 0.4))

    async def farewell(self) -> None:
        """Everybody wants a person in the end: so every topic has to have everything."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for sender in list(self.load.taken):
                await self._say(client, sender, f"{sender}-last hand")

    async def _say(self, client: httpx.AsyncClient, sender: str, text: str) -> None:
        await self.load._insist(client, sender, text)
        self.load.taken[sender].append(text)

    async def agent(self) -> None:
        """Writes in every topic that has a card, and taps on it."""
        turns = self.trial.rounds * self.trial.customers
        for number in range(turns):
            topic, conversation = await self._somewhere()
            text = f"a-{number}"
            with self.api.lock:
                self.api.say(self.mei, text, topic=topic.id)
                self.written.append((conversation, text))
                if number % 3 == 1:
                    self.foreign.append(f"x-{number}")
                    self.api.say(self.stranger, self.foreign[-1], topic=topic.id)
            await asyncio.sleep(self.random.uniform(0.02, 0.3))
            self.tap(topic, conversation, self.trial.buttons[number % len(self.trial.buttons)])
            await asyncio.sleep(self.random.uniform(0.02, 0.3))

    async def _somewhere(self) -> tuple[Topic, int]:
        """A topic with its card and what was said so far. (Of a story that grew long before it was shown, a topic
        has the end.)"""
        end = time.monotonic() + self.trial.patience
        while not (found := [t for t in self.api.topics() if "👤" in self.api.said(t.id)]):
            assert time.monotonic() < end, f"no topic: {self.api.refused[-5:]}"
            await asyncio.sleep(0.05)
        topic = self.random.choice(found)
        return topic, int(topic.name.rpartition("#")[2])

    def tap(self, topic: Topic, conversation: int, act: str) -> None:
        card = self.api.card(topic.id)
        self.taps.append((self.api.tap(self.mei, card, f"{act}:{conversation}"), act, conversation))

    async def moody(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await asyncio.sleep(self.random.uniform(0.2, 0.8))
            where, mood = self.random.choice(MOODS)
            if not self.api.troubles[where]:
                self.api.trouble(where, **mood)
        self.api.end_troubles()

    async def calm(self) -> bool:
        """Every update is done, every topic is as its conversation is, and nothing is under way."""
        end = time.monotonic() + self.trial.patience
        while time.monotonic() < end:
            waits = len(self.api.bots[DESK_TOKEN].updates) + len(await self.store.read(topics.work))
            if not waits and not await self.store.read(topics.notices):
                return await still(self.store, self.trial.patience)
            await asyncio.sleep(0.1)
        return False

    async def heir(self) -> None:
        """The dead process's time as the desk is over: nobody has to wait for that."""
        row = await self.store.read(shelf.inbox_id, INBOX)
        assert row is not None
        await self.store.write(shelf.drop, row, DESK)


async def endure(trial: DeskTrial) -> DeskOutcome:
    random = Random(trial.seed)
    with Telegram() as api:
        api.per_minute, api.own_events = 100_000, trial.own_events
        async with Upstream() as upstream:
            orders = Orders(
                trial.url, 0, upstream.url, mutant=trial.mutant, folder=str(trial.folder / "media"), desk=api.url,
                desk_lease=2.0 if trial.kills else 30.0,
            )  # fmt: skip
            async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
                await asyncio.gather(*(fleet.start(p, crash_at="".join(trial.deaths[:1])) for p in fleet.places))
                store = await open_store(trial.url)
                scene = Scene(trial, random, api, upstream, Load(fleet, random), store, *await team(store, api))
                try:
                    return await _play(scene, fleet)
                finally:
                    await store.close()


async def _play(scene: Scene, fleet: Fleet) -> DeskOutcome:
    trial, over = scene.trial, asyncio.Event()
    work = [asyncio.create_task(scene.customer(f"c{n}")) for n in range(trial.customers)]
    work.append(asyncio.create_task(scene.agent()))
    beside = asyncio.create_task(scene.moody(over)) if trial.moods else None
    try:
        for _ in range(trial.kills):
            await asyncio.sleep(scene.random.uniform(*SPREAD))
            place = scene.random.choice(fleet.places)
            await fleet.kill(place)
            await fleet.start(place)
        for _, following in pairwise((*trial.deaths, "") if trial.deaths else ()):
            await fleet.crashed(fleet.places[0])
            await scene.heir()
            if trial.between is not None and not following:
                await trial.between(scene)
            await fleet.start(fleet.places[0], crash_at=following)
        await asyncio.gather(*work)
    finally:
        over.set()
        for task in work:
            task.cancel()
    if beside is not None:
        await beside
    if trial.between is None:
        await scene.farewell()
    calm = await scene.calm()
    codes = await fleet.stop_all()
    found = await scene.store.read(rows, "SELECT id, status FROM conversation")
    return DeskOutcome(
        await judge(scene.store, scene), scene, fleet.kills, calm, codes, fleet.said(),
        {row.id: row.status for row in found},
    )  # fmt: skip


async def team(store: Store, api: Telegram) -> tuple[int, int]:
    """An agent in the group whose Telegram is linked, and somebody who is none."""
    agent = await store.write(agents.add, "mei", name="小美", number="007", password_hash="x")
    users = [api.add_user(name) for name in ("Mei", "Hua")]
    for user in users:
        api.join(GROUP, user)
    await store.write(linking.link, await store.write(linking.offer, agent), users[0], "")
    return users[0], users[1]
