"""Answers taps: the clock on the button stops, and the keyboard shows what was chosen. Nobody waits for it.

Only after the tap is durable. What goes wrong is forgotten: Telegram takes an answer for some seconds only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bot.errors import SendError
from channels.telegram.inbound import Tap, tap
from channels.telegram.outbound import chosen

if TYPE_CHECKING:
    from channels.telegram.api import Api

logger = structlog.get_logger(__name__)

MOST = 1000
"""Taps that wait; more are left unanswered."""
HANDS = 4


class Taps:
    """Of one bot, in one process."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._waiting: asyncio.Queue[Tap] = asyncio.Queue(MOST)

    def take(self, updates: Sequence[Any]) -> None:
        """Those among some updates. Never waits."""
        for one in filter(None, map(tap, updates)):
            if not self._waiting.full():
                self._waiting.put_nowait(one)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as hands:
            for _ in range(HANDS):
                hands.create_task(self._hand())

    async def _hand(self) -> None:
        while True:
            await self._answer(await self._waiting.get())

    async def _answer(self, one: Tap) -> None:
        calls: list[tuple[str, dict[str, Any]]] = [("answerCallbackQuery", {"callback_query_id": one.query})]
        if one.chat and one.message is not None and one.label:
            shown = {"chat_id": one.chat, "message_id": one.message, "reply_markup": chosen(one.label)}
            calls.append(("editMessageReplyMarkup", shown))
        for method, params in calls:
            try:
                await self._api.ask(method, params)
            except SendError as error:
                logger.debug("telegram.tap_not_answered", method=method, error=str(error))
            except Exception as error:
                logger.warning("telegram.tap_broke", method=method, kind=type(error).__name__)
