"""Agents are told by a mailbox that fails, refuses and hangs – in the end, or the reason is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot import notifying
from bot.errors import AmbiguousSendError, PermanentSendError, TemporarySendError
from bot.intake import InboxHandle
from bot.messages import Notification
from bot.notifying import Notifying
from bot.ports import AgentMailer, HandoffDraft
from bot.store import Store, agents
from tests.engine.works import Network, until
from tests.store.shop import Shop

DRAFT = HandoffDraft("asked", "wants a person", None, {}, (1,))


class Mailbox(Network):
    """A network that writes to agents, and fails as it is told to."""

    def __init__(self, *fails: Exception) -> None:
        super().__init__()
        self.fails = list(fails)
        self.told: list[Notification] = []

    async def notify(self, notification: Notification) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.told.append(notification)


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await Shop.open(store)


@asynccontextmanager
async def calling(shop: Shop, *channels: tuple[str, Network]) -> AsyncIterator[Notifying]:
    handles = {name: InboxHandle(shop.inbox, name, channel) for name, channel in channels}
    working = Notifying(shop.store, handles, language="en", url="https://desk.example.com/", sweep=0.01)
    working.start()
    try:
        yield working
    finally:
        await working.stop(1)


async def handed_over(shop: Shop) -> int:
    await shop.store.write(agents.wish, "mei", email="mei@example.com", notify="always")
    lease = await shop.taken("a person please")
    await shop.commit(lease, draft=DRAFT)
    return lease.conversation_id


async def states(shop: Shop) -> list[tuple[str, str]]:
    return [(r.state, r.error) for r in await shop.rows("SELECT state, error FROM notification ORDER BY id")]


async def _sent(shop: Shop) -> bool:
    return await states(shop) == [("sent", "")]


async def test_an_agent_is_told_once(shop: Shop) -> None:
    conversation, mailbox = await handed_over(shop), Mailbox()
    assert isinstance(mailbox, AgentMailer)
    async with calling(shop, ("shop", mailbox)) as working:
        await until(lambda: _sent(shop))
        await asyncio.sleep(0.1)
        assert working.running
    (told,) = mailbox.told
    assert (told.to, told.language) == ("mei@example.com", "en")
    assert told.url == f"https://desk.example.com/desk/c/{conversation}"
    assert await states(shop) == [("sent", "")]


async def test_a_conversation_of_another_network_goes_through_the_mailbox_there_is(shop: Shop) -> None:
    await handed_over(shop)
    mailbox = Mailbox()
    async with calling(shop, ("shop", Network()), ("post", mailbox)):
        await until(lambda: mailbox.told)


async def test_without_a_mailbox_nothing_runs(shop: Shop) -> None:
    await handed_over(shop)
    async with calling(shop, ("shop", Network())) as working:
        assert working.running
        await asyncio.sleep(0.05)
    assert await states(shop) == [("due", "")]


@pytest.mark.parametrize("error", [TemporarySendError("451 later"), AmbiguousSendError("no word came")])
async def test_what_may_pass_is_tried_again(shop: Shop, error: Exception) -> None:
    await handed_over(shop)
    mailbox = Mailbox(error)
    async with calling(shop, ("shop", mailbox)):
        await until(lambda: not mailbox.fails)
        await asyncio.sleep(0.05)
        assert mailbox.told == []
        shop.clock.forward(timedelta(seconds=notifying.PAUSES[0] + 1))
        await until(lambda: mailbox.told)
    assert (await states(shop))[0][0] == "sent"


async def test_what_is_refused_is_kept_with_the_reason(shop: Shop) -> None:
    await handed_over(shop)
    async with calling(shop, ("shop", Mailbox(PermanentSendError("550 no such user")))):
        await until(lambda: _failed(shop))


async def _failed(shop: Shop) -> bool:
    return await states(shop) == [("failed", "550 no such user")]


async def test_what_is_no_longer_needed_is_not_sent(shop: Shop) -> None:
    conversation = await handed_over(shop)
    await shop.resolve(conversation)
    mailbox = Mailbox()
    async with calling(shop, ("shop", mailbox)):
        await until(lambda: _dropped(shop))
    assert mailbox.told == []


async def _dropped(shop: Shop) -> bool:
    return await states(shop) == [("dropped", "")]
