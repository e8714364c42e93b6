"""Agents are told by mail, once for all that happened; their answers are said as if at the desk, or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.messages import AgentReply, Attachment, Delivery, Incoming, Kind, Notification
from bot.ports import HandoffDraft
from bot.store import agents, desk, notifications, pages
from bot.store.pages import Page
from tests.store.shop import DAY, LEASE, Shop

DRAFT = HandoffDraft("asked", "wants a person", "serious", {"wish": "refund"}, (1,))
MINUTE = timedelta(minutes=1)


async def wants(shop: Shop, login: str = "mei", notify: str = "always", email: str = "Mei@Example.com") -> None:
    await shop.store.write(agents.wish, login, email=email, notify=notify)


async def handed_over(shop: Shop, text: str = "a person please") -> int:
    lease = await shop.taken(text)
    await shop.commit(lease, "one moment", draft=DRAFT)
    return lease.conversation_id


async def due(shop: Shop) -> list[int]:
    return [c.id for c in await shop.store.write(notifications.claim, limit=10, hold=MINUTE)]


async def look(shop: Shop, number: int) -> Notification | None:
    return await shop.store.read(notifications.look, number)


async def hear(shop: Shop, number: int, text: str = "好的，马上处理", *, id_: str = "<1@x>", **more: Any) -> Page:
    told = AgentReply(id_, number, more.pop("email", "mei@example.com"), text, **more)
    return await shop.store.write(pages.keep, shop.inbox, [told], None, lease=LEASE, reopen=DAY, wake=timedelta())


async def unsent(shop: Shop) -> list[str]:
    rows = await shop.rows("SELECT data FROM event WHERE type = 'agent_mail' ORDER BY seq")
    return [str(r.data) for r in rows]


async def said(shop: Shop) -> list[str]:
    return [r.text for r in await shop.rows("SELECT text FROM message WHERE author = 'agent' ORDER BY seq")]


async def test_a_handoff_calls_those_who_want_it(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    told = await look(shop, number)
    assert told is not None
    assert (told.to, told.agent, told.about, told.conversation) == ("Mei@Example.com", "小美", "handoff", conversation)
    assert (told.tier, told.reason, told.summary) == ("serious", "wants a person", {"wish": "refund"})
    assert [m["text"] for m in told.said] == ["a person please", "one moment"]
    assert await due(shop) == []  # it is held


async def test_nobody_who_wants_nothing_is_called(shop: Shop) -> None:
    await wants(shop, notify="never")
    await wants(shop, "bo", notify="always", email="")
    await handed_over(shop)
    assert await due(shop) == []


async def test_nobody_is_called_to_what_he_wrote_himself(shop: Shop) -> None:
    """A machine that answers at an agent's address would be called by its own answers, for ever."""
    await wants(shop)
    lease = await shop.taken("我在休假", sender="mei@example.com")
    await shop.commit(lease, "one moment", draft=DRAFT)
    (number,) = await due(shop)
    assert await look(shop, number) is None


async def test_who_dies_with_one_leaves_it_to_the_next_and_what_was_sent_is_over(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    shop.clock.forward(2 * MINUTE)
    assert await due(shop) == [number]
    await shop.store.write(notifications.settle, number, "sent")
    shop.clock.forward(2 * MINUTE)
    assert await due(shop) == []


async def test_what_the_customer_writes_on_waits_a_minute_for_more(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (first,) = await due(shop)
    await shop.store.write(notifications.settle, first, "sent")
    await shop.store.write(desk.claim, conversation, shop.agent)
    await shop.accept("hello?")
    await shop.accept("anybody?")
    assert await due(shop) == []
    shop.clock.forward(MINUTE)
    (number,) = await due(shop)
    told = await look(shop, number)
    assert told is not None
    assert told.about == "message"
    assert [m["text"] for m in told.said][-2:] == ["hello?", "anybody?"]


async def test_what_is_written_while_a_mail_is_being_sent_gets_a_mail_of_its_own(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (first,) = await due(shop)
    await shop.store.write(desk.claim, conversation, shop.agent)
    await shop.accept("hello?")
    await shop.store.write(notifications.settle, first, "sent")
    shop.clock.forward(2 * MINUTE)
    (second,) = await due(shop)
    assert second != first


async def test_what_was_answered_or_taken_meanwhile_needs_no_mail(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    await shop.store.write(desk.claim, conversation, shop.other)
    assert await look(shop, number) is None
    await shop.store.write(desk.resolve, conversation, shop.other)
    assert await look(shop, number) is None


async def test_who_sits_at_the_desk_is_told_only_if_he_always_wants_it(shop: Shop) -> None:
    await wants(shop, notify="away")
    await shop.store.write(agents.begin, shop.agent, b"d" * 32, address="", user_agent="")
    await handed_over(shop)
    (number,) = await due(shop)
    assert await look(shop, number) is None
    shop.clock.forward(notifications.AT_DESK + MINUTE)
    assert await look(shop, number) is not None
    await shop.store.write(agents.touch, b"d" * 32)
    assert await look(shop, number) is None
    await wants(shop, notify="always")
    assert await look(shop, number) is not None


async def test_a_mail_is_tried_for_a_day(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (claimed,) = await shop.store.write(notifications.claim, limit=10, hold=MINUTE)
    again = shop.clock.at + timedelta(minutes=5)
    assert await shop.store.write(notifications.postpone, claimed, again, "451 later")
    assert await due(shop) == []
    shop.clock.forward(timedelta(minutes=6))
    assert await due(shop) == [claimed.id]
    shop.clock.forward(timedelta(days=1, minutes=1))
    assert not await shop.store.write(notifications.postpone, claimed, shop.clock.at, "451 later")
    assert await due(shop) == []


async def test_an_answer_is_said_as_if_at_the_desk_and_once(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    assert (await hear(shop, number)).changed == [conversation]
    assert (await hear(shop, number)).changed == []
    assert await said(shop) == ["好的，马上处理"]
    row = (await shop.rows("SELECT assignee_id, status FROM conversation"))[0]
    assert (row.assignee_id, row.status) == (shop.agent, "open")
    (message,) = await shop.rows("SELECT delivery FROM message WHERE author = 'agent'")
    assert message.delivery == Delivery.QUEUED
    assert await unsent(shop) == []


async def test_the_same_answer_heard_by_two_processes_is_said_once(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    await asyncio.gather(*(hear(shop, number) for _ in range(4)))
    assert await said(shop) == ["好的，马上处理"]
    assert await unsent(shop) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"refused": "unproven"}, "unproven"),
        ({"email": "thief@example.com"}, "unproven"),
    ],
)
async def test_what_is_not_proven_is_shown_to_the_desk_only(shop: Shop, more: dict[str, Any], why: str) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    await hear(shop, number, "退他双倍", **more)
    await hear(shop, number, "退他双倍", **more)
    assert await said(shop) == []
    (event,) = await unsent(shop)
    assert why in event
    await hear(shop, number, id_="<2@x>")  # it has not used the notification up
    assert await said(shop) == ["好的，马上处理"]


STRANGER = Incoming("<1@x>", "thief@example.com", "退他双倍", thread="mail:1", mute="unproven")


@pytest.mark.parametrize("more", [{"refused": "unproven"}, {"email": "thief@example.com"}])
async def test_what_is_not_proven_is_kept_as_a_strangers(shop: Shop, more: dict[str, Any]) -> None:
    """The event tells the agent; the mail itself, with all that is in it, is somebody's who writes to us."""
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    page = await hear(shop, number, "退他双倍", stranger=STRANGER, **more)
    ((arrived, _),) = page.arrived
    assert arrived.conversation_id != conversation
    assert page.changed == [conversation]
    assert (await hear(shop, number, "退他双倍", stranger=STRANGER, **more)).arrived == []
    (kept,) = await shop.rows("SELECT text, author FROM message WHERE external_id = '<1@x>'")
    assert (kept.text, kept.author) == ("退他双倍", "customer")


async def test_an_agents_answer_is_nobody_elses_mail(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    assert (await hear(shop, number, stranger=STRANGER)).arrived == []
    assert (await hear(shop, number, id_="<2@x>", stranger=STRANGER)).arrived == []  # "used", and still the agent's


async def test_a_notification_is_answered_once_and_for_a_week(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    await hear(shop, number)
    await hear(shop, number, "还有", id_="<2@x>")
    assert await said(shop) == ["好的，马上处理"]
    assert ["used" in event for event in await unsent(shop)] == [True]


async def test_an_answer_that_comes_too_late_is_not_said(shop: Shop) -> None:
    await wants(shop)
    await handed_over(shop)
    (number,) = await due(shop)
    shop.clock.forward(timedelta(days=8))
    await hear(shop, number)
    assert await said(shop) == []
    assert ["late" in event for event in await unsent(shop)] == [True]


async def test_the_files_of_an_answer_are_kept_whether_it_is_sent_on_or_not(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    one, two = (Attachment(Kind.FILE, f"{n}.pdf", "application/pdf", 3, key=f"key-{n}", sha256="ab" * 32) for n in "ab")
    await hear(shop, number, attachments=(one,))
    await hear(shop, number, "还有", id_="<2@x>", attachments=(two,))
    kept = await shop.rows("SELECT key, conversation_id FROM media ORDER BY key")
    assert [(r.key, r.conversation_id) for r in kept] == [("key-a", conversation), ("key-b", conversation)]
    assert ["key-b" in event for event in await unsent(shop)] == [True]


async def test_what_another_has_taken_is_not_answered(shop: Shop) -> None:
    await wants(shop)
    conversation = await handed_over(shop)
    (number,) = await due(shop)
    await shop.store.write(desk.claim, conversation, shop.other)
    await hear(shop, number)
    assert await said(shop) == []
    assert ["taken" in event for event in await unsent(shop)] == [True]


async def test_a_number_that_is_none_says_nothing(shop: Shop) -> None:
    await handed_over(shop)
    page = await hear(shop, 4711, stranger=STRANGER)
    assert page.changed == []
    assert len(page.arrived) == 1  # nothing is lost
    assert await said(shop) == []


async def test_a_wish_of_nobody(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        await wants(shop, "nobody")
