"""A Telegram inbox on the strict fake, with a ground of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.telegram import listening
from channels.telegram.channel import TelegramChannel
from tests.channels.wecom.ground import Ground
from tests.fakes.telegram import TOKEN, Telegram


async def until(look: Callable[[], Any], what: str = "", within: float = 120.0) -> Any:
    async with asyncio.timeout(within):
        while not (found := look()):
            await asyncio.sleep(0.01)
        return found


class Rig:
    """One process: a channel on the fake, and the ground it stands on."""

    def __init__(self, url: str, ground: Ground, **changes: Any) -> None:
        self.ground = ground
        self.channel = TelegramChannel("tg", {"token": TOKEN, "api_base": url, **changes})
        self.channel.borrow(ground)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.channel.listen(self.ground.accept))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


Build = Callable[..., Rig]


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(listening, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def fake() -> Iterator[Telegram]:
    with Telegram() as running:
        yield running


@pytest.fixture
def ground() -> Ground:
    return Ground(time.time)


@pytest.fixture
async def build(fake: Telegram, ground: Ground) -> AsyncIterator[Build]:
    made: list[Rig] = []

    def make(on: Ground = ground, **changes: Any) -> Rig:
        made.append(Rig(fake.url, on, **changes))
        return made[-1]

    yield make
    for one in made:
        await one.channel.close()


@pytest.fixture
def rig(build: Build) -> Rig:
    return build()
