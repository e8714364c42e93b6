"""Fetches what was said to the account in public, within the calls Weibo allows a day."""

from __future__ import annotations

import asyncio

from bot.http import Request
from bot.ports import Accept, Shelf
from channels.weibo.api import Api
from channels.weibo.options import Options


class Polling:
    """The listening half of what is public."""

    def __init__(self, options: Options, api: Api, shelf: Shelf) -> None:
        self._options, self._api, self._shelf = options, api, shelf

    def ring(self, request: Request) -> None:
        """A push came. Never waits."""

    async def run(self, accept: Accept) -> None:
        """Until cancelled."""
        await asyncio.Event().wait()
