"""How long the access token still lives: a year from the console, and then answers no longer go out.

Source: open.weibo.com/wiki/Oauth2/get_token_info.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import SendError, StoreError, Trouble
from bot.ports import Shelf
from channels.weibo import fields
from channels.weibo.api import Api
from channels.weibo.errors import RefusedError
from channels.weibo.options import Options
from channels.weibo.troubles import trouble

TOKEN_INFO = "/oauth2/get_token_info"  # noqa: S105
EARLY, LATE = timedelta(days=30), timedelta(days=7)
"""When people are told that it ends, and when `kefu check` no longer takes it for well."""
EVERY = timedelta(hours=12)
LOOKED = "token.looked"


@dataclass(frozen=True, slots=True)
class Token:
    """What Weibo says of it. `ends` is None where nobody knows."""

    uid: str
    ends: datetime | None


def given(options: Options) -> datetime | None:
    """The end an operator wrote down: the beginning of that day in China, so rather early than late."""
    day = options.token_expires
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


async def ask(api: Api, now: datetime) -> Token:
    """Ask Weibo. Raises RefusedError (the token is dead, or of a kind it tells nothing about) and SendError."""
    told = await api.post(api.options.api_base + TOKEN_INFO, {}, repeatable=True, anyway=True)
    seconds = fields.number(told, "expire_in")
    ends = now + timedelta(seconds=min(seconds, 10**9)) if seconds else given(api.options)
    return Token(fields.ident(told, "uid"), ends)


def warning(ends: datetime | None, now: datetime) -> Trouble | None:
    """What people are told of a token that ends then."""
    if ends is None or ends - now > EARLY:
        return None
    if ends <= now:
        return trouble("token")
    day = (ends + timedelta(hours=8)).date().isoformat()
    return trouble("token_soon", days=max((ends - now).days, 1), day=day)


async def watch(api: Api, shelf: Shelf) -> None:
    """Look twice a day, by one process, and warn in time; at a new token at once. Runs until cancelled."""
    while True:
        with contextlib.suppress(StoreError):
            if await shelf.take(f"{LOOKED}:{api.mark}", lasts=EVERY - timedelta(minutes=5)):
                await look(api, shelf)
        await asyncio.sleep(EVERY.total_seconds())


async def look(api: Api, shelf: Shelf) -> None:
    """Warn, or take the warning back. A token Weibo refuses here is told by the first message that fails."""
    over = ["token_soon"]
    try:
        ends = (await ask(api, shelf.now())).ends
        over.append("token")
    except (RefusedError, SendError):
        ends = given(api.options)
    told = warning(ends, shelf.now())
    if told is not None:
        await shelf.tell(told)
    elif ends is not None:
        await shelf.mended(*over)
