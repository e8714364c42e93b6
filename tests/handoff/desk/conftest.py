"""The desk the tests sit at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import open_store
from tests.handoff.desk.house import House, furnish


@pytest.fixture
def house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    with asyncio.Runner() as loop:
        store = loop.run(open_store(sqlite_url))
        yield loop.run(furnish(loop, store, tmp_path / "media"))
        loop.run(store.close())
