"""Files on their way: ours to WeCom, which keeps them for three days, and the customers' from there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from email.message import Message

from bot.errors import AmbiguousSendError, NotFoundError, PermanentSendError, TemporarySendError
from bot.messages import Attachment
from bot.ports import Shelf, Stored
from channels.wecom.api import Api, ErrcodeError, judge

KEPT = timedelta(days=2, hours=12)
"""WeCom keeps a file for three days; a message may wait a while after it was uploaded."""
MB = 1024 * 1024
LIMITS: Mapping[str, int] = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}


class Uploads:
    """Media ids, remembered on the shelf."""

    def __init__(self, api: Api, shelf: Shelf) -> None:
        self._api, self._shelf = api, shelf
        self._one_at_a_time = asyncio.Lock()

    async def media_id(self, kind: str, file: str, *, again: bool = False) -> str:
        """Of a kept file, uploaded if need be. `again`: the id that was remembered is no good."""
        name = f"media:{kind}:{file}"
        async with self._one_at_a_time:
            known = None if again else await self._shelf.get(name)
            if known:
                return known
            media_id = await self._uploaded(kind, file)
            await self._shelf.put(name, media_id, lasts=KEPT)
            return media_id

    async def _uploaded(self, kind: str, file: str) -> str:
        try:
            stored = await self._shelf.file(file)
        except NotFoundError:
            raise PermanentSendError("the file is gone") from None
        if len(stored.data) > LIMITS[kind]:
            raise PermanentSendError(f"the file is too large: WeCom takes {LIMITS[kind] // MB} MB")
        try:
            return await self._api.upload(kind, stored)
        except ErrcodeError as refusal:
            raise judge(refusal) from None
        except AmbiguousSendError as error:  # a file of ours that nobody was shown
            raise TemporarySendError(str(error)) from None

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        """A customer's file. WeCom alone knows its name."""
        if not attachment.source:
            raise PermanentSendError("the file has no media id")
        try:
            answer = await self._api.download(attachment.source, limit)
        except ErrcodeError as refusal:
            raise judge(refusal) from None
        except AmbiguousSendError as error:
            raise TemporarySendError(str(error)) from None
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip() or attachment.media_type
        return Stored(answer.content, media_type, _name(answer.headers["content-disposition"]) or attachment.name)


def _name(disposition: str) -> str:
    """The file name in a Content-Disposition."""
    header = Message()
    header["content-disposition"] = disposition
    return (header.get_filename() or "").replace("\\", "/").rpartition("/")[2][:200]
