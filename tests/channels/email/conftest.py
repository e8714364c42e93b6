"""A Dovecot with a fresh mailbox for each test, and a room that listens to it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store
from tests.channels.email.mailroom import MailRoom
from tests.peers.dovecot import Dovecot, dovecot

BOXES = [f"support{n}@shop.example" for n in range(120)]


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot(*BOXES) as running:
        yield running


@pytest.fixture(scope="module")
def addresses() -> Iterator[str]:
    return itertools.chain(BOXES)


@pytest.fixture
async def mail_store(sqlite_url: str) -> AsyncIterator[Store]:
    opened = await open_store(sqlite_url)
    yield opened
    await opened.close()


@pytest.fixture
async def room(mail_store: Store, addresses: Iterator[str], tmp_path: Path) -> MailRoom:
    return await MailRoom.open(mail_store, tmp_path / "media", next(addresses))


@pytest.fixture
async def other(mail_store: Store, addresses: Iterator[str], tmp_path: Path) -> MailRoom:
    return await MailRoom.open(mail_store, tmp_path / "media", next(addresses), name="other")


@pytest.fixture
async def any_room(store: Store, addresses: Iterator[str], tmp_path: Path) -> MailRoom:
    """A room on either database."""
    return await MailRoom.open(store, tmp_path / "media", next(addresses))
