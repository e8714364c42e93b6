"""The benchmarks: each prints its figure, and the ratio to a raw baseline measured in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx
import psutil

from bot.messages import Incoming
from tests.benchmarks.floor import Rate, sqlite_group_commit
from tests.benchmarks.plant import QUESTIONS, burst, greet, plant, sqlite_url


def say(name: str, text: str) -> None:
    print(f"{name:<12} {text}", flush=True)


def _versus(rate: Rate, floor: Rate) -> str:
    share = rate.per_second / floor.per_second
    return (
        f"{rate.per_second:7.0f}/s  {rate.cpu_ms:.3f} ms CPU a message | raw group commit {floor.per_second:.0f}/s "
        f"{floor.cpu_ms:.3f} ms | ratios: rate {share:.3f}, CPU {rate.cpu_ms / floor.cpu_ms:.1f}"
    )


async def pipeline(folder: Path) -> None:
    """Accept only, and accept → turn → deliver, in a burst on SQLite."""
    floor = await sqlite_group_commit(folder, 20000)
    async with plant(sqlite_url(folder)) as works:
        await greet(works, 200)
        await burst(works, 1000, 200, prefix="")  # warm caches and statements
    async with plant(sqlite_url(folder, "measured.db")) as works:
        await greet(works, 200)
        accepted, handed = await burst(works, 5000, 200)
    say("accept", _versus(accepted, floor))
    say("burst", _versus(handed, floor))


async def latency(folder: Path) -> None:
    """From accepting to the answer in the network's hands, at 10 messages a second; against one raw commit."""
    floor = _lone_commits(folder, 100)
    times = []
    async with plant(sqlite_url(folder)) as works:
        await greet(works, 20)
        for n in range(100):
            began, goal = time.perf_counter(), works.brain.decided + 1
            text = QUESTIONS[n % len(QUESTIONS)]
            await works.engine.accept("bench", Incoming(f"m-{n}", f"customer-{n % 20}", text))
            while works.brain.decided < goal or works.network.sent < works.brain.replies:
                await asyncio.sleep(0.0005)
            times.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, 0.1 - times[-1]))
    times.sort()
    p50, least = median(times) * 1e3, median(floor) * 1e3
    say("latency", f"p50 {p50:.2f} ms, p99 {times[98] * 1e3:.2f} ms at 10 messages/s | one raw durable commit p50 "
        f"{least:.2f} ms | ratio {p50 / least:.1f}")  # fmt: skip


def _lone_commits(folder: Path, times: int) -> list[float]:
    """Seconds of each of some raw one-row transactions, 10 a second too."""
    connection = sqlite3.connect(folder / "lone.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=full")
    connection.execute("CREATE TABLE said(id INTEGER PRIMARY KEY, text TEXT)")
    taken = []
    for n in range(times):
        began = time.perf_counter()
        connection.execute("INSERT INTO said(text) VALUES (?)", (f"消息 {n}",))
        taken.append(time.perf_counter() - began)
        time.sleep(0.05)
    connection.close()
    return taken


async def growth(folder: Path) -> None:
    """What a message costs in a database of 1,000 and of 1,000,000 messages, measured in turn."""
    from tests.benchmarks.fill import fill

    small, large = sqlite_url(folder, "small.db"), sqlite_url(folder, "large.db")
    costs: dict[str, list[Rate]] = {small: [], large: []}
    for url, messages in ((small, 1_000), (large, 1_000_000)):
        async with plant(url) as works:
            await greet(works, 200)
            await asyncio.to_thread(fill, url, messages)
    for number in range(4):
        for url, rates in costs.items():
            async with plant(url) as works:
                await burst(works, 300, 200, prefix=f"warm{number}-")
                rates.append((await burst(works, 2000, 200, prefix=f"r{number}-"))[1])
    before, after = (median(r.cpu_ms for r in rates) for rates in costs.values())
    say("growth", f"{before:.3f} ms CPU a message at 1,000, {after:.3f} ms at 1,000,000 | ratio {after / before:.2f}")


@contextmanager
def served(folder: Path, port: int) -> Iterator[psutil.Process]:
    """`kefu serve` in a process of its own, ready to answer."""
    environ = {
        **os.environ,
        "KEFU_STORE_URL": sqlite_url(folder),
        "KEFU_WEB_PORT": str(port),
        "KEFU_LOG_LEVEL": "error",
    }
    environ |= {"KEFU_INBOX_WEB_CHANNEL": "web", "KEFU_INBOX_WEB_VISITORS_PER_MINUTE": "100000"}
    environ |= {"KEFU_INBOX_WEB_MESSAGES_PER_MINUTE": "100000", "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "bot.cli", "serve"]
    process = psutil.Popen(command, env=environ, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        until_ready(process, port)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def until_ready(process: psutil.Popen, port: int) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.01)
    raise RuntimeError(f"kefu serve ended with exit code {process.returncode}")


async def start(folder: Path) -> None:
    """`kefu serve` to the first ready answer, on a fresh and on an existing database; against `python -c pass`."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    python = time.perf_counter() - began
    for what in ("fresh", "existing"):
        began = time.perf_counter()
        with served(folder, 18471):
            took = time.perf_counter() - began
        say(
            "start",
            f"ready after {took:.2f} s on a {what} database | {took / python:.0f} × starting Python ({python:.2f} s)",
        )


async def memory(folder: Path) -> None:
    """Resident memory idle and after 100,000 messages; against a bare Python with the web framework imported."""
    bare = "import psutil, uvicorn, starlette.applications; print(psutil.Process().memory_info().rss)"
    floor = int(subprocess.run([sys.executable, "-c", bare], check=True, capture_output=True).stdout)
    with served(folder, 18472) as process:
        await asyncio.sleep(1)
        idle = process.memory_info().rss
        began = time.perf_counter()
        await _chat(18472, 100_000)
        took = time.perf_counter() - began
        await asyncio.sleep(1)
        after = process.memory_info().rss
    mib = 1 << 20
    say("memory", f"idle {idle / mib:.0f} MiB, after 100,000 web messages {after / mib:.0f} MiB | bare server "
        f"{floor / mib:.0f} MiB, ratios {idle / floor:.2f} and {after / floor:.2f}")  # fmt: skip
    say("http", f"{100_000 / took:.0f} messages/s from one client over HTTP")


async def _chat(port: int, messages: int, visitors: int = 200, at_once: int = 32) -> None:
    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/w/web", limits=limits, timeout=60) as client:
        tokens = [(await client.post("/visitors")).json()["token"] for _ in range(visitors)]

        async def one(worker: int) -> None:
            for n in range(worker, messages, at_once):
                body = json.dumps({"cid": f"c-{n}", "text": QUESTIONS[n % len(QUESTIONS)]})
                headers = {"Authorization": f"Bearer {tokens[n % visitors]}", "Content-Type": "application/json"}
                answer = await client.post("/messages", content=body, headers=headers)
                answer.raise_for_status()

        await asyncio.gather(*(one(w) for w in range(at_once)))
