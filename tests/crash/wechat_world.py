"""A network that pushes, around the servers under test: everything it was asked to deliver."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.fleet import Fleet
from tests.crash.inboxes import PATIENCE
from tests.crash.knock import Heard, Request, knock
from tests.crash.lines import Line
from tests.fakes.passive import Fault
from tests.fakes.server import Fake

ATTEMPTS = 3
PAUSE = 0.4, 1.1
"""Seconds between two attempts."""
AGAIN = 0.15
"""How often a push is delivered once more, though it had been answered …"""
AFTER = 2.0
"""… so much later at most."""


@dataclass(slots=True)
class Push:
    """What a customer wrote, as the network delivers it. The customer sees the first words that came in time (`shown`);
    `said` has all that ever came, `crossed` what came for an attempt that it had given up."""

    inbox: str
    sender: str
    text: str
    fields: dict[str, Any]
    begun: float
    ended: float = float("inf")
    taken: bool = False
    attempts: int = 0
    shown: str = ""
    shown_at: float = 0.0
    said: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass
class World:
    """All pushes, delivered to whichever server the network finds. `patience`: seconds after which it hangs up."""

    line: Line
    fleet: Fleet
    api: Fake
    random: Random
    again: float = AGAIN
    patience: float = PATIENCE
    pushes: list[Push] = field(default_factory=list)
    echoes: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver(self, inbox: str, sender: str, text: str, fields: dict[str, Any] | None = None) -> Push:
        """A customer writes; returns when the network has done with it: answered, or given up after three attempts."""
        self.line.acts(self.api, inbox, sender)
        given = fields or self.line.text(sender, text)
        push = Push(inbox, sender, text, dict(self.line.pushes(inbox).complete(given)), time.time())
        self.pushes.append(push)
        while push.attempts < ATTEMPTS and not push.taken:
            if push.attempts:
                await asyncio.sleep(self.random.uniform(*PAUSE))
            await self.attempt(push)
        push.ended = time.time()
        if push.taken and self.random.random() < self.again:
            echo = asyncio.create_task(self._once_more(push))
            self.echoes.add(echo)
            echo.add_done_callback(self.echoes.discard)
        return push

    async def attempt(self, push: Push) -> Heard:
        """One try: the same message under a new signature."""
        push.attempts += 1
        network = self.line.pushes(push.inbox)
        place = self.random.choice(self.fleet.places)
        heard = await knock(place.port, f"/webhooks/{push.inbox}", Request(*network.push(push.fields)), self.patience)
        if heard.status != 200:
            return heard
        try:
            reply = network.read(push.fields, heard.status, heard.body)
        except Fault as fault:
            push.faults.append(str(fault))
            return heard
        words = reply.text if reply is not None else ""
        push.said += [words] if words else []
        if heard.late:
            push.crossed += [words] if words else []
            return heard
        push.taken = True
        if words and not push.shown:
            push.shown, push.shown_at = words, time.time()
        return heard

    async def _once_more(self, push: Push) -> None:
        await asyncio.sleep(self.random.uniform(0, AFTER))
        await self.attempt(push)
