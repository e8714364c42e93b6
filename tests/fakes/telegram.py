"""A strict api.telegram.org: private chats, groups, forum topics, files, polling, and its limits.

As a process of its own: `python -m tests.fakes.telegram --port 9102` (see tests.fakes.server for its controls; a fault
is ordered by the method's name: `fake.trouble("sendMessage", errcode=429, hint="7")` tells to come again in 7 s).
The bots are there from the start: TOKEN for customers, DESK_TOKEN, an administrator of the forum GROUP.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.fakes.server import PAGE, Call, Cut, Sent, Trouble, control, serve
from tests.fakes.telegram_methods import Methods
from tests.fakes.telegram_shapes import Refused, Told, bad, read
from tests.fakes.telegram_world import DEFAULT_UPDATES, DESK_TOKEN, GROUP, PER_MINUTE, TOKEN, Bot, Json

__all__ = ["DESK_TOKEN", "GROUP", "PER_MINUTE", "TOKEN", "Telegram"]

PATH = re.compile(r"/bot([0-9]+:[A-Za-z0-9_-]{30,})/(\w+)")
FILE = re.compile(r"/file/bot([0-9]+:[A-Za-z0-9_-]{30,})/files/([\w-]+)")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
KINDS = DEFAULT_UPDATES | {
    "channel_post", "edited_channel_post", "message_reaction", "chat_member", "chat_join_request", "inline_query",
}  # fmt: skip
QUESTIONS = frozenset({"getUpdates", "setWebhook", "deleteWebhook", "getWebhookInfo"})
TICK = 0.02
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
SECOND_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Telegram(Methods):
    """The server. `counts`: calls by method; `refused`: (method, code, description); `sent`: what was said."""

    def handlers(self) -> Any:
        return {}

    @property
    def app(self) -> Starlette:
        control_route = Route("/_fake/{name}", self._controlled, methods=["GET", "POST"])
        return Starlette(routes=[control_route, Route("/{path:path}", self._asked, methods=["GET", "POST"])])

    async def _asked(self, request: Request) -> Response:
        call = Call(
            request.method, request.url.path, dict(request.query_params), dict(request.headers), await request.body()
        )
        if found := FILE.fullmatch(call.path):
            return self._file(*found.groups())
        found = PATH.fullmatch(call.path)
        if found is None or found[1] not in self.bots:
            return _refusal(Refused(404, "Not Found") if found is None else Refused(401, "Unauthorized"))
        bot, method = self.bots[found[1]], found[2]
        with self.lock:
            self.counts[method] += 1
            trouble = self._next_trouble(method)
        if trouble.instead:
            return self._in_trouble(method, trouble)
        answer = await self._answered(bot, method, call)
        if trouble.hang:
            await asyncio.sleep(trouble.hang)
        return Cut() if trouble.cut else answer

    async def _answered(self, bot: Bot, method: str, call: Call) -> Response:
        try:
            told = read(call.headers, call.query, call.body)
            if method == "getUpdates":
                result: Any = await self._updates(bot, told)
            else:
                with self.lock:
                    result = self._webhook(bot, method, told) if method in QUESTIONS else self._done(bot, method, told)
        except Refused as refused:
            with self.lock:
                self.refused.append((method, refused.code, refused.description))
            return _refusal(refused)
        return JSONResponse({"ok": True, "result": result})

    def _done(self, bot: Bot, method: str, told: Told) -> Any:
        served, known = self.method(method)
        told.only(known)
        result = served(self, bot, told)
        values = dict(told.values)
        self.calls.append((method, values))
        if method.startswith("send") and method != "sendChatAction":
            text = str(values.get("text", values.get("caption", "")))
            body = {"text": {"content": text}, "values": values, "result": result}
            self.sent.append(Sent(method, str(values["chat_id"]), method[4:].lower(), body, self.now()))
        return result

    def _in_trouble(self, method: str, trouble: Trouble) -> Response:
        if trouble.html:
            return HTMLResponse(PAGE, trouble.status)
        code = trouble.errcode or trouble.status
        refused = Refused(code, trouble.hint or "Internal Server Error")
        if code == 429:
            after = int(trouble.hint or 1)
            refused = Refused(429, f"Too Many Requests: retry after {after}", retry_after=after)
        elif trouble.hint.startswith("migrate "):
            to = int(trouble.hint.removeprefix("migrate "))
            refused = bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=to)
        with self.lock:
            self.refused.append((method, refused.code, refused.description))
        return _refusal(refused)

    def _file(self, token: str, file_id: str) -> Response:
        with self.lock:
            self.counts["file"] += 1
            if token not in self.bots or file_id not in self.files:
                return _refusal(Refused(404, "Not Found"))
            return Response(self.files[file_id][1], media_type="application/octet-stream")

    # ---- updates --------------------------------------------------------------------------------------------------

    async def _updates(self, bot: Bot, told: Told) -> list[Json]:
        told.only(("offset", "limit", "timeout", "allowed_updates"))
        limit, timeout = told.number("limit", 100) or 100, told.number("timeout", 0) or 0
        with self.lock:
            if bot.webhook.get("url"):
                raise Refused(409, WEBHOOK_ACTIVE)
            bot.poll += 1
            mine = bot.poll
            self._allow(bot, told)
            self._confirm(bot, told.number("offset", 0) or 0)
        until = time.monotonic() + min(timeout, 50)
        while True:
            with self.lock:
                if bot.poll != mine:
                    raise Refused(409, SECOND_POLLER)
                if bot.updates or time.monotonic() >= until:
                    return list(bot.updates)[: max(1, min(limit, 100))]
            await asyncio.sleep(TICK)

    def _allow(self, bot: Bot, told: Told) -> None:
        wanted = told.json("allowed_updates")
        if wanted is None:
            return
        if not isinstance(wanted, list) or not set(wanted) <= KINDS:
            raise bad("can't parse allowed updates")
        bot.allowed = frozenset(wanted) or DEFAULT_UPDATES

    def _confirm(self, bot: Bot, offset: int) -> None:
        if offset < 0:
            while len(bot.updates) > -offset:
                bot.updates.popleft()
        while offset > 0 and bot.updates and bot.updates[0]["update_id"] < offset:
            bot.taken.append(bot.updates.popleft())

    def _webhook(self, bot: Bot, method: str, told: Told) -> Any:
        if method == "getWebhookInfo":
            about = {"url": bot.webhook.get("url", ""), "has_custom_certificate": False}
            if error := bot.webhook.get("error"):
                about |= {"last_error_date": int(self.now()), "last_error_message": error}
            return about | {"pending_update_count": len(bot.updates), "allowed_updates": sorted(bot.allowed)}
        if told.flag("drop_pending_updates"):
            bot.updates.clear()
        url = told.text("url") if method == "setWebhook" else ""
        secret = told.text("secret_token")
        if secret and not SECRET.fullmatch(secret):
            raise bad("secret token contains illegal characters")
        self._allow(bot, told)
        bot.webhook = {"url": url, "secret": secret} if url else {}
        return True

    @control
    def push(self, token: str, *, secret: str | None = None) -> list[int]:
        """Push everything that waits to the bot's webhook; the answers' codes. What was not taken waits on."""
        bot, codes = self.bots[token], []
        key = bot.webhook["secret"] if secret is None else secret
        while bot.updates:
            headers = {"X-Telegram-Bot-Api-Secret-Token": key} if key else {}
            codes.append(httpx.post(bot.webhook["url"], json=bot.updates[0], headers=headers, timeout=10).status_code)
            if not 200 <= codes[-1] < 300:
                break
            bot.taken.append(bot.updates.popleft())
        return codes


def _refusal(refused: Refused) -> JSONResponse:
    told: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        told["parameters"] = refused.parameters
    return JSONResponse(told, refused.code)


if __name__ == "__main__":
    serve(Telegram, 9102)
