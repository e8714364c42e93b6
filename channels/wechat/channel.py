"""An Official Account as the ground knows it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx

from bot.errors import SendError, StoreError, TemporarySendError, Trouble
from bot.http import Request, Response
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.ports import Call, Capabilities, Finding, Measure, Receipt, Shelf, Stored
from channels.wechat import inbound, outbound
from channels.wechat.api import Api
from channels.wechat.errors import MediaGoneError
from channels.wechat.media import Media
from channels.wechat.options import Options, read
from channels.wechat.pushes import Pushes

CERTIFIED = Capabilities(
    max_text=2048,
    measure=Measure.UTF8_BYTES,
    quick_replies=13,
    attachments=frozenset({Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.LINK}),
    reply_window=timedelta(hours=48),
    quota=5,
    reserve=1,
    answer_within=timedelta(seconds=4.5),
    asks_again=timedelta(seconds=15),
    typing=True,
)
UNCERTIFIED = Capabilities(
    max_text=2048,
    measure=Measure.UTF8_BYTES,
    pushes=False,
    answer_within=timedelta(seconds=4.5),
    asks_again=timedelta(seconds=15),
)
"""It has no customer service messages: what reaches the customer is the webhook's answer, a text."""

SEND, TYPING = "/cgi-bin/message/custom/send", "/cgi-bin/message/custom/typing"
PATHS = {
    outbound.CUSTOM: SEND,
    outbound.TEMPLATE: "/cgi-bin/message/template/send",
    outbound.SUBSCRIBE: "/cgi-bin/message/subscribe/bizsend",
}
PIECE = re.compile(r"/\d+$")
REMEMBERED = timedelta(days=8)
"""How long a piece of a message counts as said; longer than a message may wait (`park_for`)."""
NOBODY = "kefu-check"
"""An openid nobody has: whether the account may call at all shows before WeChat looks for the customer."""


class WeChatChannel:
    """One Official Account."""

    kind = "wechat"

    def __init__(
        self, name: str, options: Mapping[str, Any], *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.name = name
        self.options: Options = read(name, options)
        self.capabilities = CERTIFIED if self.options.certified else UNCERTIFIED
        self._pushes = Pushes(self.options)
        self._transport = transport
        self._lent: tuple[Shelf, Api, Media] | None = None

    def borrow(self, shelf: Shelf) -> None:
        api = Api(self.options, shelf, self._transport)
        self._lent = shelf, api, Media(api, shelf)

    # ---- webhook ----

    def verify(self, request: Request) -> None:
        self._pushes.open(request)

    def parse(self, request: Request) -> Sequence[Incoming]:
        push = self._pushes.open(request)
        if push.fields is None:
            return []
        return inbound.messages(push.fields, on_unfollow=self.options.on_unfollow)

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        push = self._pushes.open(request)
        fields = None
        if answer is not None and push.fields is not None and answer.text.strip():
            fields = outbound.passive(answer, push.fields, _stamp(request))
        return self._pushes.answer(request, push, fields)

    @staticmethod
    def reread(payload: bytes) -> Sequence[Incoming]:
        return inbound.reread(payload)

    # ---- calls ----

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return outbound.calls(outgoing)

    def notice(self, waiting: Outgoing) -> Sequence[Call]:
        return [outbound.notice(waiting, self.options.notice)] if self.options.notice else []

    async def send(self, call: Call) -> Receipt:
        """One call. A piece of a message that WeChat took already, before a later piece failed, is not said again."""
        shelf, _, _ = self._ground
        piece = f"said:{call.key}" if PIECE.search(call.key) else ""
        try:
            if piece and await shelf.get(piece):
                return Receipt()
            answer = await self._sent(call)
        except StoreError as error:
            raise TemporarySendError(f"the store did not answer: {error}") from error
        if piece:
            with contextlib.suppress(StoreError):
                await shelf.put(piece, "1", lasts=REMEMBERED)
        return Receipt(str(answer.get("msgid", "")))

    async def typing(self, recipient: str) -> None:
        _, api, _ = self._ground
        await api.call(TYPING, {"touser": recipient, "command": "Typing"}, repeatable=True, quiet=True)

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        return await self._ground[2].fetch(attachment, limit=limit)

    async def close(self) -> None:
        if self._lent is not None:
            await self._lent[1].close()

    async def _sent(self, call: Call) -> dict[str, Any]:
        _, api, media = self._ground
        path = PATHS[call.name]
        try:
            return await api.call(path, await media.placed(call.params))
        except MediaGoneError:
            if not await media.forget(call.params):
                raise
        return await api.call(path, await media.placed(call.params))

    @property
    def _ground(self) -> tuple[Shelf, Api, Media]:
        if self._lent is None:
            raise RuntimeError("a WeChat inbox needs a shelf first (borrow)")
        return self._lent

    # ---- check ----

    async def check(self) -> Sequence[Finding]:
        """Token and whitelist, whether the account may send, and how safe its pushes are."""
        what = "WeChat's access token, IP whitelist"
        try:
            await self._ground[1].tokens.get()
        except SendError as error:
            return [Finding(what, ok=False, mend=self._mend(error)), self._safety()]
        return [Finding(what, ok=True), await self._sending("customer service messages"), self._safety()]

    async def _sending(self, what: str) -> Finding:
        trouble: Trouble | None = None
        try:
            await self.typing(NOBODY)
        except TemporarySendError as error:
            return Finding(what, ok=False, mend=self._mend(error))
        except SendError as error:
            trouble = error.trouble
        if trouble is None and not self.options.certified:
            return Finding(what, ok=True, mend="the account may send them: certified = true would use them")
        if trouble is not None and not (trouble.key == "uncertified" and not self.options.certified):
            return Finding(what, ok=False, mend=trouble.said["en"])
        return Finding(what, ok=True)

    def _mend(self, error: SendError) -> str:
        if error.trouble is not None:
            return error.trouble.said["en"]
        return f"{error}. Can this server open {self.options.api_base}? Look at its network, DNS and firewall"

    def _safety(self) -> Finding:
        mend = {
            "plain": "nothing vouches for what is pushed: choose 安全模式 in the console and set aes_key",
            "compat": "unencrypted pushes are taken too, and nothing vouches for them: "
            'choose 安全模式 in the console and set mode = "safe"',
        }
        return Finding(f"pushes in {self.options.mode} mode", ok=True, mend=mend.get(self.options.mode, ""))


def _stamp(request: Request) -> int:
    """When the push was signed: that is now, and the same over every look at it."""
    told = request.query.get("timestamp", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 10 else 0
