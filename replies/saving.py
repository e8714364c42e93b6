"""Writing a file that others read, and write, at the same time."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.errors import ContentError

_HERE: Final = threading.Lock()


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else, of this process or another one, changes `path` meanwhile: read it, change it, save it in here.

    The lock is the folder's and ends with the process, so that nothing is left lying about.
    """
    with _HERE, _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def save(path: Path, text: str) -> None:
    """All or nothing: a reader never sees half a file, even after a power cut. ContentError if it cannot be written."""
    with _told(path):
        path = path.resolve()  # what a link points to, not the link
        half = path.with_name(f".{path.name}.new")
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, half)
        os.replace(half, path)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ContentError(f"{path}: cannot be written: {error.strerror}.") from error
