"""Public conversations: answered aside, linked with the private one, counted with those about the same incident."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ConflictError
from bot.messages import Kind, Window
from bot.ports import HandoffDraft
from bot.store import desk, listing, log, outbox, threads
from bot.store.desk import Changed
from tests.store.shop import HOLD, Shop

POST = "public:1:li"
ONCE = Window("mention", timedelta(hours=48), 1)


async def post(shop: Shop, text: str = "坏了！", sender: str = "li", **more: Any) -> int:
    """A post of somebody's; its conversation."""
    return (await shop.accept(text, sender=sender, thread=f"public:1:{sender}", public=True, **more)).conversation_id


async def aside(shop: Shop, conversation: int, text: str = "您好", cid: str = "c", agent: int | None = None) -> Changed:
    return await shop.store.write(
        desk.reply, conversation, agent or shop.agent, cid=cid, text=text, pull=False, private=True
    )  # fmt: skip


async def test_a_post_is_public_and_so_is_what_answers_it(shop: Shop) -> None:
    lease = await shop.taken("坏了！", thread=POST, public=True)
    assert lease.public
    await shop.commit(lease, "请私信我们")
    (due,) = await shop.dues()
    assert (due.outgoing.public, due.outgoing.thread) == (True, POST)
    assert (await shop.store.read(listing.row, lease.conversation_id))["public"] is True


async def test_an_answer_aside_goes_into_the_private_conversation(shop: Shop) -> None:
    public = await post(shop)
    done = await aside(shop, public)
    assert (done.beside, done.conversation_id) == (public, public + 1)
    (due,) = await shop.store.write(outbox.claim, limit=5, hold=HOLD)
    assert (due.outgoing.recipient, due.outgoing.thread, due.outgoing.public) == ("li", "li", False)
    for one in (public, done.conversation_id):
        row = await shop.store.read(listing.row, one)
        assert (row["status"], row["assignee"]["name"], row["waiting_since"]) == ("open", "小美", None)
    told = await shop.store.read(log.desk_events, public, after=0)
    (said,) = [e.d for e in told.events if e.t == "aside"]
    assert said == {"conversation": done.conversation_id, "by": shop.agent, "name": "小美"}


async def test_an_answer_aside_said_again_changes_nothing(shop: Shop) -> None:
    public = await post(shop)
    first, again = await aside(shop, public), await aside(shop, public)
    assert (again.conversation_id, again.events[0].seq) == (first.conversation_id, first.events[-1].seq)
    assert await shop.texts("author = 'agent'") == ["您好"]


async def test_an_answer_aside_reopens_what_was_settled_long_ago(shop: Shop) -> None:
    private = (await shop.accept("在吗")).conversation_id
    await shop.resolve(private)
    shop.clock.forward(timedelta(days=40))
    assert (await aside(shop, await post(shop))).conversation_id == private
    assert (await shop.conversation(private)).status == "open"


async def test_another_agents_post_or_private_talk_is_not_answered_aside(shop: Shop) -> None:
    public = await post(shop)
    await shop.store.write(desk.claim, public, shop.other)
    with pytest.raises(ConflictError):
        await aside(shop, public)
    private = (await shop.accept("在吗", sender="wang")).conversation_id
    await shop.store.write(desk.claim, private, shop.other)
    second = await post(shop, sender="wang")
    with pytest.raises(ConflictError):
        await aside(shop, second)
    assert (await shop.conversation(second)).assignee_id is None, "nothing of it was kept"
    assert await shop.texts("author = 'agent'") == []


async def test_in_a_private_conversation_aside_is_where_we_are(shop: Shop) -> None:
    private = (await shop.accept("在吗")).conversation_id
    done = await aside(shop, private)
    assert (done.conversation_id, done.beside) == (private, None)


async def test_a_mention_opens_one_private_message_and_wakes_nobody(shop: Shop) -> None:
    public = await post(shop)
    kept = await shop.accept("@了我们", kind=Kind.EVENT, value="mention", window=ONCE, wakes=False)
    row = await shop.store.read(listing.row, kept.conversation_id)
    assert (row["status"], row["window"]["left"], row["waiting_since"]) == ("resolved", 1, None)
    assert (await aside(shop, public)).conversation_id == kept.conversation_id


async def test_public_and_private_stand_beside_each_other(shop: Shop) -> None:
    public, private = await post(shop), (await shop.accept("在吗")).conversation_id
    await shop.accept("别人", sender="wang")
    for one, other in ((public, private), (private, public)):
        found = await shop.store.read(listing.detail, one)
        assert [row["id"] for row in found["linked"]] == [other]


async def test_many_about_the_same_are_counted(shop: Shop) -> None:
    people = [await post(shop, sender=who, incident="i1") for who in ("li", "wang", "zhao")]
    alone = await post(shop, sender="sun", incident="i2")
    quiet = await post(shop, sender="qian")
    rows = {row["id"]: row for row in await shop.store.read(listing.conversations, tab="all", agent_id=shop.agent)}
    assert [rows[one]["incident"] for one in people] == [{"key": "i1", "count": 3}] * 3
    assert (rows[alone]["incident"], rows[quiet]["incident"]) == (None, None)
    found = await shop.store.read(listing.detail, people[0])
    assert [row["id"] for row in found["incident"]] == [people[2], people[1]]
    assert (await shop.store.read(listing.detail, quiet))["incident"] == []


async def test_the_gravest_that_nobody_has(shop: Shop) -> None:
    places = {}
    for who, tier in (("li", "serious"), ("wang", "critical"), ("zhao", "minor"), ("sun", "critical")):
        lease = await shop.taken("坏了", sender=who)
        await shop.commit(lease, draft=HandoffDraft("tier", "", tier, {}, (1,)), category="complaint", tier=tier)
        places[who] = lease.conversation_id
    assert [row["id"] for row in await shop.store.read(listing.grave)] == [places[w] for w in ("wang", "sun", "li")]
    await shop.store.write(desk.claim, places["wang"], shop.agent)
    assert [row["id"] for row in await shop.store.read(listing.grave)] == [places[w] for w in ("sun", "li")]


async def test_a_name_told_later_is_the_customers(shop: Shop) -> None:
    first = await shop.accept("@了我们", kind=Kind.EVENT, value="mention", window=ONCE, wakes=False)
    assert (await shop.store.read(listing.row, first.conversation_id))["contact"]["name"] == ""
    await post(shop, sender_name="小李")
    await post(shop, "还是坏的", sender="li", sender_name="改了名的小李")
    assert (await shop.store.read(listing.row, first.conversation_id))["contact"]["name"] == "小李"


async def test_what_an_event_announced_and_nobody_kept(shop: Shop) -> None:
    more: dict[str, Any] = {"kind": Kind.EVENT, "value": "mention", "wakes": False}
    for n in (1, 2, 3):
        await shop.accept("@", key=f"mention:status:{n}", extra={"said": f"第{n}条"}, **more)
    await shop.accept("@", key="mentioned", **more)
    await shop.accept("mention:status:9 是我写的字", key="mention:status:8")
    await post(shop, key="status:2")
    found = await shop.store.read(threads.announced, shop.inbox, "mention:")
    assert [(one.external_id, one.sender, one.extra) for one in found] == [
        ("status:1", "li", {"said": "第1条"}), ("status:3", "li", {"said": "第3条"}),
    ]  # fmt: skip
    assert await shop.store.read(threads.announced, shop.inbox + 1, "mention:") == []


async def test_a_public_conversation_says_what_may_be_written_aside(shop: Shop) -> None:
    public = await post(shop)

    async def beside() -> Any:
        found = (await shop.store.read(listing.detail, public))["aside"]
        return found["conversation"], found["window"] and found["window"]["left"], found["parked"]

    assert await beside() == (None, None, 0)
    kept = await shop.accept("@了我们", kind=Kind.EVENT, value="mention", window=ONCE, wakes=False)
    assert await beside() == (kept.conversation_id, 1, 0)
    await aside(shop, public)
    (due,) = await shop.store.write(outbox.claim, limit=5, hold=HOLD)
    await shop.store.write(outbox.start, due, note=True, reserve=0)
    assert await beside() == (kept.conversation_id, 0, 0)
    assert (await shop.store.read(listing.detail, kept.conversation_id))["aside"] is None


async def test_what_may_be_written_aside_is_what_an_answer_will_meet(shop: Shop) -> None:
    """Of an older private conversation that is over, and of another customer's, nothing is told."""
    public, private = await post(shop), (await shop.accept("在吗", window=ONCE)).conversation_id
    await shop.accept("别人", sender="wang", window=ONCE)
    await shop.resolve(private)
    shop.clock.forward(timedelta(days=40))
    later = (await shop.accept("还在吗", window=Window("message", timedelta(hours=48), 5))).conversation_id
    told = (await shop.store.read(listing.detail, public))["aside"]
    assert (told["conversation"], told["window"]["granted"]) == (later, 5)
    assert (await aside(shop, public)).conversation_id == later
