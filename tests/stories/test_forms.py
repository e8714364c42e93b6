"""The complaint register through the real program: a customer, the bot, and the agent who reads the case."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from tests.stories.conftest import Comes, LogsIn
from tests.stories.people import COUNT, Ear, Visitor
from tests.stories.serving import LI, Kefu


@dataclass(frozen=True)
class Tongue:
    language: str
    complaint: str
    register: str
    answers: tuple[str, ...]
    enough: str
    confirm: str
    within: str
    case: tuple[tuple[str, str], ...]


TONGUES = [
    Tongue(
        "zh-Hans", "电饭煲收到就不通电，我要求退款，必须退！订单号 QH2026{n}", "登记投诉",
        ("昨天", "张三，电话写13800138000", "跳过"), "不用了", "对，提交", "24 小时内",
        (("产品", "电饭煲"), ("希望的处理", "退款"), ("姓名或公司", "张三"), ("电话", "13800138000")),
    ),
    Tongue(
        "zh-Hant", "電鍋收到就插電沒反應，我要求退款，必須退！訂單編號 QH2026{n}", "登記客訴",
        ("昨天", "陳小姐", "0912-345-678", "略過"), "不用了", "對，送出", "24 小時內",
        (("產品", "電鍋"), ("希望的處理", "退款"), ("姓名或公司", "陳小姐"), ("電話", "0912345678")),
    ),
    Tongue(
        "en", "The rice cooker is broken, I demand a refund and want to complain. Order number QH2026{n}",
        "Register a complaint",
        ("yesterday", "rice cooker", "Li <b>Wei</b>", "+86 138 0013 8000", "skip"), "No, thank you",
        "Yes, submit", "within 24 hours",
        (("Product", "rice cooker"), ("Wish", "Refund"), ("Name or company", "Li <b>Wei</b>")),
    ),
]  # fmt: skip


async def answered(visitor: Visitor, chat: Ear, text: str, value: str | None = None) -> str:
    await visitor.says(text, value=value)
    told: str = (await chat.message("bot"))["d"]["text"]
    return told


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda t: t.language)
async def test_a_complaint_is_registered_and_the_agent_reads_the_case(
    kefu: Kefu, comes: Comes, logs_in: LogsIn, tongue: Tongue
) -> None:
    visitor, li = await comes(kefu, tongue.language), await logs_in(kefu, LI)
    complaint = tongue.complaint.format(n=next(COUNT) + 1000)
    async with visitor.listening() as chat:
        await visitor.says(complaint)
        told = await chat.message("bot")
        assert (tongue.register, "form:start") in [(b["label"], b["value"]) for b in told["d"]["quick_replies"]]
        number = await li.finds(complaint)
        begun = await answered(visitor, chat, tongue.register, "form:start")
        assert "QH2026" in begun, "what is known is filled in and said"
        for text in tongue.answers:
            await answered(visitor, chat, text)
        summary = await answered(visitor, chat, tongue.enough)
        assert all(value in summary for _, value in tongue.case)
        done = await answered(visitor, chat, tongue.confirm)
        assert f"-{number}" in done
        assert tongue.within in done
    record = (await li.get(f"/conversations/{number}"))["handoffs"][-1]
    filed = [tuple(pair) for pair in record["summary"]["form"]]
    assert set(tongue.case) <= set(filed), "the agent sees the case"
    assert record["reason"].endswith(f"-{number}")
    assert record["status"] == "offered"
    row = await li.row(number)
    assert (row["status"], row["tier"]) == ("open", "moderate")
    (case,) = (await li.get(f"/conversations/{number}"))["cases"]
    assert case["number"] in done, "it is the case he was told the number of"
    assert {value for _, value in tongue.case} <= set(case["fields"].values())
    assert (case["status"], case["by"], case["owner"]) == ("registered", None, None)
    due, made = (datetime.fromisoformat(case[name]) for name in ("due", "created_at"))
    assert due - made == timedelta(hours=24), "as he was promised"


async def test_a_form_is_left_and_gone_on_with_in_another_conversation(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, what = await comes(kefu), await logs_in(kefu, LI), f"锅盖总是盖不严{next(COUNT)}"
    async with visitor.listening() as chat:
        await answered(visitor, chat, "我要登记投诉")
        await answered(visitor, chat, what)
        assert "继续" in await answered(visitor, chat, "以后再说")
        number = await li.finds(what)
        assert (await answered(visitor, chat, "你们几点上班")) != ""
        again = await answered(visitor, chat, "接着填")
        assert what in again
        await answered(visitor, chat, "转人工")
        record = (await li.get(f"/conversations/{number}"))["handoffs"][-1]
        assert ["事情经过", what] in record["summary"]["form"], "who is asked for in the middle gets what there is"
        await li.does("claim", number)
        heard = len(chat.messages())
        await visitor.says("昨天")
        await li.replies(number, "您好，我来处理。")
        await chat.message("agent")
        assert len(chat.messages()) == heard + 2, "a person has it: the form asks nothing more"
        await li.does("resolve", number)
        await chat.status("resolved")
        await asyncio.sleep(0)


async def test_an_agent_comes_before_the_form_is_filled_and_it_waits_for_another_day(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, what = await comes(kefu), await logs_in(kefu, LI), f"豆浆机不转{next(COUNT)}"
    async with visitor.listening() as chat:
        await answered(visitor, chat, "登记投诉")
        await answered(visitor, chat, what)
        number = await li.finds(what)
        await li.does("claim", number)
        await li.replies(number, "您好。")
        await chat.message("agent")
        assert (await li.does("return", number))["status"] == "pending"
        await chat.message("bot")
        told = await answered(visitor, chat, "你们几点上班")
        assert "接着登记" not in told, "given back, the bot does not go on with the form by itself"
        assert what in await answered(visitor, chat, "继续")


async def test_a_case_that_is_not_answered_in_time_calls_for_people_once(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li = await comes(kefu), await logs_in(kefu, LI)
    text = f"锅盖碎了，请登记{next(COUNT)}"
    async with visitor.listening() as chat:
        await answered(visitor, chat, text)
    number = await li.finds(text)
    await li.does("claim", number)
    await li.does("resolve", number)
    filed = {"cid": f"case-{next(COUNT):06}", "tier": "minor", "fields": {"what": text}}
    async with li.at_desk() as ear:
        for seconds in (1, 5, 25, 60):  # soon, but still to come when a busy machine reads it
            due = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
            answer = await li.post(f"/conversations/{number}/cases", {**filed, "due": due})
            if answer.status_code == 200:
                break
        assert answer.status_code == 200, answer.text
        (case,) = (await li.get(f"/conversations/{number}"))["cases"]
        await li.opens(ear, number)
        told = await ear.hears("handoff", lambda f: case["number"] in f["d"]["reason"], within=120)
        assert "到了答复时间" in told["d"]["reason"]
    row = await li.row(number)
    assert row["status"] == "open", "people have it again"
    assert row["waiting_since"]
    events = (await li.get(f"/conversations/{number}/events"))["events"]
    assert len([e for e in events if case["number"] in e["d"].get("reason", "")]) == 1
