"""The web application: health, metrics, and what the webhooks and the wings bring along."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import structlog
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from bot import metrics
from bot.engine import Engine
from bot.errors import StoreError
from bot.store import health, shelf
from bot.webhooks import PREFIX, Webhooks

logger = structlog.get_logger(__name__)


class Ground:
    """The routes every kefu has, whatever its wings."""

    def __init__(self, engine: Engine, company: str) -> None:
        self._engine, self._company = engine, company

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/", self.home),
            Route(PREFIX + "{inbox}", Webhooks(self._engine)),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.metrics),
        ]

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


class Site(Starlette):
    """All routes under one roof. Webhooks go around the middleware: they answer for every error themselves."""

    webhooks: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.webhooks is not None and scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self.webhooks(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def application(routes: Sequence[BaseRoute], lifespan: Lifespan[Starlette]) -> Starlette:
    """The whole site; what nobody caught is logged and answered with 503, so that networks redeliver."""
    site = Site(routes=routes, lifespan=lifespan, exception_handlers={StoreError: _store_away})
    site.webhooks = next((r.app for r in routes if isinstance(r, Route) and r.path.startswith(PREFIX)), None)
    return site


async def _store_away(request: WebRequest, error: Exception) -> Response:
    logger.error("store.trouble", path=request.url.path, error=str(error))
    body = {"error": "store", "message": "The database is not available right now; please try again."}
    return JSONResponse(body, 503, {"Retry-After": "2"})
