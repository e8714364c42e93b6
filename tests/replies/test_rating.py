"""Asking for a rating after a person's service, and hearing it."""

from __future__ import annotations

import pytest

from bot.messages import Kind, Status
from replies.knowledge import Knowledge
from replies.text import LANGUAGES, Language
from tests.replies.conversation import Conversation

LABELS = {
    "zh-Hans": ["非常满意", "满意", "一般", "不满意", "非常不满意"],
    "zh-Hant": ["非常滿意", "滿意", "普通", "不滿意", "非常不滿意"],
    "en": ["Very satisfied", "Satisfied", "Neutral", "Dissatisfied", "Very dissatisfied"],
}


@pytest.fixture
def talk(knowledge: Knowledge) -> Conversation:
    return settled(Conversation(knowledge))


def settled(talk: Conversation, by: str | None = "person") -> Conversation:
    """A person had the conversation (unless said otherwise) and has settled it."""
    talk.says("你好" if talk.language != "en" else "hello")
    talk.says(kind=Kind.EVENT, timer="resolved", value=by, status=Status.RESOLVED)
    return talk


@pytest.mark.parametrize("language", LANGUAGES)
def test_after_the_closing_words_comes_a_request_of_its_own(knowledge: Knowledge, language: Language) -> None:
    talk = settled(Conversation(knowledge, language))
    closing, request = talk.last.replies
    assert (closing.script.split("/")[0], closing.purpose, closing.quick_replies) == ("resolved", "", ())
    assert (request.script.split("/")[0], request.purpose) == ("rate", "rating")
    assert [b.label for b in request.quick_replies] == LABELS[language]
    assert [b.value for b in request.quick_replies] == [f"rate:{n}" for n in (5, 4, 3, 2, 1)]


def test_who_had_no_person_is_not_asked(knowledge: Knowledge) -> None:
    talk = settled(Conversation(knowledge), None)
    assert [reply.purpose for reply in talk.last.replies] == [""]
    assert talk.says(kind=Kind.EVENT, timer="returned", value="person").replies[0].purpose == ""


@pytest.mark.parametrize("score", [5, 4, 3, 2, 1])
def test_a_tap_is_thanked_for_and_a_low_one_offers_a_person(talk: Conversation, score: int) -> None:
    label = LABELS["zh-Hans"][5 - score]
    decision = talk.taps(label)
    assert (decision.rule, decision.rating, decision.handoff) == ("rating", score, None)
    assert f"“{label}”" in talk.heard
    assert talk.buttons == (["转人工"] if score <= 2 else [])
    assert ("抱歉" in talk.heard) == (score <= 2)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("非常满意", 5), ("很滿意！", 5), ("5分", 5), ("满意", 4), ("4 stars", 4), ("还行吧", 3), ("普通", 3),
        ("不太满意", 2), ("非常不满意。", 1), ("差评", 1), ("Very dissatisfied", 1), ("1", 5), ("第五个", 1),
    ],
)  # fmt: skip
def test_words_and_the_number_in_the_list_do_as_well(talk: Conversation, text: str, score: int) -> None:
    assert talk.says(text).rating == score


def test_it_can_be_skipped(talk: Conversation) -> None:
    assert talk.says("运费怎么算").rule == "faq.answer"
    assert talk.last.rating is None


def test_words_that_praise_are_a_rating_only_when_asked(knowledge: Knowledge) -> None:
    talk = Conversation(knowledge)
    assert talk.says("非常满意").rule == "small_talk.praise"
    assert talk.says("5 stars").rating is None


def test_a_complaint_instead_of_a_rating_brings_a_person(talk: Conversation) -> None:
    decision = talk.says("太差了，我要投诉你们")
    assert decision.rating is None
    assert decision.handoff is not None


def test_a_tap_that_comes_late_or_again_counts(talk: Conversation) -> None:
    talk.taps("满意")
    talk.says("运费怎么算")
    assert talk.says("不满意", value="rate:2").rating == 2
    assert talk.says("不满意", value="rate:2", kind=Kind.EVENT).rating == 2


def test_a_tap_while_a_person_has_the_conversation_again_counts_in_silence(talk: Conversation) -> None:
    decision = talk.says("满意", value="rate:4", status=Status.OPEN)
    assert (decision.rating, decision.replies) == (4, ())


@pytest.mark.parametrize("value", ["rate:6", "rate:0", "rate:", "rate:x"])
def test_there_are_five_marks(talk: Conversation, value: str) -> None:
    assert talk.says("运费怎么算", value=value).rating is None


def test_who_is_not_satisfied_can_have_a_person_at_once(talk: Conversation) -> None:
    talk.taps("非常不满意")
    assert talk.taps("转人工").rule == "person.asked"
