"""Rings between processes on one PostgreSQL: coalesced NOTIFY on a connection of its own.

NOTIFY inside a write transaction takes a lock that serialises every commit of the database (measured: 11 times
fewer transactions on a slow disk), so rings gather for 10 ms and go out outside of any transaction.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
import structlog

from bot.live import Live

log = structlog.get_logger(__name__)

GATHER = 0.01
PAYLOAD = 7500
"""PostgreSQL refuses payloads of 8000 bytes and more."""
CHANNEL = "kefu"
PULSE = 15.0
"""Seconds of silence after which the connection is tried: a cut line says nothing by itself."""


class PgRelay:
    """Listens and rings. Loses rings while the connection is down; on its return everybody is woken."""

    def __init__(self, url: str, live: Live) -> None:
        self._dsn = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._live = live
        self._me = f"{os.getpid()}-{id(self):x}"
        self._pending: dict[str, None] = {}
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def send(self, ring: str) -> None:
        self._pending[ring] = None
        self._some.set()

    async def start(self) -> None:
        self._live.relay = self
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        self._live.relay = None
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        wait = 0.5
        while True:
            try:
                connection = await asyncpg.connect(self._dsn)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("relay.down", error=type(error).__name__, retry_in=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, 30.0)
                continue
            wait = 0.5
            try:
                await self._serve(connection)
            except Exception as error:  # a cut connection ends in any of the driver's errors, internal ones too
                log.warning("relay.lost", error=type(error).__name__)
            finally:
                with contextlib.suppress(Exception):
                    await connection.close(timeout=1)

    async def _serve(self, connection: Any) -> None:
        # A listener that has nothing to say would not notice that it went deaf.
        connection.add_termination_listener(lambda _: self._some.set())
        await connection.add_listener(CHANNEL, self._heard)
        self._live.wake_all()
        while True:
            try:
                async with asyncio.timeout(PULSE):
                    await self._some.wait()
            except TimeoutError:
                await connection.execute("SELECT 1", timeout=PULSE)
                continue
            await asyncio.sleep(GATHER)
            if connection.is_closed():
                raise asyncpg.InterfaceError("the connection was closed")
            self._some.clear()
            rings, self._pending = list(self._pending), {}
            for payload in payloads(self._me, rings):
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)

    def _heard(self, connection: Any, pid: int, channel: str, payload: str) -> None:
        sender, *rings = payload.split(" ")
        if sender == self._me:
            return
        for ring in rings:
            if ring == "t":
                self._live.turn.ring()
            elif ring == "d":
                self._live.delivery.ring()
            elif ring[:1] == "c" and ring[1:].isdigit():
                self._live.heard(int(ring[1:]))
            elif ring[:1] == "f":
                conversation, _, packed = ring[1:].partition(":")
                self._live.heard(int(conversation), orjson.loads(base64.urlsafe_b64decode(packed)))


def payloads(sender: str, rings: list[str]) -> list[str]:
    """The rings in as few NOTIFY payloads as fit."""
    made: list[str] = []
    line = sender
    for ring in rings:
        if len(line) + 1 + len(ring) > PAYLOAD:
            made.append(line)
            line = sender
        line += " " + ring
    return [*made, line] if line != sender else made
