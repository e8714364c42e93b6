"""A shelf in memory, whose clock stands still until it is moved; several channels may share it, as processes do."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from bot.errors import NotFoundError, Trouble
from bot.filetypes import kind_of
from bot.messages import Announced, Attachment, Thread
from bot.ports import Stored


class MemoryShelf:
    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self.zone: tzinfo = UTC
        self.time = datetime.fromtimestamp(start, UTC)
        self.values: dict[str, tuple[str, datetime | None]] = {}
        self.troubles: dict[str, Trouble] = {}
        self.mends: list[tuple[str, ...]] = []
        self.files: dict[str, Stored] = {}
        self.conversations: list[Thread] = []

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

    async def hold(self, name: str, *, lasts: timedelta) -> bool:
        if await self.get(name) is None:
            return False
        await self.put(name, "held", lasts=lasts)
        return True

    async def drop(self, name: str) -> None:
        self.values.pop(name, None)

    async def announced(self, prefix: str) -> Sequence[Announced]:
        return ()

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

    async def keep(self, *files: Stored) -> Sequence[Attachment]:
        return [self._kept_file(file) for file in files]

    def _kept_file(self, file: Stored) -> Attachment:
        key = f"kept-{len(self.files)}"
        self.files[key] = file
        named = {"key": key, "sha256": hashlib.sha256(file.data).hexdigest()}
        return Attachment(kind_of(file.media_type), file.name, file.media_type, len(file.data), **named)

    async def threads(
        self, *, external_ids: Sequence[str] = (), conversations: Sequence[int] = (), senders: Sequence[str] = ()
    ) -> Sequence[Thread]:
        return [
            one
            for one in self.conversations
            if one.conversation in conversations
            or one.sender in senders
            or any(said.external_id and said.external_id in external_ids for said in one.said)
        ]
