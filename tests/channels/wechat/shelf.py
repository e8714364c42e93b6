"""A shelf in memory, whose clock stands still until it is moved; several channels may share it, as processes do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.errors import NotFoundError, Trouble
from bot.ports import Stored


class MemoryShelf:
    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.time = datetime.fromtimestamp(start, UTC)
        self.values: dict[str, tuple[str, datetime | None]] = {}
        self.troubles: dict[str, Trouble] = {}
        self.mends: list[tuple[str, ...]] = []
        self.files: dict[str, Stored] = {}

    def now(self) -> datetime:
        return self.time

    async def get(self, name: str) -> str | None:
        value, until = self.values.get(name, (None, None))
        return value if until is None or self.time < until else None

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        self.values[name] = value, None if lasts is None else self.time + lasts

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        if await self.get(name) is not None:
            return False
        await self.put(name, "held", lasts=lasts)
        return True

    async def drop(self, name: str) -> None:
        self.values.pop(name, None)

    async def tell(self, trouble: Trouble) -> None:
        self.troubles[trouble.key] = trouble

    async def mended(self, *keys: str) -> None:
        self.mends.append(keys)
        for key in keys or list(self.troubles):
            self.troubles.pop(key, None)

    async def file(self, key: str) -> Stored:
        if key not in self.files:
            raise NotFoundError(f"no file {key}")
        return self.files[key]
