"""A kefu that serves, once on each kind of database, and the people who meet there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.databases import Postgres
from tests.stories.networks import Customer, Follower, Networks, networks
from tests.stories.people import Agent, Visitor
from tests.stories.serving import LI, WANG, Kefu, Person, hire

Serve = Callable[..., Kefu]
Comes = Callable[..., Awaitable[Visitor]]
LogsIn = Callable[..., Awaitable[Agent]]
Follows = Callable[..., Follower]
Calls = Callable[..., Customer]


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


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Networks]:
    """A kefu with WeChat and WeCom inboxes for every story that does not stop it, on each kind of database."""
    url = ""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.fresh()
    with networks(tmp_path_factory.mktemp("world"), store_url=url) as made:
        hire(made.kefu.store_url, LI, WANG)
        made.kefu.start()
        yield made
        code = made.kefu.stop()
    if url:
        server.drop(url)
    told = "".join(made.kefu.lines)
    assert code == 0, told
    assert "Traceback" not in told, told


@pytest.fixture(params=["sqlite", "postgresql"])
def own_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Networks]:
    """The same for a story that stops it; not started yet."""
    url: str = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with networks(tmp_path / "own", store_url=url) as made:
        hire(made.kefu.store_url, LI, WANG)
        yield made


@pytest.fixture
async def follows() -> AsyncIterator[Follows]:
    """Makes followers of an Official Account."""
    there: list[Follower] = []

    def follow(*given: Any, **named: Any) -> Follower:
        there.append(Follower(*given, **named))
        return there[-1]

    yield follow
    for follower in there:
        await follower.goes()


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    """Makes customers of a WeCom account."""
    there: list[Customer] = []

    def call(*given: Any, **named: Any) -> Customer:
        there.append(Customer(*given, **named))
        return there[-1]

    yield call
    for customer in there:
        await customer.goes()
