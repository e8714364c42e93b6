"""One crash run, from a seed to a verdict."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.crash.fleet import Fleet
from tests.crash.load import WISHES, Load
from tests.crash.server import Orders
from tests.crash.upstream import Upstream
from tests.crash.verdict import Verdict, judge, quiet

PATIENCE = 90.0
"""Seconds for what waits to be worked off when nobody is killed any more."""
SPREAD = (0.3, 2.0)
"""Seconds from one server's being ready to the next one's death."""


@dataclass(frozen=True)
class Trial:
    """What to do. `gently`: servers are asked to stop instead of killed. `wishes`: the words customers put into their
    messages (see the clerk)."""

    url: str
    folder: Path
    seed: int
    processes: int = 1
    kills: int = 8
    customers: int = 10
    gently: bool = False
    idempotent: bool = True
    lease: float = 1.5
    mutant: str = ""
    wishes: tuple[str, ...] = WISHES
    seconds: float = 0.0
    """How long customers go on without anybody being killed."""


@dataclass(frozen=True)
class Outcome:
    """What came of it. `calm`: in the end nothing waited; `codes`: how the servers ended when they were asked to."""

    verdict: Verdict
    messages: int
    posts: int
    kills: int
    repeated: int
    calm: bool
    codes: list[int]

    def __str__(self) -> str:
        return (
            f"{self.kills} kills, {self.messages} messages in {self.posts} posts, {self.repeated} repeated sends: "
            f"{'; '.join(f'{n} {len(f)}' for n, f in vars(self.verdict).items())}"
        )


async def endure(trial: Trial) -> Outcome:
    """Run the trial and judge it."""
    random = Random(trial.seed)
    async with Upstream(Random(trial.seed + 1)) as upstream:
        orders = Orders(trial.url, 0, upstream.url, trial.idempotent, trial.lease, trial.mutant)
        async with Fleet(orders, trial.folder / "servers.log", trial.processes) as fleet:
            await fleet.start_all()
            load, over = Load(fleet, random, trial.wishes), asyncio.Event()
            customers = asyncio.create_task(load.run(trial.customers, until=over))
            for _ in range(trial.kills):
                await asyncio.sleep(random.uniform(*SPREAD))
                place = random.choice(fleet.places)
                if trial.gently:
                    assert await fleet.stop(place) == 0, fleet.said()
                else:
                    await fleet.kill(place)
                await fleet.start(place)
            await asyncio.sleep(trial.seconds)
            over.set()
            await customers
            calm = await quiet(trial.url, 5 if trial.mutant else PATIENCE)
            codes = await fleet.stop_all()
            verdict = await judge(trial.url, load.taken, upstream, idempotent=trial.idempotent)
            messages = sum(len(texts) for texts in load.taken.values())
            return Outcome(verdict, messages, load.posts, fleet.kills, upstream.repeated, calm, codes)
