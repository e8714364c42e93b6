"""Networks that count: five go out, the sixth waits for the customer, and the network's own count is the truth."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import PermanentSendError, TemporarySendError, Trouble, WindowClosedError
from bot.messages import Window
from bot.ports import Capabilities
from bot.shelf import InboxShelf
from bot.store import agents, desk, shelf
from bot.store.sql import Tx
from tests.engine.works import Network, Works, until, works

DAYS = timedelta(hours=48)
COUNTED = Capabilities(reply_window=DAYS, quota=5, reserve=1, max_text=30)
MESSAGE = Window("message", DAYS, 5)


async def says(shop: Works, *texts: str) -> None:
    """An agent's answers."""
    (row,) = await shop.rows("SELECT id FROM conversation")
    mei = await shop.store.write(_mei)
    for text in texts:
        cid = f"cid-{len(shop.ids):06}"
        shop.ids.append(cid)
        await shop.store.write(desk.reply, row.id, mei, cid=cid, text=text, pull=False)
        shop.live.ring_delivery()


def _mei(tx: Tx) -> int:
    found = agents.find(tx, "mei")
    return found.id if found else agents.add(tx, "mei", name="小美", number="7", password_hash="x")


async def states(shop: Works, author: str = "agent") -> list[str]:
    """What became of each message, or what it waits for."""
    found = await shop.rows(f"SELECT delivery, error FROM message WHERE author = '{author}' ORDER BY seq")
    return [r.error if r.error.startswith("parked.") else r.delivery for r in found]


async def becomes(shop: Works, *wanted: str, author: str = "agent") -> None:
    async def so() -> bool:
        return await states(shop, author) == list(wanted)

    await until(so)


async def used(shop: Works) -> int:
    (row,) = await shop.rows("SELECT window_used FROM conversation")
    return int(row.window_used)


async def test_five_go_out_and_the_sixth_goes_first_when_the_customer_writes(store_url: str) -> None:
    async with works(store_url, network=Network(COUNTED)) as shop:
        await shop.say("silent", window=MESSAGE)
        await says(shop, *"123456")
        await becomes(shop, *["sent"] * 5, "parked.quota")
        await says(shop, "7")
        await becomes(shop, *["sent"] * 5, "parked.quota", "parked.quota")
        assert shop.network.heard("li") == [*"12345"]
        await shop.say("silent", window=MESSAGE)
        await says(shop, "8")
        await becomes(shop, *["sent"] * 8)
        assert shop.network.heard("li") == [*"12345678"]
        assert await used(shop) == 3


async def test_the_bot_leaves_one_for_the_rating(store_url: str) -> None:
    async with works(store_url, network=Network(COUNTED)) as shop:
        await shop.say("0", window=MESSAGE)
        for n in range(1, 6):
            await shop.say(f"{n}")
        await becomes(shop, *["sent"] * 4, "parked.quota", "parked.quota", author="bot")


async def test_a_turn_s_replies_are_one_message(store_url: str) -> None:
    async with works(store_url, network=Network(COUNTED)) as shop:
        await shop.say("twice", window=MESSAGE)
        await becomes(shop, "sent", author="bot")
        assert shop.network.heard("li") == ["re: twice\n\nagain: twice"]
        assert await used(shop) == 1


async def test_a_long_message_is_counted_by_its_pieces_and_goes_on_where_it_stopped(store_url: str) -> None:
    async with works(store_url, network=Network(COUNTED)) as shop:
        await shop.say("silent", window=MESSAGE)
        pieces = [f"{n}" * 28 + "." for n in range(1, 8)]
        await says(shop, " ".join(pieces))
        await becomes(shop, "parked.quota")
        assert shop.network.heard("li") == pieces[:5]
        await shop.say("silent", window=MESSAGE)
        await becomes(shop, "sent")
        assert shop.network.heard("li") == pieces
        assert await used(shop) == 2


@pytest.mark.parametrize("spent", [True, False])
async def test_the_network_overrules_our_count(store_url: str, spent: bool) -> None:
    network = Network(COUNTED)
    network.troubles["1"].append(WindowClosedError("45047" if spent else "45015", spent=spent))
    async with works(store_url, network=network) as shop:
        await shop.say("silent", window=MESSAGE)
        await says(shop, "1", "2")
        await becomes(shop, *[f"parked.{'quota' if spent else 'window'}"] * 2)
        assert len(network.sent) == 1, "the second is not even tried"
        await shop.say("silent", window=MESSAGE)
        await becomes(shop, "sent", "sent")


async def test_what_was_not_sent_is_not_counted(store_url: str) -> None:
    network = Network(COUNTED)
    network.troubles["1"].append(TemporarySendError("-1", retry_after=0.05))
    network.troubles["2"].append(PermanentSendError("40003"))
    async with works(store_url, network=network) as shop:
        await shop.say("silent", window=MESSAGE)
        await says(shop, "1", "2", "3")
        await becomes(shop, "sent", "failed", "sent")
        assert await used(shop) == 2


async def test_what_may_have_been_sent_is_counted_and_not_sent_again(store_url: str) -> None:
    network = Network(COUNTED)
    network.after["1"].append(TimeoutError())
    async with works(store_url, network=network) as shop:
        await shop.say("silent", window=MESSAGE)
        await says(shop, "1", "2")
        await becomes(shop, "unknown", "sent")
        assert await used(shop) == 2
        assert network.heard("li") == ["1", "2"]


async def test_a_repeatable_send_is_counted_once(store_url: str) -> None:
    network = Network(Capabilities(reply_window=DAYS, quota=5, idempotent_send=True))
    network.after["re: 1"].append(TimeoutError())
    async with works(store_url, network=network) as shop:
        await shop.say("1", window=MESSAGE)
        await becomes(shop, "sent", author="bot")
        assert len(network.sent) == 2
        assert await used(shop) == 1


async def test_in_the_end_it_has_waited_in_vain(store_url: str) -> None:
    brief = Capabilities(reply_window=DAYS, park_for=timedelta(minutes=5))
    async with works(store_url, network=Network(brief), speed=100) as shop:
        await shop.say("silent")
        await says(shop, "1")
        await becomes(shop, "expired")
        assert shop.network.sent == []


async def test_what_people_must_mend_is_shown_until_something_goes_through(store_url: str) -> None:
    network = Network(COUNTED)
    said = {"zh-Hans": "服务器 IP 不在白名单里", "en": "the IP is not whitelisted"}
    network.troubles["1"].append(TemporarySendError("40164", retry_after=0.3, trouble=Trouble("ip", said)))
    async with works(store_url, network=network) as shop:
        handle = shop.engine.inboxes["shop"]
        object.__setattr__(handle, "shelf", InboxShelf(shop.store, handle.id))
        await shop.say("silent", window=MESSAGE)
        await says(shop, "1")

        async def told() -> bool:
            return [t["key"] for t in await shop.store.read(shelf.troubles)] == ["ip"]

        await until(told)
        await becomes(shop, "sent")

        async def mended() -> bool:
            return await shop.store.read(shelf.troubles) == []

        await until(mended)
