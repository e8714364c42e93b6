"""Databases for the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
import structlog

from tests.databases import Postgres
from tests.store.shop import emptied


@pytest.fixture(scope="session")
def engine_postgres_url(postgres_server: Postgres) -> str:
    """One database for all these tests: emptying it is much quicker than making one and warming it up."""
    return postgres_server.fresh()


@pytest.fixture
def postgres_url(engine_postgres_url: str) -> str:
    return emptied(engine_postgres_url)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What the engine logged; kept from the terminal, where a traceback takes longer to draw than a test to run."""
    with structlog.testing.capture_logs() as entries:
        yield entries
