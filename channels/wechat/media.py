"""Files: what customers sent is fetched while WeChat has it (three days), what we send is uploaded and remembered.

Source: developers.weixin.qq.com/doc/service/api/material/temporary (upload, get).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from bot.errors import NotFoundError, PermanentSendError, TemporarySendError
from bot.messages import Attachment, Kind
from bot.ports import Shelf, Stored
from channels.wechat.api import Api, wire

KEPT = timedelta(days=3) - timedelta(hours=2)
"""WeChat keeps an upload for three days; the margin is for a message that waits."""
PICTURE_HOSTS = (".qpic.cn", ".qlogo.cn")
"""Where PicUrl points to. In plain mode nothing vouches for a push's body, so no other host is asked."""
THUMB = Path(__file__).parent / "thumb.jpg"

MAGIC = (
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"GIF8", "image/gif", "gif"),
    (8, b"WEBP", "image/webp", "webp"),
    (0, b"BM", "image/bmp", "bmp"),
    (0, b"#!AMR", "audio/amr", "amr"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (0, b"\xff\xfb", "audio/mpeg", "mp3"),
    (0, b"\xff\xf3", "audio/mpeg", "mp3"),
    (0, b"\xff\xf2", "audio/mpeg", "mp3"),
    (0, b"OggS", "audio/ogg", "ogg"),
    (4, b"ftyp", "video/mp4", "mp4"),
)
FAMILY = {Kind.IMAGE: "image/", Kind.VIDEO: "video/"}
"""What a file must turn out to be. Voices may be raw speex, which has no mark."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What WeChat takes as an upload of a kind."""

    size: int
    types: tuple[str, ...]


UPLOADS: Mapping[str, Accepted] = {
    "image": Accepted(2 * 2**20, ("image/jpeg", "image/png", "image/gif")),
    "voice": Accepted(2 * 2**20, ("audio/amr", "audio/mpeg")),
    "video": Accepted(10 * 2**20, ("video/mp4",)),
    "thumb": Accepted(64 * 2**10, ("image/jpeg",)),
}


def sniff(data: bytes) -> tuple[str, str]:
    """Media type and ending by the first bytes; "" for what we do not know."""
    for at, mark, media_type, ending in MAGIC:
        if data[at : at + len(mark)] == mark:
            return media_type, ending
    return "", ""


class Media:
    """Moves files for one account."""

    def __init__(self, api: Api, shelf: Shelf) -> None:
        self._api, self._shelf = api, shelf

    # ---- what we send ----

    async def placed(self, params: Any) -> Any:
        """The params with a media id in place of each file."""
        if not isinstance(params, Mapping):
            return params
        if set(params) == {"file", "as"}:
            return await self._media_id(params["as"], params["file"])
        return {name: await self.placed(value) for name, value in params.items()}

    async def forget(self, params: Any) -> bool:
        """Drop the media ids of these files, which WeChat no longer knows; whether there was any."""
        if not isinstance(params, Mapping):
            return False
        if set(params) == {"file", "as"}:
            await self._shelf.drop(_name(params["as"], params["file"]))
            return True
        return any([await self.forget(value) for value in params.values()])

    async def _media_id(self, kind: str, key: str) -> str:
        name = _name(kind, key)
        if known := await self._shelf.get(name):
            return known
        data = await self._data(kind, key)
        media_type, ending = sniff(data)
        accepted = UPLOADS[kind]
        if media_type not in accepted.types:
            raise PermanentSendError(f"as {kind} WeChat takes {', '.join(accepted.types)}, not {media_type or 'this'}")
        if len(data) > accepted.size:
            raise PermanentSendError(f"the file has {len(data)} bytes; WeChat takes {accepted.size} as {kind}")
        media_id = await self._api.upload(kind, f"{kind}.{ending}", media_type, data)
        await self._shelf.put(name, media_id, lasts=KEPT)
        return media_id

    async def _data(self, kind: str, key: str) -> bytes:
        if kind == "thumb":
            return THUMB.read_bytes()
        try:
            return (await self._shelf.file(key)).data
        except NotFoundError:
            raise PermanentSendError("the file is no longer kept") from None

    # ---- what customers sent ----

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        """The file, by its media id, else (for an account that may not, or once WeChat has thrown it away) by its
        address."""
        try:
            if not attachment.source:
                raise PermanentSendError("WeChat named no file")
            data = await self._api.with_token(lambda token: self._get_media(attachment.source, token, limit))
        except PermanentSendError:
            if not attachment.url or not _ours(attachment.url):
                raise
            data = await self._get(attachment.url, limit)
        return _judged(attachment, data)

    async def _get_media(self, media_id: str, token: str, limit: int) -> bytes:
        query = {"access_token": token, "media_id": media_id}
        data = await self._get("/cgi-bin/media/get", limit, query)
        if not data.lstrip().startswith(b"{"):
            return data
        told = self._api.read(200, data, "video_url", repeatable=True)
        return await self._get(_address(told), limit)

    async def _get(self, url: str, limit: int, query: Mapping[str, str] | None = None) -> bytes:
        got = bytearray()
        with wire(repeatable=True):
            async with self._api.http.stream("GET", url, params=query) as answer:
                if answer.status_code in (404, 410):
                    raise PermanentSendError("WeChat no longer has the file")
                if answer.status_code != 200:
                    raise TemporarySendError(f"WeChat answered HTTP {answer.status_code}")
                async for piece in answer.aiter_bytes():
                    got += piece
                    if len(got) > limit:
                        raise PermanentSendError(f"the file has more than {limit} bytes")
        return bytes(got)


def _address(told: Mapping[str, Any]) -> str:
    """Where the video is. Over http too: that is what WeChat hands out."""
    url = told["video_url"]
    if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
        raise PermanentSendError("WeChat named no address of the video")
    return url


def _ours(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and parts.port is None and host.endswith(PICTURE_HOSTS)
    except ValueError:
        return False


def _judged(attachment: Attachment, data: bytes) -> Stored:
    """The file under the type its bytes show, not the one somebody claims."""
    if not data:
        raise PermanentSendError("the file is empty")
    media_type, ending = sniff(data)
    if data.lstrip()[:1] == b"<" and not media_type:
        raise TemporarySendError("WeChat answered with a page instead of the file")
    if not media_type.startswith(FAMILY.get(attachment.kind, "")):
        raise PermanentSendError(f"the file is no {attachment.kind.value}")
    name = PurePath(attachment.name).stem or attachment.kind.value
    return Stored(data, media_type or attachment.media_type, f"{name}.{ending}" if ending else attachment.name)


def _name(kind: str, key: str) -> str:
    return f"media:{kind}:{key}"
