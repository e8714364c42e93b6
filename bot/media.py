"""Kept files: what customers sent and what agents attach, in a folder of their own beside the database.

A file is whole and on disk before any row names it, and it never changes afterwards. A file that no row names is what
a crash between the two leaves: it costs room and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.errors import NotFoundError, StoreError, TooLargeError
from bot.filetypes import UNKNOWN, file_name, kind_of, labelled, media_type
from bot.messages import Attachment
from bot.ports import Stored
from bot.store import media
from bot.store.media import Kept
from bot.store.runner import Store

KEY_BYTES = 24
KEY = re.compile(r"[A-Za-z0-9_-]{32}")
"""What 24 bytes look like; nothing else is ever looked for on disk."""
SPELL = 8
"""Seconds in which files are laid into one and the same folder: to make a folder costs the disk more than a file."""
AT_ONCE = 4
"""Files that are brought to the disk at the same time."""
_synced: set[Path] = set()
"""Folders whose own names are on disk, as far as this process knows."""
_disk = ThreadPoolExecutor(AT_ONCE, "kefu-disk")


@dataclass(frozen=True, slots=True)
class MediaFolder:
    """Files by key. Several processes may share one folder; on several machines it has to be a shared one."""

    root: Path

    def save(self, data: bytes) -> str:
        """Keep a file; its key. Returns when it would survive a power cut; raises StoreError when it cannot be kept."""
        return self.save_all([data])[0]

    def save_all(self, files: Sequence[bytes]) -> list[str]:
        """Keep files, for little more than one costs; their keys. When one cannot be kept, none is."""
        spell = int(time.time()) // SPELL
        keys = [_key(spell) for _ in files]
        folder = self._place(_key(spell)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write([(str(folder / key), data) for key, data in zip(keys, files, strict=True)])
            _sync(folder)  # the names themselves, too
            if folder not in _synced:
                _sync(folder.parent)
                _sync(self.root)
                _known(folder)
        except OSError as error:
            raise StoreError(f"{self.root} cannot keep a file: {error.strerror}. Check its disk and owner.") from error
        return keys

    def read(self, key: str) -> bytes:
        """The whole file; NotFoundError when there is none."""
        try:
            return self.path(key).read_bytes()
        except OSError as error:
            raise NotFoundError(f"the file {key!r} cannot be read: {error.strerror}") from error

    def path(self, key: str) -> Path:
        """Where the file is; NotFoundError when there is none, or when that is no key."""
        if not KEY.fullmatch(key):
            raise NotFoundError("that is no file's key")
        place = self._place(key)
        if not place.is_file():
            raise NotFoundError(f"the file {key!r} is not there")
        return place

    def drop(self, key: str) -> None:
        """Delete a file; one that is gone already is no matter."""
        with contextlib.suppress(NotFoundError, FileNotFoundError):
            self.path(key).unlink()

    def old(self, before: float) -> Iterator[Path]:
        """Files that were written before that moment (epoch seconds), those never finished included."""
        for path in self.root.glob("??/??/*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    yield path

    def _place(self, key: str) -> Path:
        return self.root / key[:2] / key[2:4] / key


def _key(spell: int) -> str:
    """When it was made (24 bits), which is where it lies, and 168 bits that nobody guesses."""
    when = (spell % 2**24).to_bytes(3, "big")
    return base64.urlsafe_b64encode(when + secrets.token_bytes(KEY_BYTES - 3)).decode()


def _known(folder: Path) -> None:
    if len(_synced) > 10_000:
        _synced.clear()
    _synced.add(folder)


def _write(files: Sequence[tuple[str, bytes]]) -> None:
    """Whole and on disk, all or none: files in the making do not outlive a failure. They need no names of their own:
    nobody knows their keys yet, and a rename would cost the disk as much again as the file."""
    with contextlib.ExitStack() as undo:
        for path, _ in files:
            undo.callback(_gone, path)
        with contextlib.ExitStack() as opened:
            written = [opened.enter_context(_written(path, data)) for path, data in files]
            _synced_files(written)
        undo.pop_all()


def _written(path: str, data: bytes) -> io.FileIO:
    file = io.FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb")
    try:
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
    except BaseException:
        file.close()
        raise
    return file


def _synced_files(files: Sequence[io.FileIO]) -> None:
    """All of them on disk. What waits together the disk takes together, as it does with commits."""
    if len(files) == 1:
        os.fsync(files[0].fileno())
        return
    waiting = [_disk.submit(os.fsync, file.fileno()) for file in files]
    wait(waiting)  # before one failure closes the files of the others
    for one in waiting:
        one.result()


def _gone(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class KeptFiles:
    """The folder and the rows about it. `most`: bytes of one file."""

    store: Store
    folder: MediaFolder
    most: int

    async def save(self, conversation_id: int, name: str, data: bytes) -> Kept:
        """Put a file on disk. No row names it yet: that is for whoever settles the matter (or `keep`)."""
        if len(data) > self.most:
            raise TooLargeError(f"a file may have at most {self.most} bytes")
        return (await asyncio.to_thread(self._save, conversation_id, (name, data)))[0]

    def _save(self, conversation_id: int, *files: tuple[str, bytes]) -> list[Kept]:
        keys = self.folder.save_all([data for _, data in files])
        return [_kept(key, conversation_id, *file) for key, file in zip(keys, files, strict=True)]

    async def ahead(self, files: Sequence[Stored]) -> list[Attachment]:
        """Put files on disk for messages that are about to be accepted (`bot.ports.Shelf.keep`). However large they
        are: the messages have come, and nothing of them may be lost."""
        kept = await asyncio.to_thread(self._save, 0, *((file.name, file.data) for file in files))
        return [_attached(one, file.media_type) for one, file in zip(kept, files, strict=True)]

    async def keep(self, conversation_id: int, name: str, data: bytes) -> Kept:
        """Put a file on disk, and the row that names it into the store."""
        kept = await self.save(conversation_id, name, data)
        await self.store.write(media.keep, kept)
        return kept

    async def find(self, key: str) -> tuple[Kept, Path]:
        """What is known about a file, and where it is; NotFoundError."""
        if not KEY.fullmatch(key):
            raise NotFoundError("that is no file's key")
        return await self.store.read(media.find, key), await asyncio.to_thread(self.folder.path, key)

    async def file(self, key: str) -> Stored:
        """A kept file, whole, as a channel gets it (`bot.ports.Shelf.file`)."""
        kept, _ = await self.find(key)
        return Stored(await asyncio.to_thread(self.folder.read, key), kept.media_type, kept.name)

    async def tidy(self, older: timedelta = timedelta(days=1)) -> int:
        """Delete what no row names: uploads nobody sent, what a crash left, what was to be forgotten. How many.

        `older`: younger files are left alone; their row may be on its way.
        """
        before = (self.store.now() - older).timestamp()
        gone = 0
        for path in await asyncio.to_thread(lambda: list(self.folder.old(before))):
            if not KEY.fullmatch(path.name) or not await self.store.read(media.named, path.name):
                await asyncio.to_thread(path.unlink, missing_ok=True)
                gone += 1
        return gone


def _kept(key: str, conversation_id: int, name: str, data: bytes) -> Kept:
    found = media_type(data)
    named = file_name(name, found, kind_of(found))
    return Kept(key, conversation_id, named, found, len(data), hashlib.sha256(data).digest())


def _attached(kept: Kept, declared: str) -> Attachment:
    called = kept.media_type if kept.media_type != UNKNOWN else labelled(declared)
    named = {"key": kept.key, "sha256": kept.digest.hex()}
    return Attachment(kind_of(kept.media_type), kept.name, called, kept.size, **named)
