"""The store: the only SQL. Scripts by subject, one module each; `open_store` gives them a database to run on."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from bot.errors import StoreError, StoreInUseError
from bot.store.outbox import ANSWER
from bot.store.runner import PgStore, SqliteStore, Store
from bot.store.sql import Statement, Tx, p
from bot.tables import Conversation, Outbox, UtcTime

__all__ = ["Store", "open_store", "sqlite_path"]

C = Conversation.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
_FREE_TURNS = Statement(sa.update(C).where(C.c.leased == sa.true()).values(ready_at=p("now", UtcTime())))
_FREE_SENDS = Statement(
    # Not those a webhook's answer carries: their network asks again, and they are held until it no longer does.
    sa.update(O).where(O.c.held == sa.true(), O.c.parked != ANSWER).values(due_at=p("now", UtcTime()))
)


class ServedSqlite(SqliteStore):
    """A SQLite store that this process alone serves: the lock file says so until it closes (or dies)."""

    def __init__(self, path: Path) -> None:
        self._lock = _lock(path)
        try:
            super().__init__(path)
        except BaseException:
            self._lock.close()
            raise

    async def close(self) -> None:
        await super().close()
        self._lock.close()


async def open_store(url: str, *, serve: bool = False) -> Store:
    """Open the database behind `sqlite:///PATH` or `postgresql://…`.

    `serve`: to serve customers from it. A fresh database gets its tables; one of another version raises
    SchemaError; a SQLite file that another process serves raises StoreInUseError.
    """
    import bot.store.schema as schema

    if url.startswith("sqlite"):
        path = sqlite_path(url)
        _writable(path)
        if serve:
            lock = _lock(path)
            try:
                await schema.prepare(url)
            finally:
                lock.close()
            store = ServedSqlite(path)
            await store.write(_recover)
            return store
        await schema.require(url)
        return SqliteStore(path)
    await (schema.prepare(url) if serve else schema.require(url))
    pg = PgStore(url)
    await pg.synchronise()
    return pg


def sqlite_path(url: str) -> Path:
    """The file behind `sqlite:///relative.db` or `sqlite:////absolute.db`."""
    database = sa.make_url(url).database
    if not database or database == ":memory:":
        raise StoreError("kefu keeps its messages in a file: give [store] url a path, like sqlite:///kefu-data/kefu.db")
    return Path(database)


def _writable(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the folder {path.parent}: {error.strerror}. Choose another [store] url."
        ) from error
    for target in (path.parent, path):  # the log of a SQLite file is a file of its own, beside it
        if target.exists() and not os.access(target, os.W_OK):
            raise StoreError(
                f"{target} cannot be written by this user. Change its owner, or choose another [store] url."
            )


def _lock(path: Path) -> IO[str]:
    file = path.with_name(path.name + ".lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise StoreInUseError(
            f"{path} is already served by process {holder or '?'}. Stop that one, or give this one another [store] url "
            "(several processes can share a PostgreSQL database)."
        ) from error
    with contextlib.suppress(OSError):
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
    return file


def _recover(tx: Tx) -> None:
    """Nobody else is alive on this file: whatever a dead process held may be taken at once."""
    tx.count(_FREE_TURNS, now=tx.now)
    tx.count(_FREE_SENDS, now=tx.now)
