"""From the first greeting to the day after: a customer, the bot and an agent, in three languages, on both databases."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.stories.conftest import Comes, LogsIn, Serve
from tests.stories.people import COUNT, plea
from tests.stories.serving import LI, WANG, Kefu
from tests.stories.words import faq, said, scripts


@dataclass(frozen=True)
class Tongue:
    """What is said in one language."""

    language: str
    hello: str
    question: str
    entry: str
    person: str
    answer: str
    thanks: str
    again: str


TONGUES = [
    Tongue(
        "zh-Hans", "你好", "什么时候发货", "ship_time", "转人工", "您好，我是小李，订单今天发出。", "好的，谢谢", "在吗"
    ),
    Tongue(
        "zh-Hant", "您好", "貨寄到哪了", "order_status", "我想找真人客服", "您好，已為您查詢。", "謝謝您", "在嗎",
    ),
    Tongue(
        "en", "Hello", "How do I track my package?", "order_status", "Can I talk to a person, please?",
        "Hello, this is Xiao Li. It ships today.", "Thank you", "Hello, are you there?",
    ),
]  # fmt: skip


@pytest.mark.parametrize("tongue", TONGUES, ids=lambda t: t.language)
async def test_greeting_answer_person_resolution_and_coming_back(
    kefu: Kefu, comes: Comes, logs_in: LogsIn, tongue: Tongue
) -> None:
    visitor, li, asked = await comes(kefu, tongue.language), await logs_in(kefu, LI), f"{tongue.person}。{next(COUNT)}"
    async with visitor.listening() as chat, li.at_desk() as desk:
        await visitor.says(tongue.hello)
        greeting = await chat.message("bot")
        assert said("greeting", tongue.language, greeting["d"]["text"])
        assert greeting["d"]["quick_replies"][-1]["value"] == "human"

        await visitor.says(tongue.question)
        assert faq(tongue.entry, tongue.language) in (await chat.message("bot"))["d"]["text"]

        await visitor.says(asked)
        told = await chat.message("bot")
        assert said("handoff", tongue.language, told["d"]["text"])
        assert (await chat.status("open"))["d"]["agent"] is None

        number = await li.finds(asked)
        row = (await desk.hears("row", lambda f: f["conv"] == number and f["d"]["status"] == "open"))["d"]
        assert row["handoff"]["trigger"] == "asked"
        assert row["assignee"] is None
        assert row["language"] == tongue.language
        await li.opens(desk, number)
        record = (await li.get(f"/conversations/{number}"))["handoffs"][-1]
        assert record["reason"] == scripts(tongue.language)["reasons"]["asked"]
        assert record["summary"]["first"] == tongue.hello
        assert record["summary"]["last"].endswith(asked)
        assert [tried["id"] for tried in record["summary"]["tried"]] == [tongue.entry]

        assert (await li.does("claim", number))["assignee"]["name"] == LI.name
        here = (await chat.status("open"))["d"]["agent"]
        assert (here["name"], here["number"]) == (LI.name, LI.number)
        assert (await li.replies(number, tongue.answer)).status_code == 200
        answer = await chat.message("agent")
        assert (answer["d"]["text"], answer["d"]["name"]) == (tongue.answer, LI.name)
        await chat.send(t="read", upto=answer["seq"])
        assert (await desk.hears("read", lambda f: f["d"]["by"] == "visitor"))["d"]["upto"] == answer["seq"]

        assert (await li.notes(number, "老客户，注意语气")).status_code == 200
        await desk.message("agent", "老客户")
        thanks = await visitor.says(tongue.thanks)
        await desk.message("customer", tongue.thanks)
        await li.post(f"/conversations/{number}/read", {"upto": thanks["seq"]})
        assert (await chat.hears("read", lambda f: f["d"]["by"] == "desk"))["d"]["upto"] == thanks["seq"]

        assert (await li.does("resolve", number))["status"] == "resolved"
        await chat.status("resolved")
        closing = await chat.message("bot")
        assert said("resolved", tongue.language, closing["d"]["text"])
        assert closing["seq"] > thanks["seq"]
        rating = await chat.message("bot")
        assert said("rate", tongue.language, rating["d"]["text"])
        assert [button["value"] for button in rating["d"]["quick_replies"]] == [f"rate:{n}" for n in (5, 4, 3, 2, 1)]

        await visitor.says(tongue.again)
        await chat.message("bot")
        row = await li.row(number)
        assert (row["status"], row["assignee"]) == ("pending", None), "within a day the same conversation goes on"

    heard = chat.messages()
    assert await visitor.texts() == heard, "a reload shows what was seen live, in the same order"
    assert "老客户，注意语气" not in heard
    assert "老客户，注意语气" in await li.texts(number)


async def test_a_person_gives_the_conversation_back_to_the_bot(kefu: Kefu, comes: Comes, logs_in: LogsIn) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu, LI), plea()
    async with visitor.listening() as chat:
        await visitor.says(asked)
        await chat.message("bot")
        number = await li.finds(asked)
        await li.does("claim", number)
        await li.replies(number, "请您稍等，我查一下。")
        await chat.message("agent")
        assert (await li.does("return", number))["status"] == "pending"
        await chat.status("pending")
        assert said("returned", "zh-Hans", (await chat.message("bot"))["d"]["text"])
        await visitor.says("什么时候发货")
        assert faq("ship_time", "zh-Hans") in (await chat.message("bot"))["d"]["text"]
    assert (await li.get(f"/conversations/{number}"))["handoffs"][-1]["status"] == "returned"


async def test_the_bot_is_silent_while_a_person_is_asked_for_and_while_he_is_there(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu, LI), plea()
    async with visitor.listening() as chat:
        await visitor.says(asked)
        handed = await chat.status("open")
        await visitor.says("什么时候发货")
        number = await li.finds(asked)
        await li.does("claim", number)
        await visitor.says(plea())
        await li.replies(number, "您好，我来为您处理。")
        await chat.message("agent")
        await li.does("resolve", number)
        await chat.status("resolved")
        await chat.hears("message", lambda f: said("resolved", "zh-Hans", f["d"]["text"]))  # every turn before is over
    authors = [(e["seq"], e["d"]["author"]) for e in (await visitor.log())["events"] if e["t"] == "message"]
    assert [author for seq, author in authors if seq > handed["seq"]] == [
        "visitor", "visitor", "agent", "bot", "bot",
    ]  # fmt: skip  # the bot's are the closing words and the request to rate


async def test_two_agents_collide_and_the_second_learns_who_has_it(kefu: Kefu, comes: Comes, logs_in: LogsIn) -> None:
    visitor, li, wang, asked = await comes(kefu), await logs_in(kefu, LI), await logs_in(kefu, WANG), plea()
    await visitor.says(asked)
    number = await li.finds(asked)
    async with li.at_desk() as lis, wang.at_desk() as wangs:
        await li.opens(lis, number)
        await wang.opens(wangs, number)
        assert [one["name"] for one in (await lis.hears("viewers", lambda f: bool(f["d"])))["d"]] == [WANG.name]
        await li.does("claim", number)
        await wangs.status("open")
        for refused in (
            await wang.post(f"/conversations/{number}/claim"),
            await wang.post(f"/conversations/{number}/resolve"),
            await wang.replies(number, "我来"),
        ):
            told = refused.json()
            assert (refused.status_code, told["current"]) == (409, LI.name)
            assert told["row"]["assignee"]["name"] == LI.name
        assert (await wang.notes(number, "这位客户我熟")).status_code == 200
        await lis.message("agent", "这位客户我熟")
        assert (await li.does("claim", number))["assignee"]["name"] == LI.name, "his own again is no conflict"
    assert "我来" not in await visitor.texts()


async def test_an_answer_written_before_a_colleagues_came_is_held_back(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, wang, asked = await comes(kefu), await logs_in(kefu, LI), await logs_in(kefu, WANG), plea()
    await visitor.says(asked)
    number = await li.finds(asked)
    seen = (await wang.row(number))["seq"]
    await li.replies(number, "您好，我是小李。")
    await li.does("return", number)
    late = await wang.replies(number, "您好，我是小王。", seen=seen)
    assert (late.status_code, late.json()["current"]) == (409, "answered")
    anyway = await wang.replies(number, "您好，我是小王，接着为您处理。")
    assert anyway.status_code == 200
    assert "您好，我是小王。" not in await visitor.texts()


async def test_a_tapped_button_is_understood_by_its_value(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu, "en")
    async with visitor.listening() as chat:
        await visitor.says("Hi")
        topics = (await chat.message("bot"))["d"]["quick_replies"]
        first = topics[0]
        await visitor.says(first["label"], value=first["value"])
        answer = await chat.message("bot")
        assert faq(first["value"].removeprefix("faq:"), "en") in answer["d"]["text"]
        no = answer["d"]["quick_replies"][-1]
        await visitor.says(no["label"], value=no["value"])
        await chat.message("bot")
        await chat.status("open")


async def test_typing_is_passed_on_both_ways_and_never_kept(kefu: Kefu, comes: Comes, logs_in: LogsIn) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu, LI), plea()
    await visitor.says(asked)
    number = await li.finds(asked)
    async with visitor.listening() as chat, li.at_desk() as desk:
        await li.opens(desk, number)
        await chat.send(t="typing")
        assert (await desk.hears("typing"))["d"]["author"] == "customer"
        await desk.send(t="typing")
        typing = await chat.hears("typing")
        assert (typing["d"]["author"], typing["d"]["name"]) == ("agent", LI.name)
        await desk.send(t="typing", note=True)
        before = (await visitor.log())["seq"]
        await li.replies(number, "您好")
        await chat.message("agent")
        assert [f for f in chat.heard if f["t"] == "typing"] == [typing], "who writes a note does not type to him"
    kinds = {event["t"] for event in (await visitor.log())["events"]}
    assert before
    assert "typing" not in kinds


async def test_after_a_day_a_new_conversation_begins_and_the_old_one_can_be_read(
    serve: Serve, comes: Comes, logs_in: LogsIn
) -> None:
    kefu = serve(settings={"KEFU_ENGINE_REOPEN_HOURS": "0"}).start()
    visitor, li = await comes(kefu), await logs_in(kefu, LI)
    async with visitor.listening() as chat:
        await visitor.says("你好")
        await chat.message("bot")
        former = await li.finds("你好")
        await li.does("resolve", former)
        await chat.message("bot")
        await visitor.says("又有一个问题")
        await chat.message("bot")
    assert await li.finds("又有一个问题") != former
    page = await visitor.log()
    assert page["earlier"]
    assert "你好" not in [e["d"].get("text") for e in page["events"]]
    before = (await visitor.log(before=page["events"][0]["seq"]))["events"]
    assert "你好" in [e["d"].get("text") for e in before]
    refused = await li.replies(former, "您好")
    assert (refused.status_code, refused.json()["current"]) == (409, "former")
