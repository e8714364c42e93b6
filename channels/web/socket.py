"""The WebSocket half of the contract: everything that happens, as it happens, from a cursor on.

One task writes, and it alone: it reads the log by cursor and never queues anything, so a client that does not read
costs one frame and, after `Pace.send` seconds, its connection – and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.errors import PayloadError, StoreError
from bot.lent import Page, Visitor, Watch
from channels.web import inbound, outbound
from channels.web.gate import FRAMES_PER_MINUTE
from channels.web.lobby import Lobby, address, plausible

MAX_FRAME = 8192
DEAD_TOKEN, FOREIGN, BUSY, RESTART = 4401, 4403, 1013, 1012
NOT_TEXT, BROKEN_RULES, TOO_BIG = 1003, 1008, 1009
CODES = {403: FOREIGN, 404: FOREIGN, 429: BUSY}
"""Refusals of the lobby and the gate, as close codes."""
TYPING_EVERY = 1.0
RECHECK = 3
"""A token is looked at again every so many pings."""


class Hangup(Exception):  # noqa: N818 – it is no error: a conversation ends
    """Close the socket with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Socket:
    """One connection, from its handshake to its end."""

    def __init__(self, lobby: Lobby, ws: WebSocket) -> None:
        self.lobby, self.ws, self.pace, self.visits = lobby, ws, lobby.pace, lobby.visits
        self.cursor = 0
        self.heard = self.now()

    async def run(self) -> None:
        await self.ws.accept()  # before any check: a browser is told the code only of a socket that was open
        try:
            channel, gate = self.lobby.inbox(self.ws)
            self.lobby.at_home(self.ws.headers, channel)
            gate.connect(address(self.ws))
            token, after = await self._hello()
            visitor = await self._known(channel.name, token)
            with gate.seat(visitor.sender) as leave:
                if leave is None:
                    raise Hangup(BUSY)
                ends = {leave: DEAD_TOKEN, channel.closing: RESTART}
                await self._talk(visitor, token, after, ends)
        except Hangup as end:
            await self._close(end.code)
        except PayloadError as error:
            await self._close(CODES.get(error.status, BROKEN_RULES))
        except StoreError:
            await self._close(BUSY)
        except WebSocketDisconnect:
            return
        except asyncio.CancelledError:
            await self._close(RESTART)
            raise

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _hello(self) -> tuple[str, int]:
        try:
            async with asyncio.timeout(self.pace.hello):
                frame = await self._frame()
        except TimeoutError:
            raise Hangup(BUSY) from None
        token, after = frame.get("token"), frame.get("after", 0)
        if frame.get("t") != "hello" or isinstance(after, bool) or not isinstance(after, int) or after < 0:
            raise Hangup(BROKEN_RULES)
        if not isinstance(token, str) or not plausible(token):
            raise Hangup(DEAD_TOKEN)
        return token, after

    async def _known(self, inbox: str, token: str) -> Visitor:
        visitor = await self.visits.visitor(inbox, token)
        if visitor is None:
            raise Hangup(DEAD_TOKEN)
        return visitor

    async def _talk(self, visitor: Visitor, token: str, after: int, ends: Mapping[asyncio.Event, int]) -> None:
        tasks = [
            asyncio.ensure_future(self._speak(visitor, token, after)),
            asyncio.ensure_future(self._listen(visitor)),
            *(asyncio.ensure_future(_until(event, code)) for event, code in ends.items()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # ---- what the client hears ------------------------------------------------------------------------------------

    async def _speak(self, visitor: Visitor, token: str, after: int) -> None:
        pings = 0
        async with self.visits.watch(visitor) as watch:  # before the log is read, so that nothing falls between
            await self._greet(visitor, after)
            while True:
                frames = await self._wait(watch)
                if frames is None:
                    pings += 1
                    if pings % RECHECK == 0:
                        await self._known(visitor.inbox, token)
                    continue
                for frame in frames:
                    await self._send(frame)
                await self._catch_up(visitor)

    async def _wait(self, watch: Watch) -> list[Mapping[str, Any]] | None:
        frames = await watch.wait(self.pace.ping)
        if frames is not None:
            return list(frames)
        if self.now() - self.heard > self.pace.silent:
            raise Hangup(BUSY)
        await self._send({"t": "ping"})
        return None

    async def _greet(self, visitor: Visitor, after: int) -> None:
        """The log after the client's cursor; a cursor we cannot go on from gets a fresh start."""
        page = Page(reset=True) if after > inbound.MAX_SEQ else await self.visits.events(visitor, after=after)
        if page.reset:
            await self._send({"t": "reset"})
            page = await self.visits.events(visitor, after=0)
        await self._pass_on(page)
        await self._send({"t": "ok", "seq": self.cursor, **({"earlier": True} if page.earlier else {})})

    async def _catch_up(self, visitor: Visitor) -> None:
        page = await self.visits.events(visitor, after=self.cursor)
        if page.reset:
            await self._greet(visitor, inbound.MAX_SEQ + 1)
        else:
            await self._pass_on(page)

    async def _pass_on(self, page: Page) -> None:
        for event in page.events:
            await self._send(outbound.event(event))
        self.cursor = page.seq

    async def _send(self, frame: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(self.pace.send):
                await self.ws.send_text(outbound.encode(frame).decode())
        except TimeoutError:
            raise Hangup(BUSY) from None

    # ---- what the client says -------------------------------------------------------------------------------------

    async def _listen(self, visitor: Visitor) -> None:
        typed, read = 0.0, 0
        allowance, since = FRAMES_PER_MINUTE, self.now()
        while True:
            frame = await self._frame()
            if self.heard - since > 60:
                allowance, since = FRAMES_PER_MINUTE, self.heard
            allowance -= 1
            if allowance < 0:
                raise Hangup(BUSY)
            kind, upto = frame.get("t"), frame.get("upto")
            if kind == "typing" and self.heard - typed >= TYPING_EVERY:
                typed = self.heard
                await self.visits.typing(visitor)
            elif kind == "read" and isinstance(upto, int) and read < upto <= self.cursor:
                read = upto
                await self.visits.read(visitor, upto=upto)

    async def _frame(self) -> dict[str, Any]:
        """The next frame; unknown kinds are the caller's to pass over, so that newer clients get on with us."""
        text = await self._text()
        self.heard = self.now()
        if len(text.encode("utf-8", "surrogatepass")) > MAX_FRAME:
            raise Hangup(TOO_BIG)
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError):
            raise Hangup(BROKEN_RULES) from None
        if not isinstance(frame, dict):
            raise Hangup(BROKEN_RULES)
        return frame

    async def _text(self) -> str:
        message = await self.ws.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise Hangup(NOT_TEXT)
        return str(text)

    async def _close(self, code: int) -> None:
        try:
            async with asyncio.timeout(self.pace.send):
                await self.ws.close(code)
        except (TimeoutError, RuntimeError, WebSocketDisconnect):
            return  # it is gone already, or will not take even this


async def _until(event: asyncio.Event, code: int) -> None:
    await event.wait()
    raise Hangup(code)
