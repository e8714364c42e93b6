"""Files in the store: which have to be fetched, who fetches them, and what the message and the log say afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.messages import Attachment, Author, Kind
from bot.store import desk, fetches, log, media, outbox
from bot.store.arrivals import DuplicateError
from bot.store.fetches import Wanted
from bot.store.media import Kept
from tests.store.shop import HOLD, Shop

PHOTO = Attachment(Kind.IMAGE, "", "", source="media-1")
PAPER = Attachment(Kind.FILE, "", "", url="https://network.example/a", size=3)


def kept(place: int, key: str = "k1", name: str = "a.png") -> Kept:
    return Kept(key, place, name, "image/png", 7, b"d" * 32)


async def claim(shop: Shop, limit: int = 10) -> list[Wanted]:
    return await shop.store.write(fetches.claim, limit=limit, hold=HOLD)


async def attachments(shop: Shop, place: int) -> list[list[dict[str, Any]]]:
    page = await shop.store.read(log.desk_events, place, after=0)
    return [e.d["attachments"] for e in page.events if e.t == "message" and e.d["attachments"]]


async def told(shop: Shop, place: int) -> list[dict[str, Any]]:
    page = await shop.store.read(log.desk_events, place, after=0)
    return [dict(e.d) for e in page.events if e.t == "attachment"]


async def test_only_what_has_to_be_fetched_is_wanted(shop: Shop) -> None:
    await shop.accept("words")
    await shop.accept("", attachments=(Attachment(Kind.IMAGE, "a", ""), replace(PHOTO, key="k"), PHOTO, PAPER))
    wanted = await claim(shop)
    assert [(w.number, w.attachment) for w in wanted] == [(2, PHOTO), (3, PAPER)]
    assert {(w.inbox_id, w.attempts) for w in wanted} == {(shop.inbox, 1)}


async def test_a_duplicate_wants_nothing_more(shop: Shop) -> None:
    await shop.accept("", key="m", attachments=(PHOTO,))
    with pytest.raises(DuplicateError):
        await shop.accept("", key="m", attachments=(PHOTO,))
    assert len(await claim(shop)) == 1


async def test_one_holder_at_a_time_until_the_hold_runs_out(shop: Shop) -> None:
    place = (await shop.accept("", attachments=(PHOTO,))).conversation_id
    (first,) = await claim(shop)
    assert await claim(shop) == []
    assert await shop.store.read(fetches.soonest) == shop.clock.at + HOLD
    shop.clock.forward(HOLD)
    (second,) = await claim(shop)
    assert second == replace(first, attempts=2)
    assert not await shop.store.write(fetches.arrived, first, kept(place, "late"))
    assert not await shop.store.write(fetches.failed, first, "gone")
    assert not await shop.store.write(fetches.postpone, first, shop.clock.at)
    assert await shop.store.write(fetches.arrived, second, kept(place))
    assert [a[0]["key"] for a in await attachments(shop, place)] == ["k1"]
    assert [r.key for r in await shop.rows("SELECT key FROM media")] == ["k1"]


async def test_many_workers_hold_each_once(shop: Shop) -> None:
    for n in range(6):
        await shop.accept("", sender=f"c{n}", attachments=(PHOTO, PAPER))
    held = await asyncio.gather(*(claim(shop, limit=3) for _ in range(6)))
    assert len({w.fetch_id for some in held for w in some}) == sum(len(some) for some in held)
    assert len([w for some in held for w in some] + await claim(shop, limit=99)) == 12


async def test_what_came_stands_in_the_message_and_in_the_log(shop: Shop) -> None:
    arrived = await shop.accept("看", attachments=(PHOTO, PAPER))
    photo, paper = await claim(shop)
    assert await shop.store.write(fetches.arrived, paper, kept(arrived.conversation_id, "k2", "b.pdf"))
    assert await shop.store.write(fetches.failed, photo, "gone", "it is gone")
    (now,) = await attachments(shop, arrived.conversation_id)
    assert (now[0]["error"], now[0]["reason"], now[0]["key"], now[0]["source"]) == (
        "gone", "it is gone", None, "media-1",
    )  # fmt: skip
    assert (now[1]["key"], now[1]["name"], now[1]["size"], now[1]["media_type"]) == ("k2", "b.pdf", 7, "image/png")
    first, second = await told(shop, arrived.conversation_id)
    assert (first["seq"], second["seq"]) == (arrived.seq, arrived.seq)
    assert ("error" in first["attachments"][0], second["attachments"]) == (False, now)
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    assert [e.t for e in customer.events] == ["message"]
    assert await shop.store.read(media.find, "k2") == kept(arrived.conversation_id, "k2", "b.pdf")
    assert await shop.store.read(fetches.soonest) is None
    assert await claim(shop) == []


async def test_two_files_of_one_message_settled_at_once(shop: Shop) -> None:
    place = (await shop.accept("", attachments=(PHOTO, PAPER, PHOTO))).conversation_id
    held = await claim(shop)
    await asyncio.gather(*(shop.store.write(fetches.arrived, w, kept(place, f"k{w.number}")) for w in held))
    assert [a["key"] for a in (await attachments(shop, place))[0]] == ["k0", "k1", "k2"]
    assert len((await told(shop, place))[-1]["attachments"]) == 3


async def test_postponed_it_waits(shop: Shop) -> None:
    await shop.accept("", attachments=(PHOTO,))
    (wanted,) = await claim(shop)
    until = shop.clock.at + timedelta(minutes=3)
    assert await shop.store.write(fetches.postpone, wanted, until)
    assert await shop.store.read(fetches.soonest) == until
    shop.clock.forward(timedelta(minutes=3))
    assert [w.attempts for w in await claim(shop)] == [2]


async def test_what_was_erased_meanwhile_is_not_fetched_and_holds_nobody_up(shop: Shop) -> None:
    first = await shop.accept("", sender="a", attachments=(PHOTO,))
    await shop.accept("", sender="b", attachments=(PHOTO,))
    held, other = await claim(shop)

    def erase(tx: Any) -> None:
        tx.count(fetches.WRITE, id=first.message_id, payload={})

    await shop.store.write(erase)
    shop.clock.forward(HOLD)
    (again,) = await claim(shop)
    assert again.message_id == other.message_id
    assert not await shop.store.write(fetches.arrived, held, kept(first.conversation_id))
    assert await shop.rows("SELECT key FROM media") == []


async def test_erased_while_it_was_fetched(shop: Shop) -> None:
    first = await shop.accept("", attachments=(PHOTO,))
    (held,) = await claim(shop)

    def erase(tx: Any) -> None:
        tx.count(fetches.WRITE, id=first.message_id, payload={})

    await shop.store.write(erase)
    assert not await shop.store.write(fetches.arrived, held, kept(first.conversation_id))
    assert await shop.rows("SELECT key FROM media") == []
    assert await shop.store.read(fetches.soonest) is None


# ---- what agents send ---------------------------------------------------------------------------------------------


async def test_an_agents_file_goes_with_his_reply(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    attached = {
        "kind": "image", "name": "a.png", "media_type": "image/png", "size": 7, "url": None, "key": "k1", "source": "",
    }  # fmt: skip
    done = await shop.store.write(
        desk.reply, place, shop.agent, cid="c0ffee00-1", text="", pull=False, attachments=[attached]
    )  # fmt: skip
    assert done.events[-1].d["attachments"] == [attached]
    assert (await shop.conversation(place)).last_text == "[image]"
    (due,) = await shop.store.write(outbox.claim, limit=5, hold=HOLD)
    assert due.outgoing.attachments == (Attachment(Kind.IMAGE, "a.png", "image/png", 7, None, "k1"),)
    assert (due.outgoing.text, due.outgoing.author) == ("", Author.AGENT)
    again = await shop.store.write(
        desk.reply, place, shop.agent, cid="c0ffee00-1", text="", pull=False, attachments=[attached]
    )  # fmt: skip
    assert again.events[-1] == done.events[-1]


async def test_a_file_belongs_to_its_conversation(shop: Shop) -> None:
    mine, other = [(await shop.accept(sender=s)).conversation_id for s in "ab"]
    for key, place in (("k1", mine), ("k2", mine), ("k3", other)):
        await shop.store.write(media.keep, kept(place, key))
    found = await shop.store.read(media.of_conversation, mine, ["k2", "k1"])
    assert [k.key for k in found] == ["k2", "k1"]
    for keys in (["k1", "k3"], ["nothing"]):
        with pytest.raises(NotFoundError):
            await shop.store.read(media.of_conversation, mine, keys)
