"""Whatever happens in between: what customers said is kept once and in order, what we said arrives once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from bot.errors import SendError
from bot.messages import Incoming, Outgoing
from channels.wecom import sync as sync_module
from channels.wecom.sending import SEND
from tests.channels.wecom.conftest import Build, Rig, until
from tests.channels.wecom.ground import Crash, Ground
from tests.fakes.wecom import SYNC, WeCom

FAULTS: list[dict[str, object]] = [{"cut": True}, {"status": 502, "html": True}, {"errcode": -1}, {"errcode": 42001}]


async def _process(rig: Rig) -> None:
    """Listens; dies and is started again."""
    while True:
        try:
            await rig.channel.listen(rig.ground.accept)
        except Crash:
            await asyncio.sleep(0)


@pytest.mark.parametrize("seed", range(6))
async def test_nothing_said_is_lost_or_doubled(build: Build, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(sync_module, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(sync_module, "LONGEST_PAUSE", 0.01)
    monkeypatch.setattr(sync_module, "LIMIT", 3)
    dice = random.Random(seed)
    rigs = [build(names=False) for _ in range(2)]
    ground, fake = rigs[0].ground, rigs[0].fake
    tasks = [asyncio.create_task(_process(rig)) for rig in rigs]
    said: list[str] = []
    for n in range(40):
        said.append(str(n))
        fake.say(f"wm{n % 3}", said[-1])
        _disturb(dice, ground, fake)
        dice.choice(rigs).ring()
        await asyncio.sleep(dice.choice([0, 0, 0.01]))
    fake.end_troubles()
    ground.dies = None
    rigs[0].ring()
    await until(lambda: len(ground.texts) >= len(said))
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert ground.texts == said


def _disturb(dice: random.Random, ground: Ground, fake: WeCom) -> None:
    disturbances: list[Callable[[], object]] = [
        lambda: setattr(ground, "dies", (dice.choice(["before", "after"]), 1)),
        lambda: setattr(ground, "failing", 2),
        lambda: fake.trouble(SYNC, **dice.choice(FAULTS)),
        lambda: fake.empty_pages(1),
        fake.revoke_tokens,
        lambda: None,
        lambda: None,
    ]
    dice.choice(disturbances)()


@pytest.mark.parametrize("seed", range(4))
async def test_what_we_say_arrives_once(build: Build, seed: int) -> None:
    dice = random.Random(seed)
    rigs = [build() for _ in range(2)]
    fake = rigs[0].fake
    fake.say("wm1", "在吗")
    for n in range(12):
        if n % 4 == 0:
            fake.say("wm1", "继续")
        outgoing = Outgoing(f"kefu-{n}", "wm1", str(n))
        for _ in range(dice.choice([0, 0, 1, 2])):
            fake.trouble(SEND, **dice.choice(FAULTS))
        await _insist(dice, rigs, outgoing)
    assert fake.heard("wm1") == [str(n) for n in range(12)]


async def _insist(dice: random.Random, rigs: list[Rig], outgoing: Outgoing) -> None:
    """As delivery does: again and again under the same key, by whichever process; at times once too often."""
    again = dice.random() < 0.2
    for _ in range(20):
        rig = dice.choice(rigs)
        [call] = rig.channel.render(outgoing)
        try:
            await rig.channel.send(call)
        except SendError:
            continue
        if not again:
            return
        again = False
    raise AssertionError(f"{outgoing.key} is not taken for sent")


async def test_no_message_is_somebody_else_s(build: Build) -> None:
    """Every message keeps its sender, whoever fetches it."""
    rig = build()
    for n in range(30):
        rig.fake.say(f"wm{n}", str(n))
    async with rig.listening():
        await until(lambda: len(rig.ground.texts) == 30)
    told = [h for h in rig.ground.heard if isinstance(h, Incoming)]
    assert all(one.sender == f"wm{one.text}" for one in told)
