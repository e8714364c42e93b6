"""Where in a text a pattern need be tried at all: the engine alone tries most of ours at every letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD_BEGINS: Final = r"(?:(?<![^\W_])|(?![^\W_]))"
_ATOM: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:P<\w+>|<[=!]|[:=!]))?|[^()\[\]\\]", re.DOTALL)
_MANY: Final = re.compile(r"\?|\*|\+|\{(\d*),?\d*\}")
_NOTHING_WIDE: Final = ("(?=", "(?!", "(?<=", "(?<!", r"\b", r"\B", "^", "$")


def eager(pattern: str, *, words: bool = False) -> re.Pattern[str]:
    """The same pattern, its alternatives tried only at letters they can begin with, those that may begin with anything
    last. `words`: and only where a word begins."""
    closed, anywhere, letters = list[str](), list[str](), set[str]()
    for alternative in _split(pattern):
        first = openers(alternative)
        (anywhere if first is None else closed).append(alternative)
        letters |= first or set()
    look = f"(?=[{''.join(map(re.escape, sorted(letters)))}])(?:{'|'.join(closed)})"
    return re.compile(f"{_WORD_BEGINS if words else ''}(?:{'|'.join([look, *anywhere] if closed else anywhere)})")


def openers(pattern: str) -> frozenset[str] | None:
    """The characters a match can begin with; None: anything, or it cannot be told."""
    found: set[str] = set()
    for alternative in _split(pattern):
        first = _first(alternative)
        if first is None:
            return None
        found |= first
    return frozenset(found)


def _first(alternative: str) -> frozenset[str] | None:
    """Of a pattern without alternatives at its top: its first part, and the next where that may be absent."""
    found: set[str] = set()
    for atom, optional in _atoms(alternative):
        if atom.startswith(_NOTHING_WIDE):
            continue
        first = _letters(atom)
        if first is None:
            return None
        found |= first
        if not optional:
            return frozenset(found)
    return None


def _letters(atom: str) -> frozenset[str] | None:
    if atom[0] == "(":
        return openers(re.sub(r"^\((?:\?(?:P<\w+>|:))?", "", atom)[:-1])
    if atom[0] == "[":
        inside = atom[1:-1]
        return None if inside[0] == "^" or "\\" in inside or "-" in inside else frozenset(inside)
    if atom[0] == "\\":
        return None if atom[1].isalnum() else frozenset(atom[1])
    return None if atom == "." else frozenset(atom)


def _atoms(pattern: str) -> Iterator[tuple[str, bool]]:
    """The parts of a pattern, groups whole, and whether each may be absent."""
    place = 0
    while place < len(pattern):
        end = _end(pattern, place)
        many = _MANY.match(pattern, end)
        optional = many is not None and (many[0] in "?*" or many[1] in ("", "0"))
        yield pattern[place:end], optional and many is not None and many[0] != "+"
        place = many.end() if many else end


def _end(pattern: str, place: int) -> int:
    """Where the atom that begins here ends."""
    depth = 0
    while True:
        found = _ATOM.match(pattern, place)
        depth += found is not None and found[0][0] == "("
        depth -= found is None  # a closing bracket
        place = found.end() if found else place + 1
        if depth <= 0:
            return place


def _split(pattern: str) -> Iterator[str]:
    """The alternatives at the top of a pattern."""
    start = place = 0
    while place < len(pattern):
        if pattern[place] == "|":
            yield pattern[start:place]
            start = place = place + 1
        else:
            place = _end(pattern, place)
    yield pattern[start:]
