"""Weibo's HTTP calls: forms, the access token, and what went wrong told as what it means.

A refusal comes with an error_code, as a number or as text, under HTTP 400, 403 or 200: that is a RefusedError, and
nothing was done. What went wrong below it is a SendError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from bot.errors import AmbiguousSendError, PayloadError, PermanentSendError, SendError, StoreError, TemporarySendError
from bot.ports import Shelf
from channels.wechat.api import TIMEOUT, wire
from channels.weibo import fields
from channels.weibo.errors import NETWORK, PAUSE, SLOW, TOKEN_REFUSED, RefusedError
from channels.weibo.options import Options

LARGEST = 8 * 2**20
"""Bytes of an answer: two hundred long posts with what they repost."""
REFUSED = "token.refused"


class TooOftenError(TemporarySendError):
    """Nothing was done: too many calls, by the server that stands before Weibo's."""


class Api:
    """Calls for one account. Nothing of what it raises holds the secret or the token.

    Once Weibo has refused the token, no process asks again for some minutes: only a person can mend that.
    """

    def __init__(self, options: Options, shelf: Shelf, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.options, self._shelf = options, shelf
        self.mark = hashlib.sha256(options.access_token.encode()).hexdigest()[:16]
        """Tells this token from another one, and says nothing of it."""
        self._http = httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, transport=transport)

    async def get(self, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        """What Weibo knows. Raises RefusedError and SendError."""
        await self._unless_refused()
        with wire(repeatable=True, network=NETWORK):
            answer = await self._http.get(url, params={**query, "access_token": self.options.access_token})
        return await self._told(answer, repeatable=True)

    async def post(
        self, url: str, form: Mapping[str, str], *, repeatable: bool = False, anyway: bool = False
    ) -> dict[str, Any]:
        """Have something done. The form is encoded once, the token stands in it. `repeatable`: doing it twice is no
        harm, so that what nobody knows the end of counts as not done. `anyway`: even after a refused token."""
        if not anyway:
            await self._unless_refused()
        with wire(repeatable=repeatable, network=NETWORK):
            answer = await self._http.post(url, data={"access_token": self.options.access_token, **form})
        return await self._told(answer, repeatable=repeatable)

    async def download(self, url: str, query: Mapping[str, str], limit: int) -> bytes:
        """A file of at most so many bytes."""
        await self._unless_refused()
        got = bytearray()
        asked = {**query, "access_token": self.options.access_token}
        with wire(repeatable=True, network=NETWORK):
            async with self._http.stream("GET", url, params=asked) as answer:
                async for piece in answer.aiter_bytes():
                    got += piece
                    if len(got) > limit:
                        raise PermanentSendError(f"the file has more than {limit} bytes")
        content = bytes(got)
        if answer.status_code in (404, 410):
            raise PermanentSendError("Weibo no longer has the file")
        if answer.status_code != 200 or content.lstrip()[:1] == b"{":
            await self._told(httpx.Response(answer.status_code, content=content), repeatable=True)
            raise PermanentSendError("Weibo gave no file")
        return content

    async def open(self, url: str, headers: Mapping[str, str], limit: int) -> bytes:
        """What lies open for everybody, of at most so many bytes. The token is not told."""
        got = bytearray()
        with wire(repeatable=True, network=NETWORK):
            async with self._http.stream("GET", url, headers=headers) as answer:
                async for piece in answer.aiter_bytes():
                    got += piece
                    if len(got) > limit:
                        raise PermanentSendError(f"the file has more than {limit} bytes")
        if answer.status_code >= 500 or answer.status_code == 429:
            raise TemporarySendError(f"Weibo answered HTTP {answer.status_code}")
        if answer.status_code != 200:
            raise PermanentSendError("Weibo no longer has the file")
        return bytes(got)

    async def close(self) -> None:
        await self._http.aclose()

    async def _told(self, answer: httpx.Response, *, repeatable: bool) -> dict[str, Any]:
        try:
            told = self._read(answer, repeatable)
        except RefusedError as refusal:
            if refusal.code in TOKEN_REFUSED:
                await self._remember(refusal.code)
            raise
        return told

    def _read(self, answer: httpx.Response, repeatable: bool) -> dict[str, Any]:
        try:
            told = fields.load(answer.content, LARGEST)
        except PayloadError:
            told = {}
        code = fields.number(told, "error_code")
        if code and code != SLOW:
            raise RefusedError(code, self._hidden(fields.text(told, "error")))
        if answer.status_code == 429:
            raise TooOftenError("too many calls (Weibo answered HTTP 429)", retry_after=_after(answer))
        if 400 <= answer.status_code < 500 and not code:
            raise TemporarySendError(f"Weibo answered HTTP {answer.status_code}", retry_after=_after(answer))
        if not told or answer.status_code >= 500:
            raise _unclear(answer, repeatable)
        return told

    async def _unless_refused(self) -> None:
        try:
            told = await self._shelf.get(REFUSED)
        except StoreError as error:
            raise TemporarySendError(f"the store did not answer: {error}") from error
        mark, _, code = (told or "").partition(":")
        if mark == self.mark and code.isdigit():
            raise RefusedError(int(code), "refused a short while ago").meaning

    async def _remember(self, code: int) -> None:
        try:
            await self._shelf.put(REFUSED, f"{self.mark}:{code}", lasts=timedelta(seconds=PAUSE))
        except StoreError:
            return  # then the next one asks again

    def _hidden(self, said: str) -> str:
        return said.replace(self.options.access_token, "…").replace(self.options.app_secret, "…")


def _after(answer: httpx.Response) -> float | None:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None


def _unclear(answer: httpx.Response, repeatable: bool) -> SendError:
    reason = f"Weibo's answer makes no sense (HTTP {answer.status_code}, {len(answer.content)} bytes)"
    return TemporarySendError(reason) if repeatable else AmbiguousSendError(reason)
