"""An engine at work for a benchmark: the real store, engine and brain, and a network that takes everything at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot.dialogue import Decision, Question
from bot.engine import Engine, InboxHandle
from bot.http import Request, Response
from bot.live import Live
from bot.messages import Incoming, Outgoing
from bot.ports import Brain, Call, Capabilities, Finding, Receipt
from bot.relay import PgRelay
from bot.store import arrivals, health, open_store
from bot.store.runner import PgStore, Store
from channels import fit
from handoff.record import Floor
from replies.brain import Scripted
from replies.knowledge import load_knowledge
from tests.benchmarks.floor import Rate

QUESTIONS = ("什么时候发货?", "怎么申请退款", "请问有发票吗", "How long does shipping take?", "你好", "優惠券怎麼用")


class Network:
    """A push network that accepts every call at once and counts them."""

    kind = "null"
    capabilities = Capabilities(quick_replies=13, idempotent_send=True)

    def __init__(self) -> None:
        self.sent = 0

    def verify(self, request: Request) -> None: ...

    def parse(self, request: Request) -> Sequence[Incoming]:
        return ()

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response()

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return (Call("say", {"to": outgoing.recipient, "text": outgoing.text}, outgoing.key),)

    async def send(self, call: Call) -> Receipt:
        self.sent += 1
        return Receipt()

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None: ...


class Counted:
    """A brain that keeps count of what it decided and how many replies that makes."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain
        self.decided = self.replies = 0

    async def decide(self, question: Question) -> Decision:
        decision = await self._brain.decide(question)
        self.decided += 1
        self.replies += len(decision.replies)
        return decision


@dataclass(frozen=True, slots=True)
class Plant:
    engine: Engine
    network: Network
    brain: Counted
    store: Store

    async def quiet(self, decided: int) -> None:
        """Until that many messages had their turn and every reply was handed over.

        On PostgreSQL another process may have taken some of the work: there it is the store that says.
        """
        while isinstance(self.store, PgStore):
            waiting = await self.store.read(health.waiting)
            if waiting["turns"] == 0 and waiting["outbox"] == 0:
                return
            await asyncio.sleep(0.02)
        while self.brain.decided < decided or self.network.sent < self.brain.replies:
            await asyncio.sleep(0.002)


def shipped() -> Scripted:
    """The bot as it comes, but for the rule that stops a customer who sends more than 20 messages a minute."""
    return Scripted(replace(load_knowledge(), most_a_minute=10**9))


@asynccontextmanager
async def plant(url: str, brain: Brain | None = None) -> AsyncIterator[Plant]:
    """Everything running on the database behind `url`."""
    store = await open_store(url, serve=True)
    network, live = Network(), Live()
    inbox = await store.write(arrivals.keep_inbox, "bench", "null")
    handles: Mapping[str, InboxHandle] = {"bench": InboxHandle(inbox, "bench", network)}
    brain = Counted(brain or shipped())
    engine = Engine(store, live, handles, brain=brain, desk=Floor(), fit=fit, bot_name="Bench")
    relay = PgRelay(store.dsn, live) if isinstance(store, PgStore) else None
    if relay:
        await relay.start()
    await engine.start()
    try:
        yield Plant(engine, network, brain, store)
    finally:
        await engine.stop()
        if relay:
            await relay.stop()
        await store.close()


def sqlite_url(folder: Path, name: str = "kefu.db") -> str:
    return f"sqlite:///{folder / name}"


async def greet(works: Plant, talks: int, prefix: str = "") -> None:
    """One message in each conversation, so that none of the measured ones is the first of its customer."""
    goal = works.brain.decided + talks
    for n in range(talks):
        await works.engine.accept("bench", Incoming(f"{prefix}hello-{n}", f"{prefix}customer-{n}", "你好"))
    await works.quiet(goal)


async def burst(works: Plant, messages: int, talks: int, prefix: str = "", at_once: int = 64) -> tuple[Rate, Rate]:
    """As many as go: (accepting, from accepting to handed over)."""
    gate = asyncio.Semaphore(at_once)
    goal = works.brain.decided + messages

    async def one(number: int) -> None:
        async with gate:
            text = QUESTIONS[number % len(QUESTIONS)]
            sender = f"{prefix}customer-{number % talks}"
            await works.engine.accept("bench", Incoming(f"{prefix}m-{number}", sender, text))

    began, spent = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(n) for n in range(messages)))
    accepted = Rate(messages / (time.perf_counter() - began), (time.process_time() - spent) / messages * 1000)
    await works.quiet(goal)
    return accepted, Rate(messages / (time.perf_counter() - began), (time.process_time() - spent) / messages * 1000)
