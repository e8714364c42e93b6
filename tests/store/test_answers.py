"""Answers inside the webhook: taken from the line by the turn, remembered with what they answer, never both ways."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.dialogue import Decision, Reply
from bot.messages import Delivery
from bot.ports import Capabilities, Measure
from bot.store import answers, open_store, outbox, parking, turns
from bot.store.answers import Answer, Terms
from bot.store.rows import Lease
from bot.store.turns import Turned
from channels import fit
from tests.store.shop import HOLD, LEASE, Shop, rows

AGAIN = timedelta(seconds=15)
CAN = Capabilities(max_text=40, measure=Measure.UTF8_BYTES, pushes=False, answer_within=timedelta(seconds=4.5))
TERMS = Terms(partial(fit.gather, capabilities=CAN), timedelta(seconds=30), rest=True)


async def turn(shop: Shop, lease: Lease, *replies: str) -> Turned:
    """The turn of an arrival whose webhook waits."""
    decision = Decision(rule="test", replies=tuple(Reply(r) for r in replies))
    return await shop.store.write(
        turns.commit, lease, lease.pending[0], decision, draft=None, bot_name="Bot", pull=False, hold=None, lease=LEASE,
        terms=TERMS,
    )  # fmt: skip


async def answered(shop: Shop, *replies: str) -> Answer:
    answer = (await turn(shop, await shop.taken(), *replies)).answer
    assert answer is not None
    return answer


async def sent(shop: Shop, answer: Answer) -> None:
    await shop.store.write(answers.sent, answer)


async def line(shop: Shop) -> list[tuple[str, str, str]]:
    """(text, delivery, parked) of what is said to the customer; parked is "-" where it left the line."""
    found = await shop.rows(
        "SELECT m.text, m.delivery, coalesce(o.parked, '-') AS parked FROM message m"
        " LEFT JOIN outbox o ON o.message_id = m.id WHERE m.delivery <> '' ORDER BY m.seq"
    )
    return [(r.text, r.delivery, r.parked) for r in found]


async def arrival(shop: Shop) -> int:
    (row,) = await shop.rows("SELECT max(id) AS id FROM message WHERE arrival")
    return int(row.id)


async def find(shop: Shop, message_id: int) -> answers.Found:
    return await shop.store.write(answers.find, message_id, TERMS, "li")


async def test_the_turn_gives_its_replies_to_the_webhook(shop: Shop) -> None:
    answer = await answered(shop, "您好", "有什么可以帮您")
    assert answer.outgoing.text == "您好\n\n有什么可以帮您"
    assert [d for _, d, _ in await line(shop)] == ["sending", "sending"]
    assert await shop.dues() == [], "nobody else sends it"
    await sent(shop, answer)
    assert await line(shop) == [("您好", "sent", "-"), ("有什么可以帮您", "sent", "-")]


async def test_what_waited_goes_first_and_what_does_not_fit_waits(shop: Shop) -> None:
    await shop.said("一二三四五六", "七八九十")
    (due,) = await shop.dues()
    await shop.store.write(parking.park, due, "passive", shop.clock.now() + timedelta(days=7), parts=0)
    answer = await answered(shop, "甲乙丙丁")
    assert answer.outgoing.text == "一二三四五六\n\n七八九十", "more than 40 bytes do not fit"
    await sent(shop, answer)
    assert [d for _, d, _ in await line(shop)] == ["sent", "sent", "queued"]


async def test_a_long_one_is_said_piece_by_piece(shop: Shop) -> None:
    answer = await answered(shop, "第一句话说完了。第二句话也说完了。第三句。")
    assert answer.part
    assert answer.outgoing.text == "第一句话说完了。"
    await sent(shop, answer)
    ((_, delivery, parked),) = await line(shop)
    assert (delivery, parked) == ("queued", "")
    (due,) = await shop.dues()
    assert due.parts == 1


async def test_nothing_to_say_is_no_answer(shop: Shop) -> None:
    assert (await turn(shop, await shop.taken())).answer is None


async def test_what_is_being_sent_stays_ahead(shop: Shop) -> None:
    await shop.said("1")
    (due,) = await shop.dues()
    assert (await turn(shop, await shop.taken(), "2")).answer is None
    await shop.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    assert [t for t, d, _ in await line(shop) if d == "queued"] == ["2"]


async def test_answers_in_quick_succession(shop: Shop) -> None:
    first = await answered(shop, "1")
    second = await answered(shop, "2")
    assert (first.outgoing.text, second.outgoing.text) == ("1", "2")
    await sent(shop, second)
    await sent(shop, first)
    assert [d for _, d, _ in await line(shop)] == ["sent", "sent"]


async def test_asked_again_it_says_the_same(shop: Shop) -> None:
    answer = await answered(shop, "1", "2")
    message = await arrival(shop)
    for _ in range(2):
        again = (await find(shop, message)).answer
        assert again is not None
        assert again.outgoing.text == answer.outgoing.text
    assert again is not None
    await sent(shop, again)
    found = await find(shop, message)
    assert found.answer is not None, "it may have got lost after we believed it was out"
    await sent(shop, found.answer)
    assert [d for _, d, _ in await line(shop)] == ["sent", "sent"]


async def test_before_its_turn_there_is_nothing_to_find(shop: Shop) -> None:
    await shop.taken()
    assert await find(shop, await arrival(shop)) == answers.Found(turned=False)


async def test_a_turn_nobody_waited_for_is_found_and_taken_once(shop: Shop) -> None:
    await shop.said("1")
    message = await arrival(shop)
    found = await find(shop, message)
    assert found.answer is not None
    assert found.answer.outgoing.text == "1"
    assert await shop.dues() == []
    again = (await find(shop, message)).answer
    assert again is not None
    assert again.outgoing.text == "1"


async def test_what_went_the_other_way_is_not_said_again(shop: Shop) -> None:
    await shop.said("1")
    message = await arrival(shop)
    (due,) = await shop.dues()
    assert (await find(shop, message)).answer is None
    await shop.store.write(outbox.settle, due, Delivery.SENT, "", hold=HOLD)
    assert (await find(shop, message)).answer is None


async def test_an_answer_nobody_heard_of_again_is_unknown(shop: Shop) -> None:
    answer = await answered(shop, "1")
    message = await arrival(shop)
    shop.clock.forward(TERMS.hold)
    (due,) = await shop.dues()
    assert due.ambiguous
    assert not due.expired
    await shop.store.write(outbox.settle, due, Delivery.UNKNOWN, "?", hold=HOLD)
    again = (await find(shop, message)).answer
    assert again is not None
    assert again.outgoing.text == answer.outgoing.text
    await sent(shop, again)
    assert await line(shop) == [("1", "sent", "-")]


async def test_a_call_cut_before_the_answer_was_out_may_be_repeated_or_goes_the_usual_way(shop: Shop) -> None:
    answer = await answered(shop, "1")
    message = await arrival(shop)
    await shop.store.write(answers.not_sent, answer, AGAIN)
    assert await shop.dues() == []
    again = (await find(shop, message)).answer
    assert again is not None
    await shop.store.write(answers.not_sent, again, AGAIN)
    shop.clock.forward(AGAIN)
    (due,) = await shop.dues()
    assert not due.ambiguous
    assert (await find(shop, message)).answer is None, "it goes another way by now"


async def test_what_is_taken_once_more_is_repeated_with_whatever_says_it_now(shop: Shop) -> None:
    """A cut answer goes back into the line, and the next webhook takes it along: from then on it is that one's."""
    first = await answered(shop, "1")
    earlier = await arrival(shop)
    await shop.store.write(answers.not_sent, first, AGAIN)
    shop.clock.forward(AGAIN)
    (due,) = await shop.dues()
    await shop.store.write(parking.park, due, "passive", shop.clock.now() + timedelta(days=7), parts=0)
    answer = await answered(shop, "2")
    assert answer.outgoing.text == "1\n\n2"
    again = (await find(shop, await arrival(shop))).answer
    assert again is not None
    assert again.outgoing.text == "1\n\n2"
    assert (await find(shop, earlier)).answer is None


async def test_a_long_one_goes_on_where_it_stopped_and_lets_the_next_ones_follow(shop: Shop) -> None:
    """Where only answers reach the customer; each of his messages brings one more piece, and then what is behind."""
    answer = await answered(shop, "第一句话说完了。第二句话也说完了。第三句话也一样说完了。", "完")
    told = [answer]
    for _ in range(2):
        await sent(shop, told[-1])
        (due,) = await shop.dues()
        await shop.store.write(parking.park, due, "passive", shop.clock.now() + timedelta(days=7), parts=due.parts)
        again = (await turn(shop, await shop.taken())).answer
        assert again is not None
        told.append(again)
    assert [a.outgoing.text for a in told] == ["第一句话说完了。", "第二句话也说完了。", "第三句话也一样说完了。\n\n完"]
    await sent(shop, told[1])
    await sent(shop, told[2])
    assert [d for _, d, _ in await line(shop)] == ["sent", "sent"]


async def test_nothing_overtakes_the_rest_of_a_long_one(shop: Shop) -> None:
    """Its first piece is in an answer just now."""
    first = await answered(shop, "第一句话说完了。第二句话也说完了。第三句。")
    assert first.part
    assert (await turn(shop, await shop.taken(), "完")).answer is None


async def test_a_restart_leaves_answers_to_the_network_s_repetition(sqlite_url: str) -> None:
    """They used to be unknown at once, and the repetition came to nothing if it met them on the way there."""
    store = await open_store(sqlite_url, serve=True)
    shop = await Shop.open(store)
    await answered(shop, "1")
    until = await shop.rows("SELECT due_at FROM outbox")
    await store.close()
    store = await open_store(sqlite_url, serve=True)
    assert await store.read(rows, "SELECT due_at FROM outbox") == until
    await store.close()
