"""The raw floor each figure is compared with: the least a durable, deduplicated message can cost on this machine.

Five hand-written statements a message (dedupe insert, load, inbound row, outbound row, update), one writer thread,
and a commit shared by what gathered (64 at most), for 64 submitters who each wait for their commit.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

SCHEMA = """
CREATE TABLE seen(inbox INTEGER, external_id TEXT, PRIMARY KEY(inbox, external_id));
CREATE TABLE talk(id INTEGER PRIMARY KEY, seq INTEGER, state TEXT);
CREATE TABLE said(id INTEGER PRIMARY KEY, talk INTEGER, seq INTEGER, text TEXT);
CREATE TABLE reply(id INTEGER PRIMARY KEY, talk INTEGER, text TEXT, status TEXT);
"""
GROUP = 64
Job = tuple[int, "asyncio.Future[None]"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages a second of wall time, and CPU milliseconds of this process a message."""

    per_second: float
    cpu_ms: float


async def sqlite_group_commit(folder: Path, messages: int, talks: int = 200, at_once: int = 64) -> Rate:
    """Raw sqlite3 in one writer thread, WAL, FULL."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=full")
    connection.executescript(SCHEMA)
    connection.executemany("INSERT INTO talk VALUES (?, 0, '{}')", [(n,) for n in range(talks)])
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    loop = asyncio.get_running_loop()
    writer = threading.Thread(target=_write, args=(connection, jobs, talks, loop))
    gate = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with gate:
            done: asyncio.Future[None] = loop.create_future()
            jobs.put((number, done))
            await done

    wall, cpu = time.perf_counter(), time.process_time()
    writer.start()
    await asyncio.gather(*(one(n) for n in range(messages)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    jobs.put(None)
    await asyncio.to_thread(writer.join)
    connection.close()
    return Rate(messages / wall, cpu / messages * 1000)


def _write(
    connection: sqlite3.Connection, jobs: queue.SimpleQueue[Job | None], talks: int, loop: asyncio.AbstractEventLoop
) -> None:
    execute = connection.execute
    while (first := jobs.get()) is not None:
        group = [first]
        while len(group) < GROUP and not jobs.empty() and (following := jobs.get()) is not None:
            group.append(following)
        execute("BEGIN IMMEDIATE")
        for number, _ in group:
            talk = number % talks
            execute("INSERT INTO seen VALUES (1, ?)", (f"m{number}",))
            seq, state = execute("SELECT seq, state FROM talk WHERE id = ?", (talk,)).fetchone()
            execute("INSERT INTO said(talk, seq, text) VALUES (?, ?, ?)", (talk, seq + 1, f"消息 {number}"))
            execute("INSERT INTO reply(talk, text, status) VALUES (?, ?, 'ready')", (talk, f"回复 {number}"))
            execute("UPDATE talk SET seq = ?, state = ? WHERE id = ?", (seq + 1, state, talk))
        execute("COMMIT")
        loop.call_soon_threadsafe(_tell, group)


def _tell(group: list[Job]) -> None:
    for _, done in group:
        done.set_result(None)
