"""WeChat's HTTP calls: JSON in raw UTF-8, the access token, and what went wrong told as the errors of a send."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar

import httpx

from bot.errors import AmbiguousSendError, SendError, StoreError, TemporarySendError
from bot.ports import Shelf
from channels.wechat import troubles
from channels.wechat.errors import TOKEN_REFUSED, failure
from channels.wechat.options import Options
from channels.wechat.token import Tokens

TIMEOUT = httpx.Timeout(8.0, connect=3.0)
"""A send that has to ask for a token first still ends by itself before the ground gives it up."""
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
SECRET_IN_URL = re.compile(r"(access_token|secret)=[^&\s\"']+")
SECRET_SHAPE = re.compile(r"[\w-]{48,}")
WRONG_SECRET = 40125

R = TypeVar("R")


class _Hide(logging.Filter):
    """The HTTP client logs addresses, and WeChat wants the token in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET_IN_URL.sub(r"\1=…", record.getMessage()), None
        return True


logging.getLogger("httpx").addFilter(_Hide())


class TokenRefusedError(Exception):
    """WeChat does not take the access token; `error` is what that means if another one does not help."""

    def __init__(self, error: SendError) -> None:
        super().__init__(str(error))
        self.error = error


class Api:
    """Calls for one account. A trouble met is told to the shelf, and taken back once things work again."""

    def __init__(self, options: Options, shelf: Shelf, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._options, self._shelf = options, shelf
        self._doubted = {troubles.ON_TOKEN, troubles.ON_SEND}
        self.tokens = Tokens(shelf, self._ask_token)
        self.http = httpx.AsyncClient(base_url=options.api_base, timeout=TIMEOUT, trust_env=False, transport=transport)

    async def call(
        self, path: str, body: Mapping[str, Any], *, repeatable: bool = False, quiet: bool = False
    ) -> dict[str, Any]:
        """POST JSON and return WeChat's answer. `repeatable`: doing it twice is no harm, so that what nobody knows the
        end of counts as not done. `quiet`: its troubles are not worth telling people."""

        async def post(token: str) -> dict[str, Any]:
            return await self._post(path, body, "errcode", token=token, repeatable=repeatable)

        answer = await self.with_token(post, quiet=quiet)
        if not quiet:
            await self._fine(troubles.ON_SEND)
        return answer

    async def upload(self, kind: str, name: str, media_type: str, data: bytes) -> str:
        """The media id of an uploaded file."""
        field = "thumb_media_id" if kind == "thumb" else "media_id"

        async def post(token: str) -> dict[str, Any]:
            query = {"access_token": token, "type": kind}
            with wire(repeatable=True):
                answer = await self.http.post(
                    "/cgi-bin/media/upload", params=query, files={"media": (name, data, media_type)}
                )
            return self.read(answer.status_code, answer.content, field, repeatable=True)

        return str((await self.with_token(post))[field])

    async def with_token(self, act: Callable[[str], Awaitable[R]], *, quiet: bool = False) -> R:
        """Do what needs a token; if WeChat refuses it, once more with another one, and never a third time."""
        try:
            token = await self.tokens.get()
            try:
                return await act(token)
            except TokenRefusedError:
                token = await self.tokens.renew(token)
            try:
                return await act(token)
            except TokenRefusedError as refused:
                raise refused.error from None
        except SendError as error:
            if not quiet:
                await self._tell(error)
            raise
        except StoreError as error:
            raise TemporarySendError(f"the access token is out of reach: {error}") from error

    def read(self, status: int, content: bytes, needs: str, *, repeatable: bool) -> dict[str, Any]:
        """WeChat's answer, which has the field `needs`; raises what a refusal, or no answer at all, means."""
        if status == 429 or 400 <= status < 500:
            raise TemporarySendError(f"WeChat answered HTTP {status}")
        try:
            answer = json.loads(content) if status == 200 else None
            code = int(answer.get("errcode", 0)) if isinstance(answer, dict) else 0
        except (ValueError, TypeError, RecursionError):
            answer, code = None, 0
        if code:
            error = failure(code, self._hidden(str(answer.get("errmsg", ""))) if answer else "")
            raise TokenRefusedError(error) if code in TOKEN_REFUSED else error
        if not isinstance(answer, dict) or needs not in answer:
            raise _unclear(f"WeChat's answer makes no sense (HTTP {status}, {len(content)} bytes)", repeatable)
        return answer

    async def close(self) -> None:
        await self.http.aclose()

    async def _post(
        self, path: str, body: Mapping[str, Any], needs: str, *, token: str = "", repeatable: bool
    ) -> dict[str, Any]:
        # Raw UTF-8: WeChat shows \u escapes to the customer as they are.
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        query = {"access_token": token} if token else {}
        with wire(repeatable=repeatable):
            answer = await self.http.post(
                path, params=query, content=data, headers={"Content-Type": "application/json"}
            )
        return self.read(answer.status_code, answer.content, needs, repeatable=repeatable)

    async def _ask_token(self, force: bool) -> tuple[str, int]:
        asked = {
            "grant_type": "client_credential",
            "appid": self._options.app_id,
            "secret": self._options.app_secret,
            "force_refresh": force,
        }
        try:
            answer = await self._post("/cgi-bin/stable_token", asked, "access_token", repeatable=True)
        except TokenRefusedError as refused:
            raise failure(WRONG_SECRET, str(refused)) from None  # here 40001 speaks of the secret
        token, seconds = answer["access_token"], answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int):
            raise TemporarySendError("WeChat's answer to the request for an access token makes no sense")
        await self._fine(troubles.ON_TOKEN)
        return token, seconds

    async def _tell(self, error: SendError) -> None:
        if error.trouble is not None and error.trouble.key == "uncertified" and not self._options.certified:
            error.trouble = None  # the operator has said so himself: there is nothing to mend
        if error.trouble is not None:
            self._doubted |= {troubles.ON_TOKEN, troubles.ON_SEND}
            with contextlib.suppress(StoreError):
                await self._shelf.tell(error.trouble)

    async def _fine(self, keys: tuple[str, ...]) -> None:
        """These troubles are over. Also said once after a start: who told them may be gone."""
        if keys in self._doubted:
            self._doubted.discard(keys)
            with contextlib.suppress(StoreError):
                await self._shelf.mended(*keys)

    def _hidden(self, said: str) -> str:
        return SECRET_SHAPE.sub("…", said.replace(self._options.app_secret, "…"))


@contextlib.contextmanager
def wire(*, repeatable: bool, network: str = "WeChat") -> Iterator[None]:
    """The HTTP client's errors as those of a send. They name no address: the token is in it."""
    try:
        yield
    except NOTHING_SENT as error:
        raise TemporarySendError(f"{network} cannot be reached ({type(error).__name__})") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise _unclear(f"{network} did not answer ({type(error).__name__})", repeatable) from None


def _unclear(reason: str, repeatable: bool) -> SendError:
    return TemporarySendError(reason) if repeatable else AmbiguousSendError(reason)
