"""`kefu serve` and `kefu demo` as processes: what they print, that they answer, and how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.commands.demo import CUSTOMER, STORIES
from tests.bot.test_cli import free_port

ROOT = Path(__file__).parent.parent.parent


class Process:
    """A kefu command that runs until it is told to stop."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KEFU_")}
        self.out = folder / f"out-{time.monotonic_ns()}"
        with self.out.open("wb") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *arguments],
                cwd=folder,
                env={**clean, "PYTHONPATH": str(ROOT), **environment},
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.out.read_text("utf-8")

    def wait_for(self, text: str, within: float = 120) -> str:
        """All it has printed, once `text` is in it."""
        until = time.monotonic() + within
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < until, self.said()
            time.sleep(0.05)
        return self.said()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def running(folder: Path, *arguments: str, **environment: str) -> Iterator[Process]:
    process = Process(folder, *arguments, **environment)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.wait()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def test_serve_says_where_to_look_and_stops_when_told(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(tmp_path, "serve", KEFU_WEB_PORT=str(port)) as first:
        said = first.wait_for("Ctrl-C")
        assert f"{address}/w/web" in said
        assert f"{address}/desk" in said
        assert re.search(r"first login: admin +\S{15,}", said)
        assert json.loads(get(f"{address}/readyz"))["ready"] is True
        with running(tmp_path, "serve", KEFU_WEB_PORT=str(free_port())) as second:
            assert second.process.wait(30) == 1
            assert f"kefu.db is already served by process {first.process.pid}" in second.said()
        with running(tmp_path, "serve", KEFU_WEB_PORT=str(port), KEFU_STORE_URL="sqlite:///other.db") as third:
            assert third.process.wait(30) == 1
            assert f"cannot listen on 127.0.0.1:{port}" in third.said()
            assert "Traceback" not in third.said()
        assert first.stop() == 0
        assert "Traceback" not in first.said()
    with running(tmp_path, "serve", KEFU_WEB_PORT=str(port)) as again:
        assert "first login" not in again.wait_for("Ctrl-C")


def metric(port: int, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", get(f"http://127.0.0.1:{port}/metrics"), re.MULTILINE)
    return float(found[1]) if found else 0


def reaches(port: int, name: str, value: float) -> None:
    until = time.monotonic() + 120
    while metric(port, name) != value:
        assert time.monotonic() < until, f"{name} is {metric(port, name)}, not {value}"
        time.sleep(0.1)


def test_the_demo_is_furnished_once(tmp_path: Path) -> None:
    port = free_port()
    lines = sum(who == CUSTOMER for story in STORIES for who, _ in story.lines)
    with running(tmp_path, "demo", "--port", str(port)) as demo:
        said = demo.wait_for("Ctrl-C")
        for told in (f"http://127.0.0.1:{port}/demo", "xiaoli (小李 1001)", "xiaowang (小王 1002)", "kefu-demo"):
            assert told in said
        assert '<script async src="/kefu.js" data-site="web">' in get(f"http://127.0.0.1:{port}/demo")
        reaches(port, 'kefu_accepted_total{outcome="new"}', lines)
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(20) == 0
    with running(tmp_path, "demo", "--port", str(port)) as again:
        again.wait_for("Ctrl-C")
        reaches(port, 'kefu_waiting{what="unassigned"}', 1)
        assert metric(port, 'kefu_accepted_total{outcome="new"}') == 0
        assert again.stop() == 0
        assert "Traceback" not in again.said()
