"""Customers who write, and a network that delivers until it is told "taken" – and one time in ten once more."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

import httpx

from tests.crash.fleet import Fleet
from tests.crash.inboxes import SECRET
from tests.plugins.kefu_relay import SIGNATURE, payload, sign

AGAIN = 0.1
WISHES = (*[""] * 14, *["timer=0.2", "timer=1.2", "slow=0.2", "twice", "silent", "moody"] * 2)


@dataclass
class Load:
    """`taken[sender]`: the texts the servers acknowledged, in the order they were written."""

    fleet: Fleet
    random: Random
    wishes: tuple[str, ...] = WISHES
    pause: float = 0.25
    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    posts: int = 0
    _echoes: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, customers: int, *, until: asyncio.Event | None = None, most: int = 10_000) -> None:
        """All customers write until the event (or so many messages each), and everything was taken."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            await asyncio.gather(*(self._write(client, f"c{n}", until, most) for n in range(customers)))
            while self._echoes:
                await asyncio.gather(*self._echoes)

    async def _write(self, client: httpx.AsyncClient, sender: str, until: asyncio.Event | None, most: int) -> None:
        for number in range(most):
            if until is not None and until.is_set():
                return
            text = f"{sender}-{number} {self.random.choice(self.wishes)}".strip()
            await self._insist(client, sender, text)
            self.taken[sender].append(text)
            if self.random.random() < AGAIN:
                echo = asyncio.create_task(self._echo(client, sender, text))
                self._echoes.add(echo)
                echo.add_done_callback(self._echoes.discard)
            await asyncio.sleep(self.random.random() * self.pause)

    async def _echo(self, client: httpx.AsyncClient, sender: str, text: str) -> None:
        await asyncio.sleep(self.random.random())
        await self._insist(client, sender, text)

    async def _insist(self, client: httpx.AsyncClient, sender: str, text: str) -> None:
        """Deliver one message until somebody says "taken"."""
        body = payload((text, sender, text))
        headers = {SIGNATURE: sign(SECRET, body)}
        while True:
            place = self.random.choice(self.fleet.places)
            self.posts += 1
            try:
                answer = await client.post(f"{place.url}/webhooks/shop", content=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 200:
                return
            assert answer.status_code == 503, f"{answer.status_code}: {answer.text}\n{self.fleet.said()}"
            await asyncio.sleep(0.05)
