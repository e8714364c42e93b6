"""What `kefu check` says of inboxes whose channels keep something, and of troubles told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot import app
from bot.commands import checking
from bot.errors import Trouble
from bot.ports import Capabilities, Finding, Shelf
from bot.setting_sections import StoreSettings
from bot.settings import InboxSettings, Settings
from bot.shelf import InboxShelf, PaperShelf
from bot.store import arrivals, open_store, schema


class Borrowing:
    """A channel that can look at its network only with what its shelf keeps."""

    kind = "test"
    capabilities = Capabilities()
    closed = False

    def borrow(self, shelf: Shelf) -> None:
        self.shelf = shelf

    async def check(self) -> Sequence[Finding]:
        token = await self.shelf.get("token")
        if token is None:
            await self.shelf.put("token", "fresh", lasts=timedelta(hours=1))
        return [Finding(f"token {token or 'fetched'}", True)]

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Borrowing:
    made = Borrowing()
    monkeypatch.setattr(app, "make_channels", lambda settings: {"shop": made})
    return made


def at(url: str) -> Settings:
    return Settings(store=StoreSettings(url), inboxes=(InboxSettings("shop", "test"),))


ADDRESS = "networks have to reach it: set [web] public_url to what the world calls this server"


async def found(url: str) -> list[tuple[str, bool, str]]:
    told = [(one.what, one.ok, one.mend) async for one in checking.inboxes(at(url))]
    assert told.pop() == ("inbox shop: webhook http://127.0.0.1:8000/webhooks/shop", True, ADDRESS)
    return told


async def test_the_running_kefus_shelf_is_lent_and_its_troubles_are_told(store_url: str, channel: Borrowing) -> None:
    store = await open_store(store_url)
    for name in ("shop", "gone"):
        mine = InboxShelf(store, await store.write(arrivals.keep_inbox, name, "test"))
        await mine.put("token", f"of {name}")
        await mine.tell(Trouble("secret", {"zh-Hans": "请更新密钥", "en": "Renew the secret"}))
    await mine.tell(Trouble("more"))
    await store.close()
    assert isinstance(channel, Borrowing)
    live, told = await found(store_url)
    assert live == ("inbox shop: token of shop", True, "")
    assert told[0].startswith("inbox shop: secret (since 20")
    assert told[1:] == (False, "Renew the secret")
    assert isinstance(channel.shelf, InboxShelf)
    assert channel.closed


async def test_an_inbox_never_served_gets_a_shelf_of_paper(store_url: str, channel: Borrowing) -> None:
    assert await found(store_url) == [("inbox shop: token fetched", True, "")]
    assert isinstance(channel.shelf, PaperShelf)


async def test_where_there_is_no_database_none_is_made(bare_url: str, channel: Borrowing) -> None:
    assert await found(bare_url) == [("inbox shop: token fetched", True, "")]
    assert await channel.shelf.get("token") == "fresh"
    assert await schema.state(bare_url) is schema.State.FRESH


async def test_a_database_that_cannot_be_reached_is_the_stores_finding_alone(channel: Borrowing) -> None:
    assert await found("postgresql://nobody@127.0.0.1:9/none") == [("inbox shop: token fetched", True, "")]
