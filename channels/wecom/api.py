"""Calls to qyapi.weixin.qq.com: the access token, one renewal a call, and every answer as what it means.

WeCom answers errors with HTTP 200 and an errcode: those are ErrcodeErrors, and nothing was done. What went wrong
below that is a SendError.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import httpx

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from bot.ports import Shelf, Stored
from channels.wecom.mending import error_of

T = TypeVar("T")

TOKEN_PATH = "/cgi-bin/gettoken"  # noqa: S105
UPLOAD_PATH, DOWNLOAD_PATH = "/cgi-bin/media/upload", "/cgi-bin/media/get"
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TOKEN_CODES = frozenset({40001, 40014, 42001})
"""The access token is wrong or over. At gettoken itself 40001 means the secret."""
BAD_MSG_TOKEN, BAD_PARAMETER = 95007, 40058
EARLIER = 300
"""Seconds before its end in which a token is no longer used."""


class ErrcodeError(Exception):
    """WeCom did not do it, and says why."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"errcode {code}: {said}")
        self.code, self.said = code, said


def judge(refusal: ErrcodeError) -> SendError:
    """The refusal as what it means for a message."""
    return error_of(refusal.code, refusal.said)


class Api:
    """One company's app. Nothing of what it raises holds the secret or a token."""

    def __init__(self, base: str, corp_id: str, secret: str) -> None:
        self._corp_id, self._secret = corp_id, secret
        self._http = httpx.AsyncClient(base_url=base, timeout=httpx.Timeout(15.0, connect=5.0), trust_env=False)
        self._shelf: Shelf | None = None
        self._token = ""
        self._renewing = asyncio.Lock()

    def borrow(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def close(self) -> None:
        await self._http.aclose()

    async def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A call with a JSON body, in UTF-8 as it is."""
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json"}
        return await self._granted(lambda token: self._post(path, token, content=content, headers=headers))

    async def upload(self, kind: str, stored: Stored) -> str:
        """The media id of a file."""
        files = {"media": (stored.name or kind, stored.data, stored.media_type)}
        told = await self._granted(lambda token: self._post(UPLOAD_PATH, token, params={"type": kind}, files=files))
        media_id = told.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise TemporarySendError("WeCom gave no media id")
        return media_id

    async def download(self, media_id: str, limit: int) -> httpx.Response:
        """The file behind a media id, read whole; PermanentSendError when it has more than `limit` bytes."""
        return await self._granted(lambda token: self._downloaded(media_id, limit, token))

    async def token(self, bad: str = "") -> str:
        """The access token; asked for when there is none, or only the one found bad."""
        async with self._renewing:
            if self._token in ("", bad):
                kept = await self._shelf.get("token") if self._shelf else None
                self._token = kept if kept and kept != bad else await self._asked()
            return self._token

    async def _asked(self) -> str:
        answer = await self._sent("GET", TOKEN_PATH, params={"corpid": self._corp_id, "corpsecret": self._secret})
        told = _read(answer)
        token, lasts = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not token:
            raise TemporarySendError("WeCom gave no access token")
        seconds = lasts if isinstance(lasts, int) else 7200
        if self._shelf is not None and seconds > EARLIER:
            await self._shelf.put("token", token, lasts=timedelta(seconds=seconds - EARLIER))
        return token

    async def _granted(self, call: Callable[[str], Awaitable[T]]) -> T:
        """A call with the access token, which is renewed once. Without one nothing was sent, whatever went wrong."""
        token = await self._token_for_sure()
        try:
            return await call(token)
        except ErrcodeError as refusal:
            if refusal.code not in TOKEN_CODES:
                raise
        return await call(await self._token_for_sure(bad=token))

    async def _token_for_sure(self, bad: str = "") -> str:
        try:
            return await self.token(bad)
        except AmbiguousSendError as error:
            raise TemporarySendError(str(error)) from None

    async def _post(self, path: str, token: str, **given: Any) -> Mapping[str, Any]:
        params = {**given.pop("params", {}), "access_token": token}
        return _read(await self._sent("POST", path, params=params, **given))

    async def _downloaded(self, media_id: str, limit: int, token: str) -> httpx.Response:
        params = {"access_token": token, "media_id": media_id}
        try:
            async with self._http.stream("GET", DOWNLOAD_PATH, params=params) as answer:
                return await _whole(answer, limit)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise TemporarySendError(f"the file could not be read whole ({type(error).__name__})") from None

    async def _sent(self, method: str, path: str, **given: Any) -> httpx.Response:
        try:
            return await self._http.request(method, path, **given)
        except NOTHING_SENT as error:
            raise TemporarySendError(f"WeCom cannot be reached ({type(error).__name__})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise AmbiguousSendError(f"WeCom did not answer ({type(error).__name__})") from None


async def _whole(answer: httpx.Response, limit: int) -> httpx.Response:
    """The answer with its body; errors come as JSON without a file name."""
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > limit:
            raise PermanentSendError(f"the file has more than {limit} bytes")
    whole = httpx.Response(answer.status_code, headers=answer.headers, content=bytes(data))
    if "content-disposition" not in answer.headers:
        _read(whole)
        raise TemporarySendError("WeCom gave no file")
    return whole


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    if answer.status_code == 429:
        raise TemporarySendError("WeCom wants us to slow down (HTTP 429)", retry_after=60.0)
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("errcode", 0), int):
        # A page of some gateway: whether WeCom itself was reached, nobody knows.
        raise AmbiguousSendError(f"WeCom's answer makes no sense (HTTP {answer.status_code})")
    if told.get("errcode", 0) != 0:
        raise ErrcodeError(told["errcode"], str(told.get("errmsg", ""))[:300])
    return told
