"""Hypothesis against a model: whatever is posted, redelivered, failed, lost, taken over and fired, in whatever order,
each conversation is a line – first come, first served, everybody once – and so is what it sends.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bot.dialogue import TimerRequest
from bot.errors import LostLeaseError
from bot.messages import Delivery
from bot.store import _recover, desk, open_store, outbox, timers, turns
from bot.store.arrivals import DuplicateError
from bot.store.rows import Arrival, Due, Lease
from bot.store.runner import SqliteStore, Store
from tests.engine.works import set_clock
from tests.store.shop import HOLD, LEASE, MORNING, Shop, emptied

R = TypeVar("R")
SENDERS = ("li", "wang", "zhao")
MOST = 3
"""Tries of a turn before it is set aside."""
ALL = 9
"""More than there are conversations."""
NEVER = MORNING - timedelta(days=1)


@dataclass
class Line:
    """What one customer's conversation must be like."""

    id: int = 0
    arrivals: list[str] = field(default_factory=list)
    over: set[int] = field(default_factory=set)
    """Message ids of the arrivals that had their turn or were set aside."""
    fence: int = 0
    until: datetime = NEVER
    """The end of the lease: before it nobody may take it."""
    pause: datetime = NEVER
    """The latest end of the pause after a failure: after it somebody may."""
    resolved: bool = False
    timers: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    turned: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    token: int = 0
    held: bool = False
    held_until: datetime = NEVER

    def void(self) -> None:
        """Nobody has it any more, whoever had it."""
        self.fence, self.until, self.pause = -1, NEVER, NEVER

    @property
    def waiting(self) -> list[str]:
        return self.arrivals[len(self.turned) :]

    def turn(self, arrival: Arrival) -> None:
        """The first in line had its turn, or was set aside."""
        assert name_of(arrival) == self.waiting[0], "it jumped the queue"
        self.turned.append(self.waiting[0])
        self.over.add(arrival.message_id)


def name_of(arrival: Arrival) -> str:
    return str(arrival.text or arrival.payload["timer"])


class Machine(RuleBasedStateMachine):
    """Runs the store's scripts one by one, in any order, and keeps the lines beside them."""

    fresh: Callable[[], Coroutine[Any, Any, Store]]
    again: Callable[[], Coroutine[Any, Any, Store]]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.shop: Shop = self.run(self._open())
        self.lines = {sender: Line() for sender in SENDERS}
        self.keys: list[tuple[str, str]] = []
        self.leases: list[Lease] = []
        self.dues: list[Due] = []
        self.count = 0

    async def _open(self) -> Shop:
        return await Shop.open(await type(self).fresh())

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        return self.runner.run(work)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.finish()
        finally:
            self.run(self.shop.store.close())
            self.runner.close()

    @property
    def now(self) -> datetime:
        return self.shop.clock.at

    def line(self, conversation_id: int) -> Line:
        (found,) = [line for line in self.lines.values() if line.id == conversation_id]
        return found

    # ---- what customers, time and people do -----------------------------------------------------------------------

    @rule(sender=st.sampled_from(SENDERS), take=st.booleans())
    def post(self, sender: str, take: bool) -> None:
        self.count += 1
        text = f"m{self.count}"
        arrived = self.run(self.shop.accept(text, key=text, sender=sender, take=take))
        line = self.lines[sender]
        line.id = arrived.conversation_id
        if line.resolved:
            line.void()
            line.resolved = False
        line.arrivals.append(text)
        self.keys.append((sender, text))
        if arrived.lease is not None:
            assert take
            assert [name_of(a) for a in arrived.lease.pending] == line.waiting
            line.fence, line.until = arrived.lease.fence, self.now + LEASE
            self.leases.append(arrived.lease)

    @precondition(lambda self: self.keys)
    @rule(data=st.data())
    def redeliver(self, data: st.DataObject) -> None:
        sender, key = data.draw(st.sampled_from(self.keys))
        with pytest.raises(DuplicateError):
            self.run(self.shop.accept("other words", key=key, sender=sender, take=True))

    @rule(seconds=st.sampled_from([0.5, 5, 31, 91, 120]))
    def wait(self, seconds: float) -> None:
        self.shop.clock.forward(timedelta(seconds=seconds))

    @rule()
    def fire(self) -> None:
        woken = self.run(self.shop.store.write(timers.fire))
        due = sorted(
            (at, number, name, line)
            for line in self.lines.values()
            for name, (at, number) in line.timers.items()
            if at <= self.now
        )
        assert woken == [line.id for _, _, _, line in due]
        for _, _, name, line in due:
            del line.timers[name]
            line.arrivals.append(name)

    @precondition(lambda self: any(line.id for line in self.lines.values()))
    @rule(data=st.data(), action=st.sampled_from([desk.claim, desk.return_to_bot, desk.resolve]))
    def act(self, data: st.DataObject, action: Any) -> None:
        line = data.draw(st.sampled_from([line for line in self.lines.values() if line.id]))
        changed = self.run(self.shop.store.write(action, line.id, self.shop.agent))
        if not changed.events:
            return
        line.void()
        line.resolved = action is desk.resolve
        if action is not desk.claim:
            line.arrivals.append("returned" if action is desk.return_to_bot else "resolved")

    @rule()
    def restart(self) -> None:
        """The process dies and a new one comes. On SQLite it is alone, and knows that nobody else is alive."""
        alone = isinstance(self.shop.store, SqliteStore)
        self.run(self._restart(alone))
        for line in self.lines.values():
            if alone and line.until > self.now:
                line.until = NEVER
            if alone and line.held:
                line.held_until = NEVER

    async def _restart(self, alone: bool) -> None:
        await self.shop.store.close()
        self.shop.store = await type(self).again()
        set_clock(self.shop.store, self.shop.clock)
        if alone:
            await self.shop.store.write(_recover)

    # ---- what workers do ------------------------------------------------------------------------------------------

    @rule(limit=st.sampled_from([1, 2, ALL]))
    def claim(self, limit: int) -> None:
        taken = self.run(self.shop.claim(limit))
        for lease in taken:
            line = self.line(lease.conversation_id)
            assert line.until <= self.now, "it was taken from a living worker"
            assert [name_of(a) for a in lease.pending] == line.waiting[:20]
            line.fence, line.until = lease.fence, self.now + LEASE
            self.leases.append(lease)
        if limit == ALL:
            lines = self.lines.values()
            asleep = [line for line in lines if line.waiting and max(line.until, line.pause) <= self.now]
            assert not asleep, "somebody waits, and nobody may take him"

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(), replies=st.integers(0, 2), hold=st.booleans(), timer=st.sampled_from([None, 0, 20, 200]),
        cancel=st.booleans(),
    )  # fmt: skip
    def commit(self, data: st.DataObject, replies: int, hold: bool, timer: int | None, cancel: bool) -> None:
        """Any lease there ever was: the dead rise too."""
        lease = data.draw(st.sampled_from(self.leases))
        line = self.line(lease.conversation_id)
        self.count += 1
        said = [f"r{self.count}.{n}" for n in range(replies)]
        keep = self.shop.commit(
            lease, *said, hold=HOLD if hold else None,
            timers=() if timer is None else (TimerRequest(f"t{self.count}", timedelta(seconds=timer)),),
            cancel_timers=tuple(line.timers) if cancel else (),
        )  # fmt: skip
        if not self._counts(lease, line):
            with pytest.raises(LostLeaseError):
                self.run(keep)
            return
        turned = self.run(keep)
        line.turn(lease.pending[0])
        if cancel:
            line.timers.clear()
        if timer is not None:
            line.timers[f"t{self.count}"] = (self.now + timedelta(seconds=timer), self.count)
        self._queued(line, said, turned, hold)
        assert [name_of(a) for a in turned.lease.pending] == line.waiting[:20]
        line.until = self.now + LEASE if line.waiting else NEVER
        if line.waiting:
            self.leases.append(turned.lease)

    def _counts(self, lease: Lease, line: Line) -> bool:
        return lease.fence == line.fence and lease.pending[0].message_id not in line.over

    def _queued(self, line: Line, said: list[str], turned: turns.Turned, hold: bool) -> None:
        free = not line.unsent
        line.unsent += said
        line.replies += said
        assert [d.outgoing.text for d in turned.due] == (said[:1] if hold and free else [])
        for due in turned.due:
            self._held(due)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        line = self.line(lease.conversation_id)
        if not self._counts(lease, line):
            with pytest.raises(LostLeaseError):
                self.run(self.shop.fail(lease, most=MOST))
            return
        aside = self.run(self.shop.fail(lease, most=MOST))
        assert aside == (lease.pending[0].attempts + 1 >= MOST)
        if aside:
            line.turn(lease.pending[0])
        line.until, line.pause = NEVER, NEVER if aside else self.now + timedelta(seconds=60)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def hand_back(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        line = self.line(lease.conversation_id)
        self.run(self.shop.store.write(turns.hand_back, [(lease.conversation_id, lease.fence)]))
        if lease.fence == line.fence:
            line.until = line.pause = NEVER

    # ---- what deliverers do ---------------------------------------------------------------------------------------

    def _held(self, due: Due) -> None:
        line = self.line(due.conversation_id)
        assert due.outgoing.text == line.unsent[0], "it overtook"
        line.token, line.held, line.held_until = due.token, True, self.now + HOLD
        self.dues.append(due)

    @rule(limit=st.sampled_from([1, 2, ALL]))
    def take_out(self, limit: int) -> None:
        found = self.run(self.shop.dues(limit))
        for due in found:
            assert self.line(due.conversation_id).held_until <= self.now, "it was taken from a living holder"
            self._held(due)
        if limit == ALL:
            stuck = [line for line in self.lines.values() if line.unsent and line.held_until <= self.now]
            assert not stuck, "something waits, and nobody may send it"

    @precondition(lambda self: self.dues)
    @rule(data=st.data(), end=st.sampled_from([Delivery.SENT, Delivery.SENT, Delivery.FAILED, Delivery.UNKNOWN]))
    def settle(self, data: st.DataObject, end: Delivery) -> None:
        due = data.draw(st.sampled_from(self.dues))
        line = self.line(due.conversation_id)
        settled = self.run(self.shop.store.write(outbox.settle, due, end, "", hold=HOLD))
        assert settled.kept == (due.token == line.token)
        if settled.kept:
            assert line.unsent.pop(0) == due.outgoing.text
            line.sent.append(due.outgoing.text)
            line.token, line.held, line.held_until = 0, False, NEVER
        assert (settled.next is not None) == (settled.kept and bool(line.unsent))
        if settled.next is not None:
            self._held(settled.next)

    @precondition(lambda self: self.dues)
    @rule(data=st.data(), seconds=st.sampled_from([0, 10]))
    def postpone(self, data: st.DataObject, seconds: int) -> None:
        due = data.draw(st.sampled_from(self.dues))
        line = self.line(due.conversation_id)
        until = self.now + timedelta(seconds=seconds)
        kept = self.run(self.shop.store.write(outbox.postpone, due, until, "busy", parts=0))
        assert kept == (due.token == line.token)
        if kept:
            line.held, line.held_until = False, until

    # ---- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def first_come_first_served(self) -> None:
        for line in self.lines.values():
            assert line.turned + line.waiting == line.arrivals
            assert line.sent + line.unsent == line.replies

    def finish(self) -> None:
        """Everybody who still waits is served by one who works properly."""
        for _ in range(200):
            self.shop.clock.forward(timedelta(minutes=4))
            self.fire()
            taken = self.run(self.shop.claim(10))
            for lease in taken:
                self._serve(lease)
            dues = self.run(self.shop.dues())
            for due in dues:
                self._send(due)
            if not taken and not dues and not any(line.timers for line in self.lines.values()):
                break
        for sender, line in self.lines.items():
            assert line.turned == line.arrivals
            assert not line.unsent
            self._as_kept(sender, line)

    def _serve(self, lease: Lease) -> None:
        line = self.line(lease.conversation_id)
        while lease.pending:
            line.turn(lease.pending[0])
            self.count += 1
            said = f"r{self.count}"
            line.replies.append(said)
            line.unsent.append(said)
            lease = self.run(self.shop.commit(lease, said)).lease

    def _send(self, due: Due) -> None:
        line = self.line(due.conversation_id)
        current: Due | None = due
        while current is not None:
            assert current.outgoing.text == line.unsent[0]
            line.sent.append(line.unsent.pop(0))
            current = self.run(self.shop.store.write(outbox.settle, current, Delivery.SENT, "", hold=HOLD)).next

    def _as_kept(self, sender: str, line: Line) -> None:
        """The database tells the same story."""
        said = self.run(self.shop.texts(f"author = 'bot' AND conversation_id = {line.id}"))
        assert said == line.replies == line.sent
        posted = self.run(self.shop.texts(f"author = 'customer' AND conversation_id = {line.id}"))
        assert posted == [text for name, text in self.keys if name == sender]
        if line.id:
            row = self.run(self.shop.conversation(line.id))
            assert row.idle
            assert not row.leased


def check(fresh: Callable[[], Any], again: Callable[[], Any], examples: int) -> None:
    machine = type("Opened", (Machine,), {"fresh": staticmethod(fresh), "again": staticmethod(again)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            print_blob=True,
        ),
    )


def test_every_conversation_is_a_line_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "kefu.db"

    async def fresh() -> Store:
        for old in tmp_path.glob("kefu.db*"):
            old.unlink()
        shutil.copy(sqlite_template, path)
        return await open_store(f"sqlite:///{path}")

    check(fresh, lambda: open_store(f"sqlite:///{path}"), 80)


def test_every_conversation_is_a_line_on_postgresql(postgres_url: str) -> None:
    async def fresh() -> Store:
        return await open_store(emptied(postgres_url))

    check(fresh, lambda: open_store(postgres_url), 15)
