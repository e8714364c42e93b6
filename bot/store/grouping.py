"""Group commit on PostgreSQL: scripts that gathered while the last commit was under way share the next one.

Half of what a small transaction costs client and server is its BEGIN and COMMIT (measured: 1.98 ms of client CPU a
message alone, 1.09 ms in groups). A group takes no savepoints. When anything in it goes wrong – a script refuses, a
row is locked by another process for longer than a moment – all of it is rolled back and each script runs by itself,
where a lock may be waited for and a deadlock cannot come from us: alone, a script locks one conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.failpoints import reach
from bot.store.sql import Tx

GROUP = 32
"""Scripts a commit: past this, the wait of the first outweighs what is saved."""
PATIENCE = 0.05
"""Seconds that the next group waits for a script that runs by itself."""
LOCK_TIMEOUT = "20ms"
"""How long a group may wait for another process's row lock before it falls apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A script and who waits for its result."""

    future: asyncio.Future[Any]
    script: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def settle(self, result: Any) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Grouping:
    """One connection that commits in groups. `alone(job)` runs a single script in a transaction of its own."""

    def __init__(self, url: sa.URL, tx: Callable[[sa.Connection], Tx], alone: Callable[[Job], Any]) -> None:
        self._engine: AsyncEngine = create_async_engine(
            url, pool_size=1, max_overflow=0, connect_args={"server_settings": {"lock_timeout": LOCK_TIMEOUT}}
        )
        sa.event.listen(self._engine.sync_engine, "checkout", alive)
        self._tx, self._run_alone = tx, alone
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None
        self._singles: set[asyncio.Task[None]] = set()

    async def submit(self, script: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The script's result, once it is committed."""
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="group commit")
        job = Job(asyncio.get_running_loop().create_future(), script, args, kwargs)
        self._jobs.put_nowait(job)
        return await job.future

    async def _write(self) -> None:
        open_ = True
        while open_:
            jobs = []
            item = await self._jobs.get()
            while item is not None:
                jobs.append(item)
                if len(jobs) == GROUP or self._jobs.empty():
                    break
                item = self._jobs.get_nowait()
            open_ = item is not None
            if len(jobs) == 1:
                # What gathers meanwhile is a group – but one who waits for a lock must not keep all others waiting.
                await asyncio.wait({self._apart(jobs[0])}, timeout=PATIENCE)
            elif jobs:
                await self._together(jobs)

    async def _together(self, jobs: Sequence[Job]) -> None:
        try:
            async with self._engine.begin() as connection:
                results = await connection.run_sync(self._run, jobs)
                reach("in_group_commit")
        except Exception:
            # Whose fault it was does not matter: alone, each gets its own result or its own error.
            for job in jobs:
                self._apart(job)
            return
        for job, result in zip(jobs, results, strict=True):
            job.settle(result)

    def _run(self, connection: sa.Connection, jobs: Sequence[Job]) -> list[Any]:
        tx = self._tx(connection)
        return [job.script(tx, *job.args, **job.kwargs) for job in jobs]

    def _apart(self, job: Job) -> asyncio.Task[None]:
        task = asyncio.create_task(self._alone(job))
        self._singles.add(task)
        task.add_done_callback(self._singles.discard)
        return task

    async def _alone(self, job: Job) -> None:
        try:
            job.settle(await self._run_alone(job))
        except Exception as error:
            job.fail(error)

    async def close(self) -> None:
        """Let what was submitted end, then let go of the connection."""
        if self._writer is not None:
            self._jobs.put_nowait(None)
            await self._writer
        await asyncio.gather(*self._singles)
        await self._engine.dispose()


def alive(connection: Any, record: Any, proxy: Any) -> None:
    """The pool hands out no connection that is known to be closed; asking the driver costs no round trip."""
    if connection.driver_connection.is_closed():
        raise sa.exc.DisconnectionError("closed")
