"""Two runners for the same scripts: SQLite (one writer thread, group commit) and PostgreSQL (a pool)."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

from bot.errors import RefusedError, StoreError
from bot.failpoints import reach
from bot.store.sql import Row, Statement, Tx

P = ParamSpec("P")
R = TypeVar("R")

GROUP = 64
"""Scripts that share one commit at most: past this the wait of the first outweighs the saved fsync."""


class Store(Protocol):
    """Where everything durable is. `write` returns only after the commit; an error means nothing was kept."""

    dialect: str

    def now(self) -> datetime:
        """The store's clock, aware UTC: the one clock that leases and timers go by."""

    async def write(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a script in a transaction of its own (repeated on serialization failures) and commit it."""

    async def read(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a script that changes nothing, beside the writers."""

    async def close(self) -> None: ...


class SteadyClock:
    """UTC that does not jump with the machine's wall clock within a run, yet follows it every `follow` seconds.

    A step of the wall clock between two looks is taken over at the next one: calendar timers must come true.
    """

    def __init__(self, wall: Callable[[], float] = time.time, follow: float = 60.0) -> None:
        self._wall, self._follow = wall, follow
        self._set = (wall(), time.monotonic())  # one name for both: threads that look see a pair that fits

    def now(self) -> datetime:
        base, mark = self._set
        passed = time.monotonic() - mark
        if passed > self._follow:
            base, passed = self._wall(), 0.0
            self.set(base)
        return datetime.fromtimestamp(base + passed, UTC)

    def set(self, epoch: float) -> None:
        """Take the time from elsewhere (the database server)."""
        self._set = (epoch, time.monotonic())


class SqliteTx:
    """A script's view of one sqlite3 connection."""

    __slots__ = ("_execute", "now")
    dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._execute = connection.execute
        self.now = now

    def all(self, statement: Statement, **params: Any) -> list[Row]:
        compiled = statement.compiled("sqlite")
        return compiled.rows(self._execute(compiled.sql, compiled.bind(params)).fetchall())

    def first(self, statement: Statement, **params: Any) -> Row | None:
        rows = self.all(statement, **params)
        return rows[0] if rows else None

    def count(self, statement: Statement, **params: Any) -> int:
        compiled = statement.compiled("sqlite")
        return self._execute(compiled.sql, compiled.bind(params)).rowcount


@dataclass(slots=True)
class _Job:
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    script: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any = None
    error: BaseException | None = None


DATA_AT_FAULT = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)


def connect_sqlite(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """A connection with the pragmas kefu relies on: WAL, FULL (a commit survives power loss), foreign keys."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",
            "busy_timeout=10000",
            "foreign_keys=on",
            "cache_size=-16384",
            f"query_only={'on' if readonly else 'off'}",
        ):
            connection.execute("PRAGMA " + pragma)
    except sqlite3.Error as error:
        raise StoreError(f"cannot open {path}: {error}. Check that the folder exists and can be written.") from error
    return connection


class SqliteStore:
    """One writer thread commits the scripts that have gathered while it committed the last ones.

    Each script runs in a SAVEPOINT: one that raises undoes itself alone. When the COMMIT fails, everybody in the
    group is told, and nobody is told "ok".
    """

    dialect = "sqlite"

    def __init__(self, path: Path, clock: SteadyClock | None = None) -> None:
        self.path = path
        self._clock = clock or SteadyClock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._connection = connect_sqlite(path)
        self._readers = ThreadPoolExecutor(2, "kefu-read")
        self._local = threading.local()
        self._reading: list[sqlite3.Connection] = []
        self._closed = False
        self._thread = threading.Thread(target=self._main, name="kefu-write", daemon=True)
        self._thread.start()

    def now(self) -> datetime:
        return self._clock.now()

    async def write(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._jobs.put(_Job(loop, future, script, args, kwargs))
        return await future

    async def read(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self._read(script, args, kwargs))

    def _read(self, script: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect_sqlite(self.path, readonly=True)
            self._reading.append(connection)
        try:
            connection.execute("BEGIN")
            return script(SqliteTx(connection, self.now()), *args, **kwargs)
        except sqlite3.Error as error:
            raise StoreError(f"reading failed: {error}") from error
        finally:
            with contextlib.suppress(sqlite3.Error):  # none is open where the error has ended it
                connection.execute("ROLLBACK")

    def _gather(self) -> list[_Job] | None:
        first = self._jobs.get()
        jobs = [first]
        with contextlib.suppress(queue.Empty):
            while len(jobs) < GROUP:
                jobs.append(self._jobs.get_nowait())
        if None not in jobs:
            return [j for j in jobs if j is not None]
        self._jobs.put(None)
        return [j for j in jobs if j is not None] or None

    def _main(self) -> None:
        while jobs := self._gather():
            try:
                self._group(jobs)
            except Exception as error:
                failure = StoreError(f"the database could not keep it: {error}")
                failure.__cause__ = error
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                for job in jobs:
                    job.error = failure
            _answer(jobs)

    def _group(self, jobs: Sequence[_Job]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        for job in jobs:
            execute("SAVEPOINT script")
            try:
                job.result = job.script(SqliteTx(self._connection, self.now()), *job.args, **job.kwargs)
            except DATA_AT_FAULT as error:
                job.error = RefusedError(f"the database will not take it: {error}")
                job.error.__cause__ = error
                execute("ROLLBACK TO script")
            except (sqlite3.Error, MemoryError):
                # Disk full and I/O errors may have rolled the whole transaction back: nobody in the group is safe.
                raise
            except Exception as error:
                job.error = error
                execute("ROLLBACK TO script")
            execute("RELEASE script")
        reach("in_group_commit")
        execute("COMMIT")

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.shutdown)
        for connection in (*self._reading, self._connection):
            connection.close()


def _answer(jobs: Sequence[_Job]) -> None:
    def settle(loop_jobs: Sequence[_Job]) -> None:
        for job in loop_jobs:
            if job.future.done():
                continue
            if job.error is not None:
                job.future.set_exception(job.error)
            else:
                job.future.set_result(job.result)

    loops: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        loops.setdefault(job.loop, []).append(job)
    for loop, group in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever asked
            loop.call_soon_threadsafe(settle, group)


class PgTx:
    """A script's view of one PostgreSQL connection (inside `AsyncConnection.run_sync`)."""

    __slots__ = ("_execute", "now")
    dialect = "postgresql"

    def __init__(self, connection: sa.Connection, now: datetime) -> None:
        self._execute = connection.exec_driver_sql
        self.now = now

    def all(self, statement: Statement, **params: Any) -> list[Row]:
        compiled = statement.compiled("postgresql")
        result = self._execute(compiled.sql, tuple(compiled.bind(params)))
        return compiled.rows(result.fetchall()) if result.returns_rows else []

    def first(self, statement: Statement, **params: Any) -> Row | None:
        rows = self.all(statement, **params)
        return rows[0] if rows else None

    def count(self, statement: Statement, **params: Any) -> int:
        compiled = statement.compiled("postgresql")
        return self._execute(compiled.sql, tuple(compiled.bind(params))).rowcount


RETRY_STATES = {"40001", "40P01"}
DATA_CLASSES = {"22", "23", "42", "54"}
"""SQLSTATE classes of what will not do better later: data, constraints, the statement itself, limits."""
CLOCK_EVERY = 30.0


class PgStore:
    """A pool on PostgreSQL; any number of processes. Its clock is the server's, looked up every 30 s."""

    dialect = "postgresql"

    def __init__(self, url: str, *, pool: int = 8) -> None:
        import asyncpg
        from sqlalchemy.ext.asyncio import create_async_engine

        from bot.store.grouping import Grouping, alive

        self.dsn = url
        address = sa.make_url(url).set(drivername="postgresql+asyncpg")
        self.engine = create_async_engine(address, pool_size=pool, max_overflow=0, pool_pre_ping=False)
        sa.event.listen(self.engine.sync_engine, "checkout", alive)
        self._groups = Grouping(
            address,
            lambda connection: PgTx(connection, self.now()),
            lambda job: self._run(job.script, job.args, job.kwargs, "in_group_commit"),
        )
        self._clock = SteadyClock(follow=float("inf"))
        self._looked = float("-inf")
        self._closed = False
        # A connection that cannot be made fails with the driver's own errors, one at work with SQLAlchemy's.
        self._trouble = (sa.exc.SQLAlchemyError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)

    def now(self) -> datetime:
        return self._clock.now()

    async def synchronise(self) -> None:
        """Set our clock by the server's; the error is at most the round trip."""
        async with self.engine.connect() as connection:
            row = await connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())::float8")
            self._clock.set(float(row.scalar_one()))
        self._looked = time.monotonic()

    async def write(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StoreError("the store is closed")
        result: R = await self._groups.submit(script, args, kwargs)
        return result

    async def read(self, script: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StoreError("the store is closed")
        try:
            return await self._run(script, args, kwargs, "in_read")
        except LostConnectionError:
            return await self._run(script, args, kwargs, "in_read")  # it changes nothing: asking again is safe

    async def _run(self, script: Callable[..., R], args: tuple[Any, ...], kwargs: dict[str, Any], end: str) -> R:
        for attempt in range(8):
            try:
                if time.monotonic() - self._looked > CLOCK_EVERY:
                    self._looked = time.monotonic()
                    await self.synchronise()
                async with self.engine.begin() as connection:
                    result = await connection.run_sync(lambda c: script(PgTx(c, self.now()), *args, **kwargs))
                    reach(end)
                return result
            except self._trouble as error:
                state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
                if state not in RETRY_STATES or attempt == 7:
                    raise _failure(error, state) from error
            await asyncio.sleep(random.random() * 0.02 * 2**attempt)  # noqa: S311  # spread, not secrecy
        raise AssertionError("unreachable")

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._groups.close()
        await self.engine.dispose()


class LostConnectionError(StoreError):
    """The connection broke under way. Nobody can say whether a commit that was asked for came about."""


def _failure(error: Exception, state: str) -> StoreError:
    reason = getattr(error, "orig", None) or error
    if state[:2] in DATA_CLASSES:
        return RefusedError(f"the database will not take it: {reason}")
    lost = getattr(error, "connection_invalidated", False)
    return (LostConnectionError if lost else StoreError)(f"the database could not keep it: {reason}")


__all__ = ["PgStore", "SqliteStore", "SteadyClock", "Store", "connect_sqlite"]
