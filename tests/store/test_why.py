"""Why the bot said something: every reply names what it answers, and what is not known is not made up."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.messages import Forget
from bot.store import arrivals, desk, erasing
from bot.store.why import why
from tests.store.shop import Shop


async def asked(shop: Shop, conversation: int, seq: int) -> tuple[Any, Any]:
    found = await shop.store.read(why, conversation, seq)
    rule = (found["decision"] or {}).get("rule")
    return (found["asked"] or {}).get("text"), rule


async def test_a_reply_names_what_it_answers_also_in_a_burst(shop: Shop) -> None:
    lease = await shop.taken("one")
    await shop.accept("two")
    lease = (await shop.commit(lease, "first", facts={"rule": "a"})).lease
    await shop.commit(lease, "second", "third", facts={"rule": "b"})
    place = lease.conversation_id
    assert [await asked(shop, place, seq) for seq in (3, 4, 5)] == [("one", "a"), ("two", "b"), ("two", "b")]
    assert [await asked(shop, place, seq) for seq in (1, 2)] == [("one", "a"), ("two", "b")]


@pytest.mark.parametrize(
    ("rule", "pieces", "text"),
    [
        ("faq.answer", {"pieces": 2}, "two\nthree"),
        ("faq.answer", {}, "three"),
        ("faq.answer", {"pieces": "many"}, ""),
        ("faq.answer", {"pieces": -1}, "three"),
        ("timer.returned", {}, ""),
    ],
)
async def test_a_timer_answers_what_was_written_in_pieces(
    shop: Shop, rule: str, pieces: dict[str, Any], text: str
) -> None:
    lease = await shop.taken("one")
    for more in ("two", "three"):
        await shop.accept(more)
    await shop.store.write(arrivals.arrive, lease.conversation_id, "event", {"timer": "burst"})
    for _ in range(3):
        lease = (await shop.commit(lease)).lease
    await shop.commit(lease, "answer", facts={"rule": rule, **pieces})
    assert await asked(shop, lease.conversation_id, 5) == (text, rule)


async def test_what_is_not_known_is_none(shop: Shop) -> None:
    lease = await shop.taken("one")
    place = lease.conversation_id
    assert await asked(shop, place, 1) == ("one", None)
    await shop.commit(lease, "hi")
    await shop.store.write(desk.reply, place, shop.agent, cid="c0ffee00", text="您好", pull=True)
    assert await asked(shop, place, 4) == (None, None)
    for conversation, seq in ((place, 99), (place, 3), (99, 1)):  # 3 is an event
        with pytest.raises(NotFoundError):
            await shop.store.read(why, conversation, seq)


async def test_a_message_from_before_this_record_is_not_guessed_at(shop: Shop) -> None:
    lease = await shop.taken("one")
    await shop.commit(lease, "hi")
    await shop.store.write(_old)
    assert await asked(shop, lease.conversation_id, 2) == (None, None)


def _old(tx: Any) -> None:
    tx._execute("UPDATE message SET payload = '{}' WHERE author = 'bot'")


async def test_a_forgotten_customers_words_are_not_told(shop: Shop) -> None:
    lease = await shop.taken("one")
    await shop.commit(lease, "hi")
    await shop.store.write(erasing.forget, lease.contact_id, Forget.EVERYTHING)
    assert await asked(shop, lease.conversation_id, 1) == ("", None)
    assert await asked(shop, lease.conversation_id, 2) == (None, None)
