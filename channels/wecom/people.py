"""The nicknames of customers, asked for a page at a time and remembered. A failure costs only the name."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import SendError, StoreError
from bot.ports import Shelf
from channels.wecom.api import Api, ErrcodeError

logger = structlog.get_logger(__name__)

PATH = "/cgi-bin/kf/customer/batchget"
MOST = 100
"""Customers in one call."""
WITHIN = 3.0
"""Seconds; the messages wait for it."""
REMEMBERED = 10_000
LASTS = timedelta(days=7)
LONGEST = 64


class People:
    """Who is who."""

    def __init__(self, api: Api, shelf: Shelf) -> None:
        self._api, self._shelf = api, shelf
        self._known: OrderedDict[str, str] = OrderedDict()

    async def names(self, senders: Sequence[str]) -> Mapping[str, str]:
        """The names of these; empty or missing where there is none, or none to be had now."""
        distinct = list(dict.fromkeys(senders))
        new = [sender for sender in distinct if sender not in self._known][:MOST]
        try:
            async with asyncio.timeout(WITHIN):
                await self._learn(new)
        except (TimeoutError, ErrcodeError, SendError, StoreError) as error:
            logger.info("wecom.no_names", reason=str(error) or type(error).__name__)
        return {sender: self._known[sender] for sender in distinct if sender in self._known}

    async def _learn(self, new: Sequence[str]) -> None:
        unknown: list[str] = []
        for sender in new:
            if kept := await self._shelf.get(f"name:{sender}"):
                self._remember(sender, kept)
            else:
                unknown.append(sender)
        if not unknown:
            return
        names = _read(await self._api.post(PATH, {"external_userid_list": unknown}))
        for sender in unknown:
            self._remember(sender, names.get(sender, ""))
            if sender in names:
                await self._shelf.put(f"name:{sender}", names[sender], lasts=LASTS)

    def _remember(self, sender: str, name: str) -> None:
        self._known[sender] = name
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)


def _read(told: Mapping[str, Any]) -> dict[str, str]:
    listed = told.get("customer_list")
    names: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else ():
        sender, nickname = (one.get("external_userid"), one.get("nickname")) if isinstance(one, dict) else (None, None)
        if isinstance(sender, str) and isinstance(nickname, str) and nickname.strip():
            names[sender] = nickname.strip()[:LONGEST]
    return names
