"""A mailbox that is listened to, on a real store: what came, where it went, and what is said of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from bot.errors import StaleCursorError
from bot.keepable import heard as keepable
from bot.media import KeptFiles, MediaFolder
from bot.messages import Heard
from bot.ports import Cursor
from bot.shelf import InboxShelf
from bot.store import Store, arrivals, desk, pages, shelf
from bot.store.sql import Row
from channels.email.channel import EmailChannel
from tests.channels.email.raw import raw
from tests.peers.dovecot import PASSWORD
from tests.store.shop import Shop, rows

ME = "support@shop.example"
SECRET = "signed-with-this-one"
WITHIN = 120.0


def options(port: int, me: str = ME, **more: Any) -> dict[str, Any]:
    given = {
        "address": me, "password": PASSWORD, "imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none",
        "smtp_host": "127.0.0.1", "smtp_port": 9, "smtp_security": "none", "secret": SECRET, "poll_seconds": 10,
    }  # fmt: skip
    return {**given, **more}


def letter(number: int | str, text: str = "什么时候发货？", to: str = ME, **fields: str | None) -> bytes:
    """A customer's mail."""
    return raw(text, **{"Subject": f"杯子 {number}", "To": to, "Message_ID": f"<{number}@example.com>", **fields})


def _loaded(payload: Any) -> dict[str, Any]:
    return dict(orjson.loads(payload) if isinstance(payload, str) else payload)


class KilledError(BaseException):
    """The process dies here."""


@dataclass(frozen=True)
class Letter:
    """A message as it is kept."""

    row: Row
    payload: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.row.text)

    @property
    def place(self) -> int:
        return int(self.row.place)

    @property
    def mute(self) -> str:
        return str(self.payload.get("mute", ""))

    @property
    def wakes(self) -> bool:
        return self.payload.get("wakes") is not False

    @property
    def extra(self) -> dict[str, Any]:
        return dict(self.payload.get("extra", {}))

    @property
    def rule(self) -> str:
        return str(self.extra.get("placing", {}).get("rule", ""))


@dataclass
class MailRoom:
    """One inbox. `kill` ends the process at the second mail it takes in: "before" or "after" its transaction. `stale`
    counts the pages another process had kept already."""

    store: Store
    folder: Path
    me: str = ME
    inbox: int = 0
    kill: str = ""
    taken: int = 0
    stale: int = 0
    cursors: list[Cursor] = field(default_factory=list)

    @classmethod
    async def open(cls, store: Store, folder: Path, me: str = ME, name: str = "mail") -> MailRoom:
        room = cls(store, folder, me)
        room.inbox = await store.write(arrivals.keep_inbox, name, "email")
        return room

    def shelf(self) -> InboxShelf:
        files = KeptFiles(self.store, MediaFolder(self.folder), 10)
        return InboxShelf(self.store, self.inbox, files.file, files.ahead)

    async def accept(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        self.taken += bool(heard)
        if heard and self.kill == "before" and self.taken == 2:
            raise KilledError
        try:
            await self.store.write(
                pages.keep, self.inbox, [keepable(one) for one in heard], cursor, lease=None,
                reopen=timedelta(days=1), wake=None,
            )  # fmt: skip
        except StaleCursorError:
            self.stale += 1
            raise
        if cursor is not None:
            self.cursors.append(cursor)
        if heard and self.kill == "after" and self.taken == 2:
            raise KilledError

    @contextlib.asynccontextmanager
    async def listening(self, port: int, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
        """A process that listens."""
        channel = EmailChannel("mail", options(port, self.me, **more))
        channel.borrow(self.shelf())
        task = asyncio.create_task(channel.listen(self.accept))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await channel.close()

    # ---- what is there --------------------------------------------------------------------------------------------

    async def rows(self, sql: str) -> list[Row]:
        return await self.store.read(rows, sql)

    async def messages(self) -> list[Row]:
        """Everything said, in the order it came."""
        return await self.rows(
            "SELECT m.id, m.conversation_id AS place, m.external_id AS mid, m.author, m.author_name AS name, m.text,"
            " m.kind, m.payload, m.delivery, m.error, c.status, c.thread, c.sender,"
            " c.waiting_since IS NOT NULL AS waits"
            " FROM message m JOIN conversation c ON c.id = m.conversation_id"
            f" WHERE m.inbox_id = {self.inbox} AND m.author <> 'system' ORDER BY m.id"
        )

    async def letters(self) -> list[Letter]:
        return [Letter(row, _loaded(row.payload)) for row in await self.messages()]

    async def troubles(self) -> dict[str, dict[str, str]]:
        return {one["key"]: one["said"] for one in await self.store.read(shelf.troubles)}

    async def until(self, happened: Callable[[], Any], within: float = WITHIN) -> Any:
        """Wait for it; what it gave."""
        async with asyncio.timeout(within):
            while not (found := await happened()):
                await asyncio.sleep(0.02)
        return found

    async def come(self, count: int) -> list[Letter]:
        """Wait for that many messages."""

        async def enough() -> list[Letter] | None:
            found = await self.letters()
            return found if len(found) >= count else None

        try:
            found: list[Letter] = await self.until(enough)
        except TimeoutError:
            raise AssertionError(f"{len(await self.letters())} came, and {await self.troubles()}") from None
        assert len(found) == count, [m.text for m in found]
        return found

    async def begun(self, folders: int = 3) -> None:
        """Wait until the mailbox was seen: what comes from now on is new."""

        async def seen() -> bool:
            return len(await self.marks()) >= folders

        await self.until(seen)

    async def marks(self) -> list[str]:
        """Where the folders' cursors stand."""
        where = f"inbox_id = {self.inbox} AND name LIKE 'mail:%' AND value <> ''"
        return [r.value for r in await self.rows(f"SELECT value FROM kept WHERE {where} ORDER BY name")]

    async def answered(self, conversation: int, text: str = "已发货。") -> int:
        """An agent answers; the number of his message."""
        shop = await Shop.open(self.store)
        changed = await self.store.write(desk.reply, conversation, shop.agent, cid=text, text=text, pull=False)
        return int(changed.events[-1].d["id"])
