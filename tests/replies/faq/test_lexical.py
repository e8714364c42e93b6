from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replies.faq.lexical import Gate, LexicalMatcher, canonical
from replies.faq.matching import MISS, Action, Candidate, Matcher
from replies.faq.report import evaluate, read_queries
from replies.faq.table import Entry
from replies.knowledge import Knowledge

QUERIES = Path(__file__).parent / "queries.csv"


def entries(**questions: str) -> list[Entry]:
    return [Entry(id_, {"en": tuple(ways.split("|"))}, {"en": id_}) for id_, ways in questions.items()]


SHOP = entries(
    shipping="how much is shipping|what does delivery cost",
    returns="how do i return an item|can i send it back",
    refund="when do i get my refund|how long does a refund take",
)


@pytest.fixture(scope="module")
def small() -> Matcher:
    return LexicalMatcher(SHOP)


@pytest.mark.parametrize(
    "text",
    [
        "How much is shipping?",
        "  HOW MUCH  is shipping!!! ",
        "Hi, how much is shipping, please",
        "ｈow much is shipping",
    ],
)
def test_an_own_question_answers_at_once_however_it_is_written(small: Matcher, text: str) -> None:
    match = small.match(text, "en")
    assert (match.action, match.id, match.exact) == (Action.ANSWER, "shipping", True)
    assert match.candidates == (Candidate("shipping", 1.0),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("请问怎么退货呀", "怎样退货"),
        ("可不可以退货呢", "能不能退货"),
        ("退貨要怎麼辦理", "退货要怎么办理"),
        ("您好，多长时间发货", "多久发货"),
        ("帳號", "账号"),
    ],
)
def test_ways_to_ask_the_same_thing_are_one(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_nearly_the_same_words_find_it_and_a_typo_does_not_hide_it(small: Matcher) -> None:
    assert small.match("what is the cost of delivery", "en").candidates[0].id == "shipping"
    assert small.match("retrun an item how", "en").candidates[0].id == "returns"


def test_a_question_of_two_entries_is_asked_back() -> None:
    both = LexicalMatcher(entries(a="how much is it", b="how much is it|what does it cost"))
    match = both.match("How much is it?", "en")
    assert (match.action, match.id) == (Action.CLARIFY, None)
    assert [found.id for found in match.candidates] == ["a", "b"]


def test_candidates_come_on_a_miss_too_best_first_and_three_at_most(knowledge: Knowledge) -> None:
    match = knowledge.matcher.match("你们的老板什么时候去北京玩", "zh-Hans")
    assert match.action is Action.MISS
    assert 1 <= len(match.candidates) <= 3
    assert list(match.candidates) == sorted(match.candidates, key=lambda found: -found.score)


def test_no_entry_is_passed_over_that_scores_better(knowledge: Knowledge) -> None:
    """The index scores the entries that could be among the best; scoring every one finds the same."""
    matcher = LexicalMatcher(knowledge.faq)
    for query in read_queries(QUERIES):
        known = matcher._known(canonical(query.text))
        scored = ((matcher._score(known, number), number) for number in range(len(knowledge.faq)))
        best = sorted((one for one in scored if one[0]), key=lambda one: (-one[0], one[1]))[:3]
        assert matcher._ranked(known) == best


def test_an_operator_may_ask_for_more_certainty() -> None:
    text = "what is the cost of delivery"
    bold, shy = LexicalMatcher(SHOP, Gate(answer=0.0)), LexicalMatcher(SHOP, Gate(answer=1.0, clarify=1.0))
    assert bold.match(text, "en").action is Action.ANSWER
    assert shy.match(text, "en").action is Action.MISS


def test_an_empty_faq_misses_everything() -> None:
    assert LexicalMatcher([]).match("anything", "en") == MISS


@pytest.mark.parametrize(
    "text", ["", " ", "？", "\0", "\ud800", "😀", "退", "退货" * 50_000, "a" * 100_000, "a b " * 25_000, "ﷺ" * 50_000]
)
def test_any_length_and_any_characters_are_safe(knowledge: Knowledge, text: str) -> None:
    match = knowledge.matcher.match(text, "zh-Hans")
    assert all(0 <= found.score <= 1 for found in match.candidates)


@given(st.text(max_size=200))
def test_the_same_text_always_finds_the_same(text: str) -> None:
    assert LexicalMatcher(SHOP[:1]).match(text, "en") == LexicalMatcher(SHOP[:1]).match(text, "en")


def test_customers_own_words_on_the_shipped_faq(knowledge: Knowledge) -> None:
    """Phrasings nobody put into the FAQ, in three languages, and questions that are none of a shop's business."""
    evaluation = evaluate(knowledge.matcher, read_queries(QUERIES))
    figures = (evaluation.accuracy, evaluation.precision, evaluation.coverage, evaluation.false_answers)
    accuracy, precision, coverage, false_answers = (figure or 0.0 for figure in figures)
    assert accuracy >= 0.88
    assert precision >= 0.92
    assert coverage >= 0.65
    assert false_answers <= 0.10
