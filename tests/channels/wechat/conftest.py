"""An inbox on the strict fake, and the shelf both share their clock with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from channels.wechat.channel import WeChatChannel
from tests.channels.wechat.shelf import MemoryShelf
from tests.fakes.wechat import APPID, SECRET, WeChat

Open = Callable[..., WeChatChannel]
TOKEN = "kefu-callback-token"


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture
def wechat(shelf: MemoryShelf) -> Iterator[WeChat]:
    with WeChat(clock=lambda: shelf.time.timestamp()) as fake:
        fake.write("o1")
        yield fake


@pytest.fixture
async def open_inbox(wechat: WeChat, shelf: MemoryShelf) -> AsyncIterator[Open]:
    """Opens inboxes of the same account, each as another process would."""
    opened = []

    def open_one(**options: Any) -> WeChatChannel:
        basis = {"app_id": APPID, "app_secret": SECRET, "token": TOKEN, "api_base": wechat.url}
        channel = WeChatChannel("oa", basis | options)
        channel.borrow(shelf)
        opened.append(channel)
        return channel

    yield open_one
    for channel in opened:
        await channel.close()


@pytest.fixture
def inbox(open_inbox: Open) -> WeChatChannel:
    return open_inbox()
