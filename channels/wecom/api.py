"""Calls to qyapi.weixin.qq.com: the access token, one renewal a call, and every answer as what it means.

WeCom answers errors with HTTP 200 and an errcode: those are ErrcodeErrors, and nothing was done. What went wrong
below that is a SendError.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import httpx

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from bot.ports import Shelf, Stored
from channels.wechat.api import TIMEOUT, wire
from channels.wechat.token import Tokens
from channels.wecom.mending import TOKEN_REFUSED, error_of
from channels.wecom.options import Options

R = TypeVar("R")

TOKEN_PATH = "/cgi-bin/gettoken"  # noqa: S105
UPLOAD_PATH, DOWNLOAD_PATH = "/cgi-bin/media/upload", "/cgi-bin/media/get"


class ErrcodeError(Exception):
    """WeCom did not do it, and says why."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"errcode {code}: {said}")
        self.code, self.said = code, said

    @property
    def meaning(self) -> SendError:
        """What it means for a message."""
        return error_of(self.code, self.said)


class Api:
    """Calls for one app. Nothing of what it raises holds the secret or a token."""

    def __init__(self, options: Options, shelf: Shelf) -> None:
        self._options, self.base = options, options.api_base
        self.tokens = Tokens(shelf, self.ask_token)
        self.http = httpx.AsyncClient(base_url=options.api_base, timeout=TIMEOUT, trust_env=False)

    async def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """A call with a JSON body, in UTF-8 as it is."""
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json"}
        return await self._granted(lambda token: self._post(path, token, content=content, headers=headers))

    async def upload(self, kind: str, stored: Stored) -> str:
        """The media id of a file."""
        files = {"media": (stored.name, stored.data, stored.media_type)}
        told = await self._granted(lambda token: self._post(UPLOAD_PATH, token, params={"type": kind}, files=files))
        media_id = told.get("media_id")
        if not isinstance(media_id, str) or not media_id:
            raise TemporarySendError("WeCom gave no media id")
        return media_id

    async def download(self, media_id: str, limit: int) -> httpx.Response:
        """The file behind a media id, read whole; PermanentSendError when it has more than `limit` bytes."""
        return await self._granted(lambda token: self._downloaded(media_id, limit, token))

    async def ask_token(self, force: bool = False) -> tuple[str, int]:
        """A token and its seconds. WeCom gives the same one again while it holds, and cannot be forced to another."""
        asked = {"corpid": self._options.corp_id, "corpsecret": self._options.secret}
        with wire(repeatable=True, network="WeCom"):
            answer = await self.http.get(TOKEN_PATH, params=asked)
        try:
            told = _read(answer)
        except AmbiguousSendError as error:
            raise TemporarySendError(str(error)) from None
        token, seconds = told.get("access_token"), told.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise TemporarySendError("WeCom's answer to the request for an access token makes no sense")
        return token, seconds

    async def close(self) -> None:
        await self.http.aclose()

    async def _granted(self, call: Callable[[str], Awaitable[R]]) -> R:
        """A call with the access token; if it is refused, once more with another one, and never a third time."""
        token = await self.tokens.get()
        try:
            return await call(token)
        except ErrcodeError as error:
            if error.code not in TOKEN_REFUSED:
                raise
        return await call(await self.tokens.renew(token))

    async def _post(self, path: str, token: str, **given: Any) -> Mapping[str, Any]:
        params = {**given.pop("params", {}), "access_token": token}
        with wire(repeatable=False, network="WeCom"):
            answer = await self.http.post(path, params=params, **given)
        return _read(answer)

    async def _downloaded(self, media_id: str, limit: int, token: str) -> httpx.Response:
        params = {"access_token": token, "media_id": media_id}
        with wire(repeatable=True, network="WeCom"):
            async with self.http.stream("GET", DOWNLOAD_PATH, params=params) as answer:
                return await _whole(answer, limit)


async def _whole(answer: httpx.Response, limit: int) -> httpx.Response:
    """The answer with its body; errors come as JSON without a file name."""
    data = bytearray()
    async for piece in answer.aiter_bytes():
        data += piece
        if len(data) > limit:
            raise PermanentSendError(f"the file has more than {limit} bytes")
    whole = httpx.Response(answer.status_code, headers=answer.headers, content=bytes(data))
    if answer.status_code != 200 or "content-disposition" not in answer.headers:
        _read(whole)
        raise TemporarySendError("WeCom gave no file")
    return whole


def _read(answer: httpx.Response) -> Mapping[str, Any]:
    status = answer.status_code
    if 400 <= status < 500:
        raise TemporarySendError(f"WeCom answered HTTP {status}", retry_after=60.0 if status == 429 else None)
    try:
        told = answer.json() if status == 200 else None
    except (ValueError, RecursionError):
        told = None
    code = told.get("errcode", 0) if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(code, int):
        # A page of some gateway: whether WeCom itself was reached, nobody knows.
        raise AmbiguousSendError(f"WeCom's answer makes no sense (HTTP {status})")
    if code:
        raise ErrcodeError(code, str(told.get("errmsg", ""))[:300])
    return told
