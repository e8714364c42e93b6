"""Logged calls: kept once, joined to their customer by the number, and handled as the agent said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotFoundError
from bot.messages import Forget
from bot.store import agents, arrivals, desk, erasing, listing, log, phone, timers
from bot.store.desk import Changed
from bot.store.phone import CallLog
from tests.store.shop import MORNING, Shop

CALL = CallLog("cid-00001", "in", "杯子碎了，要求换货", "open", MORNING, number="+8613912345678", shown="139 1234 5678",
               name="王女士")  # fmt: skip


async def logged(shop: Shop, call: CallLog = CALL, agent: int | None = None, **other: Any) -> Changed:
    inbox = await shop.store.write(arrivals.keep_inbox, "phone", "phone")
    return await shop.store.write(phone.log_call, inbox, agent or shop.agent, replace(call, **other))


async def row(shop: Shop, changed: Changed) -> dict[str, Any]:
    return await shop.store.read(listing.row, changed.conversation_id)


async def test_a_call_stands_in_the_history_and_is_the_agents(shop: Shop) -> None:
    done = await logged(shop, seconds=95, recording="https://pbx.example/1")
    found = await row(shop, done)
    assert (found["channel"], found["status"], found["assignee"]["name"]) == ("phone", "open", "小美")
    assert found["contact"]["name"] == "王女士"
    (event,) = [e.d for e in (await shop.store.read(log.desk_events, done.conversation_id, after=0)).events
                if e.t == "message"]  # fmt: skip
    assert (event["author"], event["text"]) == ("customer", CALL.summary)
    (kept,) = await shop.rows("SELECT payload FROM message WHERE author = 'customer'")
    payload = kept.payload if isinstance(kept.payload, dict) else __import__("json").loads(kept.payload)
    assert payload["mute"] == "logged"
    assert payload["extra"]["call"] == {
        "number": "139 1234 5678", "key": "+8613912345678", "name": "王女士",
        "direction": "in", "type": "", "tier": "", "result": "open", "follow_up": None,
        "follow_up_note": "", "recording": "https://pbx.example/1", "seconds": 95, "agent": "小美",
        "at": MORNING.isoformat(),
    }  # fmt: skip


async def test_the_same_call_again_changes_nothing(shop: Shop) -> None:
    first, again = await logged(shop), await logged(shop)
    assert (again.conversation_id, again.events) == (first.conversation_id, ())
    assert await shop.texts() == [CALL.summary]
    other = await logged(shop, agent=shop.other)
    assert other.conversation_id == first.conversation_id
    assert await shop.texts() == [CALL.summary] * 2, "two agents may choose the same cid"


async def test_a_settled_call_is_resolved_and_the_next_goes_on_with_it(shop: Shop) -> None:
    first = await logged(shop, result="solved")
    assert (await row(shop, first))["status"] == "resolved"
    second = await logged(shop, cid="cid-00002", summary="又碎了")
    assert second.conversation_id == first.conversation_id
    assert (await row(shop, second))["status"] == "open"


async def test_a_call_passed_on_asks_for_somebody(shop: Shop) -> None:
    done = await logged(shop, result="passed", type="complaint", tier="serious")
    found = await row(shop, done)
    assert (found["status"], found["assignee"], found["handoff"]["status"]) == ("open", None, "offered")
    assert CALL.summary in found["handoff"]["reason"]
    assert (found["category"], found["tier"]) == ("complaint", "serious")
    taken = await shop.store.write(desk.claim, done.conversation_id, shop.other)
    assert taken.events[0].d["agent"]["name"] == "阿伯"


async def test_a_promised_call_is_a_timer(shop: Shop) -> None:
    due = MORNING + timedelta(days=1)
    done = await logged(shop, result="callback", follow_up=due, follow_up_note="下午三点后")
    assert await shop.store.write(timers.fire) == []
    shop.clock.forward(timedelta(days=1, seconds=1))
    assert await shop.store.write(timers.fire) == [done.conversation_id]
    found = await shop.rows("SELECT payload FROM message WHERE audience = 'none'")
    payload = found[0].payload if isinstance(found[0].payload, dict) else __import__("json").loads(found[0].payload)
    assert payload == {
        "timer": "follow_up",
        "data": {"note": "下午三点后", "agent": "小美", "number": "139 1234 5678"},
    }


async def test_the_number_joins_the_customer_who_was_named_with_it(shop: Shop) -> None:
    chat = await shop.accept("在吗", sender_name="王小姐")
    contact = (await shop.store.read(listing.detail, chat.conversation_id))["contact"]["id"]
    first = await logged(shop, contact=contact)
    second = await logged(shop, cid="cid-00002", name="")
    found = await shop.store.read(listing.detail, second.conversation_id)
    assert (found["contact"]["id"], found["contact"]["name"]) == (contact, "王小姐")
    assert chat.conversation_id in [other["id"] for other in found["others"]]
    inbox = await shop.store.write(arrivals.keep_inbox, "phone", "phone")
    assert await shop.store.read(phone.lookup, inbox, CALL.number) == {
        "id": contact, "name": "王小姐", "conversations": 2,
    }  # fmt: skip
    assert await shop.store.read(phone.lookup, inbox, "+8613900000000") is None
    assert first.conversation_id == second.conversation_id


async def test_a_number_stays_with_the_customer_it_belongs_to(shop: Shop) -> None:
    first = await logged(shop)
    chat = await shop.accept("在吗")
    other = (await shop.store.read(listing.detail, chat.conversation_id))["contact"]["id"]
    second = await logged(shop, cid="cid-00002", contact=other)
    assert second.conversation_id == first.conversation_id


async def test_a_contact_there_is_none_of_keeps_nothing(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        await logged(shop, contact=4711)
    assert await shop.texts() == []


async def test_callers_without_a_number_are_not_one_customer(shop: Shop) -> None:
    first, second = await logged(shop, number="", shown=""), await logged(shop, cid="cid-00002", number="", shown="")
    assert first.conversation_id != second.conversation_id
    assert (await row(shop, first))["contact"]["id"] != (await row(shop, second))["contact"]["id"]


async def test_another_agents_conversation_stays_his(shop: Shop) -> None:
    first = await logged(shop)
    await logged(shop, cid="cid-00002", agent=shop.other, result="solved")
    found = await row(shop, first)
    assert (found["status"], found["assignee"]["name"]) == ("open", "小美")
    assert await shop.texts() == [CALL.summary] * 2


async def judged(shop: Shop, changed: Changed) -> tuple[str, str]:
    found = await row(shop, changed)
    return found["category"], found["tier"]


async def turned(shop: Shop, category: str, tier: str | None = None) -> None:
    """The bot judges what waits."""
    (lease,) = await shop.claim()
    while lease.pending:
        lease = (await shop.commit(lease, category=category, tier=tier)).lease


@pytest.mark.parametrize(
    ("said", "bot", "comes_of_it"),
    [
        (("", ""), ("complaint", "critical"), ("complaint", "critical")),
        (("inquiry", ""), ("chitchat", None), ("inquiry", "")),
        (("inquiry", ""), ("complaint", "critical"), ("complaint", "critical")),
        (("complaint", ""), ("inquiry", None), ("complaint", "minor")),
        (("complaint", ""), ("complaint", "serious"), ("complaint", "serious")),
        (("complaint", "minor"), ("complaint", "serious"), ("complaint", "minor")),
        (("complaint", "critical"), ("inquiry", None), ("complaint", "critical")),
    ],
)
async def test_a_type_is_where_judging_begins_and_a_tier_is_his_word(
    shop: Shop, said: tuple[str, str], bot: tuple[str, str | None], comes_of_it: tuple[str, str]
) -> None:
    done = await logged(shop, type=said[0], tier=said[1])
    await turned(shop, *bot)
    assert await judged(shop, done) == comes_of_it


async def test_a_question_asked_later_makes_a_complaint_no_smaller(shop: Shop) -> None:
    done = await logged(shop, type="complaint", tier="serious")
    await logged(shop, cid="cid-00002", type="inquiry", summary="几点开门")
    assert await judged(shop, done) == ("complaint", "serious")


async def test_who_logs_it_has_read_it_and_nobody_waits(shop: Shop) -> None:
    found = await row(shop, await logged(shop))
    assert (found["unread"], found["waiting_since"]) == (0, None)
    passed = await row(shop, await logged(shop, cid="cid-00002", number="+8613900000000", result="passed"))
    assert (passed["unread"], passed["waiting_since"] is None) == (1, False)
    others = await row(shop, await logged(shop, cid="cid-00003", agent=shop.other))
    assert (others["unread"], others["waiting_since"] is None) == (1, False), "his colleague has to see it"


async def test_nobody_is_written_to_about_a_call_he_logged_himself(shop: Shop) -> None:
    await shop.store.write(agents.wish, "mei", email="mei@shop.example", notify="always")
    await logged(shop)
    await logged(shop, cid="cid-00002")
    assert await shop.rows("SELECT id FROM notification") == []
    await logged(shop, cid="cid-00003", agent=shop.other)
    assert len(await shop.rows("SELECT id FROM notification")) == 1


async def test_what_is_settled_calls_nobody_back(shop: Shop) -> None:
    await logged(shop, result="callback", follow_up=MORNING + timedelta(days=1))
    await logged(shop, cid="cid-00002", result="solved")
    assert await shop.rows("SELECT id FROM timer") == []


async def test_the_customers_numbers_the_latest_first(shop: Shop) -> None:
    done = await logged(shop)
    contact = (await row(shop, done))["contact"]["id"]
    await logged(shop, cid="cid-00002", number="+8613900000000", contact=contact)
    await logged(shop, cid="cid-00003", number="", contact=contact)
    assert await shop.store.read(phone.numbers, "phone", contact) == ["+8613900000000", CALL.number]


async def test_who_is_forgotten_leaves_no_words_of_his_calls(shop: Shop) -> None:
    done = await logged(shop, result="callback", follow_up=MORNING + timedelta(days=1), follow_up_note="问杯子")
    contact = (await row(shop, done))["contact"]["id"]
    await shop.store.write(erasing.forget, contact, Forget.EVERYTHING)
    kept = [str(r) for r in await shop.rows("SELECT text, payload FROM message")]
    kept += [str(r) for r in await shop.rows("SELECT data FROM timer")]
    assert len(kept) == 2
    assert not any(word in one for one in kept for word in ("杯子", "王女士", "139"))
