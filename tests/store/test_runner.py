"""The runners and the opening of a store: groups, failures, clocks, locks, restarts."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LostLeaseError, NotFoundError, RefusedError, SchemaError, StoreError, StoreInUseError
from bot.messages import Delivery
from bot.store import arrivals, health, open_store, opening, outbox, sqlite_path, turns
from bot.store.runner import SqliteStore, SteadyClock, Store
from bot.store.sql import Tx
from tests.store.shop import HOLD, LEASE, Shop, rows


def keep(tx: Tx, name: str) -> int:
    return arrivals.keep_inbox(tx, name, "test")


def names(tx: Tx) -> list[str]:
    return [r.name for r in rows(tx, "SELECT name FROM inbox ORDER BY id")]


def spoil(tx: Tx, name: str, error: Exception) -> None:
    keep(tx, name)
    raise error


class Failing:
    """A connection whose next statement of a kind fails."""

    def __init__(self, connection: sqlite3.Connection, word: str, error: Exception) -> None:
        self.connection, self.word, self.error = connection, word, error

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith(self.word):
            raise self.error
        return self.connection.execute(sql, *values)

    def close(self) -> None:
        self.connection.close()


@contextmanager
def failing(store: Store, word: str, error: Exception) -> Iterator[None]:
    assert isinstance(store, SqliteStore)
    connection = store._connection
    store._connection = Failing(connection, word, error)  # type: ignore[assignment]
    yield
    store._connection = connection


@contextmanager
def busy(store: SqliteStore) -> Iterator[None]:
    """The writer is kept busy, so that what is submitted meanwhile becomes one group."""
    began, go = threading.Event(), threading.Event()

    def wait(tx: Tx) -> None:
        began.set()
        go.wait(30)

    task = asyncio.ensure_future(store.write(wait))
    try:
        yield
    finally:
        go.set()
        task.add_done_callback(lambda t: t.exception())


@pytest.fixture
async def file(sqlite_url: str) -> AsyncIterator[SqliteStore]:
    """A SQLite store."""
    store = await open_store(sqlite_url)
    assert isinstance(store, SqliteStore)
    yield store
    await store.close()


# ---- scripts ------------------------------------------------------------------------------------------------------


async def test_a_script_that_raises_undoes_itself_alone(store: Store) -> None:
    error = NotFoundError("no")
    outcomes = await asyncio.gather(
        store.write(keep, "a"), store.write(spoil, "b", error), store.write(keep, "c"), return_exceptions=True
    )
    assert outcomes[1] is error
    assert sorted(await store.read(names)) == ["a", "c"]


async def test_an_error_that_is_no_store_error_reaches_whoever_asked(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await store.write(spoil, "a", ZeroDivisionError())
    await store.write(keep, "b")
    assert await store.read(names) == ["b"]


async def test_a_reader_sees_what_was_committed_before_it_asked(store: Store) -> None:
    for n in range(20):
        await store.write(keep, f"{n}")
        assert len(await store.read(names)) == n + 1


async def test_a_group_shares_a_commit_and_everybody_gets_his_own_answer(file: SqliteStore) -> None:
    with busy(file):
        tasks = [asyncio.ensure_future(file.write(keep, f"{n}")) for n in range(100)]
        await asyncio.sleep(0)
    ids = await asyncio.gather(*tasks)
    assert ids == sorted(set(ids))
    assert await file.read(names) == [f"{n}" for n in range(100)]


async def test_one_who_stops_waiting_does_not_disturb_the_others(store: Store) -> None:
    tasks = [asyncio.ensure_future(store.write(keep, f"{n}")) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(o, int) for n, o in enumerate(outcomes) if n != 3)


# ---- failures -----------------------------------------------------------------------------------------------------


async def test_a_failed_commit_is_told_to_everybody_in_the_group(file: SqliteStore) -> None:
    with failing(file, "COMMIT", sqlite3.OperationalError("disk I/O error")):
        with busy(file):
            tasks = [asyncio.ensure_future(file.write(keep, f"{n}")) for n in range(5)]
            await asyncio.sleep(0)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(o) for o in outcomes] == [StoreError] * 5
    assert await file.read(names) == []
    await file.write(keep, "after")
    assert await file.read(names) == ["after"]


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("database or disk is full"), sqlite3.DatabaseError("malformed"), MemoryError()]
)
async def test_a_database_in_trouble_fails_the_whole_group(file: SqliteStore, error: Exception) -> None:
    """It may have rolled back what the others did."""
    with busy(file):
        tasks = [
            asyncio.ensure_future(work)
            for work in (file.write(keep, "a"), file.write(spoil, "b", error), file.write(keep, "c"))
        ]
        await asyncio.sleep(0)
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(o) for o in outcomes] == [StoreError] * 3
    assert await file.read(names) == []


async def test_data_at_fault_is_told_apart_from_a_database_in_trouble(store: Store) -> None:
    def orphan(tx: Tx) -> None:
        tx.count(opening.IDENTITY, inbox_id=1, external_id="x", contact_id=99, now=tx.now)

    with pytest.raises(RefusedError):
        await store.write(orphan)
    await store.write(keep, "a")


async def test_a_reading_that_fails_is_a_store_error(store: Store) -> None:
    def nonsense(tx: Tx) -> None:
        rows(tx, "SELECT * FROM nowhere")

    with pytest.raises(StoreError):
        await store.read(nonsense)
    assert await store.read(names) == []


async def test_a_reader_cannot_write(file: SqliteStore) -> None:
    with pytest.raises(StoreError):
        await file.read(keep, "a")


# ---- opening and closing ------------------------------------------------------------------------------------------


async def test_a_closed_store_says_so(store_url: str) -> None:
    store = await open_store(store_url)
    last = asyncio.ensure_future(store.write(keep, "last"))
    await asyncio.sleep(0)
    await store.close()
    assert await last == 1
    await store.close()
    for again in (store.write(keep, "a"), store.read(names)):
        with pytest.raises(StoreError):
            await again


async def test_a_file_is_served_by_one(sqlite_url: str) -> None:
    first = await open_store(sqlite_url, serve=True)
    with pytest.raises(StoreInUseError):
        await open_store(sqlite_url, serve=True)
    beside = await open_store(sqlite_url)
    await first.write(keep, "a")
    assert await beside.read(names) == ["a"]
    await beside.close()
    await first.close()
    again = await open_store(sqlite_url, serve=True)
    await again.close()


async def test_a_database_without_tables_is_made_for_serving_and_refused_otherwise(bare_url: str) -> None:
    with pytest.raises(SchemaError):
        await open_store(bare_url)
    await (await open_store(bare_url, serve=True)).close()
    store = await open_store(bare_url)
    await store.read(health.look)
    await store.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StoreError):
        sqlite_path(url)


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{tmp_path}/file/kefu.db", serve=True)


async def test_after_a_restart_what_a_dead_process_held_is_taken_at_once(sqlite_url: str) -> None:
    store = await open_store(sqlite_url, serve=True)
    shop = await Shop.open(store)
    shop.clock.at = datetime.now(UTC)
    await shop.said("reply")
    (held,) = await shop.dues()
    await store.write(outbox.start, held)
    lost = await shop.taken("half done", sender="wang")
    await store.close()

    store = await open_store(sqlite_url, serve=True)
    (lease,) = await store.write(turns.claim, limit=10, lease=LEASE)
    assert [a.text for a in lease.pending] == ["half done"]
    with pytest.raises(LostLeaseError):
        await store.write(turns.fail, lost, lost.pending[0], "late", most=5)
    (due,) = await store.write(outbox.claim, limit=10, hold=HOLD)
    assert due.outgoing == held.outgoing
    assert due.ambiguous
    assert not (await store.write(outbox.settle, held, Delivery.SENT, "", hold=HOLD)).kept
    await store.close()


async def test_a_restart_leaves_alone_what_waits_for_another_try(sqlite_url: str) -> None:
    store = await open_store(sqlite_url, serve=True)
    shop = await Shop.open(store)
    shop.clock.at = datetime.now(UTC) + timedelta(hours=1)
    await shop.accept("bad")
    (lease,) = await shop.claim()
    await shop.fail(lease)
    await store.close()

    store = await open_store(sqlite_url, serve=True)
    assert await store.write(turns.claim, limit=10, lease=LEASE) == []
    await store.close()


# ---- clocks -------------------------------------------------------------------------------------------------------


class Wall:
    """The machine's clock on the wall, and its steady one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.epoch, self.steady = 1_800_000_000.0, 50.0
        monkeypatch.setattr("bot.store.runner.time.monotonic", lambda: self.steady)

    def pass_(self, seconds: float) -> None:
        self.epoch += seconds
        self.steady += seconds


def at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def test_a_clock_goes_on_steadily(wall: Wall) -> None:
    clock = SteadyClock(lambda: wall.epoch)
    for _ in range(200):
        wall.pass_(1.0)
        assert clock.now() == at(wall.epoch)


@pytest.mark.parametrize("step", [-7200.0, -1.0, 3600.0, 72 * 3600.0])
def test_a_jump_of_the_wall_clock_is_taken_over_at_the_next_look(wall: Wall, step: float) -> None:
    clock = SteadyClock(lambda: wall.epoch, follow=60)
    wall.pass_(30)
    before = clock.now()
    wall.epoch += step
    assert clock.now() == before
    wall.pass_(31)
    assert clock.now() == at(wall.epoch)


def test_a_clock_can_be_set_from_elsewhere(wall: Wall) -> None:
    clock = SteadyClock(lambda: wall.epoch, follow=float("inf"))
    clock.set(1_000_000.0)
    wall.pass_(500)
    assert clock.now() == at(1_000_500)


async def test_the_clock_of_postgresql_is_the_servers(postgres_url: str) -> None:
    store = await open_store(postgres_url)
    (row,) = await store.read(rows, "SELECT clock_timestamp() AS at")
    assert abs(row.at - store.now()) < timedelta(seconds=10)
    await store.close()
