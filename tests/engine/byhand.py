"""Transactions held open by hand on connections of their own, to put two scripts into exactly one order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.store.runner import PgTx
from bot.store.sql import Tx
from tests.engine.works import until
from tests.store.shop import Shop

P = ParamSpec("P")
R = TypeVar("R")


class Hand:
    """One open transaction."""

    def __init__(self, shop: Shop, connection: AsyncConnection, watcher: AsyncConnection, pid: int) -> None:
        self._shop, self._connection, self._watcher, self._pid = shop, connection, watcher, pid

    async def run(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._connection.run_sync(lambda c: script(PgTx(c, self._shop.clock.at), *args, **kwargs))

    async def blocked(
        self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Task[R]:
        """Start a script that has to wait for a row somebody else holds; returns once it does."""
        task = asyncio.ensure_future(self.run(script, *args, **kwargs))
        await until(lambda: self._waits(task))
        return task

    async def _waits(self, task: asyncio.Task[Any]) -> bool:
        assert not task.done(), f"it did not have to wait: {task}"
        found = await self._watcher.execute(
            sa.text("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = :pid"), {"pid": self._pid}
        )
        return bool(found.scalar())

    async def commit(self) -> None:
        await self._connection.commit()

    async def rollback(self) -> None:
        await self._connection.rollback()


@asynccontextmanager
async def hands(shop: Shop, url: str) -> AsyncIterator[tuple[Hand, Hand]]:
    """Two transactions. What is not committed is rolled back."""
    engine = create_async_engine(sa.make_url(url).set(drivername="postgresql+asyncpg"), poolclass=sa.NullPool)
    async with engine.connect() as one, engine.connect() as two, engine.connect() as watcher:
        await watcher.execution_options(isolation_level="AUTOCOMMIT")
        pids = [int((await c.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()) for c in (one, two)]
        yield Hand(shop, one, watcher, pids[0]), Hand(shop, two, watcher, pids[1])
    await engine.dispose()
