"""Agents and their logins, on both databases."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError
from bot.store import agents
from tests.store.shop import Shop

COOKIE, NEXT_COOKIE = b"c" * 32, b"d" * 32


async def begin(shop: Shop, agent: int, digest: bytes = COOKIE, old: bytes | None = None) -> None:
    await shop.store.write(agents.begin, agent, digest, address="10.0.0.1", user_agent="Firefox", old=old)


async def alive(shop: Shop, digest: bytes = COOKIE) -> bool:
    return await shop.store.read(agents.look, digest) is not None


async def test_an_agent_is_found_by_his_login_however_it_is_typed(shop: Shop) -> None:
    await shop.store.write(agents.add, " XiaoLi ", name="小李", password_hash="h", role="supervisor")
    found = await shop.store.read(agents.find, "xiaoLI")
    assert found is not None
    assert (found.login, found.name, found.role, found.must_change, found.active) == (
        "xiaoli", "小李", "supervisor", True, True,
    )  # fmt: skip
    assert await shop.store.read(agents.find, "nobody") is None


async def test_agents_without_a_number_get_numbers_of_their_own(shop: Shop) -> None:
    for login in ("a", "b"):
        await shop.store.write(agents.add, login, name="", password_hash="h")
    named = await shop.store.read(agents.accounts)
    numbers = [a.number for a in named]
    assert len(set(numbers)) == len(numbers)
    assert all(numbers)
    assert [a.name for a in named][-2:] == ["a", "b"]


async def test_a_login_is_given_once(shop: Shop) -> None:
    with pytest.raises(ConflictError, match="mei"):
        await shop.store.write(agents.add, "MEI", name="another", password_hash="h")


async def test_the_first_admin_is_made_only_where_there_is_nobody(shop: Shop) -> None:
    assert not await shop.store.write(agents.ensure_first, "admin", name="admin", password_hash="h")
    assert await shop.store.read(agents.find, "admin") is None


async def test_a_login_lasts_while_it_is_used_and_a_week_at_most(shop: Shop) -> None:
    await begin(shop, shop.agent)
    for _ in range(13):
        shop.clock.forward(timedelta(hours=11))
        assert await alive(shop)
        await shop.store.write(agents.touch, COOKIE)
    shop.clock.forward(timedelta(days=1) + timedelta(hours=2))
    assert not await alive(shop)


async def test_an_idle_login_ends_after_half_a_day(shop: Shop) -> None:
    await begin(shop, shop.agent)
    shop.clock.forward(timedelta(hours=12))
    assert not await alive(shop)


async def test_a_look_says_when_the_login_wants_a_touch(shop: Shop) -> None:
    await begin(shop, shop.agent)
    found = await shop.store.read(agents.look, COOKIE)
    assert found is not None
    login, stale = found
    assert (login.agent.id, stale) == (shop.agent, False)
    shop.clock.forward(timedelta(minutes=6))
    found = await shop.store.read(agents.look, COOKIE)
    assert found is not None
    assert found[1]


async def test_logging_in_ends_the_login_the_browser_came_with(shop: Shop) -> None:
    await begin(shop, shop.agent)
    await begin(shop, shop.other, NEXT_COOKIE, old=COOKIE)
    assert (await alive(shop), await alive(shop, NEXT_COOKIE)) == (False, True)


async def test_logging_out_ends_one_login(shop: Shop) -> None:
    await begin(shop, shop.agent)
    await begin(shop, shop.agent, NEXT_COOKIE)
    await shop.store.write(agents.end, COOKIE)
    assert (await alive(shop), await alive(shop, NEXT_COOKIE)) == (False, True)


async def test_a_new_password_ends_every_login_of_the_agent_and_of_nobody_else(shop: Shop) -> None:
    await begin(shop, shop.agent)
    await begin(shop, shop.other, NEXT_COOKIE)
    await shop.store.write(agents.set_password, shop.agent, "new", must_change=False)
    assert (await alive(shop), await alive(shop, NEXT_COOKIE)) == (False, True)
    found = await shop.store.read(agents.find, "mei")
    assert found is not None
    assert (found.password_hash, found.must_change) == ("new", False)


async def test_a_reset_password_must_be_changed(shop: Shop) -> None:
    await begin(shop, shop.agent)
    await shop.store.write(agents.reset, "mei", "once")
    found = await shop.store.read(agents.find, "mei")
    assert found is not None
    assert found.must_change
    assert not await alive(shop)
    with pytest.raises(NotFoundError, match="nobody"):
        await shop.store.write(agents.reset, "nobody", "once")


async def test_a_deactivated_agent_is_out_at_once_and_may_come_back(shop: Shop) -> None:
    await begin(shop, shop.agent)
    await shop.store.write(agents.set_active, "mei", False)
    assert not await alive(shop)
    await begin(shop, shop.agent)
    assert not await alive(shop)
    await shop.store.write(agents.set_active, "mei", True)
    assert await alive(shop)


async def test_of_many_first_starts_one_makes_the_admin(bare_shop: Shop) -> None:
    made = await asyncio.gather(
        *(bare_shop.store.write(agents.ensure_first, "admin", name="admin", password_hash=str(n)) for n in range(4))
    )
    assert made.count(True) == 1
    assert [a.role for a in await bare_shop.store.read(agents.accounts)] == ["admin"]


@pytest.fixture
async def bare_shop(shop: Shop) -> Shop:
    """A shop whose agents have all left."""

    def dismiss(tx: object) -> None:
        tx._execute("DELETE FROM agent")  # type: ignore[attr-defined]

    await shop.store.write(dismiss)
    return shop
