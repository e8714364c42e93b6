"""What agents do: one has a conversation, an action done twice is done once, and the bot's turn knows of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.errors import ConflictError, LostLeaseError, NotFoundError
from bot.ports import HandoffDraft
from bot.store import desk, listing, log
from bot.store.desk import Changed
from tests.store.shop import LEASE, Shop

DRAFT = HandoffDraft("asked", "wants a person", None, {}, (1,))


async def claim(shop: Shop, conversation: int, agent: int | None = None) -> Changed:
    return await shop.store.write(desk.claim, conversation, agent or shop.agent)


async def reply(shop: Shop, conversation: int, text: str, cid: str = "c", *, agent: int | None = None,
                seen: int | None = None, pull: bool = True) -> Changed:  # fmt: skip
    return await shop.store.write(
        desk.reply, conversation, agent or shop.agent, cid=cid, text=text, seen=seen, pull=pull
    )


async def handed_over(shop: Shop) -> int:
    lease = await shop.taken("a person please")
    await shop.commit(lease, draft=DRAFT)
    return lease.conversation_id


async def handoff_states(shop: Shop) -> list[tuple[str, int | None]]:
    return [(r.status, r.agent_id) for r in await shop.rows("SELECT status, agent_id FROM handoff ORDER BY id")]


# ---- claim --------------------------------------------------------------------------------------------------------


async def test_a_claim_tells_everybody_who_has_it(shop: Shop) -> None:
    conversation = await handed_over(shop)
    changed = await claim(shop, conversation)
    (event,) = changed.events
    assert (event.t, event.d["status"], event.d["agent"]["name"]) == ("status", "open", "小美")
    assert await handoff_states(shop) == [("accepted", shop.agent)]
    row = await shop.store.read(listing.row, conversation)
    assert (row["assignee"]["number"], row["handoff"]["status"]) == ("007", "accepted")


async def test_a_claim_again_changes_nothing(shop: Shop) -> None:
    conversation = await handed_over(shop)
    first = await claim(shop, conversation)
    assert await claim(shop, conversation) == Changed(conversation, first.seq)


async def test_what_one_has_another_does_not_get(shop: Shop) -> None:
    conversation = await handed_over(shop)
    await claim(shop, conversation)
    for action in (
        claim(shop, conversation, shop.other),
        reply(shop, conversation, "mine!", agent=shop.other),
        shop.store.write(desk.resolve, conversation, shop.other),
        shop.store.write(desk.return_to_bot, conversation, shop.other),
    ):
        with pytest.raises(ConflictError) as refused:
            await action
        assert refused.value.current == "小美"


async def test_of_many_who_claim_at_once_one_gets_it(shop: Shop) -> None:
    conversation = await handed_over(shop)
    outcomes = await asyncio.gather(
        *(claim(shop, conversation, agent) for agent in (shop.agent, shop.other) * 3), return_exceptions=True
    )
    assert sum(isinstance(o, ConflictError) for o in outcomes) == 3
    events = await shop.store.read(log.desk_events, conversation, after=0)
    assert sum(e.t == "status" and e.d["agent"] is not None for e in events.events) == 1


async def test_a_claim_voids_the_turn_the_bot_is_thinking_about(shop: Shop) -> None:
    lease = await shop.taken("hello?")
    await claim(shop, lease.conversation_id)
    with pytest.raises(LostLeaseError):
        await shop.commit(lease, "I am a bot")
    assert await shop.texts("author = 'bot'") == []
    (again,) = await shop.claim()
    assert (again.status, [a.text for a in again.pending]) == ("open", ["hello?"])


async def test_a_claim_of_an_idle_conversation_wakes_nobody(shop: Shop) -> None:
    lease = await shop.taken()
    await shop.commit(lease, "hi")
    await claim(shop, lease.conversation_id)
    assert await shop.claim() == []


# ---- reply and note -----------------------------------------------------------------------------------------------


async def test_a_reply_takes_what_nobody_has(shop: Shop) -> None:
    conversation = await handed_over(shop)
    changed = await reply(shop, conversation, "您好，我是小美")
    assert [e.t for e in changed.events] == ["status", "message"]
    row = await shop.conversation(conversation)
    assert (row.status, row.assignee_id, row.last_author, row.answered) == ("open", shop.agent, "agent", True)
    customer = await shop.store.read(log.customer_events, shop.inbox, "li", after=0)
    said = customer.events[-1].d
    assert (said["author"], said["name"], said["text"], said["status"]) == ("agent", "小美", "您好，我是小美", "sent")
    assert said["cid"] is None


async def test_a_reply_under_the_same_cid_is_one_reply(shop: Shop) -> None:
    conversation = await handed_over(shop)
    first = await reply(shop, conversation, "hi", "c1", pull=False)
    again = await reply(shop, conversation, "hi", "c1", pull=False)
    assert again.events == first.events[-1:]
    assert again.seq == first.seq
    assert len(await shop.rows("SELECT id FROM outbox")) == 1
    outcomes = await asyncio.gather(*(reply(shop, conversation, "ho", "c2") for _ in range(4)))
    assert len({o.events[-1].seq for o in outcomes}) == 1
    assert await shop.texts("author = 'agent'") == ["hi", "ho"]


async def test_a_cid_belongs_to_one_agent_and_one_conversation(shop: Shop) -> None:
    conversation = await handed_over(shop)
    await reply(shop, conversation, "hi", "c1")
    note = await shop.store.write(desk.note, conversation, shop.other, cid="c1", text="good")
    assert note.events
    lease = await shop.taken(sender="wang")
    with pytest.raises(ConflictError):
        await reply(shop, lease.conversation_id, "hi", "c1")


async def test_a_reply_goes_out_behind_the_bots(shop: Shop) -> None:
    conversation = await shop.said("1")
    await reply(shop, conversation, "2", pull=False)
    (due,) = await shop.dues()
    assert due.outgoing.text == "1"


async def test_whoever_did_not_see_another_answer_is_told(shop: Shop) -> None:
    conversation = await handed_over(shop)
    seen = (await shop.conversation(conversation)).seq
    await reply(shop, conversation, "first", agent=shop.other)
    await shop.store.write(desk.return_to_bot, conversation, shop.other)
    with pytest.raises(ConflictError) as refused:
        await reply(shop, conversation, "second", seen=seen)
    assert refused.value.current == "answered"
    newest = (await shop.conversation(conversation)).seq
    assert (await reply(shop, conversation, "second", seen=newest)).events


async def test_a_note_is_for_people_and_leaves_everything_as_it_is(shop: Shop) -> None:
    conversation = await handed_over(shop)
    before = await shop.conversation(conversation)
    changed = await shop.store.write(desk.note, conversation, shop.other, cid="n", text="call him back")
    assert changed.events[0].d["note"] is True
    after = await shop.conversation(conversation)
    assert (after.status, after.assignee_id, after.fence) == (before.status, before.assignee_id, before.fence)
    assert "call him back" not in repr(await shop.store.read(log.customer_events, shop.inbox, "li", after=0))


# ---- resolve and return -------------------------------------------------------------------------------------------


async def test_resolving_ends_the_handoff_once(shop: Shop) -> None:
    conversation = await handed_over(shop)
    await claim(shop, conversation)
    changed = await shop.store.write(desk.resolve, conversation, shop.agent)
    assert changed.events[0].d["status"] == "resolved"
    assert (await shop.store.write(desk.resolve, conversation, shop.other)).events == ()
    assert await handoff_states(shop) == [("resolved", shop.agent)]


async def test_returning_lets_the_bot_answer_again(shop: Shop) -> None:
    conversation = await handed_over(shop)
    await claim(shop, conversation)
    await shop.store.write(desk.return_to_bot, conversation, shop.agent)
    assert (await shop.store.write(desk.return_to_bot, conversation, shop.other)).events == ()
    row = await shop.conversation(conversation)
    assert (row.status, row.assignee_id) == ("pending", None)
    assert await handoff_states(shop) == [("returned", shop.agent)]
    (lease,) = await shop.claim()
    assert (lease.status, [a.payload for a in lease.pending]) == ("pending", [{"timer": "returned"}])


async def test_a_resolved_conversation_keeps_what_still_waits(shop: Shop) -> None:
    lease = await shop.taken("wait!")
    await shop.store.write(desk.resolve, lease.conversation_id, shop.agent)
    (again,) = await shop.claim()
    assert [a.text or a.payload["timer"] for a in again.pending] == ["wait!", "resolved"]


async def test_nobody_speaks_in_a_former_conversation(shop: Shop) -> None:
    """The customer's log has gone on: he would never see it."""
    former = await handed_over(shop)
    await shop.resolve(former)
    shop.clock.forward(timedelta(days=2))
    await shop.accept("something else")
    for action in (claim(shop, former), reply(shop, former, "too late")):
        with pytest.raises(ConflictError) as refused:
            await action
        assert refused.value.current == "former"
    assert (await shop.store.write(desk.note, former, shop.agent, cid="n", text="for the record")).events


async def test_there_is_nothing_to_do_to_what_is_not_there(shop: Shop) -> None:
    for action in (
        claim(shop, 99),
        reply(shop, 99, "hi"),
        shop.store.write(desk.note, 99, shop.agent, cid="n", text="?"),
        shop.store.write(desk.resolve, 99, shop.agent),
        shop.store.write(desk.return_to_bot, 99, shop.agent),
        shop.store.write(desk.read, 99, shop.agent, upto=1),
    ):
        with pytest.raises(NotFoundError):
            await action


# ---- lists --------------------------------------------------------------------------------------------------------


async def rows(shop: Shop, tab: str, **more: object) -> list[str]:
    found = await shop.store.read(listing.conversations, tab=tab, agent_id=shop.agent, **more)  # type: ignore[arg-type]
    return [r["last"]["text"] for r in found]


async def test_the_tabs_show_what_they_say(shop: Shop) -> None:
    ids = {}
    for name in ("bot", "waiting", "mine", "his", "done"):
        lease = await shop.taken(name, sender=name)
        await shop.commit(lease, draft=None if name in ("bot", "done") else DRAFT)
        ids[name] = lease.conversation_id
        shop.clock.forward(timedelta(seconds=1))
    await claim(shop, ids["mine"])
    await claim(shop, ids["his"], shop.other)
    await shop.store.write(desk.resolve, ids["done"], shop.agent)
    assert await rows(shop, "mine") == ["mine"]
    assert await rows(shop, "unassigned") == ["waiting"]
    assert await rows(shop, "all") == ["his", "mine", "waiting", "bot"]
    assert await rows(shop, "resolved") == ["done"]
    assert await shop.store.read(listing.counts, shop.agent) == {"mine": 1, "unassigned": 1, "all": 4, "abuse": 0}
    with pytest.raises(NotFoundError):
        await rows(shop, "nonsense")


async def test_abuse_lies_apart_until_something_decent_is_said_or_somebody_takes_it(shop: Shop) -> None:
    lease = await shop.taken("滚", sender="rude")
    await shop.commit(lease, category="abuse")
    assert (await rows(shop, "abuse"), await rows(shop, "all")) == (["滚"], [])
    assert await shop.store.read(listing.counts, shop.agent) == {"mine": 0, "unassigned": 0, "all": 0, "abuse": 1}
    lease = await shop.taken("我的订单呢", sender="rude")
    await shop.commit(lease, category="inquiry")
    assert (await rows(shop, "abuse"), await rows(shop, "all")) == ([], ["我的订单呢"])
    lease = await shop.taken("滚", sender="rude")
    await shop.commit(lease, category="abuse")
    await claim(shop, lease.conversation_id)
    assert (await rows(shop, "abuse"), await rows(shop, "mine")) == ([], ["滚"])


async def test_a_list_goes_on_where_its_page_ended(shop: Shop) -> None:
    for n in range(5):
        await shop.accept(f"{n}", sender=f"{n}")
        shop.clock.forward(timedelta(seconds=1))
    first = await shop.store.read(listing.conversations, tab="all", agent_id=shop.agent, limit=2)
    assert [r["last"]["text"] for r in first] == ["4", "3"]
    before = shop.clock.at - timedelta(seconds=2)
    assert await rows(shop, "all", before=before, limit=2) == ["2", "1"]


async def test_unread_is_what_the_customer_said_since_somebody_looked(shop: Shop) -> None:
    for text in "abc":
        arrived = await shop.accept(text)
    conversation = arrived.conversation_id
    assert (await shop.store.read(listing.row, conversation))["unread"] == 3
    changed = await shop.store.write(desk.read, conversation, shop.agent, upto=2)
    assert changed.events[0].d == {"by": "desk", "upto": 2}
    assert (await shop.store.read(listing.row, conversation))["unread"] == 1
    assert (await shop.store.write(desk.read, conversation, shop.agent, upto=1)).events == ()


async def test_the_detail_has_the_contact_the_handoffs_and_the_former_conversations(shop: Shop) -> None:
    former = await handed_over(shop)
    await shop.resolve(former)
    shop.clock.forward(timedelta(days=2))
    await shop.accept("bad", sender_name="李雷")
    for _ in range(2):
        shop.clock.forward(LEASE)
        (lease,) = await shop.claim()
        await shop.fail(lease, most=2)
    told = await shop.store.read(listing.detail, lease.conversation_id)
    assert told["conversation"]["id"] == lease.conversation_id
    assert [r["id"] for r in told["others"]] == [former]
    assert told["handoffs"] == []
    assert [p["reason"] for p in told["poison"]] == ["ValueError: no"]
    before = await shop.store.read(listing.detail, former)
    assert [h["status"] for h in before["handoffs"]] == ["resolved"]
    assert before["contact"]["id"] == told["contact"]["id"]
    with pytest.raises(NotFoundError):
        await shop.store.read(listing.detail, 999)
