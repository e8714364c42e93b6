"""One real server process for the crash tests: `python -m tests.crash.server '{"url": …}'`.

The store, engine and webhook of kefu, the relay plugin found by its entry point, and the clerk instead of the bot's
own brain. What differs from a server in service is here, and nowhere in kefu: short leases, and mutants.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
import uvicorn

import bot.delivery
from bot.dialogue import Decision, Question
from bot.engine import Engine, InboxHandle, Pace
from bot.live import Live
from bot.relay import PgRelay
from bot.store import arrivals, open_store
from bot.store.runner import PgStore, Store
from bot.web import Ground, application
from channels import fit, load
from tests.crash import mutants
from tests.plugins.clerk import Clerk, Clipboard

SECRET = "a secret for tests"


@dataclass(frozen=True, slots=True)
class Orders:
    """How a server is to run. `idempotent`: upstream is known to drop a repeated key."""

    url: str
    port: int
    upstream: str
    idempotent: bool = True
    lease: float = 1.5
    mutant: str = ""

    def dump(self) -> str:
        return json.dumps(asdict(self))


async def serve(orders: Orders) -> None:
    store = await open_store(orders.url, serve=True)
    options: dict[str, Any] = {"upstream": orders.upstream, "secret": SECRET, "idempotent": orders.idempotent}
    channel = load("relay")("shop", {**options, "timeout": 0.8})
    inbox = await store.write(arrivals.keep_inbox, "shop", channel.kind)
    live = Live()
    pace = Pace(lease=timedelta(seconds=orders.lease), sweep=0.1, max_attempts=50)
    handles = {"shop": InboxHandle(inbox, "shop", channel)}
    engine = Engine(store, live, handles, brain=Moody(), desk=Clipboard(), fit=fit, pace=pace)
    web = application(Ground(engine, "Shop").routes(), lambda _: running(engine, store, live))
    config = uvicorn.Config(web, port=orders.port, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    try:
        await Server(config).serve()
    finally:
        await channel.close()
        await store.close()


class Moody(Clerk):
    """Has no idea what to say to a `moody` text one time in ten."""

    async def decide(self, question: Question) -> Decision:
        if "moody" in question.text and random.random() < 0.1:
            raise RuntimeError("not now")
        return await super().decide(question)


class Server(uvicorn.Server):
    """uvicorn that ends with exit code 0 when it is asked to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.handle_exit, signal.SIGTERM, None)
        yield


@contextlib.asynccontextmanager
async def running(engine: Engine, store: Store, live: Live) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        if isinstance(store, PgStore):
            relay = PgRelay(store.dsn, live)
            await relay.start()
            stack.push_async_callback(relay.stop)
        await engine.start()
        stack.push_async_callback(engine.stop)
        yield


def main() -> None:
    orders = Orders(**json.loads(sys.argv[1]))
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    bot.delivery.SEND_WITHIN = 1.0  # and the hold three times that
    if orders.mutant:
        getattr(mutants, orders.mutant)()
    asyncio.run(serve(orders))


if __name__ == "__main__":
    main()
