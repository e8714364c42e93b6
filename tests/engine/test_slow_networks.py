"""Networks that carry letters: a send takes long, is tried again over hours, and is never made twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

import bot.delivery
from bot.errors import AmbiguousSendError, TemporarySendError, Trouble
from bot.outcome import pause
from bot.ports import Call, Capabilities, Receipt
from bot.shelf import InboxShelf
from bot.store.outbox import PAYLOAD
from bot.store.sql import Tx
from tests.engine.test_delivery import HASTY, die, states
from tests.engine.works import QUICK, Network, Works, until, works
from tests.store.shop import StandingClock

MINUTE = timedelta(minutes=1)
LETTERS = Capabilities(
    send_within=timedelta(minutes=15), pauses=(MINUTE, 5 * MINUTE), retry_for=timedelta(hours=2), remembers=True
)


class Post(Network):
    """Says how it went, and keeps account of what may have gone out, as a channel that `remembers` has to."""

    def __init__(self, capabilities: Capabilities = LETTERS) -> None:
        super().__init__(capabilities)
        self.begun: set[str] = set()
        self.receipt = Receipt()

    async def send(self, call: Call) -> Receipt:
        if call.key in self.begun:
            raise AmbiguousSendError("it may have gone out")
        if call.params["text"] not in self.gates:
            self.begun.add(call.key)
        await super().send(call)
        return self.receipt


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 60), (30, 60)])
def test_the_pauses_are_the_networks_own(attempts: int, minutes: int) -> None:
    made = pause(attempts, tuple(timedelta(minutes=n) for n in (1, 5, 15, 60)))
    assert minutes * 60 <= made <= minutes * 66


@pytest.mark.parametrize(("trouble", "fate"), [(None, "failed"), (Trouble("login", {"en": "wrong"}), "sent")])
async def test_what_waits_for_a_person_is_kept_longer(store_url: str, trouble: Trouble | None, fate: str) -> None:
    network, clock = Network(replace(LETTERS, mend_for=timedelta(days=9), remembers=False)), StandingClock()
    for n in range(3):
        network.troubles[f"re: {n}"].extend(TemporarySendError("refused", trouble=trouble) for _ in range(4))
    async with works(store_url, network=network, pace=HASTY, clock=clock) as shop:
        (handle,) = shop.engine._by_id.values()
        shop.engine._by_id[handle.id] = replace(handle, shelf=InboxShelf(shop.store, handle.id))
        for n in range(3):
            await shop.say(f"{n}", sender=f"s{n}")
        for attempt, hours in enumerate((1, 1, 9, 1) if trouble else (1, 1, 9), 1):
            tried = f"SELECT id FROM outbox WHERE NOT held AND attempts = {attempt}"
            await until(partial(_number, shop, tried, 3))
            clock.forward(timedelta(hours=hours))
        await shop.quiet()
        assert [[state for state, _ in await states(shop, f"s{n}")] for n in range(3)] == [[fate]] * 3
        assert await shop.rows("SELECT key FROM inbox_trouble") == []


async def _number(shop: Works, sql: str, wanted: int) -> bool:
    return len(await shop.rows(sql)) == wanted


async def test_what_is_mended_goes_at_once(store_url: str) -> None:
    """The first that goes through takes along what waits for its next attempt."""
    network = Network(replace(LETTERS, remembers=False))
    for n in range(3):
        network.troubles[f"re: {n}"].append(TemporarySendError("refused", trouble=Trouble("login", {"en": "wrong"})))
    async with works(store_url, network=network, pace=HASTY) as shop:
        (handle,) = shop.engine._by_id.values()
        shop.engine._by_id[handle.id] = replace(handle, shelf=InboxShelf(shop.store, handle.id))
        for n in range(3):
            await shop.say(f"{n}", sender=f"s{n}")
        await until(lambda: _number(shop, "SELECT id FROM outbox WHERE NOT held AND attempts = 1", 3))
        assert len(await shop.rows("SELECT key FROM inbox_trouble")) == 1
        await shop.say("after", sender="s3")
        await shop.quiet()
        assert [await states(shop, f"s{n}") for n in range(4)] == [[("sent", "")]] * 4
        assert await shop.rows("SELECT key FROM inbox_trouble") == []


async def test_a_long_send_stays_ours(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.delivery, "SEND_WITHIN", 0.6)
    network = Network(replace(LETTERS, remembers=False))
    network.gates["re: 1"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await until(lambda: network.sent)
        await asyncio.sleep(4)  # longer than the hold of a usual send, twice over
        network.gates["re: 1"].set()
        await shop.quiet()
        assert len(network.sent) == 1
        assert await states(shop) == [("sent", "")]


@pytest.mark.parametrize(("begun", "state", "sends"), [(False, "sent", 2), (True, "unknown", 1)])
async def test_after_a_death_the_channel_says_whether_it_may_be_sent(
    sqlite_url: str, begun: bool, state: str, sends: int
) -> None:
    network = Post()
    network.gates["re: 1"] = asyncio.Event()
    async with works(sqlite_url, network=network) as shop:
        await shop.say("1")
        await until(lambda: network.sent)
        await die(shop)
    network.gates.clear()
    if begun:
        network.begun.add(network.sent[0].key)
    async with works(sqlite_url, network=network) as shop:
        await shop.quiet()
        assert len(network.sent) == sends
        assert [told for told, _ in await states(shop)] == [state]


async def test_how_it_went_out_is_kept_and_what_went_wrong_is_said(store_url: str) -> None:
    network = Post()
    network.receipt = Receipt("<1@shop>", {"to": ["li@customer.example"]}, "wang@customer.example: 550 no such user")
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.quiet()
        assert await states(shop) == [("sent", "wang@customer.example: 550 no such user")]
        assert (await _payload(shop))["extra"] == {"to": ["li@customer.example"]}


async def _payload(shop: Works) -> dict[str, Any]:
    (said,) = await shop.rows("SELECT id FROM message WHERE author <> 'customer'")

    def read(tx: Tx) -> Any:
        return tx.first(PAYLOAD, id=said.id)

    return dict((await shop.store.write(read)).payload)


async def test_a_stalled_network_leaves_room_for_the_others(store_url: str) -> None:
    """Of eight places it has two, also when six of its messages are due at the same moment."""
    network, clock = Network(replace(LETTERS, remembers=False)), StandingClock()
    for n in range(6):
        network.troubles[f"re: {n}"].append(TemporarySendError("greylisted"))
    pace = replace(QUICK, deliveries=8, lease=timedelta(hours=5))
    async with works(store_url, network=network, pace=pace, clock=clock) as shop:
        for n in range(6):
            await shop.say(f"{n}", sender=f"s{n}")
        await until(partial(_number, shop, "SELECT id FROM outbox WHERE NOT held AND attempts = 1", 6))
        network.sent.clear()
        network.gates |= {f"re: {n}": asyncio.Event() for n in range(6)}
        clock.forward(2 * MINUTE)
        await until(lambda: len(network.sent) == 2)
        await asyncio.sleep(0.5)
        assert len(network.sent) == 2
        assert {row.attempts for row in await shop.rows("SELECT attempts FROM outbox WHERE NOT held")} == {1}
        for gate in network.gates.values():
            gate.set()
        await shop.quiet()
        assert sorted(call.params["text"] for call in network.sent) == [f"re: {n}" for n in range(6)]
