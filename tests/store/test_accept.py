"""Accepting a message: durable, once, and in its place."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import LostLeaseError, RefusedError
from bot.messages import Attachment, Incoming, Kind
from bot.store import arrivals, desk
from bot.store.arrivals import DuplicateError
from bot.store.rows import Arrived, token
from tests.store.shop import DAY, Shop


async def test_the_first_message_opens_a_conversation(shop: Shop) -> None:
    arrived = await shop.accept("你好", sender="li", sender_name="李雷", language="zh-Hans")
    row = await shop.conversation(arrived.conversation_id)
    assert (row.status, row.seq, row.turned_seq, row.last_text, row.last_author) == (
        "pending",
        1,
        0,
        "你好",
        "customer",
    )
    assert [(r.name, r.language) for r in await shop.rows("SELECT name, language FROM contact")] == [
        ("李雷", "zh-Hans")
    ]


async def test_messages_are_numbered_in_the_order_of_their_commits(shop: Shop) -> None:
    seqs = [(await shop.accept(text)).seq for text in "abc"]
    assert seqs == [1, 2, 3]
    assert await shop.texts() == ["a", "b", "c"]


async def test_a_duplicate_changes_nothing(shop: Shop) -> None:
    first = await shop.accept("one", key="x")
    before = await shop.conversation(first.conversation_id)
    shop.clock.forward(timedelta(minutes=1))
    with pytest.raises(DuplicateError):
        await shop.accept("one again", key="x", take=True)
    assert await shop.conversation(first.conversation_id) == before
    found = await shop.store.read(arrivals.find, shop.inbox, "x")
    assert found == Arrived(first.conversation_id, 1, first.message_id, first.at, None)


async def test_the_same_id_in_another_inbox_is_another_message(shop: Shop) -> None:
    await shop.accept(key="x")
    other = await shop.store.write(arrivals.keep_inbox, "other", "test")
    await shop.store.write(
        arrivals.accept, other, Incoming("x", "li", "hi"), token=token(), lease=None, reopen=DAY
    )  # fmt: skip
    assert len(await shop.texts()) == 2


async def test_an_unknown_id_is_not_found(shop: Shop) -> None:
    assert await shop.store.read(arrivals.find, shop.inbox, "never") is None


async def test_what_the_wire_said_is_kept(shop: Shop) -> None:
    at = datetime(2026, 1, 5, 8, 59, tzinfo=UTC)
    photo = Attachment(Kind.IMAGE, "a.jpg", "image/jpeg", 12, "https://example.com/a.jpg")
    await shop.accept("", kind=Kind.IMAGE, attachments=(photo,), value="yes", sent_at=at, extra={"cid": "c1"})
    ((text, kind, raw),) = await shop.rows("SELECT text, kind, payload FROM message")
    payload = json.loads(raw) if isinstance(raw, str) else raw
    assert (text, kind) == ("", "image")
    assert payload["attachments"][0]["url"] == "https://example.com/a.jpg"
    assert (payload["value"], payload["sent_at"], payload["extra"]) == ("yes", at.isoformat(), {"cid": "c1"})
    assert (await shop.rows("SELECT last_text FROM conversation"))[0].last_text == "[image]"


# ---- leasing on the way -------------------------------------------------------------------------------------------


async def test_an_idle_conversation_is_leased_by_the_message_itself(shop: Shop) -> None:
    lease = await shop.taken("one")
    assert [a.text for a in lease.pending] == ["one"]
    assert await shop.claim() == []


async def test_a_leased_conversation_is_not_leased_again(shop: Shop) -> None:
    first = await shop.taken("one")
    second = await shop.accept("two", take=True)
    assert second.lease is None
    assert (await shop.conversation(first.conversation_id)).fence == first.fence


async def test_a_message_that_takes_nothing_waits_for_any_worker(shop: Shop) -> None:
    arrived = await shop.accept("one")
    (lease,) = await shop.claim()
    assert lease.conversation_id == arrived.conversation_id
    assert [a.text for a in lease.pending] == ["one"]


async def test_a_conversation_that_waits_for_a_worker_is_not_taken_by_its_next_message(shop: Shop) -> None:
    await shop.accept("one")
    assert (await shop.accept("two", take=True)).lease is None


# ---- threads, contacts, conversations -----------------------------------------------------------------------------


async def test_threads_of_one_sender_are_conversations_of_one_contact(shop: Shop) -> None:
    await shop.accept(thread="order 1")
    await shop.accept(thread="order 2")
    ids = await shop.rows("SELECT id, contact_id, identity_id, seq FROM conversation ORDER BY id")
    assert len({r.id for r in ids}) == 2
    assert len({(r.contact_id, r.identity_id) for r in ids}) == 1
    assert [r.seq for r in ids] == [1, 1]


async def test_a_resolved_conversation_goes_on_within_a_day(shop: Shop) -> None:
    arrived = await shop.accept()
    await shop.store.write(desk.claim, arrived.conversation_id, shop.agent)
    await shop.resolve(arrived.conversation_id)
    shop.clock.forward(DAY)
    again = await shop.accept("one more thing")
    assert again.conversation_id == arrived.conversation_id
    row = await shop.conversation(again.conversation_id)
    assert (row.status, row.assignee_id) == ("pending", None)


async def test_after_a_day_a_new_conversation_begins_and_the_cursor_goes_on(shop: Shop) -> None:
    arrived = await shop.accept()
    await shop.resolve(arrived.conversation_id)
    before = await shop.conversation(arrived.conversation_id)
    shop.clock.forward(DAY + timedelta(seconds=1))
    again = await shop.accept("something else")
    assert again.conversation_id != arrived.conversation_id
    new = await shop.conversation(again.conversation_id)
    assert (again.seq, new.first_seq, new.turned_seq) == (before.seq + 1, before.seq, before.seq)
    assert [a.text for lease in await shop.claim() for a in lease.pending if lease.conversation_id == new.id] == [
        "something else"
    ]
    assert not (await shop.conversation(arrived.conversation_id)).current
    assert len(await shop.rows("SELECT id FROM contact")) == 1


async def test_a_duplicate_does_not_open_what_is_resolved(shop: Shop) -> None:
    arrived = await shop.accept(key="x")
    await shop.resolve(arrived.conversation_id)
    for wait in (timedelta(hours=1), timedelta(days=3)):
        shop.clock.forward(wait)
        with pytest.raises(DuplicateError):
            await shop.accept(key="x")
    assert [(r.id, r.status) for r in await shop.rows("SELECT id, status FROM conversation")] == [
        (arrived.conversation_id, "resolved")
    ]


async def test_a_turn_of_the_resolved_conversation_is_void_once_it_is_open_again(shop: Shop) -> None:
    arrived = await shop.accept("one")
    await shop.store.write(desk.resolve, arrived.conversation_id, shop.agent)
    (lease,) = await shop.claim()
    assert lease.status == "resolved"
    await shop.accept("two")
    with pytest.raises(LostLeaseError):
        await shop.commit(lease)
    assert (await shop.conversation(arrived.conversation_id)).status == "pending"
    (again,) = await shop.claim()
    assert (again.status, [a.text for a in again.pending if a.author == "customer"]) == ("pending", ["one", "two"])


# ---- many at once -------------------------------------------------------------------------------------------------


async def test_first_messages_at_once_make_one_conversation(shop: Shop) -> None:
    arrived = await asyncio.gather(*(shop.accept(f"{n}", take=True) for n in range(8)))
    assert len({a.conversation_id for a in arrived}) == 1
    assert sorted(a.seq for a in arrived) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert sum(a.lease is not None for a in arrived) == 1
    assert len(await shop.rows("SELECT id FROM contact_identity")) == 1


async def test_messages_at_once_after_a_day_make_one_new_conversation(shop: Shop) -> None:
    old = await shop.accept()
    await shop.resolve(old.conversation_id)
    seq = (await shop.conversation(old.conversation_id)).seq
    shop.clock.forward(timedelta(days=2))
    arrived = await asyncio.gather(*(shop.accept(f"{n}") for n in range(8)))
    assert len({a.conversation_id for a in arrived} - {old.conversation_id}) == 1
    assert sorted(a.seq for a in arrived) == list(range(seq + 1, seq + 9))


async def test_duplicates_at_once_are_kept_once(shop: Shop) -> None:
    outcomes = await asyncio.gather(*(shop.accept(f"{n}", key="x") for n in range(6)), return_exceptions=True)
    assert sum(isinstance(o, Arrived) for o in outcomes) == 1
    assert sum(isinstance(o, DuplicateError) for o in outcomes) == 5
    (row,) = await shop.rows("SELECT seq FROM conversation")
    assert row.seq == 1


async def test_what_cannot_be_kept_is_refused_and_leaves_the_others_alone(shop: Shop) -> None:
    nowhere = shop.store.write(
        arrivals.accept, 999, Incoming("x", "li", "hi"), token=token(), lease=None, reopen=DAY
    )  # fmt: skip
    good, bad, other = await asyncio.gather(
        shop.accept("a", sender="a"), nowhere, shop.accept("b", sender="b"), return_exceptions=True
    )
    assert isinstance(bad, RefusedError)
    assert isinstance(good, Arrived)
    assert isinstance(other, Arrived)
    assert sorted(await shop.texts()) == ["a", "b"]
