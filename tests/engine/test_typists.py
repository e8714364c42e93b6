"""Typing is shown where the network can, not too often, and never in anybody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot import typists
from bot.errors import TemporarySendError
from bot.intake import InboxHandle
from bot.messages import Incoming
from bot.ports import Capabilities
from bot.store import arrivals
from bot.store.rows import Lease, token
from bot.store.runner import Store
from bot.typists import Typists
from channels.wechat.channel import WeChatChannel
from tests.channels.wechat.shelf import MemoryShelf
from tests.engine.works import Network, until, works
from tests.fakes.wechat import APPID, SECRET, TYPING, WeChat

ABLE = Capabilities(idempotent_send=True, typing=True)


class Shows(Network):
    """A network on which typing can be seen."""

    def __init__(self, capabilities: Capabilities = ABLE) -> None:
        super().__init__(capabilities)
        self.shown: list[str] = []
        self.broken = False

    async def typing(self, recipient: str) -> None:
        self.shown.append(recipient)
        if self.broken:
            raise TemporarySendError("not now")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every turn is a slow one."""
    monkeypatch.setattr(typists, "SLOW", 0.0)


async def test_an_agent_who_types_is_seen_once_in_a_while(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Shows()
    async with works(sqlite_url, network=network) as shop:
        place = (await shop.say("hello")).conversation_id
        await shop.quiet()
        for _ in range(5):
            shop.engine.typists.agent(place)
        await until(lambda: network.shown)
        for _ in range(5):
            shop.engine.typists.agent(place)
        await shop.say("again", sender="han")
        await shop.quiet()
        assert network.shown == ["li"]
        monkeypatch.setattr(typists, "AGAIN", 0.0)
        shop.engine.typists._places[place].next_at = 0.0
        shop.engine.typists.agent(place)
        shop.engine.typists.agent(place)
        await until(lambda: len(network.shown) == 3)


async def test_what_goes_wrong_is_nobodys_business(sqlite_url: str, logged: list[Any]) -> None:
    network = Shows()
    network.broken = True
    async with works(sqlite_url, network=network) as shop:
        place = (await shop.say("hello")).conversation_id
        shop.engine.typists.agent(place)
        shop.engine.typists.agent(place + 1)  # nobody's conversation
        await until(lambda: any(entry["event"] == "typing.not_shown" for entry in logged))
        await shop.quiet()
        assert await shop.replies() == ["re: hello"]
    levels = {entry["log_level"] for entry in logged if entry["event"].startswith("typing")}
    assert levels == {"debug"}


@pytest.mark.usefixtures("at_once")
async def test_a_turn_that_takes_long_is_seen(sqlite_url: str) -> None:
    network = Shows()
    async with works(sqlite_url, network=network) as shop:
        gate = asyncio.Event()
        decide = shop.clerk.decide

        async def thinks(question: Any) -> Any:
            await gate.wait()
            return await decide(question)

        shop.clerk.decide = thinks  # type: ignore[method-assign]
        await shop.say("hello")
        await until(lambda: network.shown == ["li"])
        gate.set()
        await shop.quiet()
        assert await shop.replies() == ["re: hello"]


async def test_a_quick_turn_is_not(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timer ends with its turn."""
    timers: list[asyncio.TimerHandle] = []
    soon = Typists.soon

    def noted(self: Typists, lease: Lease) -> asyncio.TimerHandle | None:
        timer = soon(self, lease)
        timers.extend([timer] if timer else [])
        return timer

    monkeypatch.setattr(Typists, "soon", noted)
    network = Shows()
    async with works(sqlite_url, network=network) as shop:
        await shop.say("hello")
        await shop.say("fail=1")
        await shop.quiet()
        assert len(timers) >= 2
        assert all(timer.cancelled() for timer in timers)
        assert network.shown == []


@pytest.mark.parametrize("network", [Network(ABLE), Shows(Capabilities())], ids=["no Typist", "not allowed"])
@pytest.mark.usefixtures("at_once")
async def test_networks_that_cannot_cost_nothing(sqlite_url: str, network: Network) -> None:
    async with works(sqlite_url, network=network) as shop:
        place = (await shop.say("hello slow=0.01")).conversation_id
        shop.engine.typists.agent(place)
        assert shop.engine.typists._tasks == set()
        await shop.quiet()
        assert len(shop.engine.typists._places) == 0


class Silent:
    """What the ground would ask of the channel of another network."""

    kind = "web"
    capabilities = Capabilities(pull=True, typing=True)


async def test_an_inbox_that_cannot_beside_one_that_can_is_looked_up_once(store: Store) -> None:
    can, cannot = [await store.write(arrivals.keep_inbox, name, "test") for name in ("can", "cannot")]
    web: Any = Silent()
    people = Typists(store, {can: InboxHandle(can, "can", Shows()), cannot: InboxHandle(cannot, "cannot", web)})
    place = await wrote(store, cannot, "li")
    people.agent(place)
    await asyncio.gather(*people._tasks)
    people.agent(place)
    assert people._tasks == set()


async def wrote(store: Store, inbox: int, sender: str) -> int:
    arrived = await store.write(
        arrivals.accept, inbox, Incoming(f"m-{sender}", sender, "你好"), token=token(), lease=None, reopen=timedelta()
    )
    return arrived.conversation_id


@asynccontextmanager
async def account(store: Store, wechat: WeChat) -> AsyncIterator[Typists]:
    """An Official Account's inbox on the strict fake."""
    channel = WeChatChannel(
        "oa", {"app_id": APPID, "app_secret": SECRET, "token": "kefu-callback-token", "api_base": wechat.url}
    )
    channel.borrow(MemoryShelf())
    inbox = await store.write(arrivals.keep_inbox, "oa", "wechat")
    people = Typists(store, {inbox: InboxHandle(inbox, "oa", channel)})
    yield people
    await people.stop()
    await channel.close()


async def test_wechat_shows_it(store: Store) -> None:
    with WeChat() as wechat:
        wechat.write("o1")
        async with account(store, wechat) as people:
            (inbox,) = people._able
            place = await wrote(store, inbox, "o1")
            for _ in range(3):
                people.agent(place)
            await until(lambda: wechat.people["o1"].typing_until > 0)
            assert (wechat.counts[TYPING], wechat.refused) == (1, [])
            wechat.advance(typists.AGAIN)
            people._places[place].next_at = 0.0
            wechat.write("o1")
            people.agent(place)
            await until(lambda: wechat.counts[TYPING] == 2)
            assert wechat.refused == []


async def test_wechat_refuses_after_half_a_minute_and_nobody_hears_of_it(store: Store, logged: list[Any]) -> None:
    with WeChat() as wechat:
        wechat.write("o1")
        wechat.advance(31)
        async with account(store, wechat) as people:
            (inbox,) = people._able
            people.agent(await wrote(store, inbox, "o1"))
            await until(lambda: any(entry["event"] == "typing.not_shown" for entry in logged))
            assert [code for _, code, _ in wechat.refused] == [45080]
