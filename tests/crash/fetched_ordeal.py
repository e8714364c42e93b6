"""One crash run with a network that we ask ourselves: Telegram's updates, or what stands on Weibo in public.

A send that was cut off is never repeated: nobody is told anything twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Protocol

from bot.store import open_store
from bot.store.runner import Store
from tests.crash import heard
from tests.crash.fleet import Fleet
from tests.crash.heard import MARK, Seen
from tests.crash.server import Orders
from tests.crash.verdict import _left, _talk, _turns
from tests.crash.wechat_ordeal import SPREAD, still, text_of
from tests.crash.wechat_verdict import WeChatVerdict, _plain
from tests.fakes.server import Fake, Sent
from tests.fakes.telegram import TOKEN, Telegram
from tests.fakes.weibo import Weibo
from tests.fakes.weibo_public import REPLY, TO_ME

WISHES = (*[""] * 6, "twice", "timer=0.3", "slow=0.3", "silent")
Moods = tuple[tuple[str, dict[str, Any]], ...]


class Street(Protocol):
    """A network: its name (`tests.crash.inboxes`), what goes wrong there, and its people, by their ids as senders."""

    name: str
    moods: Moods

    def api(self) -> Fake: ...
    def people(self, api: Any, n: int) -> list[str]: ...
    def say(self, api: Any, random: Random, person: str, text: str) -> None: ...
    def seen(self, api: Any, person: str) -> Iterable[Sent]:
        """What came to somebody."""


class OnTelegram:
    """Some updates are delivered once more."""

    name = "telegram"
    moods: Moods = (
        ("sendMessage", {"errcode": 429, "hint": "1"}), ("sendMessage", {"status": 500}),
        ("sendMessage", {"cut": True}), ("sendMessage", {"hang": 1.5}), ("getUpdates", {"cut": True}),
        ("getUpdates", {"status": 502, "html": True}),
    )  # fmt: skip

    def api(self) -> Telegram:
        return Telegram()

    def people(self, api: Telegram, n: int) -> list[str]:
        return [str(api.add_user(f"客户{one}")) for one in range(n)]

    def say(self, api: Telegram, random: Random, person: str, text: str) -> None:
        api.write(int(person), text)
        if random.random() < 0.1:
            api.again(TOKEN)

    def seen(self, api: Telegram, person: str) -> Iterable[Sent]:
        return [sent for sent in api.sent if sent.to == person]


class OnWeibo:
    """Everybody comments on one post of ours, and is answered under it."""

    name = "weibo"
    moods: Moods = (
        (REPLY, {"errcode": 10009}), (REPLY, {"status": 500}), (REPLY, {"cut": True}), (REPLY, {"hang": 1.5}),
        (TO_ME, {"cut": True}), (TO_ME, {"status": 502, "html": True}), (TO_ME, {"errcode": 10001}),
    )  # fmt: skip

    def api(self) -> Weibo:
        made = Weibo(calls_per_day=1_000_000)
        self._post = made.post(made.uid, "新品上市")
        return made

    def people(self, api: Weibo, n: int) -> list[str]:
        return [str(2_000_000_001 + one) for one in range(n)]

    def say(self, api: Weibo, random: Random, person: str, text: str) -> None:
        api.comment(person, self._post, text)

    def seen(self, api: Weibo, person: str) -> Iterable[Sent]:
        return [sent for sent in api.sent if sent.to == person]


@dataclass(frozen=True)
class FetchedTrial:
    """What to do. `crash_at`: the fail point at which the first server dies, once. `rounds`: how often everybody writes
    at least; they go on until all deaths are over."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 3
    customers: int = 4
    rounds: int = 0
    moods: bool = True
    wishes: tuple[str, ...] = WISHES
    mutant: str = ""
    crash_at: str = ""
    patience: float = 120.0
    street: Callable[[], Street] = OnTelegram


@dataclass
class FetchedOutcome:
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
    """People who write."""

    trial: FetchedTrial
    street: Street
    api: Fake
    random: Random
    people: list[str]
    said: dict[str, list[str]] = field(default_factory=dict)

    def say(self, person: str, text: str) -> None:
        self.said.setdefault(person, []).append(text)
        self.street.say(self.api, self.random, person, text)

    async def run(self, over: asyncio.Event) -> None:
        await asyncio.gather(*(self._write(person, over) for person in self.people))

    async def _write(self, person: str, over: asyncio.Event) -> None:
        for number in count():
            if over.is_set() and number >= self.trial.rounds:
                return
            self.say(person, text_of(f"{person}/{number}", self.random.choice(self.trial.wishes)))
            await asyncio.sleep(self.random.uniform(0.2, 1.2))

    async def moody(self, random: Random, until: asyncio.Event) -> None:
        """Until the event, one call in a while goes wrong."""
        while not until.is_set():
            await asyncio.sleep(random.uniform(0.2, 0.8))
            where, mood = random.choice(self.street.moods)
            self.api.trouble(where, **mood)
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


async def endure(trial: FetchedTrial) -> FetchedOutcome:
    random = Random(trial.seed)
    street: Street = trial.street()
    with street.api() as api:
        people = street.people(api, trial.customers)
        orders = Orders(trial.url, 0, api.url, idempotent=False, mutant=trial.mutant, network=street.name)
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await asyncio.gather(*(fleet.start(p, crash_at=trial.crash_at if n == 0 else "")
                                   for n, p in enumerate(fleet.places)))  # fmt: skip
            crowd, over, store = Crowd(trial, street, api, random, people), asyncio.Event(), await open_store(trial.url)
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
            over.set()
            await asyncio.gather(*work)
            calm = await crowd.still(store)
            codes = await fleet.stop_all()
            verdict = await judge(store, crowd)
            await store.close()
            return FetchedOutcome(verdict, crowd.said, len(api.sent), fleet.kills, calm, codes)


async def judge(store: Store, crowd: Crowd) -> WeChatVerdict:
    """Everything said is kept and handled once, in order; no reply came twice or out of order, and each says truly
    whether it came, or that nobody knows."""
    verdict = WeChatVerdict()
    for sender, texts in crowd.said.items():
        _turns(verdict, texts, _plain(await _talk(store, sender)))
        said = await heard.replies(store, sender)
        came = crowd.street.seen(crowd.api, sender)
        seen = [Seen(mark, sent.at) for sent in came for mark in MARK.findall(sent.text)]
        verdict.sent_twice += heard.twice(seen)
        verdict.untrue += heard.untrue(said, seen)
        verdict.disorder += heard.disorder(said, seen)
    verdict.left += await _left(store)
    return verdict
