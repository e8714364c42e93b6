"""A browser's half of both protocols, without a network: an HTTP client and a WebSocket over plain ASGI."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from channels.web.channel import WebChannel
from channels.web.lobby import Pace, Suggest
from channels.web.routes import routes
from tests.channels.web.memory import MemoryVisits

HOST = "chat.example"
VIEW = {"greeting": "您好", "topics": [{"label": "查订单", "value": "order"}], "company": "云杉商城"}
PATIENT = Pace(hello=60, ping=0.05, send=60, silent=600, poll=60)
"""For whatever does not wait for an end: a machine that stands still for a second ends nothing."""
HASTY = Pace(hello=0.2, ping=0.05, send=0.1, silent=600, poll=0.3)
"""For what waits for an end."""


def app_of(
    visits: MemoryVisits,
    *channels: WebChannel,
    pace: Pace = PATIENT,
    first_view: Callable[[str, str], Mapping[str, Any]] = lambda inbox, language: VIEW,
    suggest: Suggest | None = None,
    public_url: str = "",
) -> Starlette:
    """The web chat alone, with an inbox called web unless others are named."""
    inboxes = {channel.name: channel for channel in channels or (WebChannel("web", {}),)}
    return Starlette(routes=routes(inboxes, visits, first_view, suggest=suggest, public_url=public_url, pace=pace))


def browser(app: ASGIApp, address: str = "192.0.2.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")


def shows(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class Socket:
    """A WebSocket client. `reads=False`: one that takes nothing off its connection after the handshake."""

    def __init__(
        self,
        app: ASGIApp,
        path: str = "/api/w/web/ws",
        *,
        origin: str | None = f"http://{HOST}",
        address: str = "192.0.2.1",
        reads: bool = True,
    ) -> None:
        self.app, self.reads = app, reads
        headers = [(b"host", HOST.encode())] + ([(b"origin", origin.encode())] if origin else [])
        self.scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "scheme": "ws",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": headers,
            "client": (address, 4711),
            "server": (HOST, 80),
            "subprotocols": [],
        }
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> Socket:
        self.task = asyncio.ensure_future(self.app(self.scope, self.to_app.get, self._take))
        await self.to_app.put({"type": "websocket.connect"})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.to_app.put({"type": "websocket.disconnect", "code": 1001})
        async with asyncio.timeout(60):
            await self.task

    async def _take(self, message: Message) -> None:
        if not self.reads and message["type"] == "websocket.send":
            await asyncio.Event().wait()
        await self.from_app.put(message)

    async def message(self) -> Message:
        async with asyncio.timeout(60):
            return await self.from_app.get()

    async def accepted(self) -> Socket:
        assert (await self.message())["type"] == "websocket.accept"
        return self

    async def say(self, frame: Any) -> None:
        text = frame if isinstance(frame, str) else json.dumps(frame)
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def hello(self, token: str, after: Any = 0) -> list[dict[str, Any]]:
        """Greet; everything up to the "ok", which is the last."""
        await self.accepted()
        await self.say({"t": "hello", "token": token, "after": after})
        heard = [await self.hear()]
        while heard[-1]["t"] != "ok":
            heard.append(await self.hear())
        return heard

    async def hear(self) -> dict[str, Any]:
        """The next frame that is no ping."""
        while True:
            message = await self.message()
            assert message["type"] == "websocket.send", message
            frame: dict[str, Any] = json.loads(message["text"])
            if frame["t"] != "ping":
                return frame

    async def code(self) -> int:
        """The close code, whatever was said before it."""
        while (message := await self.message())["type"] != "websocket.close":
            pass
        return int(message["code"])
