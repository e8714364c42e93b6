"""The web application: webhooks, health, metrics, and the pages the wings bring along."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import structlog
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan

from bot import metrics
from bot.engine import Engine, InboxHandle
from bot.errors import PayloadError, StoreError, TooLargeError
from bot.http import Request
from bot.messages import Incoming
from bot.ports import Capabilities, Listener
from bot.store import health, shelf
from bot.store.answers import Answer

logger = structlog.get_logger(__name__)

MAX_BODY = 10 * 1024 * 1024
"""Bytes of a webhook request; networks send links to files, not files."""


class Ground:
    """The routes every kefu has, whatever its wings."""

    def __init__(self, engine: Engine, company: str) -> None:
        self._engine, self._company = engine, company

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.home),
            Route("/webhooks/{inbox}", self.webhook, methods=["GET", "POST"]),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

    async def webhook(self, request: WebRequest) -> Response:
        """Verify, parse, make durable – and only then acknowledge. A store that cannot keep it answers 503, which
        every network takes as "deliver it again"."""
        handle = self._engine.inboxes.get(request.path_params["inbox"])
        if handle is None:
            return PlainTextResponse("no such inbox", 404)
        try:
            record = await _record(request)
            handle.channel.verify(record)
            incoming = handle.channel.parse(record)
        except PayloadError as error:
            logger.info("webhook.refused", inbox=handle.name, kind=type(error).__name__, error=str(error))
            return PlainTextResponse("refused" if error.status == 403 else str(error), error.status)
        try:
            answer = await self._taken(handle, incoming)
        except StoreError as error:
            logger.error("webhook.not_kept", inbox=handle.name, error=str(error))
            return PlainTextResponse("try again", 503, {"Retry-After": "2"})
        if isinstance(handle.channel, Listener):
            handle.channel.ring(record)
        told = handle.channel.acknowledge(record, None if answer is None else answer.outgoing)
        response = Response(told.body, told.status, dict(told.headers), told.media_type)
        if answer is not None:
            capabilities = handle.channel.capabilities
            there = not await request.is_disconnected()
            response.background = BackgroundTask(self._over, answer, capabilities, there)
        return response

    async def _taken(self, handle: InboxHandle, incoming: Sequence[Incoming]) -> Answer | None:
        """All of it is durable; the last one may be answered in the call itself."""
        asks = handle.channel.capabilities.answer_within is not None
        for message in incoming[: -1 if asks else None]:
            await self._engine.accept(handle.name, message)
        return await self._engine.ask(handle.name, incoming[-1]) if asks and incoming else None

    async def _over(self, answer: Answer, capabilities: Capabilities, sent: bool) -> None:
        self._engine.answering.over(answer, capabilities, sent=sent)

    async def healthz(self, request: WebRequest) -> Response:
        """Alive: the event loop turns."""
        return JSONResponse({"alive": True})

    async def readyz(self, request: WebRequest) -> Response:
        """Ready for traffic: the store answers and the workers run."""
        try:
            await self._engine.store.read(health.look)
            store = True
        except StoreError:
            store = False
        ready = store and self._engine.running
        body = {"ready": ready, "store": store, "workers": self._engine.running}
        return JSONResponse(body, 200 if ready else 503)

    async def metrics(self, request: WebRequest) -> Response:
        """Prometheus text; how much waits is asked of the store now."""
        try:
            for what, n in (await self._engine.store.read(health.waiting)).items():
                metrics.WAITING.labels(what).set(n)
            metrics.troubled(await self._engine.store.read(shelf.troubles, self._engine.inboxes))
        except StoreError:
            logger.warning("metrics.store_away")
        return Response(generate_latest(metrics.REGISTRY), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def home(self, request: WebRequest) -> Response:
        """Where to go from here, for whoever opens the bare address."""
        chats = [h.name for h in self._engine.inboxes.values() if h.channel.capabilities.pull]
        return HTMLResponse(_home(self._company, chats), headers={"Content-Security-Policy": HOME_CSP})


async def _record(request: WebRequest) -> Request:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLargeError(f"the body is over {MAX_BODY} bytes")
    headers = {k.lower(): v for k, v in request.headers.items()}
    return Request(request.method, request.url.path, dict(request.query_params), headers, bytes(body))


HOME_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


def _home(company: str, chats: Sequence[str]) -> str:
    links = "".join(
        f'<li><a href="/w/{escape(name)}">在线客服 · Chat</a> <code>/w/{escape(name)}</code></li>' for name in chats
    )
    return f"""<!doctype html><html lang="zh-Hans"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(company)} · kefu 客服</title>
<style>body{{font:16px/1.6 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:36rem;
margin:12vh auto;padding:0 1.25rem;color:#1c2330;background:#fafbfc}}h1{{font-size:1.5rem}}li{{margin:.5rem 0}}
a{{color:#1756c8}}code{{color:#5a6475;font-size:.85em}}@media(prefers-color-scheme:dark){{body{{background:#14171c;
color:#e6e9ee}}a{{color:#8ab4ff}}code{{color:#9aa4b2}}}}</style>
<main><h1>{escape(company)} · 客服</h1><p>kefu 正在运行。<span lang="en">kefu is running.</span></p>
<ul>{links}<li><a href="/desk">坐席工作台 · Desk</a> <code>/desk</code></li></ul></main></html>"""


def application(routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette]) -> Starlette:
    """All routes under one roof; what nobody caught is logged and answered with 503, so that networks redeliver."""
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={StoreError: _store_away})


async def _store_away(request: WebRequest, error: Exception) -> Response:
    logger.error("store.trouble", path=request.url.path, error=str(error))
    body = {"error": "store", "message": "The database is not available right now; please try again."}
    return JSONResponse(body, 503, {"Retry-After": "2"})
