"""Two processes at the same line: what one of them was quicker to take, no answer of the other says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from bot.messages import Outgoing
from bot.ports import Gathered
from bot.store import Store, answers, desk, open_store, outbox, parking
from bot.store.answers import Found, Terms
from bot.store.rows import Due
from bot.store.sql import Tx
from channels import fit
from tests.databases import apart
from tests.store.shop import HOLD, Shop
from tests.store.test_answers import CAN, TERMS, arrival, find, line

T = TypeVar("T")


@pytest.fixture
async def shop(postgres_url: str) -> AsyncIterator[Shop]:
    store = await open_store(postgres_url)
    yield await Shop.open(store)
    await store.close()


def elsewhere(url: str, act: Callable[[Store], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]:
    """What another process does, with a store of its own."""

    async def whole() -> T:
        store = await open_store(url)
        try:
            return await act(store)
        finally:
            await store.close()

    return whole()


def meanwhile(happens: Callable[[], Any]) -> Terms:
    """Terms of a script that looks at the line – and then this happens."""

    def gather(waiting: Sequence[Outgoing], *, out: int) -> Gathered | None:
        if not seen:
            seen.append(happens())
        return fit.gather(waiting, CAN, out)

    seen: list[Any] = []
    return Terms(gather, timedelta(seconds=30))


async def test_the_first_is_taken_for_delivery_and_the_second_waits_behind_it(shop: Shop, postgres_url: str) -> None:
    """It used to be held for an answer nobody gave, and unknown in the end, though it never went anywhere."""
    await shop.said("1", "2")
    message = await arrival(shop)
    taken: list[Due] = []

    async def claim(store: Store) -> None:
        taken.extend(await store.write(outbox.claim, limit=1, hold=HOLD))

    terms = meanwhile(lambda: apart(elsewhere(postgres_url, claim)))
    found = await shop.store.write(answers.find, message, terms, "li")
    assert [due.outgoing.text for due in taken] == ["1"]
    assert found == Found(turned=True)
    assert await line(shop) == [("1", "queued", ""), ("2", "queued", "")]


async def test_two_webhooks_do_not_say_the_same(shop: Shop, postgres_url: str) -> None:
    await shop.said("1")
    first = await arrival(shop)
    await shop.commit(await shop.taken())
    second = await arrival(shop)
    others: list[Found] = []

    async def answer(store: Store) -> None:
        others.append(await store.write(answers.find, second, TERMS, "li"))

    terms = meanwhile(lambda: apart(elsewhere(postgres_url, answer)))
    found = await shop.store.write(answers.find, first, terms, "li")
    assert others[0].answer is not None
    assert found.answer is None


async def test_attempts_of_one_push_at_the_same_time_get_the_same(shop: Shop, postgres_url: str) -> None:
    await shop.said("1")
    message = await arrival(shop)
    with ThreadPoolExecutor(1) as pool:
        other: list[Future[Found]] = []

        def start() -> None:
            act = elsewhere(postgres_url, lambda store: store.write(answers.find, message, TERMS, "li"))
            other.append(pool.submit(asyncio.run, act))
            assert any(apart(_waits(postgres_url)) for _ in range(500)), "it did not wait for the first one"

        found = await shop.store.write(answers.find, message, meanwhile(start), "li")
        again = other[0].result()
    assert found.answer is not None
    assert again.answer is not None
    assert found.answer.outgoing.text == again.answer.outgoing.text == "1"
    assert await find(shop, message) != Found(turned=True)


async def _waits(url: str) -> bool:
    """Whether somebody waits for a row."""
    import asyncpg

    connection: Any = await asyncpg.connect(url)
    try:
        waits = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
    finally:
        await connection.close()
    return bool(waits)


async def test_what_is_queued_while_the_line_is_parked_waits_with_it(shop: Shop, postgres_url: str) -> None:
    """It used to stand behind unmarked, and the desk did not say what it waited for."""
    conversation = await shop.said("1")
    (due,) = await shop.dues()
    written, on = threading.Event(), threading.Event()

    def slowly(tx: Tx) -> None:
        desk.reply(tx, conversation, shop.agent, cid="cid-00000001", text="2", pull=False)
        written.set()
        on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(asyncio.run, elsewhere(postgres_url, lambda store: store.write(slowly)))
        await asyncio.to_thread(written.wait, 10)
        until = shop.clock.now() + timedelta(days=7)
        parked = asyncio.create_task(shop.store.write(parking.park, due, "quota", until, parts=0))
        await asyncio.sleep(0.3)  # until it stands at the reply's lock
        on.set()
        assert await parked
        await asyncio.to_thread(reply.result)
    assert await line(shop) == [("1", "queued", "quota"), ("2", "queued", "quota")]
