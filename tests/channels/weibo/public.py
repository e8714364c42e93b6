"""One process that listens to what is public, on the strict fake, with a ground of its own and a clock to turn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.http import Request
from bot.messages import Incoming
from channels.weibo.channel import WeiboChannel
from channels.weibo.polling import Polling
from channels.weibo.signing import signature
from tests.channels.wecom.ground import Ground
from tests.fakes.conftest import Clock
from tests.fakes.weibo import Weibo

ANN, BOB, EVE = "2489518277", "3300000001", "4400000002"


class Rig:
    """A process."""

    def __init__(self, fake: Weibo, ground: Ground, clock: Clock, **options: Any) -> None:
        self.fake, self.ground, self.clock = fake, ground, clock
        self.channel = WeiboChannel("weibo", fake.options(**options))
        self.channel.borrow(ground)

    @property
    def polling(self) -> Polling:
        return self.channel._parts.polling

    async def step(self) -> float:
        return await self.polling.step(self.ground.accept)

    async def round(self) -> None:
        """Every list once, an hour later."""
        self.clock.time += 3600
        for _ in range(3):
            await self.step()
            self.clock.time += 3600

    async def start(self) -> None:
        """What a first start does: it sees what there is, and takes none of it."""
        for _ in range(3):
            await self.step()
        self.clock.time += 60

    @property
    def public(self) -> list[Incoming]:
        return [one for one in self.ground.heard if isinstance(one, Incoming) and one.public]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.public]

    def mention(self, author: str, number: int, text: str, what: str = "status") -> Request:
        """A push that tells of a mention."""
        body = {
            "type": "mention",
            "receiver_id": int(self.fake.uid),
            "sender_id": int(author),
            "created_at": "Fri Jan 15 16:00:00 +0800 2027",
            "text": text,
            "data": {"subtype": what, "key": str(number)},
        }
        query = {"timestamp": "1", "nonce": "2", "signature": signature(self.fake.secret, "1", "2")}
        return Request("POST", "/webhooks/weibo", query, {}, json.dumps(body).encode())

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.polling.run(self.ground.accept))
        try:
            await asyncio.sleep(0)
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
