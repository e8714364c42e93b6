"""One attempt of a network at our webhook, on a bare socket: it hangs up in time, and sees what crossed its doing so.

An HTTP client would not do: whether an answer was under way when the network hung up decides whether the server was
right to believe that it was out.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

LINGERS = 15.0
"""Seconds after which a server that neither answers nor closes is stuck."""


class Request(NamedTuple):
    """What is sent, as the fakes make it."""

    params: dict[str, str]
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: `status` 0 for nothing. `late`: it came when the network had hung up already."""

    status: int = 0
    body: bytes = b""
    late: bool = False


async def knock(port: int, path: str, request: Request, patience: float) -> Heard:
    """Send it, and hang up after `patience` seconds."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return Heard()
    answer = asyncio.ensure_future(_read(reader))
    late = False
    try:
        writer.write(_head(path, request) + request.body)
        await asyncio.wait({answer}, timeout=patience)
        if not answer.done():
            late = True
            writer.write_eof()
        async with asyncio.timeout(LINGERS):
            return Heard(*await answer, late)
    except (asyncio.IncompleteReadError, OSError):
        return Heard()
    finally:
        answer.cancel()
        writer.close()


def _head(path: str, request: Request) -> bytes:
    lines = [f"POST {path}?{urlencode(request.params)} HTTP/1.1", "Host: kefu", "Connection: close"]
    lines += [f"Content-Length: {len(request.body)}", *(f"{n}: {v}" for n, v in request.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
    return int(head.split()[1]), await reader.readexactly(length)
