"""What every test may ask for: a database of either kind, and the store on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.store import Store, open_store, schema
from tests.databases import Postgres, apart, postgres

BOTH = ("sqlite", "postgresql")

EXPLORE = bool(os.environ.get("KEFU_EXPLORE"))
"""Other examples at every run, to look for what nobody has thought of; otherwise the same code has the same verdict."""

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("kefu", deadline=None, derandomize=not EXPLORE)
settings.load_profile("kefu")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A real PostgreSQL, started when the first test asks for it."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables and nothing in them; copying it is quicker than making it."""
    path = tmp_path_factory.mktemp("template") / "kefu.db"
    apart(schema.migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A SQLite database with the tables."""
    path = tmp_path / "kefu.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A PostgreSQL database with the tables."""
    url = postgres_server.fresh()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest) -> str:
    """A database with the tables, once of each kind."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture(params=BOTH)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    url = server.bare()
    yield url
    server.drop(url)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """An open store, once of each kind."""
    opened = await open_store(store_url)
    yield opened
    await opened.close()
