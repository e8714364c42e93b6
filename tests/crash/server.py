"""One real server process for the crash tests: `python -m tests.crash.server '{"url": …}'`.

The store, engine and webhook of kefu, the inboxes of one network (`tests.crash.inboxes`), and the clerk instead of the
bot's own brain. What differs from a server in service is here, and nowhere in kefu: short leases, and mutants.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import structlog
import uvicorn

import bot.answering
import bot.delivery
from bot.dialogue import Decision, Question, TimerRequest
from bot.engine import Engine, InboxHandle, Pace
from bot.fetching import Fetching
from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.ports import Borrower, Channel
from bot.relay import PgRelay
from bot.shelf import InboxShelf
from bot.store import arrivals, open_store
from bot.store.runner import PgStore, Store
from bot.web import Ground, application
from channels import fit
from tests.crash import mutants, wechat_mutants
from tests.crash.inboxes import NETWORKS, SPARE
from tests.plugins.clerk import Clerk, Clipboard


@dataclass(frozen=True, slots=True)
class Orders:
    """How a server is to run. `idempotent`: upstream is known to drop a repeated key. `folder`: where it keeps
    customers' files. `desk`: the Bot API of the agents' group, if they have one; `desk_lease`: seconds after which
    another process may be its desk."""

    url: str
    port: int
    upstream: str
    idempotent: bool = True
    lease: float = 1.5
    mutant: str = ""
    network: str = "relay"
    folder: str = ""
    desk: str = ""
    desk_lease: float = 2.0

    def dump(self) -> str:
        return json.dumps(asdict(self))


async def serve(orders: Orders) -> None:
    store = await open_store(orders.url, serve=True)
    files = KeptFiles(store, MediaFolder(Path(orders.folder)), 1_000_000) if orders.folder else None
    channels = NETWORKS[orders.network](orders.upstream, orders.idempotent)
    handles = {name: await _handle(store, name, channel, files) for name, channel in channels.items()}
    live = Live()
    pace = Pace(lease=timedelta(seconds=orders.lease), sweep=0.1, max_attempts=50)
    by_id = {handle.id: handle for handle in handles.values()}
    fetching = Fetching(store, live, by_id, files, within=1.0, sweep=0.5) if files else None
    engine = Engine(
        store, live, handles, brain=Moody(), desk=Clipboard(), fit=fit, pace=pace, fetching=fetching
    )  # fmt: skip
    if orders.desk and files:
        from tests.crash import desk_seat  # aiogram takes seconds that nobody else has to pay

        engine.beside(await desk_seat.seat(store, live, files, orders.desk, orders.desk_lease))
    web = application(Ground(engine, "Shop").routes(), lambda _: running(engine, store, live))
    config = uvicorn.Config(web, port=orders.port, log_config=None, access_log=False, timeout_graceful_shutdown=5)
    try:
        await Server(config).serve()
    finally:
        for channel in channels.values():
            await channel.close()
        await store.close()


async def _handle(store: Store, name: str, channel: Channel, files: KeptFiles | None) -> InboxHandle:
    inbox = await store.write(arrivals.keep_inbox, name, channel.kind)
    shelf = InboxShelf(store, inbox, files.file, files.ahead) if files else InboxShelf(store, inbox)
    if isinstance(channel, Borrower):
        channel.borrow(shelf)
    return InboxHandle(inbox, name, channel, shelf)


class Moody(Clerk):
    """Has no idea what to say to a `moody` text one time in ten, and to one with `bells=N` comes back N times."""

    async def decide(self, question: Question) -> Decision:
        if "moody" in question.text and random.random() < 0.1:
            raise RuntimeError("not now")
        decision = await super().decide(question)
        bells = re.search(r"bells=(\d+)", question.text)
        if bells is None or question.timer:
            return decision
        name = question.text.split()[0]
        timers = [TimerRequest(f"{name}.{n}", timedelta(seconds=0.1 * n)) for n in range(1, int(bells[1]) + 1)]
        return replace(decision, timers=(*decision.timers, *timers))


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


def _broken(orders: Orders) -> None:
    homes: list[ModuleType] = [mutants, wechat_mutants]
    if orders.desk:
        from tests.crash import desk_seat

        homes.append(desk_seat)
    next(getattr(home, orders.mutant) for home in homes if hasattr(home, orders.mutant))()


def main() -> None:
    orders = Orders(**json.loads(sys.argv[1]))
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    bot.delivery.SEND_WITHIN = 1.0  # and the hold three times that
    bot.answering.SPARE = SPARE
    if orders.mutant:
        _broken(orders)
    asyncio.run(serve(orders))


if __name__ == "__main__":
    main()
