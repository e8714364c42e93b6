"""A channel as another distribution would bring it: signed JSON comes in, an HTTP call with a key goes out.

Upstream answers 2xx when it took a message, 429 or 5xx when it did not, 4xx when it never will.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from bot.errors import (
    AmbiguousSendError,
    PayloadError,
    PermanentSendError,
    SettingsError,
    SignatureError,
    TemporarySendError,
)
from bot.http import Request, Response
from bot.messages import Incoming, Outgoing
from bot.ports import Call, Capabilities, Finding, Receipt

SIGNATURE = "x-relay-signature"
NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Relay:
    """One inbox of the relay. Options: upstream (base URL), secret, idempotent (whether upstream drops a known key)."""

    kind = "relay"

    def __init__(self, inbox: str, options: Mapping[str, Any]) -> None:
        given = dict(options)
        upstream, secret = given.pop("upstream", None), given.pop("secret", None)
        if not isinstance(upstream, str) or not isinstance(secret, str) or not secret:
            raise SettingsError("a relay needs `upstream` (a URL) and `secret`")
        self._secret = secret
        self.capabilities = Capabilities(max_text=2000, idempotent_send=bool(given.pop("idempotent", True)))
        timeout = float(given.pop("timeout", 5.0))
        if given:
            raise SettingsError(f"a relay has no option {', '.join(given)}")
        self._http = httpx.AsyncClient(base_url=upstream, timeout=timeout, trust_env=False)

    def verify(self, request: Request) -> None:
        given = request.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), sign(self._secret, request.body).encode()):
            raise SignatureError("the signature does not match")

    def parse(self, request: Request) -> Sequence[Incoming]:
        try:
            told = json.loads(request.body)
            return [Incoming(m["external_id"], m["sender"], m["text"]) for m in told["messages"]]
        except (ValueError, KeyError, TypeError) as error:
            raise PayloadError(f"these are no messages: {error}") from error

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(body=b'{"taken":true}', media_type="application/json")

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return [Call("message", {"to": outgoing.recipient, "text": outgoing.text}, outgoing.key)]

    async def send(self, call: Call) -> Receipt:
        try:
            answer = await self._http.post("/messages", json=dict(call.params), headers={"Idempotency-Key": call.key})
        except NOTHING_SENT as error:
            raise TemporarySendError(f"upstream cannot be reached: {error}") from error
        except httpx.TransportError as error:
            raise AmbiguousSendError(f"upstream did not answer: {type(error).__name__}") from error
        if answer.status_code == 429 or answer.status_code >= 500:
            after = answer.headers.get("retry-after")
            raise TemporarySendError(f"upstream says {answer.status_code}", retry_after=float(after) if after else None)
        if answer.status_code >= 400:
            raise PermanentSendError(f"upstream says {answer.status_code}")
        return Receipt(str(answer.json().get("id", "")))

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None:
        await self._http.aclose()


def sign(secret: str, body: bytes) -> str:
    """What a request's signature must be."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def payload(*messages: tuple[str, str, str]) -> bytes:
    """The body of a webhook that brings (external id, sender, text) messages."""
    return json.dumps(
        {"messages": [dict(zip(("external_id", "sender", "text"), m, strict=True)) for m in messages]}
    ).encode()
