"""What a customer means, through the running program: bursts, danger, anger, complaints, abuse, and honest misses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.stories.conftest import Comes, LogsIn
from tests.stories.people import COUNT, Ear, Visitor
from tests.stories.serving import LI, Kefu
from tests.stories.words import faq, said

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
CALM = 3.5
"""Seconds after which a burst is over for sure."""


async def hears(visitor: Visitor, chat: Ear, *lines: str) -> list[str]:
    """Say the lines one after the other, each after its answer; what the bot said to them."""
    answers = []
    for line in lines:
        await visitor.says(line)
        answers.append((await chat.message("bot"))["d"]["text"])
    return answers


def bot_texts(chat: Ear) -> list[str]:
    return [f["d"]["text"] for f in chat.heard if f["t"] == "message" and f["d"]["author"] == "bot"]


BURSTS = [
    ("zh-Hans", "你好", ["我想问一下", "关于退货", "申请退货怎么操作"], "return_how"),
    ("zh-Hant", "您好", ["想請問一下", "那個退貨", "要怎麼申請退貨？"], "return_how"),
    ("en", "Hello", ["I have a question", "about the", "How do I return an item?"], "return_how"),
]


@pytest.mark.parametrize(("language", "hello", "pieces", "entry"), BURSTS, ids=LANGUAGES)
async def test_a_hello_is_answered_at_once_and_what_is_written_in_pieces_once(
    kefu: Kefu, comes: Comes, language: str, hello: str, pieces: Sequence[str], entry: str
) -> None:
    visitor = await comes(kefu, language)
    async with visitor.listening() as chat:
        assert said("greeting", language, (await hears(visitor, chat, hello))[0])
        for piece in pieces:
            await visitor.says(piece)
            await asyncio.sleep(0.3)
        assert faq(entry, language) in (await chat.message("bot"))["d"]["text"]
        await asyncio.sleep(CALM)
        await hears(visitor, chat, {"en": "Thank you"}.get(language, "谢谢"))
    assert len(bot_texts(chat)) == 3


async def test_who_says_only_that_he_has_a_question_is_asked_for_it_after_a_moment(kefu: Kefu, comes: Comes) -> None:
    visitor = await comes(kefu)
    async with visitor.listening() as chat:
        await visitor.says("我想问一下")
        first = await chat.message("bot")
        assert said("greeting", "zh-Hans", first["d"]["text"])
        await visitor.says("什么时候发货")
        assert faq("ship_time", "zh-Hans") in (await chat.message("bot"))["d"]["text"]
    assert len(bot_texts(chat)) == 2


@pytest.mark.parametrize(
    ("language", "before", "words", "situation"),
    [
        ("zh-Hans", "退货怎么弄", "充电器冒烟起火了，第{}次", "safety_fire"),
        ("zh-Hant", "您好", "電熱毯漏電，把我媽電到了，{}分鐘前", "safety_electric"),
        ("en", "How much is shipping?", "I want to kill myself, {} reasons to", "safety_self_harm"),
        ("zh-Hans", "我想问一下", "我不想活了，{}", "safety_self_harm"),
    ],
)
async def test_danger_is_answered_with_safety_words_at_once_and_a_person_is_called(
    kefu: Kefu, comes: Comes, logs_in: LogsIn, language: str, before: str, words: str, situation: str
) -> None:
    visitor, words = await comes(kefu, language), words.format(next(COUNT))
    async with visitor.listening() as chat:
        await visitor.says(before)
        await visitor.says(words)
        safety = await chat.hears("message", lambda f: said(situation, language, f["d"]["text"]))
        assert safety["d"].get("quick_replies", []) == []
        await chat.status("open")
    li = await logs_in(kefu, LI)
    handoff = (await li.get(f"/conversations/{await li.finds(words)}"))["handoffs"][-1]
    assert (handoff["trigger"], handoff["tier"]) == ("tier", "critical")


async def test_danger_while_nobody_has_come_yet_is_answered_and_told_to_the_desk(
    kefu: Kefu, comes: Comes, logs_in: LogsIn
) -> None:
    visitor, li, asked = await comes(kefu), await logs_in(kefu, LI), f"转人工，{next(COUNT)}"
    async with visitor.listening() as chat:
        await visitor.says(asked)
        await chat.status("open")
        await visitor.says("我不想活了")
        await chat.hears("message", lambda f: said("safety_self_harm", "zh-Hans", f["d"]["text"]))
        number = await li.finds(asked)
        assert (await li.row(number))["tier"] == "critical"
        await li.does("claim", number)
        await visitor.says("我真的不想活了")
        await li.replies(number, "我在，您慢慢说。")
        await chat.message("agent")
    assert len(bot_texts(chat)) == 2, "with a person there the bot is silent"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("zh-Hans", ["量子力学是谁提出的", "李白一共写了多少首诗"]),
        ("zh-Hant", ["量子力學是誰提出的", "李白一共寫了幾首詩"]),
        ("en", ["Explain quantum mechanics to me", "Recite a poem by Whitman"]),
    ],
)
async def test_two_misses_bring_a_person(kefu: Kefu, comes: Comes, language: str, lines: list[str]) -> None:
    visitor = await comes(kefu, language)
    async with visitor.listening() as chat:
        first, second = await hears(visitor, chat, *lines)
        assert said("miss", language, first)
        assert said("miss_again", language, second)
        await chat.status("open")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("zh-Hans", ["有点失望啊这次", "包装也太简陋了吧", "体验真的一般般，不太满意"]),
        ("zh-Hant", ["這次有點失望欸", "包裝也太陽春了吧", "體驗真的普普，不太滿意"]),
        ("en", ["A bit disappointed this time", "The packaging is rather poor", "Not very happy with the experience"]),
    ],
)
async def test_a_grumble_is_heard_and_the_third_brings_a_person(
    kefu: Kefu, comes: Comes, language: str, lines: list[str]
) -> None:
    visitor = await comes(kefu, language)
    async with visitor.listening() as chat:
        first, second, third = await hears(visitor, chat, *lines)
        assert said("minor", language, first)
        assert said("minor", language, second)
        assert first != second
        assert said("moderate", language, third)
        await chat.status("open")


@pytest.mark.parametrize(
    ("language", "rude", "decent", "entry"),
    [
        ("zh-Hans", ["你个傻逼", "你妈死了吧", "操你大爷的"], "运费怎么算", "ship_fee"),
        ("zh-Hant", ["你這個智障", "去死啦你", "幹你娘"], "運費怎麼算？", "ship_fee"),
        ("en", ["You stupid idiot", "fuck you", "go to hell you moron"], "How much is shipping?", "ship_fee"),
    ],
)
async def test_abuse_is_warned_twice_then_met_with_silence_and_a_decent_word_is_answered(
    kefu: Kefu, comes: Comes, logs_in: LogsIn, language: str, rude: list[str], decent: str, entry: str
) -> None:
    visitor, li = await comes(kefu, language), await logs_in(kefu, LI)
    mark = f"{rude[2]} {next(COUNT)}"
    async with visitor.listening() as chat:
        warned, last = await hears(visitor, chat, *rude[:2])
        assert said("abuse_warning", language, warned)
        assert said("abuse_last", language, last)
        await visitor.says(mark)
        assert faq(entry, language) in (await hears(visitor, chat, decent))[0]
    assert len(bot_texts(chat)) == 3
    number = await li.finds(mark)
    row = await li.row(number)
    assert row["status"] == "pending", "nobody is asked to read it"
    (noted,) = (await li.get(f"/conversations/{number}"))["handoffs"]
    assert (noted["queue"], noted["status"]) == ("abuse", "noted")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("zh-Hans", ["我的快递呢！", "什么时候到啊！！", "到底有没有人管啊！！气死我了！！！"]),
        (
            "en",
            [
                "Where is my parcel",
                "Hello?! Is anybody there!!",
                "This is ridiculous!! You are useless!!! ANSWER ME!!!",
            ],
        ),
    ],
)
async def test_anger_that_grows_brings_a_person(kefu: Kefu, comes: Comes, language: str, lines: list[str]) -> None:
    visitor = await comes(kefu, language)
    async with visitor.listening() as chat:
        await hears(visitor, chat, *lines)
        await chat.status("open")
