"""Starts server processes, kills them, starts them again, and stops them properly in the end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

import httpx

from tests.crash.server import Orders

ROOT = Path(__file__).parent.parent.parent
PLUGINS = ROOT / "tests" / "plugins"
PATIENCE = 300.0
"""Seconds for a server to start or stop. It takes about one; a busy machine may need more."""
CRASHED = 9
"""What a process ends with at a fail point."""


@dataclass
class Place:
    """One of the fleet's addresses, and the process that answers there now."""

    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Fleet:
    """`size` servers on one database. Whatever they say goes to `log`."""

    orders: Orders
    log: Path
    size: int = 1
    places: list[Place] = field(default_factory=list)
    kills: int = 0

    async def __aenter__(self) -> Fleet:
        self.places = [Place(free_port()) for _ in range(self.size)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for place in self.places:
            if place.process is not None and place.process.returncode is None:
                place.process.kill()
                await place.process.wait()

    async def start(self, place: Place, *, crash_at: str = "") -> None:
        """Start a server there and wait until it is ready (or, given a fail point, dead)."""
        env = {**os.environ, "PYTHONPATH": f"{PLUGINS}{os.pathsep}{ROOT}", "KEFU_CRASH_AT": crash_at}
        with self.log.open("ab") as log:
            place.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.crash.server", replace(self.orders, port=place.port).dump(),
                cwd=ROOT, env=env, stdout=log, stderr=log,
            )  # fmt: skip
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as client:
            while place.process.returncode is None and not await _ready(client, place):
                await asyncio.sleep(0.03)
        assert crash_at or place.process.returncode is None, f"it did not start:\n{self.said()}"

    async def start_all(self) -> None:
        await asyncio.gather(*(self.start(place) for place in self.places))

    async def kill(self, place: Place) -> None:
        """kill -9."""
        assert place.process is not None
        place.process.kill()
        await place.process.wait()
        self.kills += 1

    async def crashed(self, place: Place) -> None:
        """Wait until it died at its fail point."""
        assert place.process is not None
        async with asyncio.timeout(PATIENCE):
            code = await place.process.wait()
        assert code == CRASHED, f"it ended with {code}\n{self.said()}"

    async def stop(self, place: Place) -> int:
        """Ask it to stop, as an operator would; its exit code."""
        assert place.process is not None
        place.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            return await place.process.wait()

    async def stop_all(self) -> list[int]:
        """Ask all of them to stop; their exit codes."""
        return list(await asyncio.gather(*(self.stop(place) for place in self.places)))

    def said(self) -> str:
        """The end of what the servers wrote."""
        return self.log.read_text(errors="replace")[-6000:]


async def _ready(client: httpx.AsyncClient, place: Place) -> bool:
    try:
        return (await client.get(f"{place.url}/readyz", timeout=5)).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
