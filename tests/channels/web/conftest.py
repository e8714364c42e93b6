from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from channels.web.channel import WebChannel
from tests.channels.web.client import app_of, browser
from tests.channels.web.memory import MemoryVisits


@pytest.fixture
def visits() -> MemoryVisits:
    return MemoryVisits()


@pytest.fixture
def channel() -> WebChannel:
    return WebChannel("web", {"messages_per_minute": 1000, "connects_per_minute": 1000})


@pytest.fixture
def app(visits: MemoryVisits, channel: WebChannel) -> Starlette:
    return app_of(visits, channel)


@pytest.fixture
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


@pytest.fixture
async def token(visits: MemoryVisits) -> str:
    return await visits.admit("web", language="zh-Hans")
