"""A WeCom inbox on the strict fake, with a ground of its own and a clock that only moves when told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.http import Request
from channels.wecom.channel import WeComChannel
from tests.channels.wecom.ground import Ground
from tests.fakes.conftest import Clock
from tests.fakes.pushes import Account, WeComPushes, kf_event
from tests.fakes.wecom import CORPID, OPEN_KFID, SECRET, WeCom

ACCOUNT = Account(receiver=CORPID)


def options(**changes: Any) -> dict[str, Any]:
    told = {"corp_id": CORPID, "open_kfid": OPEN_KFID, "secret": SECRET, "token": ACCOUNT.token}
    return {**told, "aes_key": ACCOUNT.aes_key, "poll_seconds": 3600, **changes}


class Rig:
    """One process: a channel on the fake, and the ground it stands on."""

    def __init__(self, fake: WeCom, ground: Ground, clock: Clock, **changes: Any) -> None:
        self.fake, self.ground = fake, ground
        self.pushes = WeComPushes(ACCOUNT, clock=clock)
        self.channel = WeComChannel("kf", options(**{"api_base": fake.url, **changes}))
        self.channel.borrow(ground)

    def request(self, name: str = "kf_msg_or_event", **fields: Any) -> Request:
        push = self.pushes.push(kf_event(name, **fields))
        return Request("POST", "/hooks/kf", push.params, push.headers, push.body)

    def ring(self, **fields: Any) -> None:
        """A callback, as WeCom sends it."""
        request = self.request(**(fields or self.fake.callback()))
        self.channel.verify(request)
        assert self.channel.parse(request) == ()
        self.channel.ring(request)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.channel.listen(self.ground.accept))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> Iterator[WeCom]:
    with WeCom(clock=clock) as server:
        yield server


@pytest.fixture
def ground(clock: Clock) -> Ground:
    return Ground(clock)


Build = Callable[..., Rig]


@pytest.fixture
async def build(fake: WeCom, ground: Ground, clock: Clock) -> AsyncIterator[Build]:
    """Makes rigs on the same fake and ground; as many as there are processes."""
    rigs: list[Rig] = []

    def make(**changes: Any) -> Rig:
        rigs.append(Rig(fake, changes.pop("ground", ground), clock, **changes))
        return rigs[-1]

    yield make
    for rig in rigs:
        await rig.channel.close()


@pytest.fixture
async def rig(build: Build) -> Rig:
    return build()


async def until(true: Callable[[], bool], within: float = 120.0) -> None:
    """Wait for what is meant."""
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.01)


Nap = Callable[[float], Awaitable[None]]
