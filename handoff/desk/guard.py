"""What stands before every page of the desk: where a request may come from, and what a browser may do with a page."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import StoreError

log = structlog.get_logger(__name__)

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "frame-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no-referrer a form of ours would say "Origin: null", and we could not tell it from a stranger's.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()",
    "X-Content-Type-Options": "nosniff",
}


def own_origin(scope: MutableMapping[str, Any], headers: Headers, public_url: str) -> bool:
    """The Origin header names us: the public address, or the very host this request was sent to.

    The second is as safe: a stranger's page has a stranger's origin, and a name that was rebound to our address
    has none of our cookies.
    """
    origin = headers.get("origin", "")
    if not origin or origin == "null":
        return False
    public = urlsplit(public_url)
    if origin == f"{public.scheme}://{public.netloc}":
        return True
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return origin == f"{scheme}://{headers.get('host', '')}"


def may_change(scope: MutableMapping[str, Any], public_url: str) -> bool:
    """A request that changes something was sent by a page of ours, or typed by the user himself."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    return own_origin(scope, headers, public_url)


class RefusedError(Exception):
    """The request makes no sense; becomes an answer with `status`."""

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.error, self.status = error, status


def refusal(status: int, error: str, message: str, **more: Any) -> Response:
    """Every error of the desk's API looks like this."""
    body = orjson.dumps({"error": error, "message": message, **more})
    return Response(body, status, media_type="application/json")


FOREIGN = refusal(403, "foreign_origin", "This request did not come from a page of the desk.")
UNREACHABLE = refusal(503, "store", "The database did not answer. Nothing was changed; please try again.")


class Guard:
    """ASGI middleware around each of the desk's HTTP routes."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app, self._public_url = app, public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if scope["method"] not in SAFE_METHODS and not may_change(scope, self._public_url):
            await FOREIGN(scope, receive, with_headers)
            return
        try:
            await self._app(scope, receive, with_headers)
        except StoreError as error:
            if started:
                raise
            log.error("desk.store", error=str(error), path=scope["path"])
            await UNREACHABLE(scope, receive, with_headers)
