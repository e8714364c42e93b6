"""One private message to a customer (客服消息).

Weibo limits calls, too: who is refused for that waits as long as it says nothing better, all others of the inbox with
him, and people are told. What waits is worth its reply window.

Source: open.weibo.com/wiki/Send_Customer_Service_Message.
"""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from typing import NoReturn

from bot.errors import PermanentSendError, StoreError, TemporarySendError
from bot.ports import Call, Receipt, Shelf
from channels.weibo.api import Api, TooOftenError
from channels.weibo.errors import LIMITED, RefusedError
from channels.weibo.fields import ident
from channels.weibo.troubles import trouble

REPLY = "/2/messages/reply.json"
RESTS = "limited"
USUAL = 60.0
"""Seconds to wait where nobody says how long."""


async def send(api: Api, shelf: Shelf, call: Call) -> Receipt:
    """Raises a SendError that says what to do about it."""
    await _unless_limited(shelf)
    try:
        told = await api.post(api.options.messages_base + REPLY, call.params)
    except RefusedError as refusal:
        meaning = refusal.meaning
        if refusal.code in LIMITED and isinstance(meaning, TemporarySendError):
            await _limited(shelf, str(meaning), meaning.retry_after)
        raise meaning from None
    except TooOftenError as error:
        await _limited(shelf, str(error), error.retry_after)
    if told.get("result") is False:
        raise PermanentSendError("Weibo did not take the message and does not say why")
    return Receipt(ident(told, "id", "message_id"))


async def _unless_limited(shelf: Shelf) -> None:
    """One message finds out whether it goes again; the others do not ask meanwhile."""
    try:
        told = await shelf.get(RESTS)
    except StoreError as error:
        raise TemporarySendError(f"the store did not answer: {error}") from error
    until, _, reason = (told or "").partition(" ")
    if until and (left := (datetime.fromisoformat(until) - shelf.now()).total_seconds()) > 0:
        _wait(reason, left)


async def _limited(shelf: Shelf, reason: str, seconds: float | None) -> NoReturn:
    seconds = seconds or USUAL
    lasts = timedelta(seconds=seconds)
    with contextlib.suppress(StoreError):  # then the next one asks, and hears it too
        await shelf.put(RESTS, f"{(shelf.now() + lasts).isoformat()} {reason}", lasts=lasts)
    _wait(reason, seconds)


def _wait(reason: str, seconds: float) -> NoReturn:
    raise TemporarySendError(reason, retry_after=seconds, trouble=trouble("limited"))
