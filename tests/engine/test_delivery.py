"""Delivery: in order within a conversation, tried again where that helps, and honest where nobody can know."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

import bot.delivery
from bot.errors import AmbiguousSendError, PermanentSendError, StoreError, TemporarySendError
from bot.messages import Outgoing
from bot.ports import Call, Capabilities
from bot.store import _FREE_SENDS, agents, desk, outbox
from bot.store.sql import Tx
from bot.tables import EPOCH
from tests.engine.works import QUICK, Network, Works, until, works

HASTY = replace(QUICK, lease=timedelta(hours=5))
ONCE = Capabilities(idempotent_send=False)


def temporary(after: float | None = None) -> TemporarySendError:
    return TemporarySendError("busy", retry_after=after)


async def states(shop: Works, sender: str = "li") -> list[tuple[str, str]]:
    """(delivery, error) of everything said to a customer."""
    found = await shop.rows(
        "SELECT m.delivery, m.error FROM message m JOIN conversation c ON c.id = m.conversation_id"
        f" WHERE c.sender = '{sender}' AND m.author <> 'customer' ORDER BY m.seq"
    )
    return [(r.delivery, r.error) for r in found]


async def test_a_temporary_trouble_is_waited_out_and_the_line_waits_too(store_url: str) -> None:
    network = Network()
    network.troubles["re: 1"].extend([temporary(), temporary(), temporary()])
    async with works(store_url, network=network, pace=HASTY, speed=30) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert network.heard("li") == ["re: 1", "re: 2"]
        assert [c.params["text"] for c in network.sent] == ["re: 1"] * 4 + ["re: 2"]
        assert len({c.key for c in network.sent}) == 2
        assert await states(shop) == [("sent", "")] * 2


async def test_the_time_a_network_names_is_respected(store_url: str) -> None:
    network = Network()
    network.troubles["re: 1"].append(temporary(after=3600))
    async with works(store_url, network=network, pace=HASTY) as shop:
        before = shop.store.now()
        await shop.say("1")
        await until(lambda: _postponed(shop))
        (row,) = await shop.rows("SELECT due_at FROM outbox")
        due = EPOCH + timedelta(microseconds=row.due_at) if isinstance(row.due_at, int) else row.due_at
        assert due - before > timedelta(seconds=3599)
        assert await states(shop) == [("queued", "busy")]


async def _postponed(shop: Works) -> bool:
    return bool(await shop.rows("SELECT id FROM outbox WHERE NOT held AND attempts = 1"))


@pytest.mark.parametrize("capabilities", [ONCE, Capabilities(idempotent_send=True)])
async def test_what_the_network_refuses_is_shown_and_the_line_goes_on(
    store_url: str, capabilities: Capabilities
) -> None:
    network = Network(capabilities)
    network.troubles["re: 1"].append(PermanentSendError("no such user"))
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert network.heard("li") == ["re: 2"]
        assert await states(shop) == [("failed", "no such user"), ("sent", "")]


@pytest.mark.parametrize("error", [AmbiguousSendError("cut"), TimeoutError(), KeyError("a bug in the channel")])
async def test_an_unclear_send_is_repeated_where_the_network_drops_the_second(store_url: str, error: Exception) -> None:
    network = Network()
    network.after["re: 1"].append(error)
    async with works(store_url, network=network, pace=HASTY, speed=30) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert [c.params["text"] for c in network.sent] == ["re: 1", "re: 1", "re: 2"]
        assert network.heard("li") == ["re: 1", "re: 2"]
        assert await states(shop) == [("sent", "")] * 2


@pytest.mark.parametrize("error", [AmbiguousSendError("cut"), TimeoutError(), KeyError("a bug in the channel")])
async def test_an_unclear_send_is_never_repeated_elsewhere(store_url: str, error: Exception) -> None:
    network = Network(ONCE)
    network.after["re: 1"].append(error)
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert [c.params["text"] for c in network.sent] == ["re: 1", "re: 2"]
        assert [state for state, _ in await states(shop)] == ["unknown", "sent"]
        assert (await states(shop))[0][1] != ""


async def test_a_send_that_never_ends_is_unclear(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bot.delivery, "SEND_WITHIN", 2.0)
    network = Network(ONCE)
    network.gates["re: 1"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert [state for state, _ in await states(shop)] == ["unknown", "sent"]


async def test_after_so_long_a_temporary_trouble_is_a_failure(store_url: str) -> None:
    network = Network(Capabilities(idempotent_send=True, retry_for=timedelta(seconds=30)))
    network.troubles["re: 1"].extend(temporary() for _ in range(100))
    async with works(store_url, network=network, pace=HASTY, speed=60) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert network.heard("li") == ["re: 2"]
        ((state, error), _) = await states(shop)
        assert state == "failed"
        assert "busy" in error


async def test_a_slow_network_holds_up_only_its_own_conversation(store_url: str) -> None:
    network = Network()
    network.gates["re: slow=0"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        await shop.say("slow=0", sender="slow")
        for n in range(20):
            await shop.say(f"{n}", sender="quick")
        await until(lambda: len(network.heard("quick")) == 20)
        assert network.heard("slow") == []
        network.gates["re: slow=0"].set()
        await shop.quiet()
        assert network.heard("slow") == ["re: slow=0"]


async def test_more_to_send_than_places_is_all_sent(store_url: str) -> None:
    network = Network()
    for n in range(2):
        network.gates[f"re: {n}"] = asyncio.Event()
    async with works(store_url, network=network, pace=replace(QUICK, deliveries=2)) as shop:
        for n in range(10):
            await shop.say(f"{n}", sender=f"s{n}")
        await until(lambda: len(network.sent) == 2)
        await asyncio.sleep(0.2)
        assert network.taken == {}
        for gate in network.gates.values():
            gate.set()
        await shop.quiet()
        assert len(network.taken) == 10


async def test_a_long_message_goes_on_at_the_part_that_failed(store_url: str) -> None:
    network = Network(Capabilities(idempotent_send=True, max_text=10))
    async with works(store_url, network=network, pace=HASTY, speed=30) as shop:
        network.troubles["66667777"].append(temporary())
        await shop.say("0 1111 2222 33334444 555566667777")
        await shop.quiet()
        texts = [c.params["text"] for c in network.sent]
        assert "".join(dict.fromkeys(texts)).replace(" ", "") == "re:0111122223333444455556666777" + "7"
        assert len({c.key for c in network.sent}) == len(set(texts))
        assert len(network.taken) == len(set(texts))


class Clumsy(Network):
    """Cannot put some texts into its form."""

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        if outgoing.text == "re: 1":
            raise ValueError("no form for this")
        return super().render(outgoing)


@pytest.mark.parametrize("capabilities", [ONCE, Capabilities(idempotent_send=True)])
async def test_what_cannot_be_put_into_form_has_failed_and_was_not_sent(
    store_url: str, capabilities: Capabilities
) -> None:
    network = Clumsy(capabilities)
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert network.heard("li") == ["re: 2"]
        ((state, error), _) = await states(shop)
        assert (state, "no form for this" in error) == ("failed", True)


async def test_what_belongs_to_no_inbox_any_more_has_failed(store_url: str) -> None:
    async with works(store_url) as shop:
        await shop.say("1")
        await shop.quiet()
        shop.network.gates["re: 2"] = asyncio.Event()
        shop.network.troubles["re: 2"].append(temporary(after=0.01))
        await shop.say("2")
        await until(lambda: len(shop.network.sent) == 2)
        shop.engine._by_id.clear()
        shop.network.gates["re: 2"].set()
        await shop.quiet()
        assert (await states(shop))[1] == ("failed", "its inbox is no longer configured")


# ---- processes that die while they send ---------------------------------------------------------------------------


async def die(shop: Works) -> None:
    """Stop at once, as far as a process can do that to itself: nothing is handed back, nothing is said."""
    engine = shop.engine
    tasks = [*engine._loops, *(t for _, t in engine._running.values())]
    tasks += [t for _, t in engine.deliverer._tasks.values()]
    if engine.deliverer._loop:
        tasks.append(engine.deliverer._loop)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def sent_and_died(store_url: str, network: Network) -> None:
    network.gates["re: 1"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        await shop.say("1")
        await shop.say("2")
        await until(lambda: network.sent)
        await die(shop)
    network.gates.clear()
    network.taken.setdefault(network.sent[0].key, network.sent[0])


async def test_a_send_cut_off_by_a_death_is_repeated_under_its_key(sqlite_url: str) -> None:
    network = Network()
    await sent_and_died(sqlite_url, network)
    async with works(sqlite_url, network=network) as shop:
        await shop.quiet()
        assert [c.params["text"] for c in network.sent] == ["re: 1", "re: 1", "re: 2"]
        assert network.heard("li") == ["re: 1", "re: 2"]


async def test_a_send_cut_off_by_a_death_is_unknown_where_it_must_not_be_repeated(sqlite_url: str) -> None:
    network = Network(ONCE)
    await sent_and_died(sqlite_url, network)
    async with works(sqlite_url, network=network) as shop:
        await shop.quiet()
        assert [c.params["text"] for c in network.sent] == ["re: 1", "re: 2"]
        assert [state for state, _ in await states(shop)] == ["unknown", "sent"]
        agent = await shop.store.write(agents.add, "mei", name="小美", password_hash="x")
        (row,) = await shop.rows("SELECT id FROM message WHERE delivery = 'unknown'")
        await shop.store.write(desk.retry, row.id, agent)
        shop.live.ring_delivery()
        await shop.quiet()
        assert [c.params["text"] for c in network.sent] == ["re: 1", "re: 2", "re: 1"]
        assert [state for state, _ in await states(shop)] == ["sent", "sent"]


async def test_another_process_takes_over_when_the_hold_ends(postgres_url: str) -> None:
    network = Network()
    await sent_and_died(postgres_url, network)
    async with works(postgres_url, network=network) as shop:
        await asyncio.sleep(0.2)
        assert len(network.sent) == 1
        await shop.store.write(_hurry)
        await shop.quiet()
        assert network.heard("li") == ["re: 1", "re: 2"]


def _hurry(tx: Tx) -> None:
    """Let every hold end now."""
    tx.count(_FREE_SENDS, now=tx.now)


async def test_what_became_of_a_send_is_kept_as_soon_as_the_store_can(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = iter([True] * 3)

    def settle(*args: object, **kwargs: object) -> outbox.Settled:
        if next(troubles, False):
            raise StoreError("the disk is full")
        return original(*args, **kwargs)  # type: ignore[arg-type]

    original = outbox.settle
    monkeypatch.setattr(outbox, "settle", settle)
    async with works(store_url, network=Network(ONCE)) as shop:
        await shop.say("1")
        await shop.say("2")
        await shop.quiet()
        assert shop.network.heard("li") == ["re: 1", "re: 2"]
        assert len(shop.network.sent) == 2
        assert await states(shop) == [("sent", "")] * 2


# ---- people -------------------------------------------------------------------------------------------------------


async def test_an_agents_words_go_out_behind_the_bots(store_url: str) -> None:
    network = Network()
    network.gates["re: 1"] = asyncio.Event()
    async with works(store_url, network=network) as shop:
        accepted = await shop.say("1")
        await until(lambda: network.sent)
        agent = await shop.store.write(agents.add, "mei", name="小美", password_hash="x")
        await shop.store.write(desk.reply, accepted.conversation_id, agent, cid="c", text="I am here", pull=False)
        shop.live.ring_delivery()
        await asyncio.sleep(0.1)
        assert len(network.sent) == 1
        network.gates["re: 1"].set()
        await shop.quiet()
        assert network.heard("li") == ["re: 1", "I am here"]
