"""`kefu check`: everything that can be looked at before customers do."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from bot import app
from bot.commands import content, ground, reaching
from bot.errors import KefuError, SettingsError
from bot.ports import Borrower, Channel, Finding, Shelf
from bot.settings import Settings
from bot.shelf import InboxShelf, PaperShelf
from bot.store import Store, open_store, schema, shelf
from handoff.telegram_desk import making


def run(config: Path | None) -> int:
    """Print what was found; 1 if something is wrong."""
    return asyncio.run(_run(config))


async def _run(config: Path | None) -> int:
    wrong = 0
    async for finding in findings(config):
        wrong += not finding.ok
        mend = f": {finding.mend}" if finding.mend else ""
        print(f"{'✓' if finding.ok else '✗'} {finding.what}{mend}", flush=True)
    print(f"{wrong} to mend" if wrong else "all is well")
    return 1 if wrong else 0


async def findings(config: Path | None) -> AsyncIterator[Finding]:
    """Settings first; the rest makes no sense without them."""
    name = str(ground.found(config) or "settings (no file: defaults)")
    try:
        settings = ground.load(config)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding(name, False, line)
        return
    yield Finding(name, True)
    for finding in said(settings):
        yield finding
    yield await store(settings.store.url)
    async for finding in inboxes(settings):
        yield finding
    for finding in await making.check(settings.telegram_desk, settings.web.url) if settings.telegram_desk.token else ():
        yield finding
    yield await port(settings)


def said(settings: Settings) -> Iterator[Finding]:
    """What the bot says: does it hold together, and is it polite?"""
    try:
        app.make_brain(settings)
        problems = content.problems(settings)
    except KefuError as error:
        problems = str(error).splitlines()
    for problem in problems:
        yield Finding("content", False, problem)
    if not problems:
        yield Finding("content", True)


async def store(url: str) -> Finding:
    """Is the database there, ours, of this version, and may we write to it?"""
    try:
        state = await schema.state(url)
    except KefuError as error:
        return Finding("store", False, str(error))
    if state not in (schema.State.CURRENT, schema.State.FRESH):
        return Finding("store", False, schema.mend(state, url))
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        nearest = next(p for p in (path, *path.parents) if p.exists())
        if not os.access(nearest, os.W_OK):
            return Finding("store", False, f"{nearest} cannot be written by this user. Change its owner, or the url.")
    return Finding(
        "store", True, "empty; its tables are made at the first start" if state is schema.State.FRESH else ""
    )


async def inboxes(settings: Settings) -> AsyncIterator[Finding]:
    """What each channel says about its inboxes."""
    try:
        channels = app.make_channels(settings)
    except SettingsError as error:
        for line in str(error).splitlines():
            yield Finding("inboxes", False, line)
        return
    opened = await _opened(settings.store.url)
    try:
        for name, channel in channels.items():
            for finding in await _inbox(name, channel, opened):
                yield finding
            if channel.capabilities.webhook and not channel.capabilities.pull:
                yield await _webhook(settings, name)
    finally:
        if opened is not None:
            await opened.close()


async def _webhook(settings: Settings, name: str) -> Finding:
    """Where its network has to call us, which only the operator can tell it; asked, if kefu runs."""
    url, ok = settings.web.webhook(name), True
    mend = "networks have to reach it: set [web] public_url to what the world calls this server"
    if settings.web.public_url:
        ok, mend = await reaching.trouble(url) if await _alive(settings) else (True, "")
    return Finding(f"inbox {name}: webhook {url}", ok, mend)


async def _inbox(name: str, channel: Channel, opened: Store | None) -> list[Finding]:
    """What the channel finds now, then what it told before and nobody has mended."""
    try:
        if isinstance(channel, Borrower):
            channel.borrow(await _shelf(name, opened))
        found = list(await channel.check())
    finally:
        await channel.close()
    for told in [] if opened is None else await opened.read(shelf.troubles, {name}):
        said = told["said"].get("en") or next(iter(told["said"].values()), "")
        found.append(Finding(f"{told['key']} (since {told['since'][:16].replace('T', ' ')} UTC)", False, said))
    return [Finding(f"inbox {name}: {one.what}", one.ok, one.mend) for one in found]


async def _opened(url: str) -> Store | None:
    """The database, if it is there and ours; nothing is made."""
    try:
        return await open_store(url) if await schema.state(url) is schema.State.CURRENT else None
    except KefuError:
        return None


async def _shelf(name: str, opened: Store | None) -> Shelf:
    """The inbox's own shelf: a token fetched apart from it would end the one that the running kefu has."""
    row = None if opened is None else await opened.read(shelf.inbox_id, name)
    return PaperShelf() if opened is None or row is None else InboxShelf(opened, row)


async def port(settings: Settings) -> Finding:
    """Is the address free, or has kefu got it already?"""
    what = f"address {settings.web.host}:{settings.web.port}"
    try:
        app.listen(settings).close()
    except SettingsError as error:
        return Finding(what, True, "kefu answers there") if await _alive(settings) else Finding(what, False, str(error))
    return Finding(what, True)


async def _alive(settings: Settings) -> bool:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(settings.web.host, settings.web.port)
            try:
                writer.write(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
                answer = await reader.read(2000)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
    return b'"alive"' in answer
