"""The disk is full, the database is away: nothing is called kept that is not, and afterwards everything goes on."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import sqlalchemy as sa

from bot.store import sqlite_path
from tests.databases import Postgres
from tests.stories.conftest import Comes, LogsIn, Serve
from tests.stories.people import plea
from tests.stories.serving import Kefu


@asynccontextmanager
async def full_disk(kefu: Kefu) -> AsyncIterator[None]:
    """No file of the process may grow any more."""
    unlimited = resource.prlimit(kefu.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(kefu.pid, resource.RLIMIT_FSIZE, (1, unlimited[1]))
    try:
        yield
    finally:
        resource.prlimit(kefu.pid, resource.RLIMIT_FSIZE, unlimited)


@asynccontextmanager
async def away(server: Postgres, url: str) -> AsyncIterator[None]:
    """The database throws everybody out and lets nobody in."""
    name = sa.make_url(url).database
    connection: Any = await asyncpg.connect(server.root.render_as_string(hide_password=False))
    try:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        try:
            yield
        finally:
            await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    finally:
        await connection.close()


def is_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json()["error"] in ("unavailable", "store")


async def goes_on(
    kefu: Kefu, comes: Comes, logs_in: LogsIn, trouble: Callable[[], Any], *, reads_fail: bool
) -> None:  # fmt: skip
    visitor, li, asked = await comes(kefu), await logs_in(kefu), plea()
    async with visitor.listening() as chat:
        await visitor.says(asked)
        await chat.status("open")
    number = await li.finds(asked)
    before = await visitor.log()
    async with trouble():
        for _ in range(3):
            is_refused(await visitor.post("什么时候发货", cid="during"))
        is_refused(await visitor.ask("POST", "/visitors", {}))
        for refused in (await li.replies(number, "您好"), await li.post(f"/conversations/{number}/claim")):
            assert refused.status_code == 503
        if reads_fail:
            ready = await visitor.http.get(f"{kefu.url}/readyz")
            assert (ready.status_code, ready.json()["store"]) == (503, False)
        alive = await visitor.http.get(f"{kefu.url}/healthz")
        assert alive.status_code == 200
        assert (await visitor.http.get(f"{kefu.url}/metrics")).status_code == 200
    await kefu.ready()
    assert await visitor.log() == before, "what was refused left no trace"
    await visitor.says("什么时候发货", cid="during")
    async with visitor.listening(after=before["seq"]) as chat:
        await chat.message("visitor", "什么时候发货")
        await li.replies(number, "您好，今天发货。")
        await chat.message("agent")
        await li.does("return", number)
        await chat.status("pending")
        await chat.message("bot")
    assert (await visitor.texts()).count("什么时候发货") == 1


async def test_a_full_disk(serve: Serve, comes: Comes, logs_in: LogsIn) -> None:
    kefu = serve().start()
    await goes_on(kefu, comes, logs_in, lambda: full_disk(kefu), reads_fail=False)
    assert sqlite_path(kefu.store_url).exists()
    assert kefu.stop() == 0


async def test_a_database_that_is_away(
    serve: Serve, postgres_server: Postgres, postgres_url: str, comes: Comes, logs_in: LogsIn
) -> None:
    kefu = serve(store_url=postgres_url).start()
    await goes_on(kefu, comes, logs_in, lambda: away(postgres_server, postgres_url), reads_fail=True)
    assert kefu.stop() == 0
