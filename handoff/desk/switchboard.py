"""Every open desk of this process, told once what changed: rows for all, events for those who look."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import structlog

from bot.errors import NotFoundError, StoreError
from bot.store import listing, shelf
from bot.store import log as store_log
from bot.store.agents import Account
from bot.store.sql import Tx
from handoff.desk.ground import DeskGround

log = structlog.get_logger(__name__)

QUEUE = 256
"""Frames waiting for one browser. One that falls further behind is let go and comes back with its cursor."""
EVERY = 0.1
"""Seconds between two patches of the same row."""
SHARE = 4
"""After patching rows for a while the pump rests so many times as long: desks never crowd out the messages."""
SWEEP = 10.0
"""A ring may get lost between processes: whoever is looking is brought up to date so often anyway."""
SIGNED_OUT, TOO_SLOW = 4401, 1013


class Line:
    """One browser's socket, as the rest of the process sees it: a queue that is never waited for."""

    def __init__(self, agent: Account, digest: bytes) -> None:
        self.agent, self.digest = agent, digest
        self.queue: asyncio.Queue[str | int] = asyncio.Queue(QUEUE)
        self.view: int | None = None
        self.cursor = 0
        self.reading = asyncio.Lock()
        self._ended = False

    def send(self, frame: Mapping[str, Any]) -> None:
        self.send_text(orjson.dumps(frame).decode())

    def send_text(self, text: str) -> None:
        if self._ended:
            return
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            self.hang_up(TOO_SLOW)

    def hang_up(self, code: int) -> None:
        """Close after what is queued; if the queue is full, instead of it."""
        if self._ended:
            return
        self._ended = True
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
        self.queue.put_nowait(code)


class Switchboard:
    """Listens to `live` while anybody is connected, and fans out."""

    def __init__(self, ground: DeskGround) -> None:
        self._store, self._live, self._inboxes = ground.store, ground.live, ground.inboxes
        self._show_customer = ground.typing
        self._troubles: list[dict[str, Any]] = []
        self._lines: set[Line] = set()
        self._pump: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def connected(self, line: Line) -> Iterator[None]:
        """The line hears everything from here on."""
        self._lines.add(line)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="desk-switchboard")
        try:
            yield
        finally:
            self._lines.discard(line)
            self.look(line, None)
            if not self._lines and self._pump is not None:
                self._pump.cancel()
                self._pump = None

    def sign_out(self, *, agent_id: int | None = None, digest: bytes | None = None) -> None:
        """Hang up on an agent's browsers, or on the one with this login."""
        for line in self._lines:
            if line.agent.id == agent_id or line.digest == digest:
                line.hang_up(SIGNED_OUT)

    def look(self, line: Line, conversation_id: int | None) -> None:
        """The agent opened a conversation (None: closed it); the others who have it open see that."""
        before, line.view = line.view, conversation_id
        for place in {before, conversation_id} - {None}:
            assert place is not None
            self._tell_viewers(place)

    def _tell_viewers(self, conversation_id: int) -> None:
        there = [line for line in self._lines if line.view == conversation_id]
        people = {line.agent.id: {"id": line.agent.id, "name": line.agent.name} for line in there}
        for line in there:
            others = [person for number, person in people.items() if number != line.agent.id]
            line.send({"t": "viewers", "conv": conversation_id, "d": others})

    def typing(self, line: Line, conversation_id: int, *, note: bool) -> None:
        """Pass on that an agent types: to colleagues, and to the customer unless it is a note."""
        person = {"author": "agent", "id": line.agent.id, "name": line.agent.name, "note": note}
        self._live.signal(conversation_id, {"t": "typing", "d": person, **({"to": "desk"} if note else {})})
        if not note:
            self._show_customer(conversation_id)

    async def catch_up(self, line: Line) -> None:
        """Send the events after the line's cursor of the conversation it looks at."""
        async with line.reading:
            place = line.view
            if place is None:
                return
            page = await self._store.read(store_log.desk_events, place, after=line.cursor)
            if line.view != place:
                return
            if page.reset:
                line.send({"t": "reset", "conv": place})
            for found in page.events if not page.reset else ():
                line.send({"t": found.t, "seq": found.seq, "d": found.d, "conv": place})
            line.cursor = page.seq

    async def _run(self) -> None:
        changed: set[int] = set()
        patch_at = sweep_at = time.monotonic()
        with self._live.watch_desk() as watch:
            while True:
                heard = await watch.wait(EVERY if changed else SWEEP)
                started = time.monotonic()
                news: set[int] = set()
                if heard is not None:
                    news = heard[0]
                    self._pass_on(heard[1])
                changed |= news
                try:
                    await self._bring_up(news, everybody=started >= sweep_at)
                    if started >= sweep_at:
                        await self.troubles()
                        sweep_at = started + SWEEP
                    if changed and started >= patch_at:
                        await self._patch(changed)
                        changed = set()
                        patch_at = time.monotonic() + max(EVERY, SHARE * (time.monotonic() - started))
                except StoreError as error:
                    log.warning("desk.push", error=str(error))
                    await asyncio.sleep(1)

    def _pass_on(self, frames: Iterable[tuple[int, Mapping[str, Any]]]) -> None:
        for conversation_id, frame in frames:
            passing = {"t": frame.get("t"), "d": frame.get("d", {}), "conv": conversation_id}
            for line in self._lines:
                if line.view == conversation_id and passing["d"].get("id") != line.agent.id:
                    line.send(passing)

    async def _bring_up(self, changed: set[int], *, everybody: bool) -> None:
        for line in [line for line in self._lines if line.view is not None and (everybody or line.view in changed)]:
            await self.catch_up(line)

    async def troubles(self) -> list[dict[str, Any]]:
        """What people have to mend now; everybody hears of it when that has changed, whichever process found it."""
        found = await self._store.read(shelf.troubles, self._inboxes)
        if found != self._troubles:
            self._troubles = found
            for line in self._lines:
                line.send({"t": "troubles", "d": found})
        return found

    async def _patch(self, changed: Iterable[int]) -> None:
        agent_ids = {line.agent.id for line in self._lines}
        rows, counts = await self._store.read(_state, list(changed), list(agent_ids))
        for row in rows:
            frame = orjson.dumps({"t": "row", "conv": row["id"], "d": row}).decode()
            for line in self._lines:
                line.send_text(frame)
        for line in self._lines:
            if line.agent.id in counts:
                line.send({"t": "counts", "d": counts[line.agent.id]})


def _state(
    tx: Tx, conversation_ids: Sequence[int], agent_ids: Sequence[int]
) -> tuple[list[dict[str, Any]], dict[int, dict[str, int]]]:
    """The rows as they are now, and each agent's counts, in one look."""
    rows = []
    for conversation_id in conversation_ids:
        with contextlib.suppress(NotFoundError):
            rows.append(listing.row(tx, conversation_id))
    return rows, {agent_id: listing.counts(tx, agent_id) for agent_id in agent_ids}
