"""A ground for one inbox in memory: its shelf, and an `accept` that keeps the page and the cursor together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from bot.errors import NotFoundError, RefusedError, StaleCursorError, StoreError, Trouble
from bot.messages import Heard, Incoming
from bot.ports import Cursor, Stored


class Crash(BaseException):
    """The process dies here."""


class Ground:
    """A Shelf and an Accept. `crash`: what to do before (-1) or after (+1) the next commit."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.values: dict[str, tuple[str, datetime | None]] = {}
        self.files: dict[str, Stored] = {}
        self.troubles: dict[str, Trouble] = {}
        self.told: list[Trouble] = []
        self.heard: list[Heard] = []
        self.ids: set[str] = set()
        self.commits = 0
        self.failing = 0
        """Commits that fail with a StoreError."""
        self.refuses = ""
        """A text the store will never take."""
        self.dies: tuple[str, int] | None = None
        """(before | after, the which-th commit from now)."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    async def get(self, name: str) -> str | None:
        await asyncio.sleep(0)
        value, until = self.values.get(name, ("", None))
        gone = name not in self.values or (until is not None and until <= self.now())
        return None if gone else value

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        await asyncio.sleep(0)
        self.values[name] = (value, self.now() + lasts if lasts else None)

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        if await self.get(name) is not None:
            return False
        self.values[name] = ("held", self.now() + lasts)
        return True

    async def drop(self, name: str) -> None:
        await asyncio.sleep(0)
        self.values.pop(name, None)

    async def tell(self, trouble: Trouble) -> None:
        self.troubles[trouble.key] = trouble
        self.told.append(trouble)

    async def mended(self, *keys: str) -> None:
        for key in keys or list(self.troubles):
            self.troubles.pop(key, None)

    async def file(self, key: str) -> Stored:
        if key not in self.files:
            raise NotFoundError("no such file")
        return self.files[key]

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
