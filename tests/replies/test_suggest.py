from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue import Question
from replies.brain import Scripted
from replies.faq.matching import Action, Candidate, Match
from replies.knowledge import Knowledge
from replies.suggest import suggest
from replies.text import LANGUAGES, Language
from tests.replies.conversation import NOON
from tests.replies.shipped import shipped

KNOWLEDGE = shipped()


class Sure:
    """A matcher with candidates of these scores: the FAQ's first entries."""

    def __init__(self, knowledge: Knowledge, *scores: float) -> None:
        self._ids = [entry.id for entry, _ in zip(knowledge.faq, scores, strict=False)]
        self._scores = scores

    def match(self, text: str, language: Language) -> Match:
        pairs = zip(self._ids, self._scores, strict=True)
        return Match(Action.CLARIFY, None, tuple(Candidate(id_, score) for id_, score in pairs))


@pytest.mark.parametrize(
    ("text", "language", "label", "value"),
    [
        ("退货", "zh-Hans", "怎么申请退货", "faq:return_how"),
        ("我想退货", "zh-CN", "怎么申请退货", "faq:return_how"),
        ("refund", "en-GB", "When will I get my refund?", "faq:refund_time"),
        ("退货", "en", "How do I return an item?", "faq:return_how"),
    ],
)
async def test_what_is_typed_finds_entries_named_in_the_visitors_language(
    text: str, language: str, label: str, value: str
) -> None:
    found = await Scripted(KNOWLEDGE).suggest(text, language)
    assert (found[0].label, found[0].value) == (label, value)


async def test_traditional_characters_find_the_same() -> None:
    brain = Scripted(KNOWLEDGE)
    found = (await brain.suggest("發票怎麼開", "zh-TW"))[0]
    assert found.value == "faq:invoice_how"
    assert found.label == KNOWLEDGE.faq.entries["invoice_how"].title("zh-Hant")


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "退",
        " 退 ",
        "r",
        "！？",
        "😀😀",
        "\0\0",
        "我想",
        "怎么",
        "您好",
        "hello",
        "今天天气",
        "asdf qwer",
        "123456",
    ],
)
async def test_what_says_nothing_yet_or_nothing_we_know_finds_nothing(text: str) -> None:
    assert await Scripted(KNOWLEDGE).suggest(text) == ()


@pytest.mark.parametrize("text", ["转人工", "我要投诉你们的退货", "退货退款不处理我就报警"])
async def test_who_needs_a_person_is_not_kept_busy(text: str) -> None:
    assert await Scripted(KNOWLEDGE).suggest(text) == ()


async def test_only_the_likely_ones_best_first() -> None:
    entries = list(KNOWLEDGE.faq)

    def found(*scores: float) -> list[str]:
        knowing = replace(KNOWLEDGE, matcher=Sure(KNOWLEDGE, *scores))
        return [one.value for one in suggest(knowing, "运费多少", "zh-Hans")]

    assert found(0.9, 0.45, 0.44) == [f"faq:{entry.id}" for entry in entries[:2]]
    assert found(0.9, 0.8, 0.7, 0.6) == [f"faq:{entry.id}" for entry in entries[:3]]
    assert found(0.3) == found() == []


class Where:
    """A matcher that notes in which thread it is asked."""

    def __init__(self) -> None:
        self.threads: list[str] = []

    def match(self, text: str, language: Language) -> Match:
        self.threads.append(threading.current_thread().name)
        return Match(Action.MISS)


async def test_it_is_looked_for_beside_the_event_loop_and_beside_the_decisions() -> None:
    where = Where()
    brain = Scripted(replace(KNOWLEDGE, matcher=where))
    brain.seconds = 1.0  # so that decisions have a thread of their own too
    await brain.suggest("运费多少")
    await brain.decide(Question("运费多少", NOON))
    assert threading.current_thread().name not in where.threads
    assert len(set(where.threads)) == 2
    await brain.close()


async def test_the_bot_answers_a_suggestion_with_its_entry() -> None:
    brain = Scripted(KNOWLEDGE)
    chosen = (await brain.suggest("退货"))[0]
    decision = await brain.decide(Question(chosen.label, NOON, value=chosen.value, language="zh-Hans", first=True))
    (reply,) = decision.replies
    assert reply.source == "return_how"
    assert [button.value for button in reply.quick_replies] == ["yes", "no"]


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_any_text_is_safe(text: str, language: Language) -> None:
    found = suggest(KNOWLEDGE, text, language)
    assert len(found) <= 3
    assert all(KNOWLEDGE.faq.get(one.value.removeprefix("faq:")) for one in found)
    assert found == suggest(KNOWLEDGE, text, language)
