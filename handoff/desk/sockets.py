"""One browser's socket: hello, what it looks at, typing, ping; everything else it does is a POST."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.errors import StoreError
from bot.store import listing
from bot.store.agents import Login
from handoff.desk.api import MOST_ID, ROWS
from handoff.desk.ground import DeskGround
from handoff.desk.guard import own_origin
from handoff.desk.own import me
from handoff.desk.sessions import Sessions
from handoff.desk.switchboard import SIGNED_OUT, Line, Switchboard

FOREIGN, RESTART = 4403, 1012
MOST_FRAME = 8 * 1024
HELLO_WITHIN = 10.0
SILENT_FOR = 75.0
"""A browser pings every 20 s; one that is silent this long is gone, whatever TCP thinks."""
RECHECK = 30.0
"""How often a login is looked up again: it may have ended in another process."""
SEND_WITHIN = 10.0
TYPING_EVERY = 1.0


class Sockets:
    """The desk's one WebSocket endpoint."""

    def __init__(self, ground: DeskGround, sessions: Sessions, switchboard: Switchboard) -> None:
        self._ground, self._sessions, self._switchboard = ground, sessions, switchboard

    async def serve(self, socket: WebSocket) -> None:
        # Accepted first, refused after: a browser tells its page the reason only of an open socket's end.
        await socket.accept()
        if not own_origin(socket.scope, socket.headers, self._ground.public_url):
            await socket.close(FOREIGN)
            return
        try:
            login = await self._sessions.look(socket)
        except StoreError:
            await socket.close(RESTART)
            return
        if login is None or login.agent.must_change:
            await socket.close(SIGNED_OUT)
            return
        await self._talk(socket, login)

    async def _talk(self, socket: WebSocket, login: Login) -> None:
        line = Line(login.agent, login.digest)
        with self._switchboard.connected(line):
            tasks = [
                asyncio.create_task(self._listen(socket, line)),
                asyncio.create_task(_write(socket, line)),
                asyncio.create_task(self._recheck(line)),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                done = await asyncio.gather(*tasks, return_exceptions=True)
        for result in done:
            if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | TimeoutError):
                raise result

    async def _recheck(self, line: Line) -> None:
        while True:
            await asyncio.sleep(RECHECK)
            with contextlib.suppress(StoreError):
                if await self._sessions.by_digest(line.digest) is None:
                    line.hang_up(SIGNED_OUT)

    async def _listen(self, socket: WebSocket, line: Line) -> None:
        within, typed = HELLO_WITHIN, 0.0
        while True:
            async with asyncio.timeout(within):
                frame = _frame(await _receive(socket))
            within = SILENT_FOR
            kind = frame.get("t")
            try:
                if kind == "ping":
                    line.send({"t": "pong"})
                elif kind == "hello":
                    await self._snapshot(line, frame)
                elif kind == "view":
                    await self._view(line, frame)
                elif kind == "typing" and line.view is not None and time.monotonic() - typed >= TYPING_EVERY:
                    typed = time.monotonic()
                    self._switchboard.typing(line, line.view, note=bool(frame.get("note")))
            except StoreError:
                line.hang_up(RESTART)

    async def _snapshot(self, line: Line, frame: Mapping[str, Any]) -> None:
        tab = frame.get("tab") if frame.get("tab") in listing.TABS else "mine"
        store = self._ground.store
        rows = await store.read(listing.conversations, tab=str(tab), agent_id=line.agent.id, limit=ROWS + 1)
        counts = await store.read(listing.counts, line.agent.id)
        data = {
            "me": me(line.agent, self._ground), "tab": tab, "rows": rows[:ROWS], "more": len(rows) > ROWS,
            "counts": counts, "now": store.now(), "troubles": await self._switchboard.troubles(),
        }  # fmt: skip
        line.send({"t": "snapshot", "d": data})

    async def _view(self, line: Line, frame: Mapping[str, Any]) -> None:
        conversation_id, after = _whole(frame.get("conv")), _whole(frame.get("after"))
        line.cursor = after or 0
        self._switchboard.look(line, conversation_id)
        if conversation_id is not None:
            await self._switchboard.catch_up(line)
            line.send({"t": "ok", "conv": conversation_id, "seq": line.cursor})


async def _write(socket: WebSocket, line: Line) -> None:
    while True:
        item = await line.queue.get()
        # Not wait_for: on Python 3.11 it forgets a cancellation that comes as the send ends, and this never would.
        async with asyncio.timeout(SEND_WITHIN):
            if isinstance(item, int):
                await socket.close(item)
                return
            await socket.send_text(item)


async def _receive(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code") or 1005)
    return message.get("text") or ""


def _frame(text: str) -> Mapping[str, Any]:
    """What a browser said; anything that makes no sense is nothing."""
    if len(text) > MOST_FRAME:
        return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_ID else None
