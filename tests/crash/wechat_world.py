"""WeChat around the servers under test: its API with its moods, and everything it was asked to deliver."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.crash.fleet import Fleet
from tests.crash.inboxes import ACCOUNTS, CERTIFIED, PATIENCE
from tests.crash.knock import Heard, Request, knock
from tests.fakes import inbound
from tests.fakes.passive import Fault
from tests.fakes.pushes import Pushes
from tests.fakes.server import Answer, Call, Refusal
from tests.fakes.wechat import SEND, WeChat

ATTEMPTS = 3
PAUSE = 0.4, 1.1
"""Seconds between two attempts."""
AGAIN = 0.15
"""How often a push is delivered once more, though it had been answered …"""
AFTER = 2.0
"""… so much later at most."""
MOODS: tuple[dict[str, Any], ...] = (
    {"errcode": -1}, {"errcode": 45015}, {"errcode": 45047}, {"status": 500}, {"hang": 1.5}, {"cut": True},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Try:
    """A call that would say something: when it came, and `errcode` 0 if WeChat took it."""

    to: str
    text: str
    at: float
    errcode: int = 0


class Api(WeChat):
    """The strict fake; `tries` has every message it was asked to send and answered by its own rules."""

    def __init__(self, **options: Any) -> None:
        self.tries: list[Try] = []
        super().__init__(**options)

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
            await asyncio.sleep(random.uniform(0.05, 0.5))
            if random.random() < 0.15:
                random.choice((self.expire_tokens, self.revoke_tokens))()
            else:
                self.trouble(SEND, **random.choice(MOODS))
        self.end_troubles()


@dataclass(slots=True)
class Push:
    """What a customer wrote, as WeChat delivers it. The customer sees the first words that came in time (`shown`);
    `said` has all that ever came, `crossed` what came for an attempt that WeChat had given up."""

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
    """All pushes, delivered to whichever server the network finds."""

    fleet: Fleet
    api: Api
    random: Random
    again: float = AGAIN
    pushes: list[Push] = field(default_factory=list)
    echoes: set[asyncio.Task[None]] = field(default_factory=set)

    async def deliver(self, inbox: str, sender: str, text: str, fields: dict[str, Any] | None = None) -> Push:
        """A customer writes; returns when WeChat has done with it: answered, or given up after three attempts."""
        if inbox == CERTIFIED:
            self.api.write(sender)
        given = fields or inbound.text(sender, text)
        push = Push(inbox, sender, text, Pushes(ACCOUNTS[inbox]).complete(given), time.time())
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
        network = Pushes(ACCOUNTS[push.inbox])
        place = self.random.choice(self.fleet.places)
        heard = await knock(place.port, f"/webhooks/{push.inbox}", Request(*network.push(push.fields)), PATIENCE)
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
