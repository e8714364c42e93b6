"""Where the desk's pages stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from handoff.desk import alerts, cases, linking, own, phone, phrases
from handoff.desk.api import Api
from handoff.desk.assets import Assets
from handoff.desk.ground import DeskGround
from handoff.desk.guard import Guard
from handoff.desk.pages import Pages
from handoff.desk.sessions import Sessions
from handoff.desk.sockets import Sockets
from handoff.desk.suggestions import SuggestionPages
from handoff.desk.switchboard import Switchboard


def routes(ground: DeskGround) -> list[BaseRoute]:
    """The desk, for `bot.web` to serve. Each route is guarded by itself, so they may stand beside any others."""
    sessions, assets, switchboard = Sessions(ground), Assets(), Switchboard(ground)
    pages, api = Pages(ground, sessions, assets, switchboard), Api(ground, sessions)
    suggestions = SuggestionPages(ground, sessions, pages)
    guard = [Middleware(Guard, public_url=ground.public_url)]

    def get(path: str, endpoint: Callable[..., Any]) -> Route:
        return Route(path, endpoint, methods=["GET"], middleware=guard)

    def post(path: str, endpoint: Callable[..., Any]) -> Route:
        return Route(path, endpoint, methods=["POST"], middleware=guard)

    one = "/api/desk/conversations/{id:int}"
    return [
        get("/desk", pages.desk),
        get("/desk/c/{id:int}", pages.desk),
        get("/desk/login", pages.login_form),
        post("/desk/login", pages.login),
        get("/desk/password", pages.password_form),
        post("/desk/password", pages.password),
        post("/desk/logout", pages.logout),
        get("/desk/assets/{hash}/{path:path}", assets.serve),
        get("/api/desk/me", partial(own.seen, api)),
        post("/api/desk/me/mail", partial(own.mail, api)),
        get("/api/desk/me/telegram", partial(linking.state, api)),
        post("/api/desk/me/telegram", partial(linking.offer, api)),
        post("/api/desk/me/telegram/end", partial(linking.end, api)),
        get("/api/desk/calls/number", partial(phone.number, api)),
        post("/api/desk/calls", partial(phone.log, api)),
        get("/api/desk/colleagues", partial(cases.colleagues, api)),
        post("/api/desk/cases/{case:int}", partial(cases.change, api)),
        get(f"{one}/case", partial(cases.known, api)),
        post(f"{one}/cases", partial(cases.register, api)),
        get("/api/desk/alerts", partial(alerts.unclaimed, api)),
        get("/api/desk/troubles", api.troubles),
        get("/api/desk/conversations", api.conversations),
        get(one, api.conversation),
        get(f"{one}/events", api.events),
        get(f"{one}/why/{{seq:int}}", api.why),
        get(f"{one}/judgement", api.judged),
        post(f"{one}/judgement", api.judge),
        post(f"{one}/claim", api.claim),
        post(f"{one}/resolve", api.resolve),
        post(f"{one}/return", api.give_back),
        post(f"{one}/read", api.read),
        post(f"{one}/messages", api.reply),
        post(f"{one}/notes", api.note),
        post(f"{one}/check", api.check),
        get(f"{one}/phrases", partial(phrases.offered, api)),
        post(f"{one}/files", api.upload),
        get("/api/desk/media/{key}", api.media),
        post("/api/desk/messages/{message:int}/retry", api.retry),
        get("/api/desk/letters/{message:int}", api.letter),
        get("/api/desk/letters/{message:int}/page", api.letter_page),
        get("/desk/suggestions", suggestions.listed),
        post("/desk/suggestions", suggestions.settle),
        WebSocketRoute("/api/desk/ws", Sockets(ground, sessions, switchboard).serve),
    ]
