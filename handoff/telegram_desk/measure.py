"""Lengths as Telegram counts them, in UTF-16 units. Pure."""

from __future__ import annotations

from collections.abc import Iterator

MOST_TEXT, MOST_CAPTION, MOST_NAME, MOST_ALERT = 4096, 1024, 128, 200


def units(text: str) -> int:
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


def fitting(text: str, most: int) -> int:
    """How many characters of the text have at most so many units."""
    if len(text) * 2 <= most or units(text) <= most:
        return len(text)
    room = most
    for n, c in enumerate(text):
        room -= 2 if ord(c) > 0xFFFF else 1
        if room < 0:
            return n
    return len(text)


def cut(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if units(text) <= most else text[: fitting(text, most - 1)].rstrip() + "…"


def pieces(text: str, most: int) -> Iterator[str]:
    """The text in pieces that fit, broken at the end of a line where one is near."""
    while text:
        n = fitting(text, most)
        if n < len(text):
            line = text.rfind("\n", n // 2, n)
            n = line if line > 0 else n
        yield text[:n]
        text = text[n:].lstrip("\n")


def one_line(text: str) -> str:
    """Without breaks or what would turn the writing around; names come from strangers."""
    shown = "".join(" " if not c.isprintable() else c for c in text)
    return " ".join(shown.split())
