"""Carries out one call: at the pace Telegram wants, to where the chat is now, with the file as what its bytes are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.errors import NotFoundError, PermanentSendError, StoreError, TemporarySendError
from bot.ports import Call, Receipt, Shelf, Stored
from channels.telegram import outbound
from channels.telegram.errors import MovedError, RefusedCallError
from channels.telegram.pacing import Pacing

if TYPE_CHECKING:
    from channels.telegram.api import Api

LONGEST = 5.0
"""Seconds that a send waits itself; more is the ground's to wait."""
UPLOAD_WITHIN = 110
"""Seconds for a call with a file; `Capabilities.send_within` gives it two minutes."""
MB = 2**20
MOST, MOST_PHOTO = 50 * MB, 10 * MB
METHODS: Mapping[str, tuple[str, frozenset[str]]] = {
    "photo": ("sendPhoto", frozenset({"image/jpeg", "image/png", "image/webp"})),
    "voice": ("sendVoice", frozenset({"audio/ogg", "audio/mpeg", "audio/mp4"})),
    "video": ("sendVideo", frozenset({"video/mp4"})),
}
"""What Telegram shows or plays; all else is a document, under its name."""
NOT_SO = (
    "IMAGE_PROCESS_FAILED",
    "PHOTO_",
    "VOICE_MESSAGES_FORBIDDEN",
    "wrong type of the web page",
    "too big for a photo",
)
"""Begin or stand in refusals of a file which goes as a document all the same."""


class Sending:
    """The talking half of one bot."""

    def __init__(self, api: Api, shelf: Shelf) -> None:
        self._api, self._shelf, self._pacing = api, shelf, Pacing()
        self._moved: dict[str, str] = {}

    async def send(self, call: Call) -> Receipt:
        """Raises a SendError that says what to do about it."""
        params = dict(call.params)
        chat = str(params.pop("chat_id"))
        await self._turn(chat)
        to = self._moved.get(chat, chat)
        try:
            return await self._heard(chat, call.name, {"chat_id": to, **params})
        except MovedError as moved:
            # Nothing was sent. The new id is asked for again after a restart: the old one goes on telling it.
            self._moved[chat] = moved.to
        try:
            return await self._heard(chat, call.name, {"chat_id": self._moved[chat], **params})
        except MovedError as again:
            raise TemporarySendError(str(again)) from None

    async def _turn(self, chat: str) -> None:
        clock = asyncio.get_running_loop().time
        if (quiet := self._pacing.quiet(chat, clock())) > LONGEST:
            raise TemporarySendError(f"Telegram wants no message there for {quiet:.0f} s", retry_after=quiet)
        if (wait := self._pacing.wait(chat, clock())) > 0:
            await asyncio.sleep(min(wait, LONGEST))

    async def _heard(self, chat: str, name: str, params: dict[str, Any]) -> Receipt:
        try:
            told = await (self._filed(params) if name == outbound.FILE else self._ask(name, params))
        except TemporarySendError as error:
            if error.retry_after is not None and error.trouble is None:
                self._pacing.hush(chat, error.retry_after, asyncio.get_running_loop().time())
            raise
        except StoreError as away:  # the file comes before the message
            raise TemporarySendError(f"the store is away: {away}") from away
        number = told.get("message_id") if isinstance(told, Mapping) else None
        return Receipt(str(number) if isinstance(number, int) else "")

    async def _ask(self, method: str, params: Mapping[str, Any]) -> Any:
        return await self._api.ask(method, params, repeatable=False)

    async def _filed(self, params: dict[str, Any]) -> Any:
        key, wanted, name = params.pop("upload"), params.pop("as"), params.pop("name")
        try:
            stored = await self._shelf.file(key)
        except NotFoundError:
            raise PermanentSendError("the file is no longer kept") from None
        stored = Stored(stored.data, stored.media_type, stored.name or name or "file")
        if len(stored.data) > MOST:
            told = f"the file has {len(stored.data) / MB:.0f} MB; Telegram takes {MOST // MB} MB: send a link to it"
            raise PermanentSendError(told)
        shown = _shown(wanted, stored)
        if shown:
            try:
                return await self._upload(METHODS[shown][0], shown, stored, params)
            except RefusedCallError as refusal:
                if not any(mark in refusal.said for mark in NOT_SO):
                    raise
        return await self._upload("sendDocument", "document", stored, params)

    async def _upload(self, method: str, field: str, stored: Stored, params: Mapping[str, Any]) -> Any:
        return await self._api.ask(method, params, files={field: stored}, within=UPLOAD_WITHIN, repeatable=False)


def _shown(wanted: str, stored: Stored) -> str:
    """As what it is shown; "" for a plain document."""
    _, types = METHODS.get(wanted, ("", frozenset[str]()))
    if stored.media_type not in types or (wanted == "photo" and len(stored.data) > MOST_PHOTO):
        return ""
    return wanted
