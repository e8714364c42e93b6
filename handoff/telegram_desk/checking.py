"""What `kefu check` finds about the desk in a Telegram group, and how each thing is mended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.ports import Finding
from handoff.telegram_desk.faults import BarredError, CallError, MovedError, VagueError

if TYPE_CHECKING:
    from handoff.telegram_desk.calls import Calls

NAME = "telegram desk"
LOCAL = ("127.0.0.1", "localhost", "::1")


async def findings(calls: Calls, group: int, url: str) -> AsyncIterator[Finding]:
    """The bot first; then the group; then what it may do there. `url`: the web desk's, which the cards link to."""
    try:
        me = await calls.me()
    except CallError as error:
        yield _said("bot", error, "take the token from @BotFather, and see that this machine reaches api_base")
        return
    yield Finding(f"{NAME}: bot @{me.get('username', '')}", True)
    try:
        yield _webhook(await calls.webhook())
        async for finding in _group(calls, me, group):
            yield finding
    except CallError as error:
        yield _said("bot", error, "try again")
    host = urlsplit(url).hostname or ""
    mend = "cards link to it, and telephones cannot open it: set [web] public_url" if host in LOCAL else ""
    yield Finding(f"{NAME}: web desk {url}/desk", True, mend)


def _webhook(url: str) -> Finding:
    mend = "" if not url else f"its updates are pushed to {urlsplit(url).hostname}: delete that webhook (deleteWebhook)"
    return Finding(f"{NAME}: updates can be fetched", not url, mend)


async def _group(calls: Calls, me: Mapping[str, Any], group: int) -> AsyncIterator[Finding]:
    try:
        found = await calls.group(group)
        mine = await calls.member(group, int(me["id"]))
    except MovedError as error:
        yield Finding(f"{NAME}: group {group}", False, f"it has another number now: group = {error.to}")
        return
    except VagueError as error:
        yield _said("group", error, "try again")
        return
    except CallError as error:
        yield _said("group", error, "put the bot into the group, and set group to the chat id (it begins with -100)")
        return
    yield Finding(f"{NAME}: group {found.get('title', group)}", True)
    mend = "" if found.get("is_forum") else "switch Topics on in the group's settings"
    yield Finding(f"{NAME}: the group has topics", not mend, mend)
    admin = mine.get("status") in ("administrator", "creator")
    may = admin and (mine["status"] == "creator" or bool(mine.get("can_manage_topics")))
    yield Finding(
        f"{NAME}: the bot may manage topics", may, "" if may else "make it an administrator with Manage Topics"
    )  # fmt: skip
    if not admin:
        reads = bool(me.get("can_read_all_group_messages"))
        mend = "" if reads else "it does not hear what agents write: make it an administrator"
        yield Finding(f"{NAME}: the bot reads the group", reads, mend)
    if may and mine["status"] != "creator" and not mine.get("can_pin_messages"):
        yield Finding(f"{NAME}: the bot may not pin", True, "cards are pinned where it may")


def _said(what: str, error: CallError, mend: str) -> Finding:
    told = "Telegram cannot be reached" if isinstance(error, VagueError) else str(error)
    if isinstance(error, BarredError):
        told = f"it is shut out: {error}"
    return Finding(f"{NAME}: {what}", False, f"{told}; {mend}")
