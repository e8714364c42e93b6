"""The shelf: values with and without an end, names that one at a time holds, troubles told and mended."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import pytest

from bot.errors import NotFoundError, Trouble
from bot.ports import Shelf, Stored
from bot.shelf import InboxShelf, PaperShelf
from bot.store import Store, arrivals, shelf
from tests.store.shop import Shop

MINUTE = timedelta(minutes=1)
SICK = Trouble("token", {"zh-Hans": "请更新密钥", "en": "Renew the secret"})


@pytest.fixture
def shelf_(shop: Shop) -> Shelf:
    return InboxShelf(shop.store, shop.inbox)


def paper(shop: Shop) -> Shelf:
    return PaperShelf(shop.clock.now)


async def test_a_value_is_kept_until_its_time_is_over(shop: Shop, shelf_: Shelf) -> None:
    for each in (shelf_, paper(shop)):
        assert await each.get("token") is None
        await each.put("token", "one", lasts=MINUTE)
        assert await each.get("token") == "one"
        shop.clock.forward(MINUTE - timedelta(microseconds=1))
        assert await each.get("token") == "one"
        shop.clock.forward(timedelta(microseconds=1))
        assert await each.get("token") is None


async def test_a_value_without_a_time_stays_until_it_is_replaced_or_dropped(shop: Shop, shelf_: Shelf) -> None:
    for each in (shelf_, paper(shop)):
        await each.put("cursor", "")
        assert await each.get("cursor") == ""
        await each.put("cursor", "2", lasts=MINUTE)
        await each.put("cursor", "3")
        shop.clock.forward(timedelta(days=400))
        assert await each.get("cursor") == "3"
        await each.drop("cursor")
        await each.drop("cursor")
        assert await each.get("cursor") is None


async def test_each_inbox_has_a_shelf_of_its_own(shop: Shop, shelf_: Shelf) -> None:
    other = InboxShelf(shop.store, await shop.store.write(arrivals.keep_inbox, "other", "test"))
    await shelf_.put("token", "ours")
    assert await other.get("token") is None
    assert await shelf_.take("turn", lasts=MINUTE)
    assert await other.take("turn", lasts=MINUTE)


async def test_one_at_a_time_holds_a_name(shop: Shop, shelf_: Shelf) -> None:
    for each in (shelf_, paper(shop)):
        assert await each.take("turn", lasts=MINUTE)
        assert not await each.take("turn", lasts=MINUTE)
        await each.drop("turn")
        assert await each.take("turn", lasts=MINUTE)
        shop.clock.forward(MINUTE)
        assert await each.take("turn", lasts=MINUTE)


async def test_who_comes_back_late_does_not_end_the_next_ones_hold(shop: Shop, shelf_: Shelf) -> None:
    next_ = InboxShelf(shop.store, shop.inbox)
    assert await shelf_.take("turn", lasts=MINUTE)
    shop.clock.forward(MINUTE)
    assert await next_.take("turn", lasts=MINUTE)
    await shelf_.drop("turn")
    assert not await shelf_.take("turn", lasts=MINUTE)
    await next_.drop("turn")
    assert await shelf_.take("turn", lasts=MINUTE)


async def test_who_holds_a_name_may_go_on_holding_it_while_his_time_lasts(shop: Shop, shelf_: Shelf) -> None:
    for each in (shelf_, paper(shop)):
        assert not await each.hold("turn", lasts=MINUTE)
        assert await each.take("turn", lasts=MINUTE)
        shop.clock.forward(MINUTE / 2)
        assert await each.hold("turn", lasts=MINUTE)
        shop.clock.forward(MINUTE / 2)
        assert not await each.take("turn", lasts=MINUTE)
        shop.clock.forward(MINUTE)
        assert not await each.hold("turn", lasts=MINUTE)
        await each.drop("turn")


async def test_nobody_goes_on_with_what_another_holds(shop: Shop, shelf_: Shelf) -> None:
    next_ = InboxShelf(shop.store, shop.inbox)
    assert await shelf_.take("turn", lasts=MINUTE)
    assert not await next_.hold("turn", lasts=MINUTE)
    shop.clock.forward(MINUTE)
    assert await next_.take("turn", lasts=MINUTE)
    assert not await shelf_.hold("turn", lasts=MINUTE)
    assert await next_.hold("turn", lasts=MINUTE)


async def test_a_value_kept_for_ever_is_not_a_name_to_take(shelf_: Shelf) -> None:
    await shelf_.put("turn", "x")
    assert not await shelf_.take("turn", lasts=MINUTE)


async def test_many_who_ask_at_once_one_gets_it(shop: Shop) -> None:
    for round_ in range(5):
        tasks = [InboxShelf(shop.store, shop.inbox).take(f"turn {round_}", lasts=MINUTE) for _ in range(8)]
        assert sum(await asyncio.gather(*tasks)) == 1


TAKER = """
import asyncio, sys
from datetime import timedelta
from bot.shelf import InboxShelf
from bot.store import open_store

async def main(url, inbox):
    store = await open_store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    shelf = InboxShelf(store, int(inbox))
    print(sum([await shelf.take(f"turn {n}", lasts=timedelta(minutes=5)) for n in range(40)]), flush=True)
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_two_processes_share_names_between_them(store: Store, store_url: str) -> None:
    inbox = await store.write(arrivals.keep_inbox, "shop", "test")
    pipe = asyncio.subprocess.PIPE
    takers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", TAKER, store_url, str(inbox), stdin=pipe, stdout=pipe
        )
        for _ in range(2)
    ]
    for taker in takers:
        assert taker.stdout is not None
        assert await taker.stdout.readline() == b"ready\n"
    taken = [int(out) for out, _ in await asyncio.gather(*(taker.communicate(b"\n") for taker in takers))]
    assert sum(taken) == 40


async def test_what_nobody_can_get_any_more_is_thrown_away(shop: Shop, shelf_: Shelf) -> None:
    for n in range(3):
        await shelf_.put(f"old {n}", "x", lasts=MINUTE)
    await shelf_.put("stays", "x")
    shop.clock.forward(timedelta(hours=2))
    await shelf_.put("new", "x", lasts=MINUTE)
    assert [r.name for r in await shop.rows("SELECT name FROM kept ORDER BY name")] == ["new", "stays"]


async def test_a_trouble_told_again_is_the_same_since_the_first_time(shop: Shop, shelf_: Shelf) -> None:
    first = shop.clock.at
    await shelf_.tell(Trouble("token", {"en": "old words"}))
    shop.clock.forward(MINUTE)
    await shelf_.tell(SICK)
    assert await shop.store.read(shelf.troubles) == [
        {"inbox": "shop", "channel": "test", "key": "token", "said": dict(SICK.said), "since": first.isoformat()}
    ]
    assert [r.n for r in await shop.rows("SELECT count(*) AS n FROM inbox_trouble WHERE seen_at > since")] == [1]


async def test_troubles_are_mended_by_key_or_all(shop: Shop, shelf_: Shelf) -> None:
    other = InboxShelf(shop.store, await shop.store.write(arrivals.keep_inbox, "other", "test"))
    for key in ("token", "quota", "menu"):
        await shelf_.tell(Trouble(key))
        shop.clock.forward(MINUTE)
    await other.tell(Trouble("token"))
    await shelf_.mended("token", "one that never was")
    assert [(t["inbox"], t["key"]) for t in await shop.store.read(shelf.troubles)] == [
        ("shop", "quota"),
        ("shop", "menu"),
        ("other", "token"),
    ]
    await shelf_.mended()
    assert [t["inbox"] for t in await shop.store.read(shelf.troubles)] == ["other"]
    since = shop.clock.at
    await shelf_.tell(SICK)  # once more: a new trouble
    assert (await shop.store.read(shelf.troubles))[-1]["since"] == since.isoformat()


async def test_saying_that_all_is_well_writes_nothing(
    shop: Shop, shelf_: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(*_: object) -> None:
        raise AssertionError("it wrote")

    await shelf_.tell(SICK)
    monkeypatch.setattr(shop.store, "write", write)
    await shelf_.mended("another")
    with pytest.raises(AssertionError):
        await shelf_.mended("token")


async def test_files_come_from_where_they_are_kept(shop: Shop) -> None:
    async def file(key: str) -> Stored:
        return Stored(key.encode(), "text/plain", "a.txt")

    assert (await InboxShelf(shop.store, shop.inbox, file).file("k")).data == b"k"
    for bare in (InboxShelf(shop.store, shop.inbox), paper(shop)):
        with pytest.raises(NotFoundError):
            await bare.file("k")
