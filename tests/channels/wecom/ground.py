"""A ground for one inbox in memory: its shelf, and an `accept` that keeps the page and the cursor together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError, StaleCursorError, StoreError, Trouble
from bot.messages import Announced, Heard, Incoming
from bot.ports import Cursor
from tests.channels.wechat.shelf import MemoryShelf


class Crash(BaseException):
    """The process dies here."""


class Ground(MemoryShelf):
    """A shelf and an `accept`, on the fake's clock."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock())
        self._clock = clock
        self.told: list[Trouble] = []
        self.heard: list[Heard] = []
        self.ids: set[str] = set()
        self.commits = 0
        self.failing = 0
        """Commits that fail with a StoreError."""
        self.away = False
        """Whether the shelf fails."""
        self.refuses = ""
        """A text the store will never take."""
        self.dies: tuple[str, int] | None = None
        """(before | after, the which-th commit from now)."""

    def now(self) -> datetime:
        self.time = datetime.fromtimestamp(self._clock(), UTC)
        return self.time

    async def get(self, name: str) -> str | None:
        await asyncio.sleep(0)
        if self.away:
            raise StoreError("the disk is full")
        self.now()
        return await super().get(name)

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        await asyncio.sleep(0)
        self.now()
        await super().put(name, value, lasts=lasts)

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        if await self.get(name) is not None:
            return False
        await super().put(name, "held", lasts=lasts)  # at once: nobody comes between
        return True

    async def announced(self, prefix: str) -> Sequence[Announced]:
        told = [one for one in self.heard if isinstance(one, Incoming) and one.external_id.startswith(prefix)]
        return [
            Announced(name, one.sender, one.sent_at or self.now(), one.extra)
            for one in told
            if (name := one.external_id.removeprefix(prefix)) not in self.ids
        ]

    async def tell(self, trouble: Trouble) -> None:
        await super().tell(trouble)
        self.told.append(trouble)

    async def accept(self, heard: Sequence[Heard], cursor: Cursor | None = None) -> None:
        await asyncio.sleep(0)
        self._die("before")
        if self.failing:
            self.failing -= 1
            raise StoreError("the disk is full")
        if cursor is not None and (await self.get(cursor.name) or "") != cursor.before:
            raise StaleCursorError("somebody moved it")
        if self.refuses and any(isinstance(h, Incoming) and self.refuses in h.text for h in heard):
            raise RefusedError("the database will not take it")
        for one in heard:
            if isinstance(one, Incoming):
                if one.external_id in self.ids:
                    continue
                self.ids.add(one.external_id)
            self.heard.append(one)
        if cursor is not None:
            self.values[cursor.name] = (cursor.after, None)
        self.commits += 1
        self._die("after")

    def _die(self, when: str) -> None:
        if self.dies is None or self.dies[0] != when:
            return
        self.dies = (when, self.dies[1] - 1)
        if self.dies[1] <= 0:
            self.dies = None
            raise Crash

    @property
    def texts(self) -> list[str]:
        return [h.text for h in self.heard if isinstance(h, Incoming)]
