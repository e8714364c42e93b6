"""A mailbox without a mail server: a raw mail comes by webhook and is read and kept as the e-mail channel does it; what
we send is written as it writes it, into a folder.

The header `x-told` (JSON) says what the channel would have found out beside the mail itself: `extra`, `mute`, `wakes`,
`thread`, `elsewhere`. Words in an answer make sending go wrong: UNKNOWN, REFUSED, PARTLY.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from bot.errors import AmbiguousSendError, PermanentSendError
from bot.http import Request, Response
from bot.messages import Delivery, Heard, Incoming, Kind, Outgoing, Report, SaidElsewhere, Thread
from bot.ports import Accept, Call, Capabilities, Finding, Receipt, Shelf, Stored
from channels.email.inbound import incoming
from channels.email.mail import Mail
from channels.email.options import read as read_options
from channels.email.outbound import House, composed, heading
from channels.email.reading import read

GIVEN = {"address": "support@shop.example", "from_name": "青禾生活", "password": "x", "provider": "exmail"}
HOUSE = House(read_options("post", GIVEN), b"a secret of these tests", UTC)


class Letterbox:
    """One inbox. Options: folder."""

    kind = "email"
    capabilities = Capabilities(letters=True, max_text=100_000, attachments=frozenset({Kind.IMAGE, Kind.FILE}))

    def __init__(self, inbox: str, options: Mapping[str, Any]) -> None:
        self.folder = Path(options["folder"])
        self._came: asyncio.Queue[Request] = asyncio.Queue()

    def borrow(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def verify(self, request: Request) -> None: ...

    def parse(self, request: Request) -> Sequence[Incoming]:
        return ()

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(body=b"taken")

    def ring(self, request: Request) -> None:
        self._came.put_nowait(request)

    async def listen(self, accept: Accept) -> None:
        while True:
            request = await self._came.get()
            told = json.loads(request.headers.get("x-told", "{}"))
            await accept([await self._heard(request.body, told)])

    async def _heard(self, raw: bytes, told: Mapping[str, Any]) -> Heard:
        if "report" in told:
            return Report(told["report"], Delivery(told["delivery"]), told["error"])
        mail = read(raw)
        made = await self._kept(mail, raw, told.get("thread"))
        extra = {**made.extra, **told.get("extra", {})}
        if "elsewhere" in told:
            return SaidElsewhere(
                made.external_id, told["elsewhere"], made.thread or "", made.text, made.sender_name, made.attachments,
                made.sent_at, extra,
            )  # fmt: skip
        return replace(made, extra=extra, mute=told.get("mute", ""), wakes=told.get("wakes", True))

    async def _kept(self, mail: Mail, raw: bytes, thread: str | None) -> Incoming:
        of_mail = [Stored(file.data, file.media_type, file.name) for file in mail.files]
        *files, whole = await self._shelf.keep(*of_mail, Stored(raw, "message/rfc822", f"{mail.subject}.eml"))
        made = incoming(mail, files, thread or mail.message_id)
        return replace(made, attachments=(*files, replace(whole, media_type="message/rfc822")))

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return [Call("say", {"outgoing": outgoing}, outgoing.key)]

    async def heading(self, outgoing: Outgoing) -> Mapping[str, Any]:
        return heading(outgoing, await self._thread(outgoing), HOUSE)

    async def _thread(self, outgoing: Outgoing) -> Thread:
        found = await self._shelf.threads(conversations=[outgoing.conversation])
        return found[0]

    async def send(self, call: Call) -> Receipt:
        outgoing: Outgoing = call.params["outgoing"]
        if "UNKNOWN" in outgoing.text:
            raise AmbiguousSendError("no word came whether the mail was taken: it was silent")
        if "REFUSED" in outgoing.text:
            raise PermanentSendError("550 no such user")
        made = composed(outgoing, await self._thread(outgoing), HOUSE)
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread((self.folder / f"{call.key}.eml").write_bytes, made.letter.raw)
        problem = "boss@example.com: 550 no such user" if "PARTLY" in outgoing.text else ""
        refused = {"refused": {"boss@example.com": "550 no such user"}} if problem else {}
        return Receipt(made.message_id, {**made.extra, **refused}, problem)

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None: ...
