from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.errors import ContentError
from replies.faq.matching import Action, Candidate, Match
from replies.faq.report import Query, ask, evaluate, read_queries
from replies.text import Language


class Parrot:
    """Answers with the entry the text names; "?" asks back; knows nothing else. Remembers the languages it was told."""

    def __init__(self) -> None:
        self.languages: list[str] = []

    def match(self, text: str, language: Language) -> Match:
        self.languages.append(language)
        if text.startswith("?"):
            return Match(Action.CLARIFY, None, (Candidate("x", 0.5), Candidate(text[1:], 0.4)))
        if text.startswith("!"):
            return Match(Action.ANSWER, text[1:], (Candidate(text[1:], 0.9),))
        return Match(Action.MISS, None, (Candidate("far", 0.1),) if text else ())


def test_each_line_is_answered_in_order() -> None:
    lines = ['{"text": "!运费"}\n', "\n", '{"text": "?b"}', '{"text": "c", "more": 1}']
    told = [json.loads(line) for line in ask(lines, Parrot())]
    assert told == [
        {"action": "answer", "id": "运费", "candidates": [{"id": "运费", "score": 0.9}]},
        {"action": "clarify", "id": None, "candidates": [{"id": "x", "score": 0.5}, {"id": "b", "score": 0.4}]},
        {"action": "miss", "id": None, "candidates": [{"id": "far", "score": 0.1}]},
    ]


class Foresees(Parrot):
    """Wants to see what it is going to be asked."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[str]] = []

    def prepare(self, texts: Iterable[str]) -> None:
        self.seen.append(list(texts))


def test_a_matcher_sees_many_questions_together() -> None:
    matcher = Foresees()
    list(ask(['{"text": "a"}', "{", '{"text": "b"}', ""], matcher))
    assert matcher.seen == [["a", "b"]]
    evaluate(matcher, [Query(str(number)) for number in range(600)])
    assert [len(texts) for texts in matcher.seen[1:]] == [256, 256, 88]


def test_lines_are_numbered_from_where_they_are() -> None:
    assert "line 12 " in next(ask(["", "{"], Parrot(), first=11))


@pytest.mark.parametrize("line", ["{", "[1]", '{"txt": "a"}', '{"text": 3}', "null", "[" * 100_000])
def test_a_line_that_makes_no_sense_is_a_miss_with_the_reason(line: str) -> None:
    told = [json.loads(answer) for answer in ask([line, '{"text": "!a"}'], Parrot())]
    assert told[0]["action"] == "miss"
    assert "line 1" in told[0]["error"]
    assert told[1]["id"] == "a"


def test_the_language_comes_from_the_text_or_is_told() -> None:
    parrot = Parrot()
    list(ask(['{"text": "請問"}', '{"text": "ok", "language": "zh-TW"}', '{"text": "what is it"}'], parrot))
    assert parrot.languages == ["zh-Hant", "zh-Hant", "en"]


def test_figures_say_what_happened() -> None:
    queries = [Query("!a", "a"), Query("!b", "c"), Query("?d", "d"), Query("e", "e"), Query("!f"), Query("g")]
    evaluation = evaluate(Parrot(), queries)
    assert evaluation.accuracy == 1 / 4
    assert evaluation.coverage == 2 / 4
    assert evaluation.precision == 1 / 3
    assert evaluation.clarified == 1.0
    assert evaluation.false_answers == 1 / 2
    assert [one.query.text for one in evaluation.misses] == ["!b", "e"]
    report = evaluation.report()
    assert "6 (4 in scope, 2 out of scope)" in report
    assert "e\tmiss\twanted e\tfound far" in report


def test_nothing_to_ask_is_no_division_by_zero() -> None:
    assert evaluate(Parrot(), []).accuracy is None
    assert "–" in evaluate(Parrot(), []).report()


def test_queries_are_read_with_empty_ids_for_out_of_scope(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text('\ufeffid,text\na,"one, two"\n,three\n\n', "utf-8")
    assert read_queries(path) == [Query("one, two", "a"), Query("three", "")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("question,id\n", ":1: column text or id"),
        ("text,id\na\n", ":2: has 1 cells"),
        ('text,id\n"a,b\n', ":2: is not CSV"),
    ],
)
def test_bad_queries_are_refused_with_the_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(ContentError, match=fault):
        read_queries(path)
