"""An engine at work in this process, with a network that does as it is told and a clock that may run fast."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.engine import Accepted, Engine, InboxHandle, Pace
from bot.errors import PayloadError, PermanentSendError, SignatureError
from bot.http import Request, Response
from bot.live import Live
from bot.messages import Incoming, Outgoing, Window
from bot.ports import Brain, Call, Capabilities, Channel, Finding, Receipt
from bot.store import arrivals, health, open_store
from bot.store.runner import PgStore, SqliteStore, SteadyClock, Store
from bot.web import Ground, application
from channels import fit
from tests.plugins.clerk import Clerk, Clipboard
from tests.store.shop import rows

PATIENCE = 60.0
"""Seconds until a test believes that something will never happen."""
QUICK = Pace(lease=timedelta(seconds=30), sweep=0.05, stop_within=5.0)


class Network:
    """A push network. Webhooks bring [[external id, sender, text], …]; a header `x-forged` is a forgery.

    `gates[text]` hold a send up; `troubles[text]` are raised, one a send, before it takes that text, `after[text]`
    once it took it; `refused` texts it never takes. It drops a repeated key if it is idempotent, and notes every send.
    `opens`: the window a message opens. An answer in the webhook is its text.
    """

    kind = "test"

    def __init__(self, capabilities: Capabilities | None = None) -> None:
        self.capabilities = capabilities or Capabilities(idempotent_send=True)
        self.troubles: dict[str, deque[Exception]] = defaultdict(deque)
        self.refused: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.after: dict[str, deque[Exception]] = defaultdict(deque)
        self.sent: list[Call] = []
        self.taken: dict[str, Call] = {}
        self.opens: Window | None = None

    def verify(self, request: Request) -> None:
        if "x-forged" in request.headers:
            raise SignatureError("forged")

    def parse(self, request: Request) -> Sequence[Incoming]:
        try:
            return [replace(Incoming(*told), window=self.opens) for told in json.loads(request.body)]
        except (ValueError, TypeError) as error:
            raise PayloadError("these are no messages") from error

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(body=b"taken" if answer is None else answer.text.encode())

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return (Call("say", {"to": outgoing.recipient, "text": outgoing.text}, outgoing.key),)

    async def send(self, call: Call) -> Receipt:
        text = call.params["text"]
        self.sent.append(call)
        if text in self.gates:
            await self.gates[text].wait()
        if text in self.refused:
            raise PermanentSendError("refused")
        if self.troubles[text]:
            raise self.troubles[text].popleft()
        self.taken.setdefault(call.key if self.capabilities.idempotent_send else f"{len(self.sent)}", call)
        if self.after[text]:
            raise self.after[text].popleft()
        return Receipt()

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None: ...

    def heard(self, recipient: str) -> list[str]:
        """What reached one customer, in order."""
        return [c.params["text"] for c in self.taken.values() if c.params["to"] == recipient]


class HastyClock(SteadyClock):
    """Time that goes by `speed` times as fast, so that pauses of a minute can be waited for."""

    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed, self._from = speed, time.monotonic()
        self._start = datetime.now(UTC)

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._from) * self._speed)


def set_clock(store: Store, clock: SteadyClock) -> None:
    assert isinstance(store, SqliteStore | PgStore)
    store._clock = clock
    if isinstance(store, PgStore):
        store._looked = float("inf")


@dataclass
class Works:
    """One process's engine and all it stands on."""

    engine: Engine
    store: Store
    network: Network
    clerk: Clerk
    live: Live
    inbox: str = "shop"
    ids: list[str] = field(default_factory=list)

    async def say(self, text: str, *, sender: str = "li", key: str | None = None, **more: Any) -> Accepted:
        """A customer's message."""
        if key is None:
            key = f"{sender}-{len(self.ids)}-{text}"
        self.ids.append(key)
        return await self.engine.accept(self.inbox, Incoming(key, sender, text, **more))

    async def quiet(self) -> None:
        """Until nothing waits for a turn or to be sent."""
        await until(self._still)

    async def _still(self) -> bool:
        # One look after the other, the way work flows: what leaves one place is seen in the next.
        for place in ("timers_overdue", "turns", "outbox") * 2:
            if (await self.store.read(health.waiting))[place]:
                return False
        return True

    async def told(self, sender: str = "li") -> list[tuple[str, str]]:
        """(author, text) of everything said in a customer's conversations, in order."""
        found = await self.rows(
            "SELECT m.author, m.text FROM message m JOIN conversation c ON c.id = m.conversation_id"
            f" WHERE c.sender = '{sender}' AND m.audience = 'all' ORDER BY c.id, m.seq"
        )
        return [(r.author, r.text) for r in found]

    async def replies(self, sender: str = "li") -> list[str]:
        return [text for author, text in await self.told(sender) if author == "bot"]

    async def rows(self, sql: str) -> list[Any]:
        return await self.store.read(rows, sql)


@asynccontextmanager
async def site(shop: Works) -> AsyncIterator[httpx.AsyncClient]:
    """The web application of an engine, without a socket in between."""
    app = application(Ground(shop.engine, "Shop").routes(), lambda _: nullcontext())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def deliver(client: httpx.AsyncClient, *messages: tuple[str, str, str], **more: Any) -> httpx.Response:
    """The network's webhook call that brings (external id, sender, text) messages."""
    return await client.post("/webhooks/shop", json=[list(m) for m in messages], **more)


async def until(true: Callable[[], Awaitable[Any] | Any], patience: float = PATIENCE) -> None:
    """Look until it is true; fail when patience ends."""
    end = time.monotonic() + patience
    while True:
        found = true()
        if await found if isinstance(found, Awaitable) else found:
            return
        assert time.monotonic() < end, "this did not happen"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def works(
    url: str,
    *,
    network: Network | None = None,
    brain: Brain | None = None,
    pace: Pace = QUICK,
    serve: bool = True,
    speed: float = 1.0,
    clock: SteadyClock | None = None,
    start: bool = True,
) -> AsyncIterator[Works]:
    """Everything running on the database behind `url`, then gracefully stopped."""
    store = await open_store(url, serve=serve)
    if clock or speed != 1.0:
        set_clock(store, clock or HastyClock(speed))
    try:
        made = await assemble(store, network=network, brain=brain, pace=pace)
        if start:
            await made.engine.start()
        yield made
        await made.engine.stop()
    finally:
        await store.close()


async def assemble(
    store: Store, *, network: Network | None = None, brain: Brain | None = None, pace: Pace = QUICK
) -> Works:
    """An engine on an open store; nothing runs yet."""
    network, clerk, live = network or Network(), Clerk(), Live()
    channel: Channel = network
    inbox = await store.write(arrivals.keep_inbox, "shop", channel.kind)
    handles = {"shop": InboxHandle(inbox, "shop", channel)}
    engine = Engine(store, live, handles, brain=brain or clerk, desk=Clipboard(), fit=fit, pace=pace, bot_name="Bot")
    return Works(engine, store, network, clerk, live)
