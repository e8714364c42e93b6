"""The shop that the store's tests stand in, once on each database."""

from __future__ import annotations

import pytest

from bot.store import Store
from tests.databases import Postgres
from tests.store.shop import Shop, emptied


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_server: Postgres) -> str:
    """One database for all these tests: emptying it is much quicker than making one and warming it up."""
    return postgres_server.fresh()


@pytest.fixture
def postgres_url(shared_postgres_url: str) -> str:
    return emptied(shared_postgres_url)


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await Shop.open(store)
