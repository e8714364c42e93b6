"""An inbox on the strict fake, and the shelf both share their clock with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from channels.weibo.channel import WeiboChannel
from tests.channels.wechat.shelf import MemoryShelf
from tests.fakes.weibo import Weibo

Open = Callable[..., WeiboChannel]
CUSTOMER = "2489518277"


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture
def weibo(shelf: MemoryShelf) -> Iterator[Weibo]:
    with Weibo(clock=lambda: shelf.time.timestamp()) as fake:
        fake.act(CUSTOMER)
        yield fake


@pytest.fixture
async def open_inbox(weibo: Weibo, shelf: MemoryShelf) -> AsyncIterator[Open]:
    """Opens inboxes of the same account, each as another process would."""
    opened = []

    def open_one(**options: Any) -> WeiboChannel:
        channel = WeiboChannel("weibo", weibo.options(**options))
        channel.borrow(shelf)
        opened.append(channel)
        return channel

    yield open_one
    for channel in opened:
        await channel.close()


@pytest.fixture
def inbox(open_inbox: Open) -> WeiboChannel:
    return open_inbox()
