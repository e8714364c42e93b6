"""The telephone as the ground knows it: a channel on which people speak, and kefu does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import OptionsError, PermanentSendError, SignatureError
from bot.http import Request, Response
from bot.messages import Incoming, Outgoing
from bot.ports import Call, Capabilities, Finding, Receipt
from channels.wechat.options import Reader, matching, values


@dataclass(frozen=True, slots=True)
class Options:
    """`country`: where numbers without a country code are (ISO 3166: CN, TW, HK, …)."""

    country: str = "CN"


READERS: Mapping[str, Reader] = {
    "country": matching(re.compile(r"[A-Z]{2}").pattern, 'must be a country\'s two letters, like "CN", "TW" or "HK"')
}


class PhoneChannel:
    """Calls are logged by agents at the desk (`bot.store.phone`)."""

    kind = "phone"
    capabilities = Capabilities(webhook=False, speaks=False)

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        told, problems = values(given, READERS)
        if problems:
            raise OptionsError(name, problems)
        self.name, self.options = name, Options(**told)

    def verify(self, request: Request) -> None:
        raise SignatureError("nobody calls a phone inbox here")

    def parse(self, request: Request) -> Sequence[Incoming]:
        return ()

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(404)

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return [Call("say", {"text": outgoing.text}, outgoing.key)]

    async def send(self, call: Call) -> Receipt:
        raise PermanentSendError("kefu makes no phone calls: ring the customer, and log the call")

    async def check(self) -> Sequence[Finding]:
        return [
            Finding(f"calls are logged at the desk; numbers without a country code are in {self.options.country}", True)
        ]

    async def close(self) -> None:
        """Nothing is open."""
