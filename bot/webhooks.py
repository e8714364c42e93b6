"""Webhooks: verify, parse, make durable – and only then acknowledge, with the answer where the network carries one.

Plain ASGI: this is the hot path, and what a request costs besides its message is most of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import structlog

from bot.engine import Engine, InboxHandle
from bot.errors import PayloadError, StoreError, TooLargeError
from bot.failpoints import reach
from bot.http import Request, Response
from bot.messages import Incoming
from bot.ports import Listener
from bot.store.answers import Answer

logger = structlog.get_logger(__name__)

PREFIX = "/webhooks/"
MAX_BODY = 10 * 1024 * 1024
"""Bytes of a webhook request; networks send links to files, not files."""
PATIENT = 0.2
"""Seconds in which no network hangs up; when an answer took longer, we look whether somebody is still there."""

TEXT = "text/plain; charset=utf-8"
NO_INBOX = Response(404, b"no such inbox", TEXT)
WRONG_METHOD = Response(405, b"a webhook is asked by GET or POST", TEXT, {"Allow": "GET, POST"})
TRY_AGAIN = Response(503, b"try again", TEXT, {"Retry-After": "2"})


class Webhooks:
    """The ASGI application behind /webhooks/{inbox}. A store that cannot keep a message answers 503, which every
    network takes as "deliver it again"."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._listeners: dict[str, Listener] = {
            name: handle.channel for name, handle in engine.inboxes.items() if isinstance(handle.channel, Listener)
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        began = asyncio.get_running_loop().time()
        response, answer, handle = await self._answered(scope, receive, began)
        there = True
        if answer is not None and asyncio.get_running_loop().time() - began > PATIENT:
            there = not await _gone(receive)
        if answer is not None:
            reach("before_answer")
        await _respond(send, response)
        if answer is not None and handle is not None:
            self._engine.answering.over(answer, handle.channel.capabilities, sent=there)

    async def _answered(
        self, scope: Any, receive: Any, began: float
    ) -> tuple[Response, Answer | None, InboxHandle | None]:
        handle = self._engine.inboxes.get(scope["path"].removeprefix(PREFIX))
        if handle is None:
            return NO_INBOX, None, None
        if scope["method"] not in ("GET", "POST"):
            return WRONG_METHOD, None, None
        try:
            request = _request(scope, await _body(receive))
            handle.channel.verify(request)
            incoming = handle.channel.parse(request)
        except PayloadError as error:
            logger.info("webhook.refused", inbox=handle.name, kind=type(error).__name__, error=str(error))
            told = "refused" if error.status == 403 else str(error)
            return Response(error.status, told.encode("utf-8", "replace"), TEXT), None, None
        try:
            answer = await self._taken(handle, incoming, began)
        except StoreError as error:
            logger.error("webhook.not_kept", inbox=handle.name, error=str(error))
            return TRY_AGAIN, None, None
        if (listener := self._listeners.get(handle.name)) is not None:
            listener.ring(request)
        outgoing = None if answer is None else answer.outgoing
        return handle.channel.acknowledge(request, outgoing), answer, handle

    async def _taken(self, handle: InboxHandle, incoming: Sequence[Incoming], began: float) -> Answer | None:
        """All of it is durable; the last one may be answered in the call itself."""
        last = incoming[-1] if incoming else None
        # What a webhook carries back is private.
        asked = last if handle.channel.capabilities.answer_within and last and not last.public else None
        for message in incoming[: None if asked is None else -1]:
            await self._engine.accept(handle.name, message)
        return None if asked is None else await self._engine.ask(handle.name, asked, began=began)


async def _body(receive: Any) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise PayloadError("the request broke off")
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY:
            raise TooLargeError(f"the body is over {MAX_BODY} bytes")
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _request(scope: Any, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = _query(pairs)
    doubled = frozenset[str]()
    if len(query) < len(pairs):
        doubled = frozenset(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return Request(scope["method"], scope["path"], query, headers, body, doubled)


def _query(pairs: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """The first value of each name: a second one would be an attacker's."""
    return dict(reversed(pairs))


async def _gone(receive: Any) -> bool:
    """Whether the other side has hung up, as far as anybody has told us by now."""
    told = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    if told.done():
        return bool(told.result()["type"] == "http.disconnect")
    told.cancel()
    return False


async def _respond(send: Any, response: Response) -> None:
    headers = [
        (b"content-type", response.media_type.encode("latin-1")),
        (b"content-length", str(len(response.body)).encode()),
        *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()),
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
