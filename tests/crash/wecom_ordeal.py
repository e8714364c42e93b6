"""One crash run with WeCom as the network: callbacks that only ring, pages with cursors, sends with msgids."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from bot.store import open_store
from bot.store.runner import Store
from tests.crash import heard
from tests.crash.fleet import Fleet
from tests.crash.heard import MARK, Seen
from tests.crash.inboxes import ACCOUNTS, PATIENCE, SERVICE
from tests.crash.knock import Request, knock
from tests.crash.lines import Try
from tests.crash.server import Orders
from tests.crash.verdict import _left, _talk, _turns
from tests.crash.wechat_ordeal import LAST, SPREAD, first_parked, parked, still, text_of
from tests.crash.wechat_verdict import WeChatVerdict, _plain
from tests.fakes.pushes import WeComPushes, kf_event
from tests.fakes.server import Answer, Call, Refusal
from tests.fakes.wecom import SEND, SYNC, WeCom
from tests.fakes.wecom_codes import COUNT_LIMIT, TIME_LIMIT

WISHES = (*[""] * 6, "twice", "timer=0.3", "slow=0.3", "silent", "bells=6", "long")
MOODS: tuple[tuple[str, dict[str, Any]], ...] = (
    (SEND, {"errcode": -1}), (SEND, {"errcode": COUNT_LIMIT}), (SEND, {"errcode": TIME_LIMIT}),
    (SEND, {"status": 500}), (SEND, {"hang": 1.5}), (SEND, {"cut": True}), (SEND, {"cut": True}),
    (SYNC, {"cut": True}), (SYNC, {"status": 502}),
)  # fmt: skip


class Api(WeCom):
    """The strict fake; `tries` has every message it was asked to send and answered by its own rules."""

    def __init__(self) -> None:
        self.tries: list[Try] = []
        super().__init__(tokenless_per_minute=10_000)

    def _send(self, call: Call) -> Answer:
        told = json.loads(call.body)
        to, text = told["touser"], told.get("text", {}).get("content", "")
        try:
            answer = super()._send(call)
        except Refusal as refusal:
            self.tries.append(Try(to, text, time.time(), refusal.code))
            raise
        self.tries.append(Try(to, text, time.time()))
        return answer

    async def moody(self, random: Random, until: asyncio.Event) -> None:
        """Until the event, one call in a while goes wrong."""
        while not until.is_set():
            await asyncio.sleep(random.uniform(0.1, 0.6))
            if random.random() < 0.15:
                random.choice((self.expire_tokens, self.revoke_tokens))()
            else:
                path, mood = random.choice(MOODS)
                self.trouble(path, **mood)
        self.end_troubles()


@dataclass(frozen=True)
class WeComTrial:
    """What to do. `calm`: customers write when nothing is under way any more. `crash_at`, `rounds`: see the WeChat
    trial."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 4
    customers: int = 5
    rounds: int = 0
    moods: bool = True
    calm: bool = False
    wishes: tuple[str, ...] = WISHES
    mutant: str = ""
    crash_at: str = ""
    patience: float = 120.0


@dataclass
class WeComOutcome:
    verdict: WeChatVerdict
    said: dict[str, list[str]]
    tries: list[Try]
    kills: int
    calm: bool
    codes: list[int]
    first: list[str] = field(default_factory=list)

    @property
    def refusals(self) -> int:
        return sum(t.errcode == COUNT_LIMIT for t in self.tries)

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {sum(map(len, self.said.values()))} messages, {len(self.tries)} calls, "
            f"{self.refusals} refused; {self.verdict.faults}"
        )


@dataclass
class Crowd:
    """Customers who write, and a network that rings for each message – at whichever server it finds."""

    trial: WeComTrial
    fleet: Fleet
    api: Api
    random: Random
    said: dict[str, list[str]] = field(default_factory=dict)

    async def say(self, sender: str, text: str) -> None:
        self.api.say(sender, text)
        self.said.setdefault(sender, []).append(text)
        ring = WeComPushes(ACCOUNTS[SERVICE]).push(kf_event(**self.api.callback()))
        await knock(self.random.choice(self.fleet.places).port, f"/webhooks/{SERVICE}", Request(*ring), PATIENCE)

    async def run(self, over: asyncio.Event) -> None:
        await asyncio.gather(*(self._write(f"kf-{n}", over) for n in range(self.trial.customers)))

    async def _write(self, sender: str, over: asyncio.Event) -> None:
        for number in count():
            if over.is_set() and number >= self.trial.rounds:
                return
            await self.say(sender, text_of(f"{sender}/{number}", self.random.choice(self.trial.wishes)))
            await asyncio.sleep(self.random.uniform(0.0, 0.7))

    async def calm(self, store: Store) -> None:
        for number in range(self.trial.rounds):
            names = [f"kf-{n}" for n in range(self.trial.customers)]
            await asyncio.gather(*(self.say(n, text_of(f"{n}/{number}", self.random.choice(self.trial.wishes)))
                                   for n in names))  # fmt: skip
            assert await self.still(store)

    async def still(self, store: Store) -> bool:
        """Everything said has been fetched, and nothing of ours is under way."""
        end = time.monotonic() + self.trial.patience
        for sender, texts in self.said.items():
            while texts[-1] not in (await _talk(store, sender)).written:
                if time.monotonic() > end:
                    return False
                await asyncio.sleep(0.1)
        return await still(store, self.trial.patience)


async def endure(trial: WeComTrial) -> WeComOutcome:
    random = Random(trial.seed)
    with Api() as api:
        orders = Orders(trial.url, 0, api.url, mutant=trial.mutant, network="wecom")
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await asyncio.gather(*(fleet.start(p, crash_at=trial.crash_at if n == 0 else "")
                                   for n, p in enumerate(fleet.places)))  # fmt: skip
            crowd, over, store = Crowd(trial, fleet, api, random), asyncio.Event(), await open_store(trial.url)
            work = [asyncio.create_task(crowd.calm(store) if trial.calm else crowd.run(over))]
            if trial.moods:
                work.append(asyncio.create_task(api.moody(Random(trial.seed + 1), over)))
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
            waited = await first_parked(store)
            calm = await farewell(crowd, store) and calm
            first = [text for text in waited if text in await first_parked(store)]
            codes = await fleet.stop_all()
            verdict = await judge(store, crowd)
            await store.close()
            return WeComOutcome(verdict, crowd.said, api.tries, fleet.kills, calm, codes, first)


async def farewell(crowd: Crowd, store: Store) -> bool:
    """Every customer writes once more, and again while something waits for him."""
    calm, writing = True, list(crowd.said)
    for number in range(LAST):
        for sender in writing:
            await crowd.say(sender, f"{sender}/last{number}")
        calm = await crowd.still(store) and calm
        if not (writing := list(await parked(store))) or not calm:
            break
    return calm


async def judge(store: Store, crowd: Crowd) -> WeChatVerdict:
    """Everything said is kept and handled once, in order; every reply came exactly once, in order, and says so."""
    verdict = WeChatVerdict()
    for sender, texts in crowd.said.items():
        _turns(verdict, texts, _plain(await _talk(store, sender)))
        said = await heard.replies(store, sender)
        seen = [Seen(mark, t.at) for t in crowd.api.tries if t.to == sender and not t.errcode
                for mark in MARK.findall(t.text)]  # fmt: skip
        verdict.sent_twice += heard.twice(seen)
        verdict.untrue += heard.untrue(said, seen)
        verdict.unsent += [f"{r.marks} is {r.delivery}" for r in said if r.delivery != "sent"]
        verdict.disorder += heard.disorder(said, seen)
    verdict.left += await _left(store)
    return verdict
