"""What a message costs: the statements of its two transactions, which is what bursts are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.dialogue import Decision, Gap, Reply
from bot.messages import Incoming
from bot.store import arrivals, turns
from bot.store.rows import Lease, token
from bot.store.sql import Row, Statement, Tx
from tests.store.shop import DAY, LEASE, Shop


@dataclass
class Counting:
    """A transaction that counts what is run in it."""

    tx: Tx
    run: list[Statement] = field(default_factory=list)

    @property
    def dialect(self) -> str:
        return self.tx.dialect

    @property
    def now(self) -> datetime:
        return self.tx.now

    def all(self, statement: Statement, **params: Any) -> list[Row]:
        self.run.append(statement)
        return self.tx.all(statement, **params)

    def first(self, statement: Statement, **params: Any) -> Row | None:
        self.run.append(statement)
        return self.tx.first(statement, **params)

    def count(self, statement: Statement, **params: Any) -> int:
        self.run.append(statement)
        return self.tx.count(statement, **params)


async def cost(shop: Shop, script: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, int]:
    def counted(tx: Tx) -> tuple[Any, int]:
        counting = Counting(tx)
        return script(counting, *args, **kwargs), len(counting.run)

    return await shop.store.write(counted)


async def turn(shop: Shop, lease: Lease, **decided: Any) -> int:
    decision = Decision("test", (Reply("hi"),), **decided)
    _, statements = await cost(
        shop, turns.commit, lease, lease.pending[0], decision, draft=None, bot_name="Bot", pull=True, hold=None,
        lease=LEASE,
    )  # fmt: skip
    return statements


async def test_an_ordinary_message_costs_two_statements_and_its_turn_three(shop: Shop) -> None:
    await turn(shop, await shop.taken())
    incoming = Incoming("m-next", "li", "hello")
    arrived, statements = await cost(
        shop, arrivals.accept, shop.inbox, incoming, token=token(), lease=LEASE, reopen=DAY
    )  # fmt: skip
    assert (statements, await turn(shop, arrived.lease)) == (2, 3)


@pytest.mark.parametrize(
    ("decided", "more"),
    [
        ({"category": "inquiry"}, 0),
        ({"category": "chitchat", "facts": {"evidence": [[0, 2, "你好", "small_talk"]]}}, 0),
        ({"category": "complaint", "tier": "critical"}, 2),  # the contact's row, read and written
        ({"gap": Gap("能货到付款吗", "pay")}, 2),  # the question, and where it was asked
    ],
)
async def test_judging_costs_nothing_and_lessons_little(shop: Shop, decided: dict[str, Any], more: int) -> None:
    await turn(shop, await shop.taken())
    assert await turn(shop, await shop.taken(), **decided) == 3 + more


async def test_only_the_first_complaint_of_a_conversation_is_counted(shop: Shop) -> None:
    for more in (2, 0, 0):
        assert await turn(shop, await shop.taken(), category="complaint", tier="minor") == 3 + more


async def test_an_often_asked_question_costs_one(shop: Shop) -> None:
    for n in range(20):
        await turn(shop, await shop.taken(sender=f"guest{n}"), gap=Gap("能货到付款吗"))
        shop.clock.forward(timedelta(seconds=1))
    assert await turn(shop, await shop.taken(), gap=Gap("能货到付款吗")) == 4
