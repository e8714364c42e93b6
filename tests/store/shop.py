"""A shop on a store: short words for the scripts, and a clock that stands until it is moved."""

from __future__ import annotations

import itertools
from collections import namedtuple
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from bot.dialogue import Decision, Reply
from bot.messages import Incoming
from bot.ports import HandoffDraft
from bot.store import agents, arrivals, desk, outbox, turns
from bot.store.rows import Arrived, Due, Lease, token
from bot.store.runner import PgStore, PgTx, SqliteStore, SqliteTx, SteadyClock, Store
from bot.store.sql import Row, Tx
from bot.tables import METADATA
from tests.databases import apart

LEASE = timedelta(seconds=30)
HOLD = timedelta(seconds=90)
DAY = timedelta(hours=24)
MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class StandingClock(SteadyClock):
    """Shows what it is set to, to the microsecond."""

    def __init__(self) -> None:
        super().__init__()
        self.at = MORNING

    def now(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


def stop_clock(store: Store) -> StandingClock:
    """Give the store a standing clock."""
    clock = StandingClock()
    assert isinstance(store, SqliteStore | PgStore)
    store._clock = clock
    if isinstance(store, PgStore):
        store._looked = float("inf")  # never set it by the server's
    return clock


def rows(tx: Tx, sql: str) -> list[Row]:
    """Whatever a test wants to see with its own eyes."""
    assert isinstance(tx, SqliteTx | PgTx)
    result: Any = tx._execute(sql)
    names = result.keys() if isinstance(tx, PgTx) else [column[0] for column in result.description]
    made: Any = namedtuple("Row", names)  # type: ignore[misc]
    return [made(*row) for row in result.fetchall()]


@dataclass
class Shop:
    """One inbox of one store, with one agent behind the counter."""

    store: Store
    clock: StandingClock
    inbox: int
    agent: int
    other: int
    ids: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    async def open(cls, store: Store) -> Shop:
        clock = stop_clock(store)
        inbox = await store.write(arrivals.keep_inbox, "shop", "test")
        mei, bo = [
            await store.write(agents.add, login, name=name, number=number, password_hash="x")
            for login, name, number in (("mei", "小美", "007"), ("bo", "阿伯", "008"))
        ]
        return cls(store, clock, inbox, mei, bo)

    async def accept(
        self, text: str = "hello", *, key: str | None = None, sender: str = "li", thread: str | None = None,
        take: bool = False, reopen: timedelta = DAY, **more: Any,
    ) -> Arrived:  # fmt: skip
        """A customer's message; with `take` its conversation is leased when idle."""
        incoming = Incoming(key or f"m{next(self.ids)}", sender, text, thread=thread, **more)
        return await self.store.write(
            arrivals.accept, self.inbox, incoming, token=token(), lease=LEASE if take else None, reopen=reopen
        )

    async def taken(self, text: str = "hello", **more: Any) -> Lease:
        """A message that leased its conversation."""
        lease = (await self.accept(text, take=True, **more)).lease
        assert lease is not None
        return lease

    async def claim(self, limit: int = 10) -> list[Lease]:
        return await self.store.write(turns.claim, limit=limit, lease=LEASE)

    async def commit(
        self, lease: Lease, *replies: str, pull: bool = False, hold: timedelta | None = None,
        draft: HandoffDraft | None = None, **decided: Any,
    ) -> turns.Turned:  # fmt: skip
        """Keep the turn of the lease's first arrival."""
        decision = Decision(rule="test", replies=tuple(Reply(r) for r in replies), **decided)
        return await self.store.write(
            turns.commit, lease, lease.pending[0], decision, draft=draft, bot_name="Bot", pull=pull, hold=hold,
            lease=LEASE,
        )  # fmt: skip

    async def fail(self, lease: Lease, *, most: int = 5) -> bool:
        return await self.store.write(turns.fail, lease, lease.pending[0], "ValueError: no", most=most)

    async def dues(self, limit: int = 10) -> list[Due]:
        return await self.store.write(outbox.claim, limit=limit, hold=HOLD)

    async def said(self, *texts: str, sender: str = "li") -> int:
        """A turn that queued these replies; the conversation."""
        lease = await self.taken(sender=sender)
        await self.commit(lease, *texts)
        return lease.conversation_id

    async def resolve(self, conversation_id: int) -> None:
        """An agent settles the matter, and the bot has had its turn at it."""
        await self.store.write(desk.resolve, conversation_id, self.agent)
        for lease in await self.claim():
            while lease.pending:
                lease = (await self.commit(lease)).lease

    async def rows(self, sql: str) -> list[Row]:
        return await self.store.read(rows, sql)

    async def conversation(self, conversation_id: int) -> Row:
        """The conversation's row as it is now."""
        (row,) = await self.rows(
            "SELECT id, status, seq, first_seq, turned_seq, fence, leased, assignee_id, current, last_text,"
            " last_author, ready_at IS NULL AS idle, waiting_since IS NULL AS answered"
            f" FROM conversation WHERE id = {conversation_id}"
        )
        return row

    async def texts(self, where: str = "author = 'customer'") -> list[str]:
        return [
            r.text for r in await self.rows(f"SELECT text FROM message WHERE {where} ORDER BY conversation_id, seq")
        ]


def emptied(url: str) -> str:
    """A PostgreSQL database with its tables as they were new."""

    async def empty() -> None:
        connection: Any = await asyncpg.connect(url)
        names = ", ".join(METADATA.tables)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        await connection.close()

    apart(empty())
    return url
