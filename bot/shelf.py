"""What the ground keeps for one inbox, lent to its channel."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from bot.errors import NotFoundError, StoreError, Trouble
from bot.filetypes import kind_of
from bot.messages import Announced, Attachment, Thread
from bot.ports import Stored
from bot.store import shelf, threads
from bot.store.runner import Store

SWEEP_EVERY = timedelta(hours=1)


async def no_files(key: str) -> Stored:
    """Where nobody keeps files."""
    raise NotFoundError(f"the file {key!r} is not kept")


async def no_room(files: Sequence[Stored]) -> Sequence[Attachment]:
    """Where nobody keeps files either."""
    raise StoreError(f"the file {files[0].name!r} cannot be kept: there is no folder for files")


class InboxShelf:
    """`bot.ports.Shelf` on the store: whatever is kept here, all processes see. `file` fetches kept files, `ahead`
    keeps them."""

    def __init__(
        self, store: Store, inbox_id: int, file: Callable[[str], Awaitable[Stored]] = no_files,
        ahead: Callable[[Sequence[Stored]], Awaitable[Sequence[Attachment]]] = no_room, zone: tzinfo = UTC,
    ) -> None:  # fmt: skip
        self.zone = zone
        self._store, self._inbox, self._file, self._ahead = store, inbox_id, file, ahead
        self._held: dict[str, str] = {}
        self._swept = store.now()

    def now(self) -> datetime:
        return self._store.now()

    async def get(self, name: str) -> str | None:
        return await self._store.read(shelf.get, self._inbox, name)

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        self._held.pop(name, None)
        await self._store.write(shelf.put, self._inbox, name, value, until=self._until(lasts))
        await self._sweep()

    async def take(self, name: str, *, lasts: timedelta) -> bool:
        holder = secrets.token_hex(8)
        until = self.now() + lasts
        taken = await self._store.write(shelf.take, self._inbox, name, holder=holder, until=until)
        if taken:
            self._held[name] = holder
        await self._sweep()
        return taken

    async def hold(self, name: str, *, lasts: timedelta) -> bool:
        holder = self._held.get(name, "")
        until = self.now() + lasts
        return await self._store.write(shelf.hold, self._inbox, name, holder=holder, until=until)

    async def drop(self, name: str) -> None:
        holder = self._held.pop(name, None)
        if holder is None:
            await self._store.write(shelf.drop, self._inbox, name)
        else:
            await self._store.write(shelf.let_go, self._inbox, name, holder=holder)

    async def tell(self, trouble: Trouble) -> None:
        await self._store.write(shelf.tell, self._inbox, trouble.key, trouble.said)

    async def mended(self, *keys: str) -> None:
        # Called after whatever went well: mostly there is nothing to mend, and reading costs no commit.
        told = await self._store.read(shelf.keys, self._inbox)
        if any(key in told for key in keys) if keys else told:
            await self._store.write(shelf.mended, self._inbox, *keys)

    async def file(self, key: str) -> Stored:
        return await self._file(key)

    async def keep(self, *files: Stored) -> Sequence[Attachment]:
        return await self._ahead(files) if files else ()

    async def threads(
        self, *, external_ids: Sequence[str] = (), conversations: Sequence[int] = (), senders: Sequence[str] = ()
    ) -> Sequence[Thread]:
        if not external_ids and not conversations and not senders:
            return ()
        return await self._store.read(threads.find, self._inbox, external_ids, conversations, senders)

    async def announced(self, prefix: str) -> Sequence[Announced]:
        return await self._store.read(threads.announced, self._inbox, prefix)

    def _until(self, lasts: timedelta | None) -> datetime | None:
        return None if lasts is None else self.now() + lasts

    async def _sweep(self) -> None:
        if self.now() - self._swept > SWEEP_EVERY:
            self._swept = self.now()
            await self._store.write(shelf.sweep, self._inbox)


class PaperShelf:
    """A shelf in this process's memory, for `kefu check` where there is no database yet."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.zone: tzinfo = UTC
        self._clock = clock
        self._kept: dict[str, tuple[str, datetime | None]] = {}
        self._files: dict[str, Stored] = {}

    def now(self) -> datetime:
        return self._clock()

    async def get(self, name: str) -> str | None:
        value, until = self._kept.get(name, ("", None))
        return value if name in self._kept and (until is None or until > self.now()) else None

    async def put(self, name: str, value: str, *, lasts: timedelta | None = None) -> None:
        self._kept[name] = (value, None if lasts is None else self.now() + lasts)

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
        self._kept.pop(name, None)

    async def tell(self, trouble: Trouble) -> None:
        """Nobody to tell: `check` itself says what it finds."""

    async def mended(self, *keys: str) -> None:
        """Nothing was told."""

    async def file(self, key: str) -> Stored:
        if key not in self._files:
            return await no_files(key)
        return self._files[key]

    async def keep(self, *files: Stored) -> Sequence[Attachment]:
        return [self._kept_file(file) for file in files]

    def _kept_file(self, file: Stored) -> Attachment:
        key, digest = secrets.token_urlsafe(24), hashlib.sha256(file.data).hexdigest()
        self._files[key] = file
        return Attachment(kind_of(file.media_type), file.name, file.media_type, len(file.data), key=key, sha256=digest)

    async def threads(
        self, *, external_ids: Sequence[str] = (), conversations: Sequence[int] = (), senders: Sequence[str] = ()
    ) -> Sequence[Thread]:
        """None: nothing was ever said here."""
        return ()

    async def announced(self, prefix: str) -> Sequence[Announced]:
        return ()
