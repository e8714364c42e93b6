"""What the bot understands word for word: small talk, yes and no, and which one.

Lists live in `content/*/words.toml`. Whatever language a customer writes in, all lists are heard: people mix.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from replies.source import Fault, line_of, parse_toml, read_source
from replies.text import LANGUAGES, bare, clip, fold

SMALL_TALK: Final = ("opener", "who_are_you", "how_are_you", "praise", "goodbye", "thanks", "here", "greeting", "light")
"""Kinds of small talk; of several in one message the first here is answered. `opener`: "may I ask something"."""
MARKS: Final = ("rate:5", "rate:4", "rate:3", "rate:2", "rate:1")
"""What a customer makes of the service, best first."""
CHOICES: Final = ("yes", "no", "none", *MARKS)
TABLES: Final = {"small_talk": SMALL_TALK, "choice": CHOICES}

_RUN: Final = re.compile(r"(.)\1{2,}")
_ENDING: Final = "啊呀呢吧啦哦哈嘛咯哇了的滴喔唷噢耶欸哟呐"
_EMOTICON: Final = re.compile(r"\[[^\[\]\s]{1,8}\]|/:[\w~!@<>,.\-]{1,6}")
_CLAUSE: Final = re.compile(r"[^\w\s'’]+|\n+|(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")
_ORDINAL: Final = re.compile(
    r"(?:我?(?:选|要|想问|问的是|说的是)?(?:择|的是)?第?|no|number|option|the)? ?"
    r"([1-9]|[一二三四五六七八九]|first|second|third|fourth|one|two|three|four)(?: ?(?:个|项|号|条|种|one|option))?"
)
_NUMERALS: Final = {numeral: number for number, numeral in enumerate("一二三四五六七八九", 1)} | {
    word: number
    for number, words in enumerate(("first one", "second two", "third three", "fourth four"), 1)
    for word in words.split()
}


@lru_cache(maxsize=4)  # as with fold: for one decision
def _whole(folded: str) -> str:
    plain = _RUN.sub(r"\1", bare(folded))
    return plain[:1] + plain[1:].rstrip(_ENDING)


def whole(text: str) -> str:
    """A short message as it is compared with the lists: folded, "哈哈哈哈啊" as "哈", without what trails off."""
    return _whole(fold(text[:80]))


def is_blank(text: str) -> bool:
    """Nothing but spaces, punctuation and invisible characters."""
    return not bare(fold(clip(text, 400))) and not is_emoji(text)


def is_emoji(text: str) -> bool:
    """Nothing but emoji and the like ("[微笑]")."""
    rest = _EMOTICON.sub("", text[:400])
    if bare(fold(rest)):
        return False
    return rest != text[:400] or any(unicodedata.category(char) in ("So", "Sk") for char in rest)


def ordinal(text: str) -> int | None:
    """The number in "2", "第二个", "选2" or "the second one"; None if the text is anything more."""
    found = _ORDINAL.fullmatch(bare(fold(text[:40])))
    if found is None:
        return None
    return _NUMERALS.get(found[1]) or int(found[1])


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of all languages in one."""

    small_talk: Mapping[str, str] = field(default_factory=dict)
    choice: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def chat(self, text: str) -> str | None:
        """The kind of small talk that the whole text is, clause by clause; None if anything else is in it."""
        if len(text) > 120:
            return None
        if (kind := self.small_talk.get(whole(text))) is not None:
            return kind
        kinds = set()
        for clause in _CLAUSE.split(text):
            if kind := self.small_talk.get(whole(clause)):
                kinds.add(kind)
            elif bare(fold(clause)):
                return None
        return next((kind for kind in SMALL_TALK if kind in kinds), None)

    def chosen(self, text: str, among: Sequence[str]) -> str:
        """What of yes, no, none of these and the marks the whole text says, if that is asked; else nothing."""
        if len(text) > 80:
            return ""
        said = whole(text)
        for name in CHOICES:
            if name in among and said in self.choice.get(name, ()):
                return name
        return ""


def load_words(content: Path) -> tuple[Words, list[Fault]]:
    """The lists of all languages in a content folder, and what is wrong with them."""
    small_talk: dict[str, str] = {}
    choice: dict[str, set[str]] = {name: set() for name in CHOICES}
    faults: list[Fault] = []
    for language in LANGUAGES:
        path = content / language / "words.toml"
        source = read_source(path)
        tables = parse_toml(source, str(path))
        faults += _check(tables, source, str(path))
        for kind, phrases in _lists(tables, "small_talk"):
            for phrase in phrases:
                small_talk.setdefault(whole(phrase), kind)
        for name, phrases in _lists(tables, "choice"):
            choice[name].update(map(whole, phrases))
    return Words(small_talk, {name: frozenset(said) for name, said in choice.items()}), faults


def _lists(tables: Mapping[str, Any], table: str) -> list[tuple[str, list[str]]]:
    lists = tables.get(table)
    if not isinstance(lists, dict):
        return []
    return [
        (name, [phrase for phrase in lists[name] if _is_phrase(phrase)])
        for name in TABLES[table]
        if isinstance(lists.get(name), list)
    ]


def _is_phrase(phrase: object) -> bool:
    return isinstance(phrase, str) and bool(bare(fold(phrase)))


def _check(tables: Mapping[str, Any], source: str, file: str) -> list[Fault]:
    faults: list[Fault] = []
    for table in {**TABLES, **tables}:
        lists = tables.get(table)
        if table not in TABLES:
            faults.append(Fault(file, line_of(source, table), f"[{table}] is not known", f"use {', '.join(TABLES)}"))
        elif not isinstance(lists, dict):
            faults.append(Fault(file, 1, f"[{table}] is missing", "copy it from another language"))
        else:
            faults += _check_table(table, lists, source, file)
    return faults


def _check_table(table: str, lists: Mapping[str, Any], source: str, file: str) -> list[Fault]:
    faults: list[Fault] = []
    for name, phrases in lists.items():
        line = line_of(source, table, name)
        if name not in TABLES[table]:
            faults.append(Fault(file, line, f"[{table}] {name} is not known", f"use {', '.join(TABLES[table])}"))
        elif not isinstance(phrases, list) or not all(map(_is_phrase, phrases)):
            faults.append(Fault(file, line, f"[{table}] {name} is not a list of words", '["…", "…"]'))
    return faults
