"""A kefu that serves, once on each kind of database, and the people who meet there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.databases import Postgres
from tests.stories.people import Agent, Visitor
from tests.stories.serving import LI, WANG, Kefu, Person, hire

Serve = Callable[..., Kefu]
Comes = Callable[..., Awaitable[Visitor]]
LogsIn = Callable[..., Awaitable[Agent]]


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kefu(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    """One process for every story that does not stop it, on each kind of database. 小李 and 小王 work there."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.fresh()
    made = Kefu(tmp_path_factory.mktemp("kefu"), store_url=url)
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    code = made.stop()
    if url:
        server.drop(url)
    assert code == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Makes a kefu of the test's own, on SQLite unless told otherwise; 小李 and 小王 work there too."""
    with ExitStack() as running:

        def make(*people: Person, **options: Any) -> Kefu:
            made = Kefu(tmp_path, **options)
            hire(made.store_url, *(people or (LI, WANG)))
            running.callback(made.kill)
            return made

        yield make


@pytest.fixture(params=["sqlite", "postgresql"])
def own(request: pytest.FixtureRequest, serve: Serve) -> Kefu:
    """A kefu that the test may stop, kill and start; not started yet."""
    url: str = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return serve(store_url=url)


@pytest.fixture
async def comes() -> AsyncIterator[Comes]:
    """Brings visitors in, and lets them go at the end."""
    there: list[Visitor] = []

    async def come(kefu: Kefu, language: str = "zh-Hans", **headers: str) -> Visitor:
        there.append(await Visitor.comes(kefu, language, **headers))
        return there[-1]

    yield come
    for visitor in there:
        await visitor.goes()


LOGINS: dict[tuple[str, str], dict[str, str]] = {}
"""Cookies by address and login. A shift logs in once: more than 20 logins an hour would be stopped."""


@pytest.fixture
async def logs_in() -> AsyncIterator[LogsIn]:
    """Seats agents at a kefu's desk, and lets them go at the end."""
    there: list[Agent] = []

    async def seat(kefu: Kefu, person: Person = LI) -> Agent:
        agent = Agent(kefu, person)
        there.append(agent)
        known = LOGINS.get((kefu.store_url, person.login))
        if known:
            agent.http.cookies = httpx.Cookies(known)
        else:
            answer = await agent.logs_in()
            assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
            LOGINS[kefu.store_url, person.login] = dict(agent.http.cookies)
        return agent

    yield seat
    for agent in there:
        await agent.goes()
