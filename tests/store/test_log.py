"""Reading a conversation's log by cursor: nothing twice, nothing left out, nothing meant for others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.dialogue import TimerRequest
from bot.lent import Page
from bot.messages import Delivery, Kind, Recall
from bot.ports import HandoffDraft
from bot.store import desk, listing, log, outbox, pages, timers, visitors
from tests.store.shop import DAY, HOLD, Shop


async def customer(shop: Shop, after: int = 0, limit: int = 500, thread: str = "li") -> Page:
    return await shop.store.read(log.customer_events, shop.inbox, thread, after=after, limit=limit)


async def earlier(shop: Shop, before: int, limit: int = 50) -> Page:
    return await shop.store.read(log.customer_earlier, shop.inbox, "li", before=before, limit=limit)


async def people(shop: Shop, conversation: int, after: int = 0, limit: int = 500) -> Page:
    return await shop.store.read(log.desk_events, conversation, after=after, limit=limit)


def texts(page: Page) -> list[str]:
    return [e.d["text"] for e in page.events if e.t == "message"]


async def chat(shop: Shop, *texts: str) -> int:
    """Messages of the customer, each answered in capitals; the conversation."""
    conversation = 0
    for text in texts:
        lease = await shop.taken(text)
        await shop.commit(lease, text.upper(), pull=True)
        conversation = lease.conversation_id
    return conversation


async def new_day(shop: Shop, conversation: int) -> None:
    await shop.resolve(conversation)
    shop.clock.forward(timedelta(days=2))


async def test_a_stranger_has_an_empty_log(shop: Shop) -> None:
    assert await customer(shop, thread="nobody") == Page()
    assert await customer(shop, after=7, thread="nobody") == Page(reset=True)


async def test_a_cursor_gives_what_came_after_it(shop: Shop) -> None:
    await chat(shop, "a", "b")
    page = await customer(shop)
    assert texts(page) == ["a", "A", "b", "B"]
    assert page.seq == 4
    for seq in range(1, 5):
        assert texts(await customer(shop, after=seq)) == ["a", "A", "b", "B"][seq:]
    assert await customer(shop, after=4) == Page(seq=4)


async def test_the_same_cursor_gives_the_same_again(shop: Shop) -> None:
    await chat(shop, "a", "b")
    assert await customer(shop, after=2) == await customer(shop, after=2)


async def test_a_cursor_from_the_future_starts_over(shop: Shop) -> None:
    await chat(shop, "a")
    assert await customer(shop, after=3) == Page(reset=True, seq=2)


async def test_a_cursor_too_far_behind_starts_over(shop: Shop) -> None:
    await chat(shop, "a", "b", "c")
    assert (await customer(shop, after=1, limit=5)).reset is False
    assert await customer(shop, after=1, limit=4) == Page(reset=True, seq=6)


async def test_without_a_cursor_the_newest_are_given_and_the_rest_is_earlier(shop: Shop) -> None:
    await chat(shop, "a", "b", "c")
    page = await customer(shop, limit=2)
    assert (texts(page), page.earlier, page.seq) == (["c", "C"], True, 6)
    before = await earlier(shop, page.events[0].seq, limit=3)
    assert (texts(before), before.earlier) == (["A", "b", "B"], True)
    first = await earlier(shop, before.events[0].seq, limit=3)
    assert (texts(first), first.earlier) == (["a"], False)


async def test_a_customer_sees_of_his_message_what_he_sent(shop: Shop) -> None:
    arrived = await shop.accept("hi", sender_name="李雷", extra={"cid": "c1"})
    (event,) = (await customer(shop)).events
    assert event.d == {
        "id": arrived.message_id, "author": "visitor", "name": "", "text": "hi", "quick_replies": [],
        "attachments": [], "cid": "c1", "at": shop.clock.at.isoformat(), "status": "sent",
    }  # fmt: skip
    assert await shop.store.read(log.customer_event, arrived.message_id) == event
    assert await shop.store.read(log.customer_event, 999) is None


async def test_customers_never_see_what_is_between_people(shop: Shop) -> None:
    """Notes, receipts, set-aside messages, handoff reasons and timers move the cursor and show nothing."""
    lease = await shop.taken("hi")
    await shop.commit(lease, "one moment", timers=(TimerRequest("t", timedelta()),))
    conversation = lease.conversation_id
    await shop.store.write(desk.note, conversation, shop.agent, cid="n", text="he is angry")
    await shop.store.write(timers.fire)
    (due,) = await shop.dues()
    await shop.store.write(outbox.settle, due, Delivery.FAILED, "no such user", hold=HOLD)
    await shop.store.write(desk.reply, conversation, shop.agent, cid="r", text="I am here", pull=False)
    page = await customer(shop)
    shown = repr(page)
    assert texts(page) == ["hi", "one moment", "I am here"]
    assert [e.t for e in page.events] == ["message", "message", "status", "message"]
    for secret in ("angry", "no such user", "timer"):
        assert secret not in shown
    assert page.seq == (await people(shop, conversation)).seq
    assert texts(await people(shop, conversation)) == ["hi", "one moment", "he is angry", "I am here"]


async def test_the_desk_reads_by_cursor_too(shop: Shop) -> None:
    conversation = await chat(shop, "a", "b")
    assert texts(await people(shop, conversation, after=3)) == ["B"]
    assert (await people(shop, conversation, after=5)).reset
    assert (await people(shop, conversation, after=1, limit=2)).reset
    assert (await people(shop, 999)).reset
    page = await people(shop, conversation, limit=1)
    assert (texts(page), page.earlier) == (["B"], True)
    before = await shop.store.read(log.desk_earlier, conversation, before=4, limit=2)
    assert (texts(before), before.earlier) == (["A", "b"], True)


async def test_a_transcript_has_the_last_words_and_what_the_bot_thought(shop: Shop) -> None:
    lease = await shop.taken("hi")
    await shop.commit(lease, "hello", facts={"score": 1})
    lines = await shop.store.read(log.transcript, lease.conversation_id)
    assert [(line["seq"], line["author"], line["text"]) for line in lines] == [
        (1, "customer", "hi"),
        (2, "bot", "hello"),
    ]
    assert lines[0]["decision"] == {"rule": "test", "score": 1}
    assert [line["seq"] for line in await shop.store.read(log.transcript, lease.conversation_id, 1)] == [2]


# ---- one thread, several conversations ----------------------------------------------------------------------------


async def test_a_cursor_goes_on_from_one_conversation_to_the_next(shop: Shop) -> None:
    first = await chat(shop, "a")
    await new_day(shop, first)
    await chat(shop, "b")
    page = await customer(shop, after=1)
    assert texts(page) == ["A", "b", "B"]
    assert [e.seq for e in page.events] == sorted({e.seq for e in page.events})
    fresh = await customer(shop)
    assert (texts(fresh), fresh.earlier) == (["b", "B"], True)
    assert texts(await earlier(shop, fresh.events[0].seq)) == ["a", "A"]


async def test_what_still_happens_to_a_former_conversation_hides_nothing_of_the_new_one(shop: Shop) -> None:
    """A former conversation's counter may run on; a client's cursor must not be carried past what is still to come."""
    first = await chat(shop, "a")
    await new_day(shop, first)
    await chat(shop, "b")
    cursor = (await customer(shop)).seq
    for n in range(10):
        await shop.store.write(desk.note, first, shop.agent, cid=f"n{n}", text="closed")
    await shop.store.write(desk.read, first, shop.agent, upto=1)
    assert await customer(shop, after=cursor) == Page(seq=cursor)
    await chat(shop, "c")
    page = await customer(shop, after=cursor)
    assert texts(page) == ["c", "C"]
    assert len({e.seq for e in (await customer(shop, after=1)).events}) == len((await customer(shop, after=1)).events)


async def test_many_conversations_read_as_one_log(shop: Shop) -> None:
    for text in "abcd":
        await new_day(shop, await chat(shop, text))
    page = await customer(shop, after=1)
    assert texts(page) == ["A", "b", "B", "c", "C", "d", "D"]
    assert [e.seq for e in page.events] == sorted(e.seq for e in page.events)


# ---- visitors -----------------------------------------------------------------------------------------------------


async def test_a_visitor_is_who_his_token_says_in_that_inbox_alone(shop: Shop) -> None:
    await shop.store.write(visitors.admit, shop.inbox, b"digest", "v-1", "en")
    row = await shop.store.read(visitors.who, shop.inbox, b"digest")
    assert row == ("v-1", "en")
    assert await shop.store.read(visitors.who, shop.inbox + 1, b"digest") is None
    assert await shop.store.read(visitors.who, shop.inbox, b"other") is None
    await shop.store.write(visitors.revoke, shop.inbox, b"digest")
    assert await shop.store.read(visitors.who, shop.inbox, b"digest") is None


async def test_what_a_visitor_has_read_only_grows_and_never_past_the_end(shop: Shop) -> None:
    conversation = await chat(shop, "a", "b")
    read = visitors.read
    assert await shop.store.write(read, shop.inbox, "li", 2) == conversation
    for upto in (1, 2, 99):
        assert await shop.store.write(read, shop.inbox, "li", upto) is None
    assert await shop.store.write(read, shop.inbox, "nobody", 1) is None
    events = (await people(shop, conversation)).events
    assert [e.d for e in events if e.t == "read"] == [{"by": "visitor", "upto": 2}]


async def test_agents_see_what_a_customer_took_back(shop: Shop) -> None:
    arrived = await shop.accept("sorry, wrong window", key="m-1")
    await shop.accept("hello")
    await shop.store.write(pages.keep, shop.inbox, [Recall("m-1")], None, lease=None, reopen=DAY, wake=None)
    page = await people(shop, arrived.conversation_id)
    said = [(e.d["text"], e.d["recalled"]) for e in page.events if e.t == "message"]
    assert said == [("sorry, wrong window", True), ("hello", False)]
    assert [e.d for e in page.events if e.t == "recall"] == [{"seq": arrived.seq}]
    row = await shop.store.read(listing.row, arrived.conversation_id)
    assert row["last"]["text"] == "hello"


async def test_agents_see_what_a_customer_did(shop: Shop) -> None:
    arrived = await shop.accept("取消关注了公众号", kind=Kind.EVENT, value="unfollow")
    await shop.accept("hello", value="hello")
    page = await people(shop, arrived.conversation_id)
    assert [(e.d["kind"], e.d["value"]) for e in page.events] == [("event", "unfollow"), ("text", None)]


async def test_what_a_customer_did_asks_for_no_answer(shop: Shop) -> None:
    """It is not unread, and nobody waits since then; but a tap in a menu may ask for a person."""
    lease = await shop.taken("关注了公众号", kind=Kind.EVENT, value="follow")

    async def row() -> dict[str, Any]:
        return await shop.store.read(listing.row, lease.conversation_id)

    assert ((await row())["unread"], (await row())["waiting_since"]) == (0, None)
    await shop.commit(lease, draft=HandoffDraft("asked", "", None, {}, ()))
    assert (await row())["waiting_since"] == shop.clock.at.isoformat()
    await shop.accept("hello")
    assert (await row())["unread"] == 1
