"""WeChat's pushes against `kefu serve`: what one costs, from the signature to the answer, with everything durable."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import psutil

from tests.benchmarks.cases import say, until_ready
from tests.benchmarks.plant import QUESTIONS, sqlite_url
from tests.fakes import inbound
from tests.fakes.pushes import Account, Mode, Pushes
from tests.fakes.wording import Fields

PORT, BARE = 18481, 18482
AT_ONCE = 64
ROOT = Path(__file__).parents[2]
ACCOUNT = Account()
SETTINGS = """
[log]
level = "error"
[[inbox]]
name = "wx"
channel = "wechat"
app_id = "{receiver}"
app_secret = "a-secret-that-nobody-asks-for"
token = "{token}"
aes_key = "{aes_key}"
mode = "{mode}"
api_base = "http://127.0.0.1:9"
"""


ROUNDS = 4
"""Kefu and the bare handler are measured in turn: a machine is not as fast in one minute as in the next."""


async def wechat(folder: Path) -> None:
    """Pushes answered a CPU-second against a bare handler; at once, at 100 a second, from many customers."""
    with process([sys.executable, "-m", "tests.benchmarks.bare_wechat", str(BARE), ACCOUNT.token], BARE) as bare:
        for mode in (Mode.PLAIN, Mode.SAFE):
            with served(folder, mode) as kefu:
                await _mode(mode, kefu, bare)


async def _mode(mode: Mode, kefu: psutil.Process, bare: psutil.Process) -> None:
    pushes, plain = Pushes(ACCOUNT, mode), Pushes(ACCOUNT, Mode.PLAIN)
    await flood(BARE, _said(plain, 1000, 200, "warm"))
    for prefix in ("warm", "a", "b"):  # each customer's first push makes his contact and conversation
        await flood(PORT, _said(pushes, 1000, 1000, prefix))
    rates, floors, unanswered = [], [], 0
    for n in range(ROUNDS):
        floors.append((await measured(bare, BARE, _said(plain, 5000, 200, f"b{n}")))[0])
        rate, failed = await measured(kefu, PORT, _said(pushes, 3000, 1000, f"m{n}"))
        rates.append(rate)
        unanswered += failed
    ratios = [r / f for r, f in zip(rates, floors, strict=True)]
    say(
        "wechat",
        f"{mode}: {median(rates):.0f} pushes a CPU-second, {unanswered} unanswered at {AT_ONCE} at once | "
        f"bare signature check {median(floors):.0f} | ratio {median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
    )
    if mode is Mode.SAFE:
        await _steady(pushes)
        crowd = [(await measured(kefu, PORT, _said(pushes, 10_000, 10_000, f"crowd{n}")))[0] for n in range(2)]
        few, _ = await measured(kefu, PORT, _said(pushes, 3000, 1000, "few"))
        say(
            "",
            f"10,000 customers, one push each: first {crowd[0]:.0f}, next {crowd[1]:.0f} a CPU-second | "
            f"ratio to 1,000 customers {crowd[1] / few:.2f}",
        )


async def _steady(pushes: Pushes) -> None:
    times = await paced(PORT, _said(pushes, 1000, 1000, "steady"), per_second=100)
    p = quantiles(times, n=100)
    say("", f"at 100 pushes a second: p50 {p[49] * 1e3:.1f} ms, p99 {p[98] * 1e3:.1f} ms")


def _said(pushes: Pushes, number: int, customers: int, prefix: str) -> list[bytes]:
    """Requests as they go over the wire, made beforehand."""
    return [
        _request(pushes, inbound.text(f"o-{n % customers:05}", QUESTIONS[n % len(QUESTIONS)], msg_id=f"{prefix}{n}"))
        for n in range(number)
    ]


def _request(pushes: Pushes, fields: Fields) -> bytes:
    push = pushes.push(pushes.complete(fields))
    headers = {"Host": "localhost", "Content-Length": str(len(push.body)), **push.headers}
    lines = [f"POST /webhooks/wx?{urlencode(push.params)} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + push.body


async def measured(process: psutil.Process, port: int, requests: Sequence[bytes]) -> tuple[float, int]:
    """(requests a CPU-second of the server, how many got no 200 with an answer)."""
    before = sum(process.cpu_times()[:2])
    answers = await flood(port, requests)
    await asyncio.sleep(0.3)  # what is settled after the answer is part of its cost
    spent = sum(process.cpu_times()[:2]) - before
    return len(requests) / spent, sum(b" 200 " not in head or len(body) < 20 for head, body in answers)


async def flood(port: int, requests: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """All of them, 64 at a time over connections that stay open; each one's status line and body."""
    waiting = list(enumerate(requests))[::-1]
    answers: dict[int, tuple[bytes, bytes]] = {}

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while waiting:
            number, request = waiting.pop()
            answers[number] = await _ask(reader, writer, request)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(AT_ONCE)))
    return [answers[number] for number in range(len(requests))]


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[bytes, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return head.split(b"\r\n")[0], await reader.readexactly(length)


async def paced(port: int, requests: Sequence[bytes], per_second: float) -> list[float]:
    """Seconds until each was answered, however many are on their way."""
    times: list[float] = []
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(request: bytes) -> None:
        began = time.perf_counter()
        line = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        await _ask(*line, request)
        times.append(time.perf_counter() - began)
        idle.append(line)

    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            group.create_task(one(request))
            await asyncio.sleep(max(0.0, 1 / per_second - 0.0005 if number else 0.0))
    for _, writer in idle:
        writer.close()
    return times


@contextmanager
def served(folder: Path, mode: Mode) -> Iterator[psutil.Process]:
    """`kefu serve` with one Official Account."""
    config = folder / f"{mode}.toml"
    told = SETTINGS.format(receiver=ACCOUNT.receiver, token=ACCOUNT.token, aes_key=ACCOUNT.aes_key, mode=mode)
    config.write_text(f'[store]\nurl = "{sqlite_url(folder, f"{mode}.db")}"\n[web]\nport = {PORT}\n{told}')
    with process([sys.executable, "-m", "bot.cli", "serve", "--config", str(config)], PORT) as kefu:
        yield kefu


@contextmanager
def process(command: list[str], port: int) -> Iterator[psutil.Process]:
    """A server of its own, ready to answer."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = psutil.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        until_ready(started, port)
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        started.wait(20)
