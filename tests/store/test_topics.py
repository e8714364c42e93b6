"""Topics of the Telegram desk: one a conversation, made by one, shown on from where it stood."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.errors import NotFoundError
from bot.store import agents, desk, linking, topics
from bot.store.sql import Row
from tests.store.shop import Shop, rows

MINUTE = timedelta(minutes=1)
GROUP = -100


async def opened(shop: Shop, text: str = "坏了", sender: str = "li") -> int:
    """A conversation that an agent has."""
    arrived = await shop.accept(text, sender=sender)
    await shop.store.write(desk.claim, arrived.conversation_id, shop.agent)
    return arrived.conversation_id


async def work(shop: Shop) -> list[Row]:
    await shop.store.write(topics.see)
    return await shop.store.read(topics.work)


async def made(shop: Shop, thread: int = 7) -> Row:
    """The first topic that is due, made."""
    first = (await work(shop))[0]
    claimed = await shop.store.write(topics.claim, first.id, hold=MINUTE)
    assert claimed is not None
    assert await shop.store.write(topics.opened, first.id, claimed.token, chat=GROUP, thread=thread, name="王")
    return first


async def test_what_people_have_gets_one_topic_and_nothing_else_does(shop: Shop) -> None:
    place = await opened(shop)
    await shop.accept("随便问问", sender="wang")
    assert [await shop.store.write(topics.see) for _ in range(2)] == [1, 0]
    assert [(t.conversation_id, t.state) for t in await work(shop)] == [(place, "due")]


async def test_two_that_come_at_once_make_one_topic(shop: Shop) -> None:
    """TG-09."""
    await opened(shop)
    (due,) = await work(shop)
    first, second = [await shop.store.write(topics.claim, due.id, hold=MINUTE) for _ in range(2)]
    assert first is not None
    assert (first.stray, second) == (False, None)


async def test_who_dies_over_it_leaves_it_to_the_next_and_cannot_come_back(shop: Shop) -> None:
    await opened(shop)
    (due,) = await work(shop)
    dead = await shop.store.write(topics.claim, due.id, hold=MINUTE)
    shop.clock.forward(2 * MINUTE)
    heir = await shop.store.write(topics.claim, due.id, hold=MINUTE)
    assert dead is not None
    assert heir is not None
    assert heir.stray, "nobody can say whether the first one made it"
    assert not await shop.store.write(topics.opened, due.id, dead.token, chat=GROUP, thread=7, name="王")
    assert await shop.store.write(topics.opened, due.id, heir.token, chat=GROUP, thread=8, name="王")
    found = await shop.store.read(topics.at, GROUP, 8)
    assert found is not None
    assert found.strays == 1


async def test_a_topic_that_was_not_made_is_due_again_at_once(shop: Shop) -> None:
    await opened(shop)
    (due,) = await work(shop)
    claimed = await shop.store.write(topics.claim, due.id, hold=MINUTE)
    assert claimed is not None
    await shop.store.write(topics.not_opened, due.id, claimed.token)
    again = await shop.store.write(topics.claim, due.id, hold=MINUTE)
    assert again is not None
    assert not again.stray


async def test_it_is_shown_on_from_where_it_stood(shop: Shop) -> None:
    place = await opened(shop)
    topic = await made(shop)
    view = await shop.store.read(topics.view, topic.id)
    assert view is not None
    assert [e.t for e in view.events] == ["message", "status"]
    await shop.store.write(topics.showed, topic.id, 7, upto=view.seq)
    await shop.store.write(topics.carded, topic.id, 7, card=9, said="x", name="王")
    assert await work(shop) == []
    await shop.accept("还在吗")
    (waits,) = await work(shop)
    assert waits.conversation_id == place
    view = await shop.store.read(topics.view, topic.id)
    assert view is not None
    assert [e.d["text"] for e in view.events] == ["还在吗"]


async def test_a_settled_matter_closes_its_topic_and_a_new_word_opens_it(shop: Shop) -> None:
    place = await opened(shop)
    topic = await made(shop)
    await shop.store.write(desk.resolve, place, shop.agent)
    assert [(t.state, t.status) for t in await work(shop)] == [("open", "resolved")]
    await shop.store.write(topics.turned, topic.id, 7, open=False)
    assert await work(shop) == []
    await shop.accept("又坏了")
    assert await work(shop) == [], "the bot has it"
    await shop.store.write(desk.claim, place, shop.agent)
    assert [(t.state, t.status) for t in await work(shop)] == [("closed", "open")]


async def test_a_deleted_topic_is_due_again_with_all_that_stood_in_it(shop: Shop) -> None:
    """TG-08; a late word about the old one does not delete the new one."""
    await opened(shop)
    topic = await made(shop, thread=7)
    await shop.store.write(topics.showed, topic.id, 7, upto=2)
    await shop.store.write(topics.gone, topic.id, 7)
    (due,) = await work(shop)
    assert (due.state, due.shown, due.thread) == ("due", 0, None)
    await made(shop, thread=8)
    await shop.store.write(topics.gone, topic.id, 7)
    assert (await work(shop))[0].state == "open"


async def test_a_group_that_moves_takes_its_topics_along(shop: Shop) -> None:
    await opened(shop)
    topic = await made(shop)
    assert await shop.store.write(topics.moved, GROUP, -200) == 1
    found = await shop.store.read(topics.at, -200, 7)
    assert found is not None
    assert found.id == topic.id


async def test_a_notice_is_said_once_and_supervisors_are_called_once_a_tier(shop: Shop) -> None:
    place = await opened(shop)
    topic = await made(shop)
    for _ in range(2):
        await shop.store.write(topics.notice, "u:1", "没有发出", conversation_id=place, reply_to=4)
    (waits,) = await shop.store.read(topics.notices)
    assert (waits.text, waits.reply_to, waits.conversation_id) == ("没有发出", 4, place)
    await shop.store.write(topics.told, waits.id)
    called = [await shop.store.write(topics.alert, topic.id, "critical", "a:1", "快来", {}) for _ in range(2)]
    assert called == [True, False]
    assert [n.conversation_id for n in await shop.store.read(topics.notices)] == [None]


async def test_an_agent_says_who_he_is_with_a_code_that_works_once(shop: Shop) -> None:
    code = await shop.store.write(linking.offer_to, "mei")
    assert await shop.store.write(linking.link, "wrong", 42, "Mei") is None
    found = await shop.store.write(linking.link, code, 42, "Mei")
    assert found is not None
    assert (found.name, found.active, found.user_id) == ("小美", True, 42)
    assert await shop.store.write(linking.link, code, 43, "Thief") is None
    kept = await shop.store.read(rows, "SELECT * FROM telegram_code")
    assert kept == []


async def test_a_code_is_kept_as_a_digest_and_ends_after_ten_minutes_or_with_the_next(shop: Shop) -> None:
    first = await shop.store.write(linking.offer, shop.agent)
    (kept,) = await shop.store.read(rows, "SELECT digest FROM telegram_code")
    assert first.encode() not in bytes(kept.digest)
    second = await shop.store.write(linking.offer, shop.agent)
    assert await shop.store.write(linking.link, first, 42, "") is None
    shop.clock.forward(linking.LASTS)
    assert await shop.store.write(linking.link, second, 42, "") is None


async def test_one_agent_is_one_user(shop: Shop) -> None:
    for agent, user in ((shop.agent, 42), (shop.agent, 43), (shop.other, 43)):
        await shop.store.write(linking.link, await shop.store.write(linking.offer, agent), user, "")
    assert await shop.store.read(linking.member, 42) is None
    assert await shop.store.read(linking.of_agent, shop.agent) is None
    assert await shop.store.write(linking.unlink, shop.other)
    assert await shop.store.read(linking.member, 43) is None


async def test_who_may_not_work_here_gets_no_code_and_is_not_called(shop: Shop) -> None:
    boss = await shop.store.write(agents.add, "boss", name="老板", password_hash="x", role="supervisor")
    await shop.store.write(linking.link, await shop.store.write(linking.offer, boss), 1, "")
    assert [m.name for m in await shop.store.read(linking.supervisors)] == ["老板"]
    await shop.store.write(agents.set_active, "boss", False)
    assert await shop.store.read(linking.supervisors) == []
    found = await shop.store.read(linking.member, 1)
    assert found is not None
    assert not found.active
    with pytest.raises(NotFoundError):
        await shop.store.write(linking.offer_to, "boss")
