"""The tables a migration makes are the tables the program means, and no wrong database is ever touched."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import SchemaError, StoreError
from bot.store import open_store, schema
from bot.store.schema import HEAD, State
from bot.tables import METADATA
from tests.databases import Postgres

PG_DUMP = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, '', pg_get_constraintdef(oid), contype::text, '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""


async def on(url: str, work: Any) -> Any:
    """Do something with a SQLAlchemy connection to the database."""
    made = sa.make_url(url)
    if made.get_backend_name() == "sqlite":
        with schema.sqlite_engine(made).begin() as connection:
            return work(connection)
    engine = create_async_engine(made.set(drivername="postgresql+asyncpg"), poolclass=sa.NullPool)
    async with engine.begin() as held:
        return await held.run_sync(work)


async def execute(url: str, *statements: str) -> None:
    await on(url, lambda c: [c.exec_driver_sql(s) for s in statements])


async def dump(url: str) -> list[Any]:
    """All there is to know about the tables, in an order that does not hang on how they came to be."""

    def look(connection: sa.Connection) -> list[Any]:
        if connection.dialect.name == "postgresql":
            rows = [tuple(r) for r in connection.exec_driver_sql(PG_DUMP)]
        else:
            rows = []
            for name, sql in connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
                lines = re.sub(r"\s+", " ", sql).replace('"', "").split(", ")
                rows.append((name, *sorted(line.strip(" ()") for line in lines)))
        return sorted(r for r in rows if "alembic_version" not in str(r))

    found: list[Any] = await on(url, look)
    return found


async def test_migrated_tables_are_those_of_the_program(bare_url: str, postgres_server: Postgres) -> None:
    await schema.migrate(bare_url)
    differences = await on(
        bare_url,
        lambda c: compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), METADATA),
    )
    assert differences == []
    # Alembic looks neither at the WHERE of a partial index nor well at defaults: compare all there is.
    other = f"{bare_url}.other" if bare_url.startswith("sqlite") else postgres_server.bare()
    await on(other, METADATA.create_all)
    migrated, created = await dump(bare_url), await dump(other)
    assert any("WHERE" in str(row) for row in migrated)
    assert migrated == created


async def test_up_down_and_up_again(bare_url: str) -> None:
    await schema.migrate(bare_url)
    before = await dump(bare_url)
    await schema.upgrade(bare_url, "base", down=True)
    assert await dump(bare_url) == []
    assert await schema.state(bare_url) is State.FRESH
    assert await schema.migrate(bare_url) is State.FRESH
    assert await dump(bare_url) == before


def test_head_is_the_last_step_and_steps_are_numbered_without_a_gap() -> None:
    script = ScriptDirectory(str(schema.SCRIPTS))
    steps = [s.revision for s in script.walk_revisions()][::-1]
    assert script.get_heads() == [HEAD]
    assert steps == [f"kefu_{n:04}" for n in range(1, len(steps) + 1)]


async def test_looking_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none" / "kefu.db"
    assert await schema.state(f"sqlite:///{path}") is State.FRESH
    assert not path.parent.exists()


async def test_a_fresh_database_is_made_ready_and_then_left_alone(bare_url: str) -> None:
    assert await schema.state(bare_url) is State.FRESH
    with pytest.raises(SchemaError, match=r"has no tables yet.* kefu migrate"):
        await schema.require(bare_url)
    await schema.prepare(bare_url)
    assert await schema.state(bare_url) is State.CURRENT
    await execute(bare_url, "INSERT INTO inbox (name) VALUES ('kept')")
    await schema.prepare(bare_url)
    await schema.require(bare_url)
    assert await schema.migrate(bare_url) is State.CURRENT
    assert await on(bare_url, lambda c: c.exec_driver_sql("SELECT name FROM inbox").scalar_one()) == "kept"


@pytest.mark.parametrize(
    ("version", "found", "mend"),
    [
        ("kefu_0000", State.OLDER, "older version of kefu.*kefu migrate"),
        ("kefu_9999", State.NEWER, "newer version of kefu. Install that version"),
        ("1975ea83b712", State.FOREIGN, "not kefu's. Give kefu a database of its own"),
    ],
)
async def test_a_database_of_another_version_is_refused(
    bare_url: str, version: str, found: State, mend: str
) -> None:  # fmt: skip
    await schema.migrate(bare_url)
    await execute(bare_url, f"UPDATE alembic_version SET version_num = '{version}'")
    before = await dump(bare_url)
    assert await schema.state(bare_url) is found
    for serve in (True, False):
        with pytest.raises(SchemaError, match=mend):
            await open_store(bare_url, serve=serve)
    if found is not State.OLDER:
        with pytest.raises(SchemaError, match=mend):
            await schema.migrate(bare_url)
    assert await dump(bare_url) == before


async def test_tables_of_somebody_else_are_not_touched(bare_url: str) -> None:
    await execute(bare_url, "CREATE TABLE wp_posts (id integer)")
    assert await schema.state(bare_url) is State.FOREIGN
    for attempt in (schema.prepare, schema.migrate, schema.require):
        with pytest.raises(SchemaError, match="not kefu's"):
            await attempt(bare_url)


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("a letter to the landlord " * 100, "utf-8")
    with pytest.raises(StoreError, match=r"notes\.txt: file is not a database"):
        await schema.state(f"sqlite:///{path}")


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreError, match=r"cannot reach postgresql://kefu:\*\*\*@127\.0\.0\.1:1/kefu.*Does PostgreSQL"):
        await schema.state("postgresql://kefu:hidden@127.0.0.1:1/kefu")


async def test_many_processes_may_start_on_a_fresh_database_at_once(postgres_server: Postgres) -> None:
    url = postgres_server.bare()
    await asyncio.gather(*(schema.prepare(url) for _ in range(4)))
    assert await schema.state(url) is State.CURRENT


async def test_a_step_that_fails_leaves_the_database_as_it_was(bare_url: str) -> None:
    """Also on SQLite, whose driver would otherwise commit every CREATE TABLE by itself."""
    before = await dump(bare_url)

    def fail(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE timer (id integer)")  # in the way of a later table of the first step

    await on(bare_url, fail)
    with pytest.raises((StoreError, sa.exc.DBAPIError)):
        await schema.upgrade(bare_url)
    await execute(bare_url, "DROP TABLE timer")
    assert await dump(bare_url) == before
