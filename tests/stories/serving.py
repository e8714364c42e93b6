"""`kefu serve` as an operator runs it: a process of its own in a folder of its own, to be stopped, killed and begun
again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.store import Store, agents, open_store, schema
from handoff.desk.accounts import Passwords
from tests.databases import apart

ROOT = Path(__file__).parent.parent.parent
READY = "停止 stop"
START_WITHIN = 300.0
"""Seconds a start may take where everything else runs at the same time; a quiet machine needs two."""
PASSWORD = "our-test-password"
GENEROUS = {
    "KEFU_INBOX_WEB_VISITORS_PER_MINUTE": "100000",
    "KEFU_INBOX_WEB_MESSAGES_PER_MINUTE": "100000",
    "KEFU_INBOX_WEB_CONNECTS_PER_MINUTE": "100000",
}
"""Everybody in a test comes from one address."""
HURRIED = """
import functools
import bot.app
from channels.web.lobby import Pace
bot.app.PEER_TIMEOUT_MS = 1500
bot.app.chat_routes = functools.partial(bot.app.chat_routes, pace=Pace(send=1, ping=2, silent=6, hello=2))
from bot.cli import main
main()
"""
"""The same program with less patience for clients that do not read."""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**settings: str) -> dict[str, str]:
    """This process's environment without its settings of kefu, and with these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    return {**clean, "PYTHONPATH": str(ROOT), **settings}


def run(folder: Path, *arguments: str, prefix: Sequence[str] = (), **settings: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    command = [*prefix, sys.executable, "-m", "bot.cli", *arguments]
    told: dict[str, Any] = {"cwd": folder, "env": environment(**settings), "timeout": 600}
    return subprocess.run(command, **told, capture_output=True, encoding="utf-8", check=False)


@dataclass(frozen=True)
class Person:
    """An agent's account."""

    login: str
    name: str
    number: str
    role: str = "agent"


LI = Person("xiaoli", "小李", "1001")
WANG = Person("xiaowang", "小王", "1002")


def hire(url: str, *people: Person) -> None:
    """Accounts with PASSWORD, in a database that may not have its tables yet."""

    async def work(store: Store) -> None:
        hashed = await Passwords().hash(PASSWORD)
        for one in people:
            more = {"name": one.name, "number": one.number, "role": one.role}
            await store.write(agents.add, one.login, password_hash=hashed, must_change=False, **more)

    in_store(url, work)


def in_store(url: str, work: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
    """Do something with the database directly, beside whoever serves it."""

    async def opened() -> Any:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        await schema.prepare(url)
        store = await open_store(url)
        try:
            return await work(store)
        finally:
            await store.close()

    return apart(opened())


class Kefu:
    """One serving process. `store_url`: else the SQLite file a bare start makes. `program`: Python code that runs kefu
    with something changed."""

    def __init__(
        self,
        folder: Path,
        *,
        store_url: str = "",
        port: int = 0,
        settings: Mapping[str, str] | None = None,
        hurried: bool = False,
        program: str = "",
    ) -> None:
        self.folder, self.port = folder, port or free_port()
        self.store_url = store_url or f"sqlite:///{folder}/kefu-data/kefu.db"
        self.settings = {**GENEROUS, "KEFU_WEB_PORT": str(self.port), "KEFU_STORE_URL": self.store_url}
        self.settings |= settings or {}
        self.program = HURRIED if hurried else program
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def one_time_password(self) -> str:
        """The first admin's, as the last start printed it."""
        return next(line.split()[4] for line in self.lines if "first login" in line)

    def start(self, **settings: str) -> Kefu:
        """Returns when the address answers."""
        self.launch(**settings)
        deadline = time.monotonic() + START_WITHIN
        while not any(READY in line for line in self.lines):
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError("kefu did not start:\n" + "".join(self.lines))
            time.sleep(0.02)
        return self

    def launch(self, **settings: str) -> None:
        """Start without waiting for anything."""
        assert self._process is None, "it runs already"
        program = ["-c", self.program] if self.program else ["-m", "bot.cli"]
        self.lines = []
        self._process = subprocess.Popen(
            [sys.executable, *program, "serve"],
            cwd=self.folder,
            env=environment(**self.settings, **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self._reader = threading.Thread(target=self._read, args=(self._process, self.lines), daemon=True)
        self._reader.start()

    @staticmethod
    def _read(process: subprocess.Popen[str], lines: list[str]) -> None:
        assert process.stdout is not None
        with process.stdout as out:
            lines.extend(out)

    def send(self, number: int) -> None:
        """A signal, and no waiting for what comes of it."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.send(signal.SIGTERM)
        return self.wait()

    def kill(self) -> int:
        self.send(signal.SIGKILL)
        return self.wait()

    def wait(self, within: float = 120.0) -> int:
        """Until the process is gone; its exit code."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        try:
            code = process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            assert self._reader is not None
            self._reader.join(5)
        return code

    async def ready(self) -> None:
        """Until it says that it is."""
        async with asyncio.timeout(START_WITHIN), httpx.AsyncClient(trust_env=False) as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
