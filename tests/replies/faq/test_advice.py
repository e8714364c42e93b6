"""What could be better in a table: told by line, and nothing told of a table that is well written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from replies.faq.advice import advise, lonely, stolen
from replies.faq.encoder import sentence_encoder
from replies.faq.table import Row, parse

HEAD = "id,question,answer,language\n"
APART = """fee,how much is shipping,A.,en
fee,what does shipping cost,,en
back,how do i return an item,B.,en
back,how can i return my item,,en
"""


def rows(text: str) -> Sequence[Row]:
    good, bad = parse(HEAD + text, "faq.csv")
    assert not bad
    return good


def test_a_table_with_several_ways_that_keep_apart_needs_no_advice() -> None:
    assert advise(rows(APART)) == []


def test_entries_with_one_way_are_named_in_one_line() -> None:
    (one,) = lonely(rows(APART + "open,when do you open,C.,en\n"))
    assert (one.line, one.text) == (6, "open: one way to ask only")
    (many,) = lonely(rows("".join(f"e{n},question {n},A.,en\n" for n in range(9))))
    assert (many.line, many.text) == (2, "9 entries have one way to ask only: e0, e1, e2, e3, e4, …")


@pytest.mark.parametrize("meaning", [False, True])
def test_a_question_that_belongs_elsewhere_is_told_with_both_lines(meaning: bool) -> None:
    encoder = sentence_encoder() if meaning else None
    misplaced = "gift,do you wrap gifts,D.,en\ngift,how do i return an item fast,,en\n"
    faults = {fault.line: fault for fault in stolen(rows(APART + misplaced), encoder)}
    assert "“how do i return an item fast” is nearer to back in faq.csv:4" in faults[7].text
    assert not {2, 3, 6} & set(faults), "what has nothing to do with it"


def test_the_only_way_to_ask_cannot_be_stolen() -> None:
    assert list(stolen(rows("a,how do i pay,A.,en\nb,how do i pay now,B.,en\n"))) == []


def test_the_same_question_under_two_entries_does_not_hide_a_thief() -> None:
    """Leaving a way to ask out leaves its twin out too; that they are twins is another fault."""
    twice = rows(APART + "gift,do you wrap gifts,D.,en\ngift,how much is shipping,,en\n")
    assert [fault.line for fault in stolen(twice)] in ([], [7])
