"""Complaint cases: registered once, seen wherever the customer writes, called for when their time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.dialogue import CaseDraft
from bot.errors import ConflictError, LostLeaseError, NotFoundError
from bot.messages import Forget
from bot.store import agents, arrivals, cases, desk, erasing, filling, listing, log, phone, timers, transcript
from bot.store.cases import Filing, Wanted
from bot.store.desk import Changed
from bot.store.phone import CallLog
from tests.store.shop import MORNING, Shop
from tests.store.test_turns import DRAFT, loaded

HOUR = timedelta(hours=1)
FILING = Filing(
    "cid-00001", "serious", {"what": "锅炸了", "name": "王女士", "phone": "139 1234 5678"}, date(2026, 1, 5)
)
DRAFTED = CaseDraft(
    "260105-1", {"what": "锅炸了", "wish": "退款", "colour": "红"}, {"what": "事情经过", "colour": "颜色"}
)  # fmt: skip


async def registered(shop: Shop, conversation: int, filing: Filing = FILING, **other: Any) -> Changed:
    return await shop.store.write(cases.register, conversation, shop.agent, replace(filing, **other))


async def seen(shop: Shop, conversation: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await shop.store.read(listing.detail, conversation))["cases"]
    return found


async def changed(shop: Shop, case: int, agent: int | None = None, **wanted: Any) -> Changed:
    return await shop.store.write(cases.change, case, agent or shop.agent, Wanted(**wanted))


async def due(shop: Shop) -> list[tuple[str, Any]]:
    """The timers that are set: (name, due)."""
    return [(row.name, loaded(row.data)) for row in await shop.rows("SELECT name, data FROM timer ORDER BY name")]


async def test_an_agent_registers_a_case_and_has_it(shop: Shop) -> None:
    place = (await shop.accept("你们的锅炸了")).conversation_id
    done = await registered(shop, place)
    (case,) = await seen(shop, place)
    assert (case["number"], case["status"], case["tier"], case["agreed"]) == (
        f"260105-{place}A", "registered", "serious", "",
    )  # fmt: skip
    assert (case["by"]["name"], case["owner"]["name"]) == ("小美", "小美")
    assert case["fields"] == FILING.fields
    assert case["due"] == (MORNING + 4 * HOUR).isoformat()
    assert case["history"] == [{"by": "小美", "changes": {"status": ["", "registered"]}, "at": MORNING.isoformat()}]
    row = await shop.store.read(listing.row, place)
    assert (row["category"], row["tier"]) == ("complaint", "serious")
    (event,) = done.events
    assert (event.t, event.d["number"]) == ("case", case["number"])
    assert "锅" not in str(event.d), "what the customer said stands in the case alone"
    assert [e.t for e in (await shop.store.read(log.customer_events, shop.inbox, "li", after=0)).events] == ["message"]


async def test_the_same_again_is_the_same_case_and_another_has_its_own_number(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place)
    assert (await registered(shop, place)).events == ()
    await registered(shop, place, cid="cid-00002")
    assert [case["number"] for case in await seen(shop, place)] == [f"260105-{place}B", f"260105-{place}A"]
    await shop.store.write(cases.register, place, shop.other, FILING)
    assert len(await seen(shop, place)) == 3, "two agents may choose the same cid"
    other = (await shop.accept(sender="zhao")).conversation_id
    with pytest.raises(ConflictError):
        await registered(shop, other)


async def test_a_case_of_no_conversation_is_refused(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        await registered(shop, 4711)
    with pytest.raises(NotFoundError):
        await changed(shop, 4711, status="working")


async def test_the_customers_other_conversations_show_the_same_case(shop: Shop) -> None:
    public = (await shop.accept("@小店 炸了", thread="post:1")).conversation_id
    private = (await shop.accept("在吗")).conversation_id
    stranger = (await shop.accept("你好", sender="zhao")).conversation_id
    await registered(shop, private)
    assert await seen(shop, public) == await seen(shop, private) != []
    assert await seen(shop, stranger) == []
    assert await shop.store.read(cases.beside, private) == [public]


async def test_a_conversations_record_has_the_cases_registered_in_it(shop: Shop) -> None:
    public = (await shop.accept("@小店 炸了", thread="post:1")).conversation_id
    private = (await shop.accept("在吗")).conversation_id
    await registered(shop, private)
    assert [len((await shop.store.read(transcript.whole, place))[0]["cases"]) for place in (public, private)] == [0, 1]


async def test_a_finished_register_is_a_case_of_its_turn(shop: Shop) -> None:
    lease = await shop.taken("对，提交")
    await shop.commit(lease, "编号 260105-1", draft=DRAFT, case=DRAFTED, tier="critical", category="complaint")
    (case,) = await seen(shop, lease.conversation_id)
    assert (case["number"], case["by"], case["owner"], case["tier"]) == ("260105-1", None, None, "critical")
    assert case["fields"] == {"what": "锅炸了", "wish": "退款"}
    assert case["others"] == [["颜色", "红"]], "what an operator asks besides is kept"
    assert case["due"] == (MORNING + HOUR).isoformat()
    events = (await shop.store.read(log.desk_events, lease.conversation_id, after=0)).events
    assert [e.t for e in events] == ["message", "message", "status", "handoff", "case"]
    assert [e.seq for e in events] == [1, 2, 3, 4, 5]
    assert (await shop.conversation(lease.conversation_id)).idle


async def test_whoever_takes_the_conversation_has_its_case(shop: Shop) -> None:
    lease = await shop.taken("对，提交")
    await shop.commit(lease, case=DRAFTED, tier="minor", category="complaint")
    place = lease.conversation_id
    await registered(shop, place)
    await shop.store.write(desk.claim, place, shop.other)
    agents_case, bots_case = await seen(shop, place)
    assert (agents_case["owner"]["name"], bots_case["owner"]["name"]) == ("小美", "阿伯")
    assert bots_case["history"][0]["changes"] == {"owner": ["", "阿伯"]}
    await changed(shop, bots_case["id"], status="closed", agreed="silent", owner=0)
    await shop.store.write(desk.resolve, place, shop.other)
    await shop.store.write(desk.claim, place, shop.agent)
    assert (await seen(shop, place))[1]["owner"] is None, "what is closed is nobody's work any more"


async def test_a_turn_that_lost_its_lease_registers_nothing(shop: Shop) -> None:
    lease = await shop.taken("对，提交")
    await shop.store.write(desk.claim, lease.conversation_id, shop.agent)
    with pytest.raises(LostLeaseError):
        await shop.commit(lease, case=DRAFTED, tier="minor", category="complaint")
    assert await seen(shop, lease.conversation_id) == []
    (again,) = await shop.claim()
    await shop.commit(again, case=DRAFTED, tier="minor", category="complaint")
    (case,) = await seen(shop, lease.conversation_id)
    assert (case["number"], case["owner"]["name"]) == ("260105-1", "小美")


async def test_a_number_that_is_taken_gets_an_ending(shop: Shop) -> None:
    for message in ("对", "再来"):
        await shop.commit(await shop.taken(message), case=DRAFTED, tier="minor", category="complaint")
    place = (await shop.accept()).conversation_id
    assert {case["number"] for case in await seen(shop, place)} == {"260105-1", "260105-1-2"}


async def test_its_time_calls_people_once(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place)
    (case,) = await seen(shop, place)
    shop.clock.forward(4 * HOUR - timedelta(seconds=1))
    assert await shop.store.write(timers.fire) == []
    shop.clock.forward(timedelta(seconds=1))
    assert await shop.store.write(timers.fire) == [place]
    assert await shop.store.write(timers.fire) == []
    (fired,) = await shop.rows("SELECT payload FROM message WHERE audience = 'none'")
    assert loaded(fired.payload) == {"timer": f"case:{case['id']}", "data": {"number": case["number"]}}


async def test_it_goes_its_way_and_all_of_it_stands_in_the_history(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place)
    (case,) = await seen(shop, place)
    tomorrow = MORNING + timedelta(days=1)
    done = await changed(shop, case["id"], shop.other, status="working", owner=shop.other, due=tomorrow)
    assert done.events[0].d["changes"] == {
        "status": ["registered", "working"], "owner": ["小美", "阿伯"], "due": [case["due"], tomorrow.isoformat()],
    }  # fmt: skip
    assert (await changed(shop, case["id"], status="working")).events == ()
    assert await due(shop) == [(f"case:{case['id']}", {"number": case["number"]})]
    await changed(shop, case["id"], fields={**FILING.fields, "what": "锅炸了两次"})
    await changed(shop, case["id"], status="answered")
    assert await due(shop) == [], "it is answered: nobody need be called"
    await changed(shop, case["id"], status="closed", agreed="yes")
    (case,) = await seen(shop, place)
    assert (case["status"], case["agreed"], case["closed_at"]) == ("closed", "yes", MORNING.isoformat())
    assert [entry["changes"] for entry in case["history"]][:3] == [
        {"status": ["answered", "closed"], "agreed": ["", "yes"]},
        {"status": ["working", "answered"]},
        {"fields": {"what": ["锅炸了", "锅炸了两次"]}},
    ]
    assert await shop.store.read(cases.alive) == []
    await changed(shop, case["id"], status="working")
    (case,) = await seen(shop, place)
    assert (case["agreed"], case["closed_at"]) == ("", None)
    assert [name for name, _ in await due(shop)] == [f"case:{case['id']}"], "not answered after all, in good time"


async def test_a_graver_tier_is_sooner(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place, tier="minor")
    (case,) = await seen(shop, place)
    shop.clock.forward(2 * HOUR)
    await changed(shop, case["id"], tier="serious")
    assert (await seen(shop, place))[0]["due"] == (MORNING + 4 * HOUR).isoformat()
    await changed(shop, case["id"], tier="critical")
    assert await shop.store.write(timers.fire) == [place], "it should have been answered an hour ago"


async def test_a_time_that_was_chosen_stays_when_the_tier_changes(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place, due=MORNING + 9 * HOUR)
    (case,) = await seen(shop, place)
    await changed(shop, case["id"], tier="critical")
    assert (await seen(shop, place))[0]["due"] == (MORNING + 9 * HOUR).isoformat()


async def test_an_owner_must_work_here(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place)
    (case,) = await seen(shop, place)
    await shop.store.write(agents.set_active, "bo", False)
    for nobody in (shop.other, 4711):
        with pytest.raises(NotFoundError, match="agent"):
            await changed(shop, case["id"], owner=nobody)
    await changed(shop, case["id"], owner=0)
    assert (await seen(shop, place))[0]["owner"] is None


async def test_what_is_not_closed_is_listed_by_when_it_is_due(shop: Shop) -> None:
    place = (await shop.accept()).conversation_id
    await registered(shop, place, tier="minor")
    await registered(shop, place, cid="cid-00002", tier="critical")
    listed = await shop.store.read(cases.alive)
    assert [case["tier"] for case in listed] == ["critical", "minor"]


@pytest.mark.parametrize(
    ("what", "left"), [(Forget.PROFILE, {"what": "锅炸了"}), (Forget.EVERYTHING, {})]
)  # fmt: skip
async def test_a_forgotten_customers_cases_stay_without_him(shop: Shop, what: Forget, left: dict[str, str]) -> None:
    lease = await shop.taken()
    await shop.commit(lease, case=DRAFTED, tier="minor", category="complaint")
    place = lease.conversation_id
    await registered(shop, place)
    case = (await seen(shop, place))[0]
    await changed(shop, case["id"], fields={**FILING.fields, "name": "王小姐"})
    await shop.store.write(erasing.forget, lease.contact_id, what)
    agents_case, bots_case = await seen(shop, place)
    assert agents_case["fields"] == left
    assert (agents_case["number"], agents_case["status"]) == (case["number"], "registered")
    assert bots_case["others"] == []
    everything = str(await shop.rows("SELECT fields, others FROM complaint_case"))
    everything += str(await shop.rows("SELECT changes FROM case_change"))
    assert all(word not in everything for word in ("王", "139", "红"))
    others = (await shop.accept("在", sender="zhao")).conversation_id
    await registered(shop, others, cid="cid-00002")
    await shop.store.write(erasing.forget, lease.contact_id, what)
    assert (await seen(shop, others))[0]["fields"] == FILING.fields, "another customer's are his"


async def test_what_is_known_need_not_be_typed(shop: Shop) -> None:
    lease = await shop.taken("锅炸了，订单 QH20261101，我要退款", sender_name="王小姐")
    await shop.commit(
        lease, category="complaint", tier="serious", facts={"orders": ["QH20261101"], "wishes": ["refund"]}
    )
    for sum_ in ("100 CNY", "399 CNY"):
        await shop.commit(await shop.taken("在吗"), category="chitchat", facts={"products": ["锅"], "amount": sum_})
    assert await shop.store.read(filling.known, lease.conversation_id, "phone") == {
        "fields": {
            "what": "锅炸了，订单 QH20261101，我要退款",
            "order": "QH20261101",
            "product": "锅",
            "amount": "399 CNY",
            "name": "王小姐",
        },
        "wishes": ["refund"],
        "tier": "serious",
    }
    form = {"answers": {"what": "电饭煲炸了", "wish": "换货", "when": "2026-01-04", "colour": "红"}}
    await shop.commit(await shop.taken("电饭煲炸了"), form=form)
    known = await shop.store.read(filling.known, lease.conversation_id, "phone")
    assert known["wishes"] == []
    assert known["fields"] == {
        "what": "电饭煲炸了", "when": "2026-01-04", "order": "QH20261101", "product": "锅", "wish": "换货",
        "amount": "399 CNY", "name": "王小姐",
    }  # fmt: skip


async def test_a_calls_name_and_number_are_known(shop: Shop) -> None:
    inbox = await shop.store.write(arrivals.keep_inbox, "phone", "phone")
    call = CallLog("cid-00009", "in", "杯子碎了", "open", MORNING, number="+8613912345678", shown="139 1234 5678",
                   name="赵先生")  # fmt: skip
    done = await shop.store.write(phone.log_call, inbox, shop.agent, call)
    known = await shop.store.read(filling.known, done.conversation_id, "phone")
    assert known["fields"] == {"what": "杯子碎了", "name": "赵先生", "phone": "139 1234 5678"}
    with pytest.raises(NotFoundError):
        await shop.store.read(filling.known, 4711, "phone")
