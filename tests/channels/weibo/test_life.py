"""The token's end: told in the desk 30 days before, in `kefu check`, and taken back when there is a new one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest

from bot.errors import StaleCursorError, StoreError
from bot.messages import Heard
from bot.ports import Accept, Cursor
from channels.weibo import life
from channels.weibo.api import Api
from channels.weibo.channel import WeiboChannel
from channels.weibo.options import read
from channels.weibo.polling import Polling
from tests.channels.wechat.shelf import MemoryShelf
from tests.channels.weibo.conftest import Open
from tests.fakes.weibo import TOKEN, TOKEN_INFO, Weibo
from tests.fakes.weibo_public import TO_ME


async def look(weibo: Weibo, shelf: MemoryShelf, **more: object) -> dict[str, str]:
    """What people are told, by its key."""
    api = Api(read("weibo", weibo.options(**more)), shelf)
    try:
        await life.look(api, shelf)
    finally:
        await api.close()
    return {key: trouble.said["zh-Hans"] for key, trouble in shelf.troubles.items()}


@pytest.mark.parametrize(("days", "said"), [(200.0, ""), (30.5, ""), (29.5, "29 天"), (6.9, "6 天"), (0.5, "1 天")])
async def test_it_is_told_in_time(weibo: Weibo, shelf: MemoryShelf, days: float, said: str) -> None:
    weibo.token_ends(days)
    told = await look(weibo, shelf)
    assert list(told) == (["token_soon"] if said else [])
    assert said in told.get("token_soon", "")


async def test_it_is_taken_back(weibo: Weibo, shelf: MemoryShelf) -> None:
    weibo.token_ends(5)
    assert await look(weibo, shelf)
    weibo.token_ends(365)
    assert await look(weibo, shelf) == {}


async def test_the_day_an_operator_wrote_down_counts_where_weibo_tells_none(weibo: Weibo, shelf: MemoryShelf) -> None:
    weibo.trouble(TOKEN_INFO, errcode=10014, times=None)
    assert await look(weibo, shelf) == {}
    soon = (shelf.time + timedelta(days=8)).date().isoformat()
    assert soon in (await look(weibo, shelf, token_expires=soon))["token_soon"]


async def test_one_process_looks(open_inbox: Open, weibo: Weibo, shelf: MemoryShelf) -> None:
    weibo.token_ends(5)

    async def nobody(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        raise AssertionError("nothing was said in public")

    tasks = [asyncio.create_task(open_inbox(public=False).listen(nobody)) for _ in range(3)]
    async with asyncio.timeout(60):
        while not shelf.troubles:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert weibo.counts[TOKEN_INFO] == 1


async def test_a_new_token_is_looked_at_at_once(open_inbox: Open, weibo: Weibo, shelf: MemoryShelf) -> None:
    """Whoever changed it is not told of the old one for half a day more."""

    async def nobody(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        raise AssertionError("nothing was said in public")

    async def served(until: Callable[[], bool]) -> None:
        task = asyncio.create_task(open_inbox(public=False).listen(nobody))
        async with asyncio.timeout(60):
            while not until():
                await asyncio.sleep(0.01)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    weibo.token_ends(5)
    await served(lambda: bool(shelf.troubles))
    weibo.token = "2.00another-token-of-the-console"
    weibo.token_ends(365)
    await served(lambda: not shelf.troubles)


async def test_what_stops_the_poller_is_told_as_it_is(
    open_inbox: Open, monkeypatch: pytest.MonkeyPatch, shelf: MemoryShelf
) -> None:
    """The ground knows what a moved cursor means, and not what a group of exceptions does."""

    async def moved(self: Polling, accept: Accept) -> None:
        raise StaleCursorError("moved")

    async def nobody(heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        raise AssertionError

    monkeypatch.setattr(Polling, "run", moved)
    with pytest.raises(StaleCursorError):
        await open_inbox().listen(nobody)


async def found(inbox: WeiboChannel) -> list[tuple[bool, str]]:
    """What is said of the token and the account."""
    return [(one.ok, one.mend) for one in await inbox.check() if "public" not in one.what]


async def in_public(inbox: WeiboChannel) -> list[tuple[bool, str]]:
    return [(one.ok, one.mend) for one in await inbox.check() if "public" in one.what]


async def test_check_reads_what_is_public_for_a_call_each(inbox: WeiboChannel, weibo: Weibo) -> None:
    assert await in_public(inbox) == [(True, "")] * 3
    assert weibo.spent.total() == 3
    assert (await inbox._parts.budget.today()).used == 3


async def test_check_asks_nothing_in_public_where_nobody_reads_it(open_inbox: Open, weibo: Weibo) -> None:
    assert await in_public(open_inbox(public=False)) == []
    weibo.kill_token()
    assert await in_public(open_inbox()) == []
    assert weibo.spent.total() == 0


REFUSED_LISTS = [
    (10014, False, "comments need the comment interfaces"),
    (21335, False, "uid 1902538057 is not the account the access token is of"),
    (10023, True, "Weibo itself says so"),
    (10009, False, "Weibo is busy"),
]


@pytest.mark.parametrize(("code", "ok", "words"), REFUSED_LISTS)
async def test_check_says_what_stands_in_the_way(
    inbox: WeiboChannel, weibo: Weibo, code: int, ok: bool, words: str
) -> None:
    weibo.trouble(TO_ME, errcode=code)
    first, *others = await in_public(inbox)
    assert first[0] is ok
    assert words in first[1]
    assert others == [(True, "")] * 2


async def test_check_leaves_the_calls_that_are_kept_for_answers(open_inbox: Open, weibo: Weibo) -> None:
    inbox = open_inbox(calls_per_day=10, reserve=8)
    told = await in_public(inbox)
    assert [ok for ok, _ in told] == [True] * 3
    assert [mend for _, mend in told][:2] == ["", ""]
    assert "of today's 10 calls only the 8 for answers are left" in told[2][1]
    assert weibo.spent.total() == 2


async def test_check_goes_on_where_calls_cannot_be_counted(
    inbox: WeiboChannel, weibo: Weibo, shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*args: object, **kwargs: object) -> bool:
        raise StoreError("the disk is full")

    monkeypatch.setattr(shelf, "take", away)
    told = await in_public(inbox)
    assert [(ok, "the disk is full" in mend) for ok, mend in told] == [(True, True)] * 3
    assert weibo.spent.total() == 0


async def test_check_says_that_it_is_well(inbox: WeiboChannel) -> None:
    assert await found(inbox) == [(True, "")]


@pytest.mark.parametrize(("days", "ok"), [(20, True), (6, False)])
async def test_check_says_that_it_ends(inbox: WeiboChannel, weibo: Weibo, days: float, ok: bool) -> None:
    weibo.token_ends(days)
    ((well, mend),) = await found(inbox)
    assert well is ok
    assert f"ends in {days} days" in mend or f"ends in {days - 1} days" in mend


@pytest.mark.parametrize("numeric", [True, False])
async def test_check_says_that_it_is_dead(inbox: WeiboChannel, weibo: Weibo, numeric: bool) -> None:
    weibo.numeric = numeric
    weibo.kill_token(21327)
    ((well, mend),) = await found(inbox)
    assert not well
    assert "set access_token" in mend
    assert TOKEN not in mend


async def test_check_says_that_it_is_anothers(open_inbox: Open) -> None:
    well, other = await found(open_inbox(uid="1000000001"))
    assert well == (True, "")
    assert not other[0]
    assert "1902538057" in other[1]


async def test_check_says_what_it_cannot_know(inbox: WeiboChannel, weibo: Weibo) -> None:
    weibo.trouble(TOKEN_INFO, errcode=10014)
    ((well, mend),) = await found(inbox)
    assert well
    assert "token_expires" in mend


async def test_check_says_that_weibo_is_out_of_reach(open_inbox: Open) -> None:
    ((well, mend),) = await found(open_inbox(api_base="http://127.0.0.1:9"))
    assert not well
    assert "http://127.0.0.1:9" in mend


async def test_check_asks_even_after_a_refusal(inbox: WeiboChannel, weibo: Weibo) -> None:
    weibo.kill_token()
    assert not (await found(inbox))[0][0]
    weibo.kill_token(0)
    assert (await found(inbox))[0][0]


def test_a_day_is_one_in_china(weibo: Weibo) -> None:
    ends = life.given(read("weibo", weibo.options(token_expires=date(2027, 5, 1))))
    assert ends is not None
    assert ends.isoformat() == "2027-04-30T16:00:00+00:00"
