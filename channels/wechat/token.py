"""The access token, one for all processes: on the shelf, asked for by one at a time.

Asked in normal mode WeChat gives the same token to everybody until its last five minutes, then a new one, while the
old one still works; so asking is harmless, and nobody has to be the one who refreshes.
Source: developers.weixin.qq.com/doc/service/api/base/api_getstableaccesstoken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.ports import Shelf

NAME, ASKING, FORCED = "token", "token.asking", "token.forced"
OVERLAP = timedelta(seconds=300)
"""Before this much of a token's life is left, WeChat gives no new one."""
LEAST = timedelta(seconds=60)
HOLD = timedelta(seconds=15)
WAIT = 6.0
"""Seconds to wait for what another process asks for; then one asks oneself, which does no harm."""
FORCE_EVERY = timedelta(hours=2)
"""WeChat allows 20 forced refreshes a day."""
POLL = 0.2

Ask = Callable[[bool], Awaitable[tuple[str, int]]]
"""Asks WeChat for a token and its seconds; True forces a new one, which ends the old one at once."""


class Tokens:
    """The token to use now; `renew` when WeChat refused it."""

    def __init__(self, shelf: Shelf, ask: Ask) -> None:
        self._shelf, self._ask = shelf, ask
        self._lock = asyncio.Lock()
        self._known: tuple[str, datetime] | None = None

    async def get(self) -> str:
        """The token, from memory, the shelf, or WeChat."""
        if self._known and self._shelf.now() < self._known[1]:
            return self._known[0]
        async with self._lock:
            if self._known and self._shelf.now() < self._known[1]:
                return self._known[0]
            return await self._kept() or await self._asked_once("")

    async def renew(self, refused: str) -> str:
        """Another token than the refused one, if there is one: somebody may have got it already. Called at most once
        a request; never asks twice for what was refused once."""
        async with self._lock:
            if self._known and self._known[0] != refused and self._shelf.now() < self._known[1]:
                return self._known[0]
            self._known = None
            kept = await self._kept(refused)
            return kept or await self._asked_once(refused)

    async def _kept(self, refused: str = "") -> str | None:
        """What is on the shelf, unless that is the one refused. Only the shelf knows for how long; memory looks there
        again after a minute."""
        token = await self._shelf.get(NAME)
        if not token or token == refused:
            return None
        self._known = (token, self._shelf.now() + LEAST)
        return token

    async def _asked_once(self, refused: str) -> str:
        """Ask WeChat, unless another process does: then wait for what it gets."""
        held = False
        for _ in range(int(WAIT / POLL)):
            if held := await self._shelf.take(ASKING, lasts=HOLD):
                break
            await asyncio.sleep(POLL)
            if token := await self._kept(refused):
                return token
        try:
            return await self._kept(refused) or await self._asked(refused)
        finally:
            if held:
                await self._shelf.drop(ASKING)

    async def _asked(self, refused: str) -> str:
        token, seconds = await self._ask(False)
        if token == refused and await self._shelf.take(FORCED, lasts=FORCE_EVERY):
            token, seconds = await self._ask(True)
        lasts = max(timedelta(seconds=seconds) - OVERLAP, LEAST)
        await self._shelf.put(NAME, token, lasts=lasts)
        self._known = (token, self._shelf.now() + min(lasts, LEAST))
        return token
