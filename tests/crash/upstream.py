"""The network behind the relay plugin: it takes messages over HTTP, remembers them, and lies now and then."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from random import Random
from types import TracebackType

REFUSES = 0.06
"""How often a lying upstream answers 500 and takes nothing …"""
FORGETS = 0.04
"""… and how often it takes the message and hangs up without a word."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as upstream was told it."""

    key: str
    to: str
    text: str


class Upstream:
    """Drops a key it knows, as networks with idempotency keys do; `received` has every message it did not refuse."""

    def __init__(self, lies: Random | None = None) -> None:
        self._lies = lies
        self._connections: set[asyncio.StreamWriter] = set()
        self.taken: dict[str, Taken] = {}
        self.received: list[Taken] = []
        self.url = ""

    async def __aenter__(self) -> Upstream:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._connections:
            writer.close()
        await self._server.wait_closed()

    def heard(self, recipient: str) -> list[str]:
        """What one customer reads, in the order it came."""
        return [m.text for m in self.taken.values() if m.to == recipient]

    @property
    def repeated(self) -> int:
        """Messages that came again under a key already known."""
        return len(self.received) - len(self.taken)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while (answer := self._answer(*await _request(reader))) is not None:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # whoever called was killed
        finally:
            self._connections.discard(writer)
            writer.close()

    def _answer(self, key: str, body: bytes) -> bytes | None:
        """The response; None to hang up."""
        chance = 1.0 if self._lies is None else self._lies.random()
        if chance < REFUSES:
            return _response("500 Internal Server Error", {})
        told = json.loads(body)
        message = Taken(key, told["to"], told["text"])
        self.received.append(message)
        self.taken.setdefault(key, message)
        if chance < REFUSES + FORGETS:
            return None
        return _response("200 OK", {"id": f"u-{len(self.taken)}"})


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """The idempotency key and the body of the next request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))}
    return headers["idempotency-key"], await reader.readexactly(int(headers["content-length"]))


def _response(status: str, told: dict[str, str]) -> bytes:
    body = json.dumps(told).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
