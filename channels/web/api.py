"""The HTTP half of the contract: a visitor gets a token, posts messages, reads the log, leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.errors import PayloadError, StoreError, TooLargeError
from bot.lent import Page, Visitor, Watch
from channels.web import inbound, outbound
from channels.web.channel import WebChannel
from channels.web.lobby import Lobby, address, bearer
from channels.web.refusal import Refusal, code_of

SMALL = 2048
"""Bytes of a body that carries no message."""
LOOK = 5.0
"""Seconds after which a long poll looks whether its client is still there."""
MOST_TYPED = 200
"""Characters of a search that are looked at."""
MOST_SUGGESTED = 3

Endpoint = Callable[[Request], Awaitable[Response]]


def answer(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    sent = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(outbound.encode(data), status, sent, "application/json")


def refused(error: PayloadError) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if isinstance(error, Refusal) and error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return answer({"error": code_of(error), "message": str(error)}, error.status, headers)


def guarded(endpoint: Endpoint) -> Endpoint:
    """Turns what can go wrong into the answer that makes a client do the right thing."""

    async def safe(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PayloadError as error:
            return refused(error)
        except StoreError:
            text = "this cannot be kept right now; send it again, with the same cid"
            return answer({"error": "unavailable", "message": text}, 503, {"Retry-After": "2"})
        except ClientDisconnect:
            return Response(status_code=400)

    return safe


async def body_of(request: Request, limit: int) -> bytes:
    """The body, unless it is over the limit: then not even its rest is read."""
    too_large = TooLargeError(f"the body is over {limit} bytes")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced[:18]) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


class Api:
    """The endpoints under /api/w/{inbox}."""

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby

    async def visitors(self, request: Request) -> Response:
        """A new visitor, 201 with his token."""
        channel, gate = self.lobby.inbox(request)
        self.lobby.at_home(request.headers, channel)
        gate.visitor(address(request))
        wish = inbound.record(await body_of(request, SMALL)).get("language")
        language = inbound.language(wish, channel.options.languages)
        return answer({"token": await self.lobby.visits.admit(channel.name, language=language)}, 201)

    async def messages(self, request: Request) -> Response:
        """One message; answered with its event once it is durable, and with the same one for a repeated cid."""
        channel, gate = self.lobby.inbox(request)
        self.lobby.at_home(request.headers, channel)
        visitor = await self.lobby.visitor(request.headers, channel)
        gate.message(visitor.sender)
        body = await body_of(request, channel.options.max_body)
        incoming = inbound.message(body, visitor, max_text=channel.options.max_text)
        return answer(outbound.event(await self.lobby.visits.accept(channel.name, incoming)))

    async def events(self, request: Request) -> Response:
        """The log after a cursor, waiting a while for news if asked to; or what stands before a cursor."""
        channel, _ = self.lobby.inbox(request)
        query = request.query_params
        after = inbound.cursor(query.get("after"), "after") or 0
        before = inbound.cursor(query.get("before"), "before")
        wait = min(inbound.cursor(query.get("wait"), "wait") or 0, self.lobby.pace.poll)
        visitor = await self.lobby.visitor(request.headers, channel)
        if after > inbound.MAX_SEQ:
            return answer(outbound.page(Page(reset=True)))
        if before is not None:
            upto = min(before, inbound.MAX_SEQ)
            return answer(outbound.page(await self.lobby.visits.earlier(visitor, before=upto)))
        if wait:
            return answer(outbound.page(await self._news(request, channel, visitor, after, wait)))
        return answer(outbound.page(await self.lobby.visits.events(visitor, after=after)))

    async def suggestions(self, request: Request) -> Response:
        """What a visitor may mean with what he has typed so far. He need not be known, and nothing is kept."""
        channel, gate = self.lobby.inbox(request)
        self.lobby.at_home(request.headers, channel)
        gate.suggestion(address(request))
        query, offered = request.query_params, channel.options.languages
        typed = inbound.clean(query.get("q", "")).strip()[:MOST_TYPED]
        language = inbound.language(query.get("lang"), offered) or offered[0]
        found = await self.lobby.suggest(channel.name, typed, language) if self.lobby.suggest and typed else ()
        return answer({"suggestions": [{"label": one.label, "value": one.value} for one in found[:MOST_SUGGESTED]]})

    async def logout(self, request: Request) -> Response:
        """Forget the token; its sockets are closed."""
        channel, gate = self.lobby.inbox(request)
        self.lobby.at_home(request.headers, channel)
        token = bearer(request.headers)
        visitor = await self.lobby.visits.visitor(channel.name, token)
        if visitor is not None:
            await self.lobby.visits.revoke(channel.name, token)
            gate.turn_out(visitor.sender)
        return Response(status_code=204)

    async def _news(self, request: Request, channel: WebChannel, visitor: Visitor, after: int, wait: float) -> Page:
        visits = self.lobby.visits
        with self.lobby.gates[channel.name].seat(visitor.sender) as leave:
            if leave is None:  # all places are taken: no waiting, the client asks again
                return await visits.events(visitor, after=after)
            clock = asyncio.get_running_loop()
            until = clock.time() + wait
            async with visits.watch(visitor) as watch:
                page = await visits.events(visitor, after=after)
                while not (page.events or page.reset) and (left := until - clock.time()) > 0:
                    if await _stirred(watch, (leave, channel.closing), min(left, LOOK)) is None:
                        if leave.is_set() or channel.closing.is_set() or await request.is_disconnected():
                            break
                        continue
                    page = await visits.events(visitor, after=after)
                return page


async def _stirred(watch: Watch, ends: tuple[asyncio.Event, ...], timeout: float) -> object | None:
    """What the watch heard; None when nothing came in time or one of `ends` happened first."""
    hearing = asyncio.ensure_future(watch.wait(timeout))
    waits: list[asyncio.Future[Any]] = [hearing, *(asyncio.ensure_future(end.wait()) for end in ends)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return hearing.result() if hearing.done() else None
    finally:
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
