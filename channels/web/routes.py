"""The addresses of the web chat."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.lent import Visits
from channels.web import assets, inbound
from channels.web.api import Api, Endpoint, guarded
from channels.web.channel import WebChannel
from channels.web.color import palette, parse
from channels.web.lobby import DEFAULT_PACE, FirstView, Lobby, Pace, Suggest
from channels.web.options import Options
from channels.web.page import page
from channels.web.socket import Socket

ANYBODY = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def routes(
    channels: Mapping[str, WebChannel],
    visits: Visits,
    first_view: FirstView,
    *,
    suggest: Suggest | None = None,
    public_url: str = "",
    pace: Pace = DEFAULT_PACE,
) -> list[BaseRoute]:
    """Everything a web visitor's browser asks for. `public_url`: our address as the world sees it, if it differs.
    Without `suggest` the first view offers nothing while its visitor types."""
    lobby = Lobby(channels, visits, first_view, suggest=suggest, public_url=public_url, pace=pace)
    api = Api(lobby)

    async def socket(ws: WebSocket) -> None:
        await Socket(lobby, ws).run()

    return [
        Route("/kefu.js", _loader(channels)),
        Route("/w/assets/{digest}/{name}", _file),
        Route("/w/{inbox}", _page(lobby)),
        Route("/api/w/{inbox}/visitors", guarded(api.visitors), methods=["POST"]),
        Route("/api/w/{inbox}/messages", guarded(api.messages), methods=["POST"]),
        Route("/api/w/{inbox}/events", guarded(api.events), methods=["GET"]),
        Route("/api/w/{inbox}/suggest", guarded(api.suggestions), methods=["GET"]),
        Route("/api/w/{inbox}/logout", guarded(api.logout), methods=["POST"]),
        WebSocketRoute("/api/w/{inbox}/ws", socket),
    ]


def _loader(channels: Mapping[str, WebChannel]) -> Endpoint:
    default = Options().color
    wished = {name: parse(c.options.color) for name, c in channels.items() if c.options.color != default}
    script = assets.loader({name: palette(rgb)["brand"] for name, rgb in wished.items() if rgb})

    async def loader(request: Request) -> Response:
        return script.answer(request.headers, {"Cache-Control": "public, max-age=600", **ANYBODY})

    return loader


async def _file(request: Request) -> Response:
    """One of the frame's files. Asked for by another version's name (two versions behind one balancer), it is served
    but not kept."""
    file = assets.frame_files().get(request.path_params["name"])
    if file is None:
        return PlainTextResponse("no such file", 404)
    current = request.path_params["digest"] == assets.frame_digest()
    return file.answer(request.headers, {"Cache-Control": assets.FOR_EVER if current else "no-store"})


def _page(lobby: Lobby) -> Endpoint:
    async def frame(request: Request) -> Response:
        channel = lobby.channels.get(request.path_params["inbox"])
        if channel is None:
            return PlainTextResponse("there is no web chat of this name", 404)
        language = spoken(request, channel.options.languages)
        wished = request.query_params.get("color", "")
        view = {**lobby.first_view(channel.name, language), "suggest": lobby.suggest is not None}
        asset, policy = page(channel, language, wished, view)
        return asset.answer(
            request.headers,
            {
                "Cache-Control": "no-cache",
                "Content-Security-Policy": policy,
                "Content-Language": language,
                "Referrer-Policy": "no-referrer",
                "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            },
        )

    return frame


def spoken(request: Request, offered: tuple[str, ...]) -> str:
    """The language to show: the one asked for, else the browser's first that is offered, else the inbox's own."""
    accepted = [one.partition(";")[0].strip() for one in request.headers.get("accept-language", "").split(",")]
    wishes = [request.query_params.get("lang", ""), *accepted]
    return next((found for one in wishes if (found := inbound.language(one, offered))), offered[0])
