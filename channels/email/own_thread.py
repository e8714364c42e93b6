"""A thread for blocking calls, one after the other, that holds up nobody's exit."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]

    def do(self) -> None:
        try:
            result, error = self.work(), None
        except BaseException as raised:
            result, error = None, raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(self._settle, result, error)

    def _settle(self, result: Any, error: BaseException | None) -> None:
        if self.future.cancelled():
            return
        if error is None:
            self.future.set_result(result)
        else:
            self.future.set_exception(error)


class OwnThread:
    """Daemonic, unlike an executor's: a call that hangs in it keeps no process from ending."""

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job | Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def __call__(self, work: Callable[[], T]) -> T:
        """Carry it out there. Who is cancelled meanwhile leaves it running."""
        loop = asyncio.get_running_loop()
        job = _Job(work, loop, loop.create_future())
        self._jobs.put(job)
        result: T = await job.future
        return result

    def end(self, last: Callable[[], None]) -> None:
        """Do this when all else is done, and no more. Never waits."""
        self._jobs.put(last)

    def _run(self) -> None:
        while isinstance(job := self._jobs.get(), _Job):
            job.do()
        with suppress(Exception):
            job()
