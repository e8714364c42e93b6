"""Whether the database has the tables this program wants, and how it gets them.

Looking is cheap (one connection of the raw driver, no Alembic): every start does it. Alembic is imported only to
change something.
"""

from __future__ import annotations

import asyncio
import sqlite3
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa

from bot.errors import SchemaError, StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "kefu_0008"
"""The newest step in `bot/migrations/versions`."""
SCRIPTS = Path(__file__).parent.parent / "migrations"
LOCK = 0x6B656675
"""The PostgreSQL advisory lock under which one process at a time changes the tables ("kefu" in ASCII)."""

SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
PG_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = to_regnamespace(current_schema())
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
"""
VERSION = "SELECT version_num FROM alembic_version"


class State(StrEnum):
    """What is behind a store url. FOREIGN: tables that are not kefu's."""

    FRESH = "fresh"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"
    FOREIGN = "foreign"


async def state(url: str) -> State:
    """Look at the database; changes nothing, and makes no file. StoreError where it cannot be reached."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        return _judge(*await asyncio.to_thread(_look_sqlite, Path(made.database or "")))
    return _judge(*await _look_postgres(made))


async def prepare(url: str) -> None:
    """Make sure of the tables before serving: a fresh database gets them, any other wrong one raises SchemaError."""
    found = await state(url)
    if found is State.FRESH:
        await migrate(url)
    elif found is not State.CURRENT:
        raise SchemaError(mend(found, url))


async def require(url: str) -> None:
    """SchemaError unless the database has exactly the tables this program wants."""
    found = await state(url)
    if found is not State.CURRENT:
        raise SchemaError(mend(found, url))


async def migrate(url: str) -> State:
    """Bring a fresh or older database to this version; what it was before. Many may call it at once."""
    found = await state(url)
    if found in (State.NEWER, State.FOREIGN):
        raise SchemaError(mend(found, url))
    if found is not State.CURRENT:
        await upgrade(url)
    return found


async def upgrade(url: str, to: str = "head", *, down: bool = False) -> None:
    """Run the steps up (or, for whoever tests them, down) to a version: all of them, or none."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        await asyncio.to_thread(_run_sqlite, made, to, down)
    else:
        await _run_postgres(made, to, down)


def mend(found: State, url: str) -> str:
    """What is the matter, and the command or setting that helps."""
    shown = sa.make_url(url).render_as_string(hide_password=True)
    return f"{shown} " + {
        State.FRESH: "has no tables yet. Make them: kefu migrate",
        State.OLDER: "is of an older version of kefu. Make a copy of it, then: kefu migrate",
        State.NEWER: "was made by a newer version of kefu. Install that version here, or give this one another"
        " [store] url.",
        State.FOREIGN: "holds tables that are not kefu's. Give kefu a database of its own in [store] url.",
    }.get(found, "is as it should be.")


def _judge(tables: set[str], versions: list[str]) -> State:
    """`tables` that are there, and what `alembic_version` says."""
    if not tables - {"alembic_version"} and not versions:
        return State.FRESH
    version = versions[0] if len(versions) == 1 else ""
    if not version.startswith("kefu_") or "conversation" not in tables:
        return State.FOREIGN
    if version == HEAD:
        return State.CURRENT
    return State.OLDER if version < HEAD else State.NEWER  # steps are numbered with leading zeros


def _look_sqlite(path: Path) -> tuple[set[str], list[str]]:
    try:
        if not path.exists() or not path.stat().st_size:
            return set(), []
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=10)
        try:
            tables = {row[0] for row in connection.execute(SQLITE_TABLES)}
            versions = connection.execute(VERSION).fetchall() if "alembic_version" in tables else []
        finally:
            connection.close()
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot read {path}: {error}. Is it kefu's database, and may this user read it?") from error
    return tables, [row[0] for row in versions]


async def _look_postgres(url: sa.URL) -> tuple[set[str], list[str]]:
    import asyncpg

    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
        try:
            tables = {row[0] for row in await connection.fetch(PG_TABLES)}
            versions = await connection.fetch(VERSION) if "alembic_version" in tables else []
        finally:
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        shown = url.render_as_string(hide_password=True)
        raise StoreError(f"cannot reach {shown}: {error}. Does PostgreSQL run there, and let kefu in?") from error
    return tables, [row[0] for row in versions]


def config(connection: sa.Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _run(connection: sa.Connection, to: str, down: bool) -> None:
    from alembic import command

    (command.downgrade if down else command.upgrade)(config(connection), to)


def _run_sqlite(url: sa.URL, to: str, down: bool) -> None:
    engine = sqlite_engine(url)
    try:
        with engine.begin() as connection:
            _run(connection, to, down)
    except sa.exc.DBAPIError as error:
        raise StoreError(f"changing {url.database} failed, and nothing was changed: {error.orig}") from error
    finally:
        engine.dispose()


def sqlite_engine(url: sa.URL) -> sa.Engine:
    """An engine whose transactions hold changes of tables too: the driver's own would commit before each of them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": 10})

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def _run_postgres(url: sa.URL, to: str, down: bool) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"), poolclass=sa.NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            await connection.run_sync(_run, to, down)
    except sa.exc.DBAPIError as error:
        raise StoreError(f"changing the database failed, and nothing was changed: {error.orig}") from error
    finally:
        await engine.dispose()
