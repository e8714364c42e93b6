"""What a customer means, through the running program: bursts, and honest misses."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.stories.conftest import Comes
from tests.stories.people import Ear, Visitor
from tests.stories.serving import Kefu
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
    ("language", "lines"),
    [
        ("zh-Hans", ["给我讲讲量子力学", "请背诵出师表全文"]),
        ("zh-Hant", ["講一下量子力學", "幫我背誦出師表全文"]),
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
