"""Files on their way: ours to WeCom, which keeps them for three days, and the customers' from there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from email.message import Message

import httpx

from bot.errors import AmbiguousSendError, NotFoundError, PermanentSendError, TemporarySendError
from bot.messages import Attachment
from bot.ports import Shelf, Stored
from channels.wechat.media import Accepted, sniff
from channels.wecom.api import Api, ErrcodeError

KEPT = timedelta(days=2, hours=12)
"""WeCom keeps a file for three days; a message may wait a while after it was uploaded."""
MB = 2**20
LIMITS: Mapping[str, Accepted] = {
    "image": Accepted(10 * MB, ("image/jpeg", "image/png")),
    "voice": Accepted(2 * MB, ("audio/amr",)),
    "video": Accepted(10 * MB, ("video/mp4",)),
    "file": Accepted(20 * MB, ()),
}
"""Anything may go as a file, under the name people gave it."""


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
            stored = _accepted(kind, await self._shelf.file(file))
        except NotFoundError:
            raise PermanentSendError("the file is no longer kept") from None
        try:
            return await self._api.upload(kind, stored)
        except ErrcodeError as refusal:
            raise refusal.meaning from None
        except AmbiguousSendError as error:  # a file of ours that nobody was shown
            raise TemporarySendError(str(error)) from None

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        """A customer's file. WeCom alone knows its name."""
        if not attachment.source:
            raise PermanentSendError("the file has no media id")
        try:
            answer = await self._api.download(attachment.source, limit)
        except ErrcodeError as refusal:
            raise refusal.meaning from None
        except AmbiguousSendError as error:
            raise TemporarySendError(str(error)) from None
        if not answer.content:
            raise PermanentSendError("the file is empty")
        name = _name(answer.headers["content-disposition"]) or attachment.name
        return Stored(answer.content, sniff(answer.content)[0] or _type(answer) or attachment.media_type, name)


def _accepted(kind: str, stored: Stored) -> Stored:
    """The file as WeCom takes it: pictures, voices and videos under a name that ends as their bytes say."""
    most, (media_type, ending) = LIMITS[kind], sniff(stored.data)
    if len(stored.data) > most.size:
        raise PermanentSendError(f"the file has {len(stored.data)} bytes; WeCom takes {most.size} as {kind}")
    if not most.types:
        return stored if stored.name else replace(stored, name=kind)
    if media_type not in most.types:
        raise PermanentSendError(f"as {kind} WeCom takes {', '.join(most.types)}, not {media_type or 'this'}")
    return Stored(stored.data, media_type, f"{kind}.{ending}")


def _type(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0].strip()


def _name(disposition: str) -> str:
    """The file name in a Content-Disposition."""
    header = Message()
    header["content-disposition"] = disposition
    return (header.get_filename() or "").replace("\\", "/").rpartition("/")[2][:200]
