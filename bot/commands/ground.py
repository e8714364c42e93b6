"""What every command begins with: the settings, and an open store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from bot import settings
from bot.settings import Settings
from bot.store import ServedSqlite, Store, open_store, schema, sqlite_path

R = TypeVar("R")
DEFAULT = Path("kefu.toml")


def found(config: Path | None) -> Path | None:
    """The settings file: the one named, KEFU_CONFIG's, or ./kefu.toml; None if there is none."""
    named = config or (Path(os.environ["KEFU_CONFIG"]) if os.environ.get("KEFU_CONFIG") else None)
    return named or (DEFAULT if DEFAULT.exists() else None)


def load(config: Path | None) -> Settings:
    """The settings, checked against the channels there are."""
    from channels import kinds

    return settings.load(found(config), os.environ, channels=kinds())


def with_store(config: Path | None, work: Callable[[Store], Awaitable[R]], *, fresh: bool = False) -> R:
    """Do something with the open store of the settings, beside a kefu that serves it. `fresh`: make missing tables."""

    async def run() -> R:
        url = load(config).store.url
        if fresh and await schema.state(url) is schema.State.FRESH:
            await migrated(url)
        store = await open_store(url)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def migrated(url: str) -> schema.State:
    """Bring the database to this version; what it was before. Not under a kefu that serves the same file."""
    found = await schema.state(url)
    if found in (schema.State.FRESH, schema.State.OLDER) and url.startswith("sqlite:///"):
        path = sqlite_path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        held = ServedSqlite(path)
        try:
            return await schema.migrate(url)
        finally:
            await held.close()
    return await schema.migrate(url)
