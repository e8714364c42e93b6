"""Subjects: what is before the words. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

REPLY = r"re|aw|sv|vs|antw|odp|rif|res|回复|回覆|答复|答覆|回应|回信"
FORWARD = r"fwd?|wg|tr|rv|enc|i|vl|pd|转发|轉寄|轉發|转寄"
PREFIX = re.compile(
    rf"\s{{0,9}}(?:(?P<reply>{REPLY})|(?P<forward>{FORWARD}))\s{{0,3}}(?:[\[(（]?\d{{1,3}}[\])）]?)?\s{{0,3}}[:：]",
    re.IGNORECASE,
)
MOST = 200
"""Characters of a subject that an answer repeats."""
NUMBER = re.compile(r"\[KF-(\d{1,12})\]")
LABEL = re.compile(r"\s{0,9}\[(?:SPAM|外部|External|EXT|External邮件|外部邮件)\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject taken apart. `base` is what two mails of one exchange share, for comparing; `number` our own."""

    base: str
    number: int | None = None
    reply: bool = False
    forward: bool = False


def taken_apart(subject: str) -> Subject:
    """`reply` and `forward` are what the outermost prefix says."""
    number = NUMBER.search(subject[:1000])
    rest, first = NUMBER.sub(" ", subject[:1000]), ""
    while match := PREFIX.match(rest) or LABEL.match(rest):
        first = first or match.lastgroup or ""
        rest = rest[match.end() :]
    base = " ".join(rest.split()).casefold()
    return Subject(base, int(number[1]) if number else None, first == "reply", first == "forward")


def answer(subject: str, number: str, otherwise: str) -> str:
    """The subject of an answer: one `Re:`, the words as they were, and our number at the end. `otherwise` stands where
    there are no words."""
    rest = NUMBER.sub(" ", subject[:1000])
    while (match := PREFIX.match(rest)) and match.lastgroup == "reply":
        rest = rest[match.end() :]
    words = " ".join(rest.split())
    return f"Re: {words[:MOST].strip() or otherwise} [{number}]"


def number(conversation: int) -> str:
    """What a conversation is called among people."""
    return f"KF-{conversation}"
