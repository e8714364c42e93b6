"""A message as rules read it: folded character by character, so that what fits can be shown in the customer's words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from replies.text import HAN, fold, simplified

LONGEST: Final = 2000
"""Of a longer letter the head and the tail are judged."""
_TAIL: Final = LONGEST // 4
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Co", "Cs", "Cn", "Mn"))


@dataclass(frozen=True, slots=True)
class Reading:
    """`folded[i]` stands for `text[at[i]:at[i + 1]]`; `at` is None where every character stands for itself.

    `folded` keeps line breaks, since a sentence may end there. `plain` is the whole message as `replies.text.fold`
    has it.
    """

    text: str
    folded: str
    at: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `folded[start:end]` stands in the text."""
        return (start, end) if self.at is None else (self.at[start], self.at[end - 1] + 1 if end else 0)

    @property
    def plain(self) -> str:
        return fold(self.folded)


def read(text: str) -> Reading:
    """Fold a message, of which only head and tail are kept if it is long. Never fails."""
    if len(text) <= LONGEST and text.isascii():
        return Reading(text, text.lower())
    kept = range(len(text))
    if len(text) > LONGEST:
        kept = [*range(LONGEST - _TAIL), *range(len(text) - _TAIL, len(text))]  # type: ignore[assignment]
    chars: list[str] = []
    at: list[int] = []
    for index in kept:
        for char in _folded(text[index]):
            chars.append(char)
            at.append(index)
        if len(text) > LONGEST and index == LONGEST - _TAIL - 1:
            chars.append("\n")
            at.append(index)
    joined = "".join(chars)
    folded = simplified(joined) if HAN.search(joined) else joined
    if len(folded) != len(joined):  # a phrase that Simplified writes in another number of characters
        folded = "".join(simplified(char)[:1] or char for char in joined)
    return Reading(text, folded, tuple(at))


def _folded(char: str) -> str:
    if char.isascii():
        return char.lower()
    if "\u4e00" <= char <= "\u9fff":
        return char
    if char in "\u2019\u2018":
        return "'"
    if unicodedata.category(char) in _INVISIBLE:
        return ""
    return unicodedata.normalize("NFKC", char).casefold()
