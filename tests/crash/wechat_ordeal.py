"""One crash run with a network that pushes (WeChat, Weibo's private messages), from a seed to a verdict."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from bot.store import health, open_store
from bot.store.runner import Store
from tests.crash.fleet import Fleet
from tests.crash.heard import long
from tests.crash.inboxes import PATIENCE as HANGS_UP
from tests.crash.lines import Line, OnWeChat, Try, moody
from tests.crash.server import Orders
from tests.crash.wechat_verdict import WeChatVerdict, judge
from tests.crash.wechat_world import AGAIN, World
from tests.store.shop import rows

WISHES = (*[""] * 8, *["twice", "slow=0.3", "slow=1.3", "timer=0.3", "silent"] * 2, "bells=7", "long")
SPREAD = (0.6, 1.6)
PATIENCE = 120.0
"""Seconds for what waits to come to rest; it takes a few, and a busy machine needs more."""
LAST = 30
"""How often a customer writes at most before nothing of ours waits for him any more."""


@dataclass(frozen=True)
class WeChatTrial:
    """What to do. `moods`: whether the API has them. `calm`: customers write one after another, each when nothing of
    the last one is under way any more. `crash_at`: the fail point at which the first server dies, once. `rounds`: how
    often everybody writes at least; they go on until all deaths are over. `hangs_up`: seconds after which the network
    does."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 4
    customers: int = 4
    rounds: int = 0
    moods: bool = True
    calm: bool = False
    wishes: tuple[str, ...] = WISHES
    again: float = AGAIN
    mutant: str = ""
    crash_at: str = ""
    patience: float = PATIENCE
    hangs_up: float = HANGS_UP
    line: Callable[[], Line] = OnWeChat


@dataclass(frozen=True)
class WeChatOutcome:
    """What came of it. `first`: replies that had waited for the customer and were not the first to go when he wrote;
    `waited`: how many there were."""

    verdict: WeChatVerdict
    world: World
    kills: int
    calm: bool
    codes: list[int]
    waited: int
    first: list[str] = field(default_factory=list)

    @property
    def tries(self) -> Sequence[Try]:
        return self.world.line.tries(self.world.api)

    @property
    def refusals(self) -> int:
        return sum(t.errcode == self.world.line.spent for t in self.tries)

    def __str__(self) -> str:
        pushes = self.world.pushes
        return (
            f"{self.kills} kills, {len(pushes)} pushes in {sum(p.attempts for p in pushes)} attempts, "
            f"{sum(not p.taken for p in pushes)} given up, {sum(bool(p.shown) for p in pushes)} answered at once, "
            f"{sum(bool(p.crossed) for p in pushes)} crossed, {len(self.tries)} calls, "
            f"{self.refusals} refused, {self.waited} waited; {self.verdict.faults}"
        )


async def endure(trial: WeChatTrial) -> WeChatOutcome:
    random = Random(trial.seed)
    line: Line = trial.line()
    with line.api() as api:
        orders = Orders(trial.url, 0, api.url, False, mutant=trial.mutant, network=line.name)
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await asyncio.gather(*(fleet.start(p, crash_at=trial.crash_at if n == 0 else "")
                                   for n, p in enumerate(fleet.places)))  # fmt: skip
            world, over = World(line, fleet, api, random, trial.again, trial.hangs_up), asyncio.Event()
            work = [asyncio.create_task(crowd(trial, world, over))]
            if trial.moods:
                work.append(asyncio.create_task(moody(line, api, Random(trial.seed + 1), over)))
            for _ in range(trial.kills):
                await asyncio.sleep(random.uniform(*SPREAD))
                place = random.choice(fleet.places)
                await fleet.kill(place)
                await fleet.start(place)
            if trial.crash_at:
                await fleet.crashed(fleet.places[0])
                await fleet.start(fleet.places[0])
            over.set()
            await work[0]
            await asyncio.gather(*work, *world.echoes)
            store = await open_store(trial.url)
            try:
                calm = await still(store, trial.patience)
                waited = await first_parked(store)
                calm = await farewell(store, world, trial.patience) and calm
                first = [text for text in waited if text in await first_parked(store)]
            finally:
                await store.close()
            codes = await fleet.stop_all()
            verdict = await judge(trial.url, world, flying=0 if trial.calm else 1)
            return WeChatOutcome(verdict, world, fleet.kills, calm, codes, len(waited), first)


async def crowd(trial: WeChatTrial, world: World, over: asyncio.Event) -> None:
    """Customers of all accounts; every other one does not wait for an answer before he writes again."""
    if trial.calm:
        await _calm(trial, world)
        return
    line = world.line
    names = [(one, line.customer(one, n), n % 2 == 1) for one in line.inboxes for n in range(trial.customers)]
    await asyncio.gather(*(_write(trial, world, *name, over) for name in names))


async def _write(trial: WeChatTrial, world: World, inbox: str, sender: str, hasty: bool, over: asyncio.Event) -> None:
    number = 0
    for done in count():
        if over.is_set() and done >= trial.rounds:
            return
        burst = []
        for _ in range(world.random.randint(2, 3) if hasty else 1):
            text = text_of(f"{sender}/{number}", world.random.choice(trial.wishes))
            burst.append(asyncio.create_task(world.deliver(inbox, sender, text)))
            number += 1
            await asyncio.sleep(world.random.uniform(0.0, 0.3))
        await asyncio.gather(*burst)
        await asyncio.sleep(world.random.uniform(0.0, 0.6))


def text_of(name: str, wish: str) -> str:
    return long(name) if wish == "long" else f"{name} {wish}".strip()


async def _calm(trial: WeChatTrial, world: World) -> None:
    inbox = world.line.inboxes[0]
    people = [world.line.customer(inbox, n) for n in range(trial.customers)]
    store = await open_store(trial.url)
    try:
        for number in range(trial.rounds):
            texts = [(one, text_of(f"{one}/{number}", world.random.choice(trial.wishes))) for one in people]
            await asyncio.gather(*(world.deliver(inbox, sender, text) for sender, text in texts))
            assert await still(store, trial.patience)
    finally:
        await store.close()


async def farewell(store: Store, world: World, patience: float) -> bool:
    """Every customer writes once more, and again while something waits for him; False if it does not come to rest."""
    calm = True
    senders = {push.sender: push.inbox for push in world.pushes}
    for number in range(LAST):
        waits = await parked(store)
        if (number and not waits) or not calm:
            break
        writing = senders if number == 0 else {sender: senders[sender] for sender in waits if sender in senders}
        await asyncio.gather(*(world.deliver(inbox, s, f"{s}/last{number}") for s, inbox in writing.items()))
        calm = await still(store, patience) and calm
    return calm


async def parked(store: Store) -> dict[str, int]:
    """Customers for whom something waits."""
    found = await store.read(
        rows,
        "SELECT c.sender, count(*) AS n FROM outbox o JOIN conversation c ON c.id = o.conversation_id"
        " WHERE o.parked <> '' GROUP BY c.sender",
    )
    return {row.sender: row.n for row in found}


async def first_parked(store: Store) -> list[str]:
    """The first of those messages, of each conversation."""
    found = await store.read(
        rows,
        "SELECT m.text FROM outbox o JOIN message m ON m.id = o.message_id WHERE o.parked <> '' AND NOT EXISTS"
        " (SELECT 1 FROM outbox x WHERE x.conversation_id = o.conversation_id AND x.seq < o.seq)",
    )
    return [row.text for row in found]


BUSY = (
    "SELECT id FROM timer LIMIT 1",
    "SELECT id FROM outbox WHERE parked IN ('', 'answer') LIMIT 1",
)


async def still(store: Store, patience: float) -> bool:
    """Wait until nothing is under way: what waits for the customer may stay."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if all([await _nothing(store) for _ in range(2)]):
            return True
        await asyncio.sleep(0.1)
    return False


async def _nothing(store: Store) -> bool:
    for sql in BUSY:
        if await store.read(rows, sql):
            return False
        if (await store.read(health.waiting))["turns"]:
            return False
    return True
