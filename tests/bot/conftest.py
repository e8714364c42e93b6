"""The command line, run in this process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from bot import cli
from bot.store import Store, open_store, schema

R = TypeVar("R")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class Kefu:
    """Runs commands in this process, in a folder of their own."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._patch, self._capsys = folder, patch, capsys

    def __call__(self, *arguments: str | Path) -> Ended:
        self._patch.setattr(sys, "argv", ["kefu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = self._capsys.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def sql(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.folder / "kefu-data" / "kefu.db")) as connection:
            connection.execute(statement)
            connection.commit()

    def store(self, work: Callable[[Store], Awaitable[R]]) -> R:
        async def run() -> R:
            url = f"sqlite:///{self.folder}/kefu-data/kefu.db"
            await schema.prepare(url)
            store = await open_store(url)
            try:
                return await work(store)
            finally:
                await store.close()

        (self.folder / "kefu-data").mkdir(exist_ok=True)
        return asyncio.run(run())


@pytest.fixture
def kefu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kefu:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("KEFU_")]:
        monkeypatch.delenv(name)
    return Kefu(tmp_path, monkeypatch, capsys)
