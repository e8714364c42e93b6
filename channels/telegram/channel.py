"""One Telegram bot: what the ground calls, handed to the parts that do it."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import PayloadError, PermanentSendError, SignatureError, TemporarySendError
from bot.http import Request, Response
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.ports import Accept, Call, Capabilities, Finding, Measure, Receipt, Shelf, Stored
from channels.telegram import inbound, options, outbound
from channels.telegram.checking import findings
from channels.telegram.content import BIGGEST
from channels.telegram.fields import word
from channels.telegram.listening import Listening
from channels.telegram.sending import Sending
from channels.telegram.taps import Taps
from channels.telegram.troubles import ON_SEND

if TYPE_CHECKING:
    from channels.telegram.api import Api

SECRET = "x-telegram-bot-api-secret-token"  # noqa: S105
CAPABILITIES = Capabilities(
    max_text=outbound.MAX_TEXT,
    measure=Measure.UTF16_UNITS,
    quick_replies=outbound.MAX_BUTTONS,
    attachments=frozenset({Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE}),
    typing=True,
    send_within=timedelta(minutes=2),
    mend_for=timedelta(days=1),
    send_mends=ON_SEND,
)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs a shelf."""

    api: Api
    listening: Listening
    sending: Sending
    taps: Taps


class TelegramChannel:
    """A Channel, and a Listener, Borrower, Fetcher, Typist and Rereader."""

    kind = "telegram"
    capabilities = CAPABILITIES

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        self.name, self.options = name, options.read(name, given)
        self._lent: _Parts | None = None

    def borrow(self, shelf: Shelf) -> None:
        """Who only reads what was recorded does not come here, and need not wait for aiogram: it takes seconds."""
        from channels.telegram.api import Api

        api = Api(self.options)
        taps = Taps(api)
        self._lent = _Parts(api, Listening(self.name, self.options, api, shelf, taps), Sending(api, shelf), taps)

    @property
    def _parts(self) -> _Parts:
        if self._lent is None:
            raise RuntimeError("a Telegram inbox needs a shelf first (borrow)")
        return self._lent

    # ---- webhook ----

    def verify(self, request: Request) -> None:
        """As bytes: a header may hold anything. A push with the secret is Telegram's in either mode."""
        told = request.headers.get(SECRET, "").encode("latin-1", "replace")
        if request.method != "POST" or not hmac.compare_digest(told, self.options.secret.encode()):
            raise SignatureError("the push does not have the bot's secret")

    def parse(self, request: Request) -> Sequence[Incoming]:
        return inbound.read(inbound.load(request.body), self.options.bot_id)

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response()

    def ring(self, request: Request) -> None:
        """What was pushed is durable."""
        try:
            self._parts.taps.take([inbound.load(request.body)])
        except PayloadError:
            return

    @staticmethod
    def reread(payload: bytes) -> Sequence[Incoming]:
        return inbound.reread(payload)

    # ---- calls ----

    async def listen(self, accept: Accept) -> None:
        """Taps are answered by the process they came to, updates are fetched by one of all."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._parts.taps.run())
            group.create_task(self._parts.listening.run(accept))

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return outbound.render(outgoing)

    async def send(self, call: Call) -> Receipt:
        return await self._parts.sending.send(call)

    async def typing(self, recipient: str) -> None:
        await self._parts.api.ask("sendChatAction", {"chat_id": recipient, "action": "typing"})

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        """A file by its id. Its address holds the token, and never leaves here."""
        if not attachment.source:
            raise PermanentSendError("the file has no id")
        told = await self._parts.api.ask("getFile", {"file_id": attachment.source})
        path = word(told, "file_path") if isinstance(told, Mapping) else ""
        if not path:
            raise TemporarySendError("Telegram did not say where the file is")
        data = await self._parts.api.download(path, min(limit, BIGGEST))
        return Stored(data, attachment.media_type, attachment.name)

    async def check(self) -> Sequence[Finding]:
        return await findings(self.name, self.options, self._parts.api)

    async def close(self) -> None:
        if self._lent is not None:
            await self._lent.api.close()
