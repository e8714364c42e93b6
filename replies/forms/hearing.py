"""Several answers in one message, and corrections of earlier ones: which field is meant, and what it shall be.

"不对，是上周三", "电话写错了，是138…", "the model is X200 not X100". A field is meant when it is named, when its old
value is quoted, or when the new value can only be of its kind; else it is the one answered last.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from replies.forms.answers import chosen, read_day
from replies.forms.draft import Draft, show
from replies.forms.fields import Field, Form
from replies.forms.numbers import find_phone, read_order, read_phone
from replies.text import Language, simplified

_CLAUSE: Final = re.compile(r"[,，。;；\n、]|\.\s|\s(?=and\s)")
_JOINT: Final = r"\s{0,3}(?:应该是|是|为|:|=|\bis\b|\bwas\b|\bshould be\b|\bto be\b)\s{0,3}"
_LEAD: Final = re.compile(
    r"\s{0,3}(?:啊|哦|呃|额)?[,，\s]{0,3}(?:不对|不是|错了|写错了?|说错了?|打错了?|搞错了?|记错了?|填错了?|更正|改一下|更改|修改|不不|"
    r"no\b|nope\b|sorry\b|actually\b|correction\b|wait\b|oops\b|i meant?\b|my mistake\b|that(?:'s| is) wrong\b)"
    r"(?:一下|了)?[\s,，。.!！:：]{0,5}",
    re.IGNORECASE,
)
_WRONG: Final = re.compile(
    r"(?:写|填|说|打|记|弄|搞|输)错|(?:是|有)错|错了|不对|改(?:成|为|一下|到|回)|应该是|应为|更正|"
    r"\bwrong\b|\bshould be\b|\bincorrect\b|\bmistyped\b|\bchange\b|\bcorrect(?:ion)?\b|\bnot\b|\bi meant?\b|不是",
    re.IGNORECASE,
)
_NOT_BUT: Final = (
    re.compile(r"不是\s{0,3}(?P<old>[^,，。是]{1,40}?)[\s,，]{0,3}(?:而是|应该是|是)\s{0,3}(?P<new>[^,，。]{1,300})"),
    re.compile(
        r"\bnot (?P<old>[^,.]{1,40}?)[, ]{1,3}(?:but|it'?s|it is|it should be) (?P<new>.{1,300})", re.IGNORECASE
    ),
)
_BUT_NOT: Final = (
    re.compile(
        r"(?:应该是|是|为)\s{0,3}(?P<new>[^,，。是]{1,300}?)[\s,，]{1,3}(?:而?不是|不为)\s{0,3}(?P<old>[^,，。]{1,40})"
    ),
    re.compile(
        r"(?:\bis\b|\bwas\b|\bshould be\b|'s\b)\s{1,3}(?P<new>[^,]{1,300}?)[, ]{1,3}(?:and )?not (?P<old>[^,.]{1,40})",
        re.IGNORECASE,
    ),
)
_TO: Final = re.compile(
    r"(?:应该是|应为|应该为|改成|改为|改到|换成|更正为|更正成|正确的是|是|为|:|=|"
    r"\bshould be\b|\bto be\b|\bto\b|\bit'?s\b|\bis\b|\bwas\b|\bi meant?\b)\s{0,3}(?P<new>\S.{0,299})$",
    re.IGNORECASE | re.DOTALL,
)
_TIDY: Final = " \t\n,，.。;；:：!！"


@dataclass(frozen=True, slots=True)
class Correction:
    """`field` shall be what `text` says; None where nobody can tell which field."""

    field: Field | None
    text: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """The answers a message gives by name, or as what can be nothing else, and what it says besides."""

    named: tuple[tuple[Field, str], ...]
    plain: tuple[tuple[Field, str], ...]
    rest: str


def correction(form: Form, draft: Draft, text: str, today: date) -> Correction | None:
    """What a message corrects; None if it corrects nothing."""
    if len(text) > 300:
        return None
    shown = unicodedata.normalize("NFKC", text).strip()
    plain = _plain(shown)
    lead = _LEAD.match(plain)
    if lead is None and not _WRONG.search(plain):
        return None
    start = lead.end() if lead else 0
    body, written = plain[start:], shown[start:]
    old, (begin, end) = _old_and_new(body)
    new = (written if len(shown) == len(plain) else body)[begin:end].strip(_TIDY)
    target = _quoted(form, draft, old) or _named(form, body) or _alike(form, draft, new, today)
    if target is None and lead is not None and new and draft.trail and not old:
        last = form.field(draft.trail[-1])
        target = last if last is not None and last.kind == "text" else None
    if target is None:
        return Correction(None, "") if lead is not None and lead.end() == len(plain) else None
    return Correction(target, new) if new else Correction(target, "")


def _plain(text: str) -> str:
    """Simplified, so that one pattern finds both scripts."""
    return simplified(unicodedata.normalize("NFKC", text).strip())


def _old_and_new(body: str) -> tuple[str, tuple[int, int]]:
    """The old value, "" where none is quoted, and where the new one stands."""
    for pattern in (*_BUT_NOT, *_NOT_BUT):
        if found := pattern.search(body):
            return found["old"].strip(_TIDY), found.span("new")
    if found := _TO.search(body):
        return "", found.span("new")
    after = _WRONG.search(body)
    start = after.end() if after else 0
    return "", (start + body.startswith("了", start), len(body))


def _quoted(form: Form, draft: Draft, old: str) -> Field | None:
    if len(old) < 2:
        return None
    wanted = _plain(old).casefold()
    for id_ in reversed(draft.trail or tuple(draft.answers)):
        one = form.field(id_)
        if one is not None and id_ in draft.answers and not one.tells:
            value = draft.answers[id_]
            if any(wanted in _plain(text).casefold() for text in (value, show(form, one, value))):
                return one
    return None


def _named(form: Form, body: str) -> Field | None:
    """The field whose name stands first in the text; of several there the longest."""
    head = body.casefold()[:60]
    places = []
    for one in form.fields:
        for word in (*one.words, one.label):
            found = re.search(_word(word), head)
            if found:
                places.append((found.start(), -len(word), one))
    return min(places, key=lambda place: place[:2])[2] if places else None


def _word(word: str) -> str:
    word = simplified(word).casefold()
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)


def _alike(form: Form, draft: Draft, new: str, today: date) -> Field | None:
    """The field answered last that only such a value can be meant for."""
    answered = [one for id_ in reversed(draft.trail) if (one := form.field(id_)) and id_ in draft.answers]
    answered += [one for one in form.fields if one.id in draft.answers and one not in answered]
    return next((one for one in answered if _fits(one, new, today, form.language)), None)


def _fits(one: Field, new: str, today: date, language: Language) -> bool:
    if one.kind == "telephone":
        return bool(read_phone(new))
    if one.kind == "date":
        return len(new) <= 30 and read_day(one, new, today, language).trouble != "unclear"
    if one.kind == "order":
        return bool(read_order(new) == new != "" and not read_phone(new, sure=True))
    return one.kind == "choice" and bool(chosen(one, new))


def labelled(form: Form, text: str, asked: str) -> Labelled:
    """What of a message is said to be the answer to another field than the one asked: "我叫张三，电话138…"."""
    named: list[tuple[Field, str]] = []
    plain: list[tuple[Field, str]] = []
    rest: list[str] = []
    for clause in _clauses(text):
        if (found := _label(form, clause)) is not None and found[0].id == asked:
            rest.append(found[1])
        elif found is not None:
            named.append(found)
        elif (found := _by_itself(form, clause, asked)) is not None:
            plain.append(found)
            rest += _beside(found[0], clause)
        else:
            rest.append(clause)
    return Labelled(tuple(named), tuple(plain), "，".join(rest) if named or plain else text)


def _beside(one: Field, clause: str) -> list[str]:
    """What a clause says beside a telephone number and its name: "王先生 138…"."""
    rest = find_phone(clause, sure=True)[1] if one.kind == "telephone" else ""
    rest = re.sub("|".join([_JOINT, *map(_word, one.words)]), " ", rest, flags=re.IGNORECASE).strip(_TIDY)
    return [rest] if re.search(r"[^\W\d_]{2}", rest) and rest not in ("我的", "my") else []


def _clauses(text: str) -> Sequence[str]:
    return [clause for part in _CLAUSE.split(text[:1000]) if (clause := part.strip().removeprefix("and ").strip())]


def _label(form: Form, clause: str) -> tuple[Field, str] | None:
    """ "型号是X200", "phone: 138…", "我叫张三": the field is named, and its answer joined to the name."""
    plain = unicodedata.normalize("NFKC", clause)
    for one in form.fields:
        for lead in one.lead if one.known == "name" else ():
            if len(lead) > 1 and plain.casefold().startswith(lead.casefold()) and len(plain) > len(lead):
                return one, plain
    for one, word in _words(form):
        found = re.match(
            rf"(?:我的|我|my |the |our )?{re.escape(word)}(?P<joint>{_JOINT}| )?(?P<value>.+)$", plain, re.I | re.S
        )
        if found is None:
            continue
        value = found["value"].strip(_TIDY)
        joint = (found["joint"] or "").strip()
        if value and (joint or (value[0].isascii() and re.search(r"\d", value))):
            return one, value
    return None


def _words(form: Form) -> Iterator[tuple[Field, str]]:
    pairs = [(one, word) for one in form.fields if one.kind != "photo" and not one.tells for word in one.words]
    yield from sorted(pairs, key=lambda pair: -len(pair[1]))


def _by_itself(form: Form, clause: str, asked: str) -> tuple[Field, str] | None:
    """A mobile number or "订单 X" needs no name."""
    for one in form.fields:
        if one.id == asked or one.tells:
            continue
        if one.kind == "telephone" and (found := read_phone(clause, sure=True)):
            return one, found
        if one.kind == "order" and (found := read_order(clause, labelled=True)):
            return one, found
    return None
