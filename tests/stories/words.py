"""What the bot may say: the sample content, as patterns that any rendering of a line fits."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from typing import Any

from tests.stories.serving import ROOT

CONTENT = ROOT / "replies" / "content"
TAGS = re.compile(r"\{%.*?%\}.*?\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


@cache
def scripts(language: str) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for sheet in ("scripts", "service", "complaints", "customers"):
        for name, rows in tomllib.loads((CONTENT / language / f"{sheet}.toml").read_text("utf-8")).items():
            tables[name] = {**tables.get(name, {}), **rows}
    return tables


def said(situation: str, language: str, text: str) -> bool:
    """Whether the text has one of the situation's lines in it."""
    lines: list[str] = scripts(language)["scripts"][situation]
    return any(re.search(_pattern(line), text, re.DOTALL) for line in lines)


def _pattern(line: str) -> str:
    fixed = TAGS.split(line)
    return ".*".join(re.escape(part) for part in fixed)


@cache
def faq(entry: str, language: str) -> str:
    """The answer of an entry of the sample FAQ."""
    with (CONTENT / language / "faq.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row["answer"] for row in csv.DictReader(file) if row["id"] == entry and row["answer"])
