from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from replies.etiquette.openers import eager, openers


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        ("ab|cd", "ac"),
        ("a?b|c*d|e{0,2}f|g{,2}h", "abcdefgh"),
        ("a+b|c{1,2}d", "ac"),
        ("(?:a|b(?:c|d))e|[fg]h", "abfg"),
        ("(?P<x>a|b)?c", "abc"),
        ("(?<!a)b|(?=c)d|\\be", "bde"),
        ("\\(a|[(]b|\\[", "(["),
        ("[|)]a|b", "|)b"),
    ],
)
def test_the_letters_a_match_can_begin_with(pattern: str, letters: str) -> None:
    assert openers(pattern) == frozenset(letters)


@pytest.mark.parametrize("pattern", [".a", "\\S", "a?", "[^a]b", "[a-z]b", "a|\\d", "(?:a|\\w)b", "(?:a|b?)?"])
def test_where_that_cannot_be_told_any_letter_is_tried(pattern: str) -> None:
    assert openers(pattern) is None


def patterns() -> Iterator[str]:
    for folder in ("chinese", "english"):
        for sheet in (files("replies.etiquette") / folder).iterdir():
            for row in tomllib.loads(sheet.read_text("utf-8")).get("rules", []):
                yield "|".join(line for line in row["pattern"].split("\n") if line)


def test_the_rules_find_what_they_would_find_if_they_were_tried_everywhere() -> None:
    sheet = Path(__file__).parent.parent / "data" / "etiquette_faults.tsv"
    rows = csv.DictReader(sheet.read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    texts = [row["text"].lower() for row in rows if row["kind"] != "clean"][::7]
    found = 0
    for pattern in patterns():
        plain, quick = re.compile(pattern), eager(pattern)
        for text in texts:
            first, same = plain.search(text), quick.search(text)
            found += first is not None
            assert (first and first.start()) == (same and same.start()), (pattern, text)
    assert found > 50
