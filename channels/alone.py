"""One process at a time does it: a name held on the inbox's shelf, renewed while the work lasts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import StoreError
from bot.ports import Shelf

logger = structlog.get_logger(__name__)


async def alone(
    shelf: Shelf, name: str, work: Callable[[], Coroutine[Any, Any, None]], *, lasts: timedelta, inbox: str
) -> None:
    """Until cancelled: work while we hold `name`, and where another process does, wait for its end. Work ends with the
    hold, and is begun anew with the next one; what it raises is raised. A process that dies is followed within
    `lasts`. `inbox`: whom the log speaks of."""
    while True:
        try:
            if await shelf.take(name, lasts=lasts):
                try:
                    await _while_held(shelf, name, work, lasts, inbox)
                finally:
                    with contextlib.suppress(StoreError):
                        await shelf.drop(name)
        except StoreError as error:
            logger.warning("alone.shelf_away", inbox=inbox, error=str(error))
        await asyncio.sleep(lasts.total_seconds() / 5)


async def _while_held(
    shelf: Shelf, name: str, work: Callable[[], Coroutine[Any, Any, None]], lasts: timedelta, inbox: str
) -> None:
    tasks = [asyncio.create_task(_hold(shelf, name, lasts, inbox)), asyncio.create_task(work())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _hold(shelf: Shelf, name: str, lasts: timedelta, inbox: str) -> None:
    """Returns when the hold is lost. A store that is away may come back before it ends."""
    late, step = 0.0, lasts.total_seconds() / 3
    while late < lasts.total_seconds():
        await asyncio.sleep(step)
        try:
            if not await shelf.hold(name, lasts=lasts):
                logger.warning("alone.lost", inbox=inbox)
                return
            late = 0.0
        except StoreError:
            late += step
