"""A disk that is full, or a commit that fails: the network hears "try again", and nobody hears "taken"."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import asyncpg
import pytest

from bot.errors import StoreError
from bot.store.runner import SqliteStore
from bot.store.sql import Tx
from tests.engine.works import Works, deliver, site, until, works
from tests.store.test_runner import failing

LONG = "长" * 100_000
NO_COMMITS = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE CONSTRAINT TRIGGER full_disk AFTER INSERT ON message DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION full_disk();
"""
COMMITS = "DROP TRIGGER full_disk ON message; DROP FUNCTION full_disk();"


def pages(tx: Tx, most: int | None = None) -> int:
    """How many pages the file has, or may have."""
    word = "page_count" if most is None else f"max_page_count={most}"
    execute: Any = tx._execute  # type: ignore[attr-defined]
    return int(execute(f"PRAGMA {word}").fetchone()[0])


async def limited(shop: Works, more: int) -> None:
    """Let the file grow by so many pages and no further."""
    store = shop.store
    assert isinstance(store, SqliteStore)
    store._connection.execute(f"PRAGMA max_page_count={await store.write(pages) + more}")


async def kept(shop: Works) -> list[str]:
    return [r.external_id for r in await shop.rows("SELECT external_id FROM message WHERE author = 'customer'")]


async def test_when_the_disk_is_full_the_network_is_asked_to_come_again(sqlite_url: str) -> None:
    async with works(sqlite_url) as shop, site(shop) as web:
        assert (await deliver(web, ("1", "li", "hi"))).status_code == 200
        await shop.quiet()
        await limited(shop, 2)
        statuses = [(await deliver(web, (f"big{n}", "li", LONG))).status_code for n in range(3)]
        assert statuses == [503] * 3
        assert await kept(shop) == ["1"]
        await limited(shop, 100_000)
        assert (await deliver(web, ("big0", "li", LONG))).status_code == 200
        assert (await deliver(web, ("2", "li", "ho"))).status_code == 200
        await shop.quiet()
        assert await kept(shop) == ["1", "big0", "2"]
        assert shop.network.heard("li")[-1] == "re: ho"
        assert (await web.get("/readyz")).status_code == 200


async def test_when_turns_no_longer_fit_on_the_disk_they_wait_for_room(sqlite_url: str) -> None:
    async with works(sqlite_url, start=False) as shop, site(shop) as web:
        await deliver(web, ("1", "li", LONG))
        await limited(shop, 0)
        await shop.engine.start()
        await until(lambda: shop.clerk.asked)
        await asyncio.sleep(0.5)
        assert shop.network.sent == []
        await limited(shop, 100_000)
        await shop.quiet()
        assert "".join(shop.network.heard("li")) == f"re:{LONG}"


@pytest.mark.parametrize("error", ["database or disk is full", "disk I/O error"])
async def test_a_failing_commit_is_an_answer_to_nobody(sqlite_url: str, error: str) -> None:
    async with works(sqlite_url) as shop, site(shop) as web:
        with failing(shop.store, "COMMIT", sqlite3.OperationalError(error)):
            answers = await asyncio.gather(*(deliver(web, (f"{n}", f"s{n}", "hi")) for n in range(20)))
            assert {a.status_code for a in answers} == {503}
            assert (await web.get("/healthz")).status_code == 200
        assert await kept(shop) == []
        answers = await asyncio.gather(*(deliver(web, (f"{n}", f"s{n}", "hi")) for n in range(20)))
        assert {a.status_code for a in answers} == {200}
        await shop.quiet()
        assert [shop.network.heard(f"s{n}") for n in range(20)] == [["re: hi"]] * 20


async def test_a_server_whose_commits_fail_is_an_answer_to_nobody(postgres_url: str) -> None:
    connection: Any = await asyncpg.connect(postgres_url)
    async with works(postgres_url) as shop, site(shop) as web:
        await connection.execute(NO_COMMITS)
        try:
            answers = await asyncio.gather(*(deliver(web, (f"{n}", f"s{n % 3}", "hi")) for n in range(20)))
            assert {a.status_code for a in answers} == {503}
            with pytest.raises(StoreError):
                await shop.say("hi")
            assert await kept(shop) == []
        finally:
            await connection.execute(COMMITS)
            await connection.close()
        answers = await asyncio.gather(*(deliver(web, (f"{n}", f"s{n % 3}", "hi")) for n in range(20)))
        assert {a.status_code for a in answers} == {200}
        await shop.quiet()
        assert len(shop.network.taken) == 20
        assert len(await kept(shop)) == 20


async def test_a_server_that_cannot_keep_turns_keeps_the_messages(postgres_url: str) -> None:
    connection: Any = await asyncpg.connect(postgres_url)
    async with works(postgres_url) as shop:
        only_bot = NO_COMMITS.replace("FOR EACH ROW", "FOR EACH ROW WHEN (NEW.author = 'bot')")
        await connection.execute(only_bot)
        try:
            await shop.say("hi")
            await until(lambda: len(shop.clerk.asked) > 1)
            assert shop.network.sent == []
        finally:
            await connection.execute(COMMITS)
            await connection.close()
        await shop.quiet()
        assert shop.network.heard("li") == ["re: hi"]
        assert await shop.rows("SELECT message_id FROM poison") == []
