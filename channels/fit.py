"""Makes an Outgoing fit a network: parts no longer than it takes, buttons it cannot show as a numbered list.

Pure. `choice` is the way back: it reads "2" in the customer's answer as the second button.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.dialogue import Reply
from bot.messages import Outgoing, QuickReply
from bot.ports import Capabilities, Gathered, Measure

MEASURES: dict[Measure, Callable[[str], int]] = {
    Measure.CHARACTERS: len,
    Measure.UTF8_BYTES: lambda text: len(text.encode("utf-8", "surrogatepass")),
    Measure.UTF16_UNITS: lambda text: len(text) + sum(c > "\uffff" for c in text),
    # A 汉字 is two; emoji are counted as the two units they have in UTF-16.
    Measure.HALF_WIDTHS: lambda text: sum(1 if c < "\x80" else 2 if c <= "\uffff" else 4 for c in text),
}
LEAST = 4
"""The smallest max_text that can hold any one code point, whatever the measure."""

PROMPT = {
    "zh-Hans": "请回复序号或文字：",
    "zh-Hant": "請回覆序號或文字：",
    "en": "Reply with a number or the words:",
}

# Places to cut after, best first: paragraphs and sentences, lines, clauses, words.
SENTENCE = re.compile(r"(?:[。！？!?…；;]+|(?<!\b\d)(?<!\b\d\d)\.(?=\s|$)|\n\n)[”’」』）】》)\]\"']*\s*")
CUTS = (SENTENCE, re.compile(r"\n\s*"), re.compile(r"[，、,：:]+\s*"), re.compile(r"\s+"))
URL = re.compile(r"https?://[!-~]+", re.ASCII)


def fit(outgoing: Outgoing, capabilities: Capabilities) -> list[Outgoing]:
    """The messages that say it within the network's limits, in order.

    The first keeps the key; the others add their number to it, so that each is the same over every attempt.
    Buttons and attachments go with the last part, which is the one the customer answers.
    """
    text, buttons = outgoing.text, outgoing.quick_replies
    if len(buttons) > capabilities.quick_replies:
        text, buttons = numbered(text, buttons, outgoing.language), ()
    parts = split(text, capabilities.max_text, capabilities.measure)
    if parts == [outgoing.text] and buttons is outgoing.quick_replies:
        return [outgoing]
    last = len(parts) - 1
    return [
        replace(
            outgoing,
            key=outgoing.key if n == 0 else f"{outgoing.key}#{n + 1}",
            text=part,
            quick_replies=buttons if n == last else (),
            attachments=outgoing.attachments if n == last else (),
        )
        for n, part in enumerate(parts)
    ]


def gather(waiting: Sequence[Outgoing], capabilities: Capabilities, out: int = 0) -> Gathered | None:
    """What one webhook answer, a single text, can carry of the messages that wait: as many whole ones as fit, else a
    piece of the first. `out`: pieces of that one which have been said before. A request to rate is left to be sent as
    a menu, where the network lets us send."""
    plain = _without_buttons(capabilities)
    if out and waiting:
        rest = fit(waiting[0], plain)[out:]
        if len(rest) != 1:
            return Gathered(replace(rest[0], quick_replies=(), attachments=()), 0, part=True) if rest else None
        # What it was written with, and the buttons of its last piece, stand in this text already.
        waiting = [replace(rest[0], attachments=()), *waiting[1:]]
    told: list[str] = []
    for message in waiting:
        if message.attachments or _apart(message, capabilities):
            break
        pieces = fit(message, plain)
        together = "\n\n".join([*told, pieces[0].text])
        if len(pieces) > 1 or MEASURES[plain.measure](together) > plain.max_text:
            break
        told.append(pieces[0].text)
        if message.quick_replies:
            break  # the list ends the text: a number in the answer must mean one thing
    if told:
        return Gathered(replace(waiting[0], text="\n\n".join(told), quick_replies=()), len(told))
    return _piece(waiting[0], capabilities) if waiting and not _apart(waiting[0], capabilities) else None


@lru_cache(maxsize=32)
def _without_buttons(capabilities: Capabilities) -> Capabilities:
    return replace(capabilities, quick_replies=0)


def _apart(message: Outgoing, capabilities: Capabilities) -> bool:
    return bool(message.purpose) and capabilities.pushes


def _piece(message: Outgoing, capabilities: Capabilities) -> Gathered | None:
    pieces = fit(message, capabilities)
    if (len(pieces) < 2 and not message.attachments) or pieces[0].quick_replies or not pieces[0].text:
        return None
    last = len(pieces) == 1 and not capabilities.pushes  # files cannot follow
    return Gathered(replace(pieces[0], attachments=()), 1 if last else 0, part=not last)


def merge(replies: Sequence[Reply], capabilities: Capabilities) -> Sequence[Reply]:
    """The replies in as few messages as fit, where messages are counted: the buttons of the last one stay last.

    Where only webhook answers reach the customer, a request to rate would come with the answer to his next question,
    days later perhaps, and is not made.
    """
    if capabilities.quota is None and capabilities.pushes:
        return replies
    if not capabilities.pushes:
        replies = [reply for reply in replies if not reply.purpose]
    merged: list[Reply] = []
    for reply in replies:
        joined = _joined(merged[-1], reply) if merged else None
        if joined is not None and _fits(joined, capabilities):
            merged[-1] = joined
        else:
            merged.append(reply)
    return merged


def _joined(one: Reply, other: Reply) -> Reply | None:
    if one.quick_replies or one.purpose:
        return None
    # What a message was kept in reserve for takes the words before it along: alone they would wait, and it behind them.
    scripts = ",".join(filter(None, (one.script, other.script)))
    return replace(other, text=f"{one.text}\n\n{other.text}", script=scripts, source=one.source or other.source)


def _fits(reply: Reply, capabilities: Capabilities) -> bool:
    return len(fit(Outgoing("", "", reply.text, quick_replies=reply.quick_replies), capabilities)) == 1


def numbered(text: str, buttons: Sequence[QuickReply], language: str | None = None) -> str:
    """The text with its buttons as a numbered list below."""
    prompt = PROMPT.get(language or "zh-Hans", PROMPT["en"])
    lines = [f"{n}. {button.label}" for n, button in enumerate(buttons, 1)]
    return "\n".join([*([text, ""] if text else []), prompt, *lines])


def split(text: str, limit: int, measure: Measure = Measure.CHARACTERS) -> list[str]:
    """Parts of at most `limit`, cut at the last sentence end that fits, else at the next best place.

    Only white space at the cuts is dropped. Never cuts a character as the reader sees it, nor a URL, unless that
    alone is longer than a part may be.
    """
    if limit < LEAST:
        raise ValueError(f"a text limit under {LEAST} cannot carry every character")
    size, rest, parts = MEASURES[measure], text, []
    while size(rest) > limit:
        cut = _cut(rest, _reach(rest, limit, size))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in [*parts, rest] if part] or [""]


def _reach(text: str, limit: int, size: Callable[[str], int]) -> int:
    """How many code points fit."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(text[:middle]) <= limit else (low, middle - 1)
    return low


def _cut(text: str, reach: int) -> int:
    """Where to cut a text of which `reach` code points fit."""
    links = [(m.start(), m.end()) for m in URL.finditer(text, 0, reach + 2048) if m.start() < reach]

    def whole(at: int) -> bool:
        return not any(start < at < end for start, end in links)

    for pattern in CUTS:
        # White space at a cut is dropped, so a match may reach past the part: only what is kept must fit.
        ends = [m.end() for m in pattern.finditer(text, 0, reach + 1) if len(text[: m.end()].rstrip()) <= reach]
        if good := [at for at in ends if whole(at) and not joined(text, at)]:
            return good[-1]
    for test in (whole, lambda _: True):
        for at in range(reach, 0, -1):
            if test(at) and not joined(text, at):
                return at
    return reach


def joined(text: str, at: int) -> bool:
    """Whether cutting before `text[at]` would tear one character as the reader sees it."""
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    if _extends(right) or left == "\u200d" or (left == "\r" and right == "\n"):
        return True
    if _flag(left) and _flag(right):
        run = sum(1 for _ in _back_while(text, at, _flag))
        return run % 2 == 1
    return _hangul(left, right)


def _extends(c: str) -> bool:
    """Marks, variation selectors, joiners, skin tones, tags: they belong to what stands before them."""
    return (
        unicodedata.category(c) in ("Mn", "Me", "Mc")
        or c == "\u200d"
        or "\U0001f3fb" <= c <= "\U0001f3ff"
        or ("\U000e0020" <= c <= "\U000e007f")
    )


def _flag(c: str) -> bool:
    return "\U0001f1e6" <= c <= "\U0001f1ff"


def _back_while(text: str, at: int, test: Callable[[str], bool]) -> Iterator[str]:
    for c in reversed(text[:at]):
        if not test(c):
            return
        yield c


def _hangul(left: str, right: str) -> bool:
    """Jamo that compose one syllable: lead + vowel, vowel or open syllable + tail."""
    vowel, tail = "\u1160" <= right <= "\u11a7", "\u11a8" <= right <= "\u11ff"
    if "\u1100" <= left <= "\u115f":
        return "\u1100" <= right <= "\u11a7"
    return (vowel or tail) and ("\u1160" <= left <= "\u11ff" or "\uac00" <= left <= "\ud7a3")


DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}
ORDINAL = re.compile(
    r"(?:第|选择?|選擇?|选项|選項|option|no\.?|number|#)?\s*[(\[（【]?\s*"
    r"(?P<number>\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
    r"\s*[)\]）】]?\s*(?:个|個|项|項|号|號|条|條)?\s*[.。、,，)!！~～]*",
    re.IGNORECASE,
)


def choice(text: str, quick_replies: Sequence[QuickReply]) -> QuickReply | None:
    """The button a customer's text means: its label (or value), or its number in the list, in figures or Chinese."""
    said = _plain(text)
    for button in quick_replies:
        if said and said in (_plain(button.label), _plain(button.value)):
            return button
    match = ORDINAL.fullmatch(said)
    number = _number(match["number"]) if match else 0
    return quick_replies[number - 1] if 1 <= number <= len(quick_replies) else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(" \t\r\n。.!！?？").casefold()


def _number(written: str) -> int:
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)
