"""The web channel as the ground knows it. Its traffic comes over `channels.web.routes`, not over webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import PayloadError, SignatureError
from bot.http import Request, Response
from bot.messages import Incoming, Outgoing
from bot.ports import Call, Capabilities, Finding, Receipt
from channels.web import outbound
from channels.web.options import read

NO_WEBHOOK = "a web inbox has no webhook; visitors write through its chat page"


class WebChannel:
    """One chat that companies put on their pages."""

    kind = "web"
    capabilities = Capabilities(quick_replies=13, pull=True, idempotent_send=True, typing=True)

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        self.name = name
        self.options = read(name, options)
        self.closing = asyncio.Event()

    def verify(self, request: Request) -> None:
        raise SignatureError(NO_WEBHOOK)

    def parse(self, request: Request) -> Sequence[Incoming]:
        raise PayloadError(NO_WEBHOOK)

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(204)

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return outbound.calls(outgoing)

    async def send(self, call: Call) -> Receipt:
        """Nothing to carry out: what is in the log is handed over."""
        return Receipt(call.key)

    async def check(self) -> Sequence[Finding]:
        """Warns of a chat that any site may put on its pages."""
        if self.options.origins:
            return [Finding(f"web chat {self.name!r}: embedding", ok=True)]
        mend = 'any site may embed it; list yours: origins = ["https://shop.example"]'
        return [Finding(f"web chat {self.name!r}: embedding", ok=True, mend=mend)]

    async def close(self) -> None:
        """Send the listening clients away: sockets with 1012, long polls with what there is. They come back."""
        self.closing.set()
