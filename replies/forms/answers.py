"""One answer: what a customer wrote, read as the kind of thing that was asked."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from replies.forms.dates import read_dates
from replies.forms.draft import keep
from replies.forms.fields import Field
from replies.forms.numbers import read_order, read_phone
from replies.forms.secrets import MASK
from replies.text import Language, bare, fold
from replies.words import ordinal, whole

_NOT: Final = re.compile(r"[不没别勿]|\b(?:no|not|never)\b|n't\b")
_EDGES: Final = " \t\n,，.。;；:：、!！~～"


@dataclass(frozen=True, slots=True)
class Read:
    """`value` to keep; or `either`, dates of which one is meant; or why it cannot be: unclear, future (with `either`
    the date that is not yet)."""

    value: str = ""
    either: tuple[str, ...] = ()
    trouble: str = ""


UNCLEAR: Final = Read(trouble="unclear")


def read_answer(one: Field, text: str, today: date, language: Language) -> Read:
    """The answer to a field in a text."""
    if not bare(fold(text)) and text.strip() != MASK:
        return UNCLEAR
    if one.kind == "date":
        return read_day(one, text, today, language)
    if one.kind == "telephone":
        return Read(found) if (found := read_phone(text)) else UNCLEAR
    if one.kind == "order":
        return Read(found) if (found := read_order(text)) else UNCLEAR
    if one.kind == "choice":
        return Read(chosen(one, text) or _only_choice(one, text) or said(one, text))
    if one.kind == "photo":
        return UNCLEAR
    value = said(one, text)
    return Read(value) if value.strip(_EDGES) else UNCLEAR


def read_day(one: Field, text: str, today: date, language: Language) -> Read:
    """A date that may be; of two readings one that is not to come is left out where that cannot be."""
    whens = read_dates(text, today, language)
    past = [when for when in whens if one.future or not when.future(today)]
    if not past:
        return Read(either=(whens[0].write(),), trouble="future") if whens else UNCLEAR
    if len(past) == 1:
        return Read(past[0].write())
    return Read(either=tuple(when.write() for when in past))


def chosen(one: Field, text: str) -> str:
    """The choice that the whole text means, by its words or its number; "" for none."""
    told = whole(said(one, text)[:80])
    for value, words in one.choices.items():
        if told and any(told == whole(word) for word in words):
            return value
    number = ordinal(text)
    return list(one.choices)[number - 1] if number is not None and number <= len(one.choices) else ""


def _only_choice(one: Field, text: str) -> str:
    """The one choice that a short text is about; "" where it names several, or says what he does not want."""
    plain = fold(text)
    if len(plain) > 40 or _NOT.search(plain):
        return ""
    found = {value for value, words in one.choices.items() if any(_names(plain, fold(word)) for word in words)}
    return found.pop() if len(found) == 1 else ""


def _names(plain: str, word: str) -> bool:
    return (re.search(rf"\b{re.escape(word)}\b", plain) is not None) if word.isascii() else word in plain


def said(one: Field, text: str) -> str:
    """The text without the words before the answer ("我叫"), as much of it as is kept."""
    text = text.strip()
    plain = unicodedata.normalize("NFKC", text)
    for lead in sorted(one.lead, key=len, reverse=True):
        found = re.match(rf"{re.escape(lead)}(?:\b|(?<=[\u3400-\u9fff]))[\s:,是为為]{{0,3}}", plain, re.IGNORECASE)
        if found and plain[found.end() :].strip(_EDGES):
            text = plain[found.end() :]
            break
    return keep(text if one.tells else text.strip(_EDGES) or text, one.limit)
