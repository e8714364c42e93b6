"""One crash run with Telegram as the network: updates are polled, and a send that was cut off is never repeated."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bot.store import open_store
from bot.store.runner import Store
from tests.crash import heard
from tests.crash.fleet import Fleet
from tests.crash.heard import MARK, Seen
from tests.crash.server import Orders
from tests.crash.verdict import _left, _talk, _turns
from tests.crash.wechat_ordeal import SPREAD, still, text_of
from tests.crash.wechat_verdict import WeChatVerdict, _plain
from tests.fakes.telegram import TOKEN, Telegram

WISHES = (*[""] * 6, "twice", "timer=0.3", "slow=0.3", "silent", "long")
MOODS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("sendMessage", {"errcode": 429, "hint": "1"}), ("sendMessage", {"status": 500}), ("sendMessage", {"cut": True}),
    ("sendMessage", {"hang": 1.5}), ("getUpdates", {"cut": True}), ("getUpdates", {"status": 502, "html": True}),
)  # fmt: skip


@dataclass(frozen=True)
class TelegramTrial:
    """What to do. `crash_at`: the fail point at which the first server dies, once."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 3
    customers: int = 4
    rounds: int = 1000
    moods: bool = True
    wishes: tuple[str, ...] = WISHES
    mutant: str = ""
    crash_at: str = ""
    patience: float = 60.0


@dataclass
class TelegramOutcome:
    verdict: WeChatVerdict
    said: dict[str, list[str]]
    sent: int
    kills: int
    calm: bool
    codes: list[int]

    def __str__(self) -> str:
        messages = sum(map(len, self.said.values()))
        return f"{self.kills} kills, {messages} messages, {self.sent} sent; {self.verdict.faults}"


@dataclass
class Crowd:
    """People who write to the bot; some updates are delivered once more."""

    trial: TelegramTrial
    api: Telegram
    random: Random
    people: list[int]
    said: dict[str, list[str]] = field(default_factory=dict)

    def say(self, person: int, text: str) -> None:
        self.said.setdefault(str(person), []).append(text)
        self.api.write(person, text)
        if self.random.random() < 0.1:
            self.api.again(TOKEN)

    async def run(self, over: asyncio.Event) -> None:
        await asyncio.gather(*(self._write(person, over) for person in self.people))

    async def _write(self, person: int, over: asyncio.Event) -> None:
        for number in range(self.trial.rounds):
            if over.is_set():
                return
            self.say(person, text_of(f"{person}/{number}", self.random.choice(self.trial.wishes)))
            await asyncio.sleep(self.random.uniform(0.2, 1.2))

    async def moody(self, random: Random, until: asyncio.Event) -> None:
        """Until the event, one call in a while goes wrong."""
        while not until.is_set():
            await asyncio.sleep(random.uniform(0.2, 0.8))
            method, mood = random.choice(MOODS)
            self.api.trouble(method, **mood)
        self.api.end_troubles()

    async def still(self, store: Store) -> bool:
        """Everything said has been fetched, and nothing of ours is under way."""
        end = time.monotonic() + self.trial.patience
        for sender, texts in self.said.items():
            while texts[-1] not in (await _talk(store, sender)).written:
                if time.monotonic() > end:
                    return False
                await asyncio.sleep(0.1)
        return await still(store, self.trial.patience)


async def endure(trial: TelegramTrial) -> TelegramOutcome:
    random = Random(trial.seed)
    with Telegram() as api:
        people = [api.add_user(f"客户{n}") for n in range(trial.customers)]
        orders = Orders(trial.url, 0, api.url, idempotent=False, mutant=trial.mutant, network="telegram")
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await asyncio.gather(*(fleet.start(p, crash_at=trial.crash_at if n == 0 else "")
                                   for n, p in enumerate(fleet.places)))  # fmt: skip
            crowd, over, store = Crowd(trial, api, random, people), asyncio.Event(), await open_store(trial.url)
            work = [asyncio.create_task(crowd.run(over))]
            if trial.moods:
                work.append(asyncio.create_task(crowd.moody(Random(trial.seed + 1), over)))
            for _ in range(trial.kills):
                await asyncio.sleep(random.uniform(*SPREAD))
                place = random.choice(fleet.places)
                await fleet.kill(place)
                await fleet.start(place)
            if trial.crash_at:
                await fleet.crashed(fleet.places[0])
                await fleet.start(fleet.places[0])
            if trial.rounds >= 1000:
                over.set()
            await work[0]
            over.set()
            await asyncio.gather(*work)
            calm = await crowd.still(store)
            codes = await fleet.stop_all()
            verdict = await judge(store, crowd)
            await store.close()
            return TelegramOutcome(verdict, crowd.said, len(api.sent), fleet.kills, calm, codes)


async def judge(store: Store, crowd: Crowd) -> WeChatVerdict:
    """Everything said is kept and handled once, in order; no reply came twice or out of order, and each says truly
    whether it came, or that nobody knows."""
    verdict = WeChatVerdict()
    for sender, texts in crowd.said.items():
        _turns(verdict, texts, _plain(await _talk(store, sender)))
        said = await heard.replies(store, sender)
        seen = [Seen(mark, sent.at) for sent in crowd.api.sent if sent.to == sender for mark in MARK.findall(sent.text)]
        verdict.sent_twice += heard.twice(seen)
        verdict.untrue += heard.untrue(said, seen)
        verdict.disorder += heard.disorder(said, seen)
    verdict.left += await _left(store)
    return verdict
