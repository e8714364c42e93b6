"""Engines broken on purpose. The harness must catch each: tests of the test."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.engine import Accepted, Engine
from bot.intake import Intake
from bot.messages import Incoming
from bot.store import turns
from bot.store.rows import token


def acknowledge_before_commit() -> None:
    """The network hears "taken" a moment before it is true."""
    keep = Intake.accept
    later: set[asyncio.Task[Any]] = set()

    async def accept(self: Intake, inbox: str, incoming: Incoming) -> Accepted:
        async def soon() -> None:
            await asyncio.sleep(0.4)
            await keep(self, inbox, incoming)

        later.add(asyncio.create_task(soon()))
        return Accepted(0, 0, 0, duplicate=False, at=self._store.now())

    Intake.accept = accept  # type: ignore[method-assign]


def no_dedupe() -> None:
    """Every delivery is a new message."""
    keep = Intake.accept

    async def accept(self: Intake, inbox: str, incoming: Incoming) -> Accepted:
        return await keep(self, inbox, replace(incoming, external_id=f"{incoming.external_id}-{token()}"))

    Intake.accept = accept  # type: ignore[method-assign]


def no_fence() -> None:
    """A worker that lost its lease keeps its turn all the same, and nobody keeps a lease alive."""
    core: Any = turns.COMMIT._core
    core._where_criteria = tuple(where for where in core._where_criteria if where.left.name == "id")

    async def heartbeat(self: Engine) -> None:
        await asyncio.sleep(3600)

    Engine._heartbeat = heartbeat  # type: ignore[method-assign]
