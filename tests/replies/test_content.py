"""The shipped content does what it is for."""

from __future__ import annotations

import pytest

from bot.dialogue import Question
from replies.decide import decide
from replies.etiquette import check
from replies.faq.table import Entry
from replies.knowledge import Knowledge
from replies.text import LANGUAGES, Language, detect
from tests.replies.conversation import NOON
from tests.replies.shipped import shipped

ENTRIES = shipped().faq
WAYS = [(entry.id, language, way) for entry in ENTRIES for language in LANGUAGES for way in entry.questions[language]]


def test_there_is_enough_of_it() -> None:
    assert len(ENTRIES) >= 45
    assert all(len(entry.questions[language]) >= 4 for entry in ENTRIES for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrasing_is_answered_by_its_own_entry_in_its_own_language(
    knowledge: Knowledge, language: Language
) -> None:
    for id_, spoken, way in WAYS:
        if spoken == language:
            decision = decide(Question(way, NOON, language=language, state={"greeted": True}), knowledge)
            assert (decision.rule, decision.replies[0].source) == ("faq.answer", id_), way
            assert ENTRIES.entries[id_].answers[language] in decision.replies[0].text


@pytest.mark.parametrize("entry", list(ENTRIES), ids=lambda entry: entry.id)
def test_answers_are_courteous_complete_and_in_their_own_script(entry: Entry) -> None:
    for language in LANGUAGES:
        answer = entry.answers[language]
        assert check(answer, language) == ()
        assert detect(answer) == language
        assert 30 <= len(answer) <= 500
        assert answer.rstrip()[-1] in "。."


def test_traditional_is_written_and_not_converted(knowledge: Knowledge) -> None:
    """Words that a mere conversion of the Simplified text would leave behind."""
    spoken = " ".join(entry.answers["zh-Hant"] for entry in ENTRIES) + str(knowledge.scripts.catalogues["zh-Hant"])
    for mainland in (
        "訂單號",
        "快遞費",
        "短信",
        "郵箱",
        "登錄",
        "包郵",
        "積分",
        "工作日",
        "質量",
        "賬",
        "網絡",
        "支持",
        "信息",
    ):
        assert mainland not in spoken, mainland


def test_figures_agree_over_the_languages() -> None:
    """A shop has one free-shipping limit, whatever language it says it in."""
    for id_, figures in {"ship_fee": ("99", "399", "35"), "membership": ("3000",), "gift_wrap": ("10",)}.items():
        for language in LANGUAGES:
            answer = ENTRIES.entries[id_].answers[language].replace(",", "")
            assert all(figure in answer for figure in figures), (id_, language)
