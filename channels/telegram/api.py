"""Calls of the Bot API over aiogram: its session, its proxies, its errors. Nobody else in this folder imports it.

Results are JSON as Telegram told it: aiogram's own models refuse a whole page of updates, or a message that was sent,
for one field they do not know. No error and no log holds the token, which is in every address.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import aiohttp
from aiogram import Bot, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods.base import TelegramMethod
from aiogram.types import BufferedInputFile

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError
from bot.ports import Stored
from channels.telegram import troubles
from channels.telegram.errors import BlockedError, MovedError, RefusedCallError, SomebodyElseError
from channels.telegram.options import Options

TIMEOUT = 20
"""Seconds a call may take."""
MEND_PAUSE = 60.0


class _Ask(TelegramMethod[Any]):
    """Any method, with its parameters as they are."""

    if not TYPE_CHECKING:
        __returning__ = Any
        __api_method__ = ""


class Api:
    """Calls for one bot."""

    def __init__(self, options: Options) -> None:
        self._options = options
        server = TelegramAPIServer.from_base(options.api_base)
        self._session = AiohttpSession(proxy=options.proxy or None, api=server)
        self._bot = Bot(options.token, session=self._session)

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        files: Mapping[str, Stored] | None = None,
        within: int = TIMEOUT,
        repeatable: bool = True,
    ) -> Any:
        """The result of a method. `files` go beside the parameters. `repeatable`: doing it twice does no harm."""
        uploads = {n: BufferedInputFile(s.data, s.name) for n, s in (files or {}).items()}
        call = _named(method)(**(params or {}), **uploads)
        try:
            return await self._session.make_request(self._bot, call, timeout=within)
        except (exceptions.AiogramError, aiohttp.ClientError, OSError, TimeoutError) as error:
            meant = self._meant(error)
        except Exception as error:  # what a proxy's client raises
            meant = TemporarySendError(f"Telegram cannot be reached: {type(error).__name__}")
        if repeatable and isinstance(meant, AmbiguousSendError):
            raise TemporarySendError(str(meant))
        raise meant

    async def download(self, path: str, limit: int) -> bytes:
        """A file of getFile, whole; PermanentSendError when it has more than `limit` bytes."""
        data = bytearray()
        try:
            session = await self._session.create_session()
            async with session.get(self._session.api.file_url(self._options.token, path)) as answer:
                if answer.status != 200:
                    raise _file_refused(answer.status)
                async for piece in answer.content.iter_chunked(65_536):
                    data += piece
                    if len(data) > limit:
                        raise PermanentSendError(f"the file has more than {limit} bytes")
        except SendError:
            raise
        except Exception as error:
            told = f"the file could not be fetched from Telegram: {type(error).__name__}"
            raise TemporarySendError(told) from None
        return bytes(data)

    async def close(self) -> None:
        await self._session.close()

    def _meant(self, error: Exception) -> SendError:
        """What an error means for what was to be done."""
        said = str(getattr(error, "message", "") or error).replace(self._options.token, "…")[:300]
        match error:
            case exceptions.TelegramRetryAfter():
                after = error.retry_after + random.uniform(0.1, 1.0)  # noqa: S311
                return TemporarySendError(f"Telegram asks to wait {error.retry_after} s", retry_after=after)
            case exceptions.TelegramMigrateToChat():
                return MovedError(str(error.migrate_to_chat_id))
            case exceptions.TelegramConflictError():
                return SomebodyElseError(said)
            case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
                told = f"Telegram does not know the bot: {said}"
                return TemporarySendError(told, retry_after=MEND_PAUSE, trouble=troubles.trouble(troubles.TOKEN))
            case exceptions.TelegramForbiddenError():
                return BlockedError(f"he cannot be reached (客户停用了机器人): {said}")
            case exceptions.TelegramBadRequest() | exceptions.TelegramEntityTooLarge():
                return RefusedCallError(said)
            case exceptions.RestartingTelegram():
                return TemporarySendError("Telegram is restarting")
            case exceptions.TelegramNetworkError() if _never_left(error.__cause__):
                return _away(type(error.__cause__).__name__)
            case exceptions.TelegramNetworkError() | exceptions.TelegramServerError() | exceptions.ClientDecodeError():
                # What came back, if anything did, is no answer of the method: whether it was done, nobody knows.
                return AmbiguousSendError(f"no clear answer from Telegram: {type(error).__name__}")
            case exceptions.TelegramAPIError():
                return RefusedCallError(said)
        return _away(type(error).__name__) if isinstance(error, OSError) else AmbiguousSendError(type(error).__name__)


def _named(method: str) -> type[_Ask]:
    return type(method, (_Ask,), {"__api_method__": method, "__module__": __name__})


def _never_left(cause: BaseException | None) -> bool:
    """Whether the line was never there, so that nothing can have been sent over it."""
    return isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def _away(why: str) -> TemporarySendError:
    trouble = troubles.trouble(troubles.AWAY, why)
    return TemporarySendError(f"Telegram cannot be reached: {why}", trouble=trouble)


def _file_refused(status: int) -> SendError:
    told = f"Telegram answered HTTP {status} for the file"
    return TemporarySendError(told) if status in (401, 429) or status >= 500 else PermanentSendError(told)
