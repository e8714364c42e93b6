"""One 客服帐号 of WeCom: what the ground calls, handed to the parts that do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import PayloadError
from bot.http import Request, Response
from bot.messages import Attachment, Heard, Incoming, Kind, Outgoing
from bot.ports import Accept, Call, Capabilities, Finding, Measure, Receipt, Shelf, Stored
from channels.wechat.codec import Codec
from channels.wecom import callback, inbound, options, outbound
from channels.wecom.api import Api
from channels.wecom.checking import findings
from channels.wecom.people import People
from channels.wecom.sending import Sending
from channels.wecom.sync import Sync
from channels.wecom.tag import Tag
from channels.wecom.uploads import Uploads

LISTENING: dict[tuple[str, str], Sync] = {}
"""By company and account."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs a shelf."""

    api: Api
    sync: Sync
    sending: Sending
    uploads: Uploads


class WeComChannel:
    """A Channel, and a Listener, Borrower and Fetcher."""

    kind = "wecom"
    capabilities = Capabilities(
        max_text=outbound.MAX_TEXT,
        measure=Measure.UTF8_BYTES,
        quick_replies=outbound.MAX_BUTTONS,
        attachments=frozenset({*outbound.MEDIA, Kind.LINK}),
        reply_window=timedelta(hours=48),
        quota=5,
        reserve=1,
        idempotent_send=True,
    )

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        self.name, self._options = name, options.read(name, given)
        self._codec = Codec(self._options.token, self._options.corp_id, self._options.aes_key)
        self._lent: _Parts | None = None

    def borrow(self, shelf: Shelf) -> None:
        api, tag = Api(self._options, shelf), Tag(shelf)
        uploads = Uploads(api, shelf)
        people = People(api, shelf) if self._options.names else None
        sending = Sending(self._options.open_kfid, api, shelf, tag, uploads)
        self._lent = _Parts(api, Sync(self._options, api, shelf, tag, people), sending, uploads)

    @property
    def _parts(self) -> _Parts:
        if self._lent is None:
            raise RuntimeError("a WeCom inbox needs a shelf before anything else")
        return self._lent

    def verify(self, request: Request) -> None:
        callback.verify(self._codec, request)

    def parse(self, request: Request) -> Sequence[Incoming]:
        """Nothing: a callback only says that there is something to fetch."""
        callback.notice(self._codec, request)
        return ()

    @staticmethod
    def reread(payload: bytes) -> Sequence[Heard]:
        return inbound.reread(payload)

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return callback.acknowledge(self._codec, request)

    def ring(self, request: Request) -> None:
        """WeCom knows one address a company: the callback may be for another account's inbox, in this process."""
        try:
            notice = callback.notice(self._codec, request)
        except PayloadError:
            return
        if notice is None or notice.event != callback.ARRIVED:
            return
        ours = notice.account == self._options.open_kfid
        sync = self._parts.sync if ours else LISTENING.get((self._options.corp_id, notice.account))
        if sync is not None:
            sync.ring(notice.token)

    async def listen(self, accept: Accept) -> None:
        account, sync = (self._options.corp_id, self._options.open_kfid), self._parts.sync
        LISTENING[account] = sync
        try:
            await sync.run(accept)
        finally:
            if LISTENING.get(account) is sync:
                del LISTENING[account]

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return outbound.render(outgoing)

    async def send(self, call: Call) -> Receipt:
        return await self._parts.sending.send(call)

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        return await self._parts.uploads.fetch(attachment, limit=limit)

    async def check(self) -> Sequence[Finding]:
        return await findings(self._options.open_kfid, self._parts.api)

    async def close(self) -> None:
        if self._lent is not None:
            await self._lent.api.close()
