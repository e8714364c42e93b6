"""What is new in a mail: its text without quotes, signature and what programs add. Pure, linear.

Losing what somebody wrote is the worse mistake, so whatever looks like an answer within or below a quote keeps the
whole text, a forwarded mail is content, and where nothing would be left, all is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from channels.email.quotes import chinese, western
from channels.email.quotes.attributions import LONGEST, QUOTED, SPACES, Mark, attribution, belongs, plainly, reflowed

TONGUES = (chinese, western)
MOST = 20_000
"""Lines that are looked at; what lies below is kept."""

LABELLED = re.compile(r"[|*\s>]{0,6}([^\W\d_][^\d_:：|*@<>]{0,18}?) ?\*{0,2} ?[:：|]{1,2} ?\*{0,2} ?(?=[^|* ])")
UNMARKED = re.compile(r"([^\W\d_a-zA-Z]{2,4}) (?=\S)")
"""NetEase writes its labels without a colon."""
IN_A_PATCH = re.compile(r"From ?:")
"""Patches begin with From, Date and Subject too; mail programs also write to whom a mail went."""
BARE = ("原始邮件", "原始郵件", "Original Message", "Original message")
"""Titles without a rule: they say something only above the head of a quoted mail."""
BLOCK = 9
"""Lines within which three labels make the head of a quoted mail."""
DASHES = re.compile(r"[-_=—*~ ]{4,200}$")
LISTED = re.compile(r"[_=-]{20,200}\s{0,9}$")
SIGNATURE = re.compile(r"--\s?$")
SIGNATURE_LINES = 12

CHINESE = frozenset(label for listed in chinese.LABELS.values() for label in listed.split())
ROLES: dict[str, str] = {
    label.replace("_", ""): role
    for tongue in TONGUES
    for role, listed in tongue.LABELS.items()
    for label in listed.split()
}


def new_text(lines: Sequence[str], *, forwards: bool = False) -> str:
    """The new part of a mail's lines; quoted ones begin with `>`. `forwards`: its subject says that it was."""
    seen = reflowed(lines[:MOST])
    kept = _kept(seen, forwards)
    told = "\n".join(lines if kept is seen else kept).strip("\n").rstrip()
    return told if told.strip() else "\n".join(lines).strip()


def begins(lines: Sequence[str], set_in: Sequence[bool]) -> int | None:
    """The line at which an older mail begins that is quoted, and not forwarded. `set_in`: lines that may be quoted; to
    an attribution just above one they are."""
    for marks in ([""] * len(lines), ["> " if one else "" for one in set_in]):
        seen = [mark + line for mark, line in zip(marks[:MOST], lines[:MOST], strict=True)]
        if mark := _first(seen, list(map(plainly, seen)), forwards=False):
            return None if mark.forwards else mark.start
    return None


def _kept(lines: list[str], forwards: bool) -> list[str]:
    plain = [plainly(line) for line in lines]
    mark = _first(lines, plain, forwards)
    if mark and mark.forwards:
        above = lines[: mark.start]
        return lines if any(map(QUOTED.match, above)) else [*_unsigned(above), "", *lines[mark.start :]]
    quoted = [n for n, line in enumerate(lines) if QUOTED.match(line)]
    if mark and not mark.weak and not any(n >= mark.end for n in quoted):
        above = _above(lines[: mark.start])
        return _top(above, lines) if not any(n < mark.start for n in quoted) else _around(lines, plain, quoted, mark)
    return _around(lines, plain, quoted, mark) if quoted else _unsigned(lines)


def _top(above: list[str], lines: list[str]) -> list[str]:
    kept = _unsigned(above)
    return kept if any(map(str.strip, kept)) else lines


def _around(lines: list[str], plain: list[str], quoted: list[int], mark: Mark | None) -> list[str]:
    """Lines with `>` are among these: is what is new above them, below, or between?"""
    first, last = quoted[0], quoted[-1]
    begin, end = _announced(plain, first)
    if mark and not mark.weak and mark.start < begin:
        begin, end = mark.start, mark.end
    history = mark.start if mark and not mark.weak and mark.start > last else None
    below = lines[last + 1 : history]
    answered = _answers(plain, range(end, last), frozenset(quoted))
    if not answered and not _says_something(below):
        return _top(_above(lines[:begin]), lines)
    return lines if answered or begin == first or _says_something(lines[:begin]) else below


def _answers(plain: list[str], between: range, quoted: frozenset[int]) -> bool:
    """Whether something was written among quoted lines; the heads and attributions of older mails were not."""
    return any(plain[n] and n not in quoted and not _role(plain[n]) and not belongs(plain, n) for n in between)


def _announced(plain: list[str], first: int) -> tuple[int, int]:
    """Where the attribution right above the first quoted line begins and ends."""
    at = first - 1
    while at >= 0 and not plain[at]:
        at -= 1
    found = attribution(plain, at) if at >= 0 else None
    return (found.start, found.end) if found else (first, first)


def _above(lines: list[str]) -> list[str]:
    """Without the rule and the empty lines above a quote."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or DASHES.match(lines[end - 1].strip())):
        end -= 1
    return lines[:end]


def _says_something(lines: Iterable[str]) -> bool:
    return any(line.strip() for line in _unsigned(list(lines)))


# ---- where a quote begins -------------------------------------------------------------------------------------------


def _first(lines: list[str], plain: list[str], forwards: bool) -> Mark | None:
    """The first mark that counts; a weak one only if quoted lines follow it."""
    for n, line in enumerate(plain):
        if not line or len(line) > LONGEST or QUOTED.match(lines[n]):
            continue
        if any(tongue.FORWARDED.match(line) for tongue in TONGUES):
            return Mark(n, n + 1, forwards=True)
        if any(tongue.REPLIED.match(line) for tongue in TONGUES):
            return Mark(n, n + 1, forwards=forwards)
        if _headed(plain, n):
            return Mark(n - 1 if n and plain[n - 1] in BARE else n, n + 1, forwards=forwards)
        found = attribution(plain, n)
        if found and _counts(lines, plain, found):
            return found
    return None


def _counts(lines: list[str], plain: list[str], mark: Mark) -> bool:
    """Something must be quoted below; and a weak attribution must be followed by a quoted line."""
    following = next((n for n in range(mark.end, len(lines)) if plain[n]), None)
    if following is None:
        return False
    return bool(QUOTED.match(lines[following])) if mark.weak else True


def _headed(plain: list[str], n: int) -> bool:
    """Whether the head of a quoted mail begins here: a sender, and two more labels soon after."""
    role = _role(plain[n])
    if role != "from" and not (role == "date" and n + 1 < len(plain) and _role(plain[n + 1]) == "from"):
        return False
    roles = {_role(line) for line in plain[n : n + BLOCK]} - {""}
    return len(roles) >= 3 and ("to" in roles or not IN_A_PATCH.match(plain[n]))


def _role(line: str) -> str:
    if match := LABELLED.match(line):
        return ROLES.get(match[1].replace(" ", ""), "")
    match = UNMARKED.match(line)
    return ROLES[match[1]] if match and match[1] in CHINESE else ""


# ---- below a text ---------------------------------------------------------------------------------------------------


def _unsigned(lines: list[str]) -> list[str]:
    """Without a signature and without what programs add below; everything if nothing else is there."""
    kept = _without_footers(_without_signature(_without_footers(lines)))
    return kept if any(map(str.strip, kept)) else []


def _without_footers(lines: list[str]) -> list[str]:
    kept = list(lines)
    while kept and (not kept[-1].strip() or _footer(kept[-1])):
        kept.pop()
    return kept


def _footer(line: str) -> bool:
    told = SPACES.sub(" ", line[:200]).strip()
    return len(line) < 120 and any(pattern.match(told) for tongue in TONGUES for pattern in tongue.FOOTERS)


def _without_signature(lines: list[str]) -> list[str]:
    for n in range(len(lines) - 1, max(-1, len(lines) - SIGNATURE_LINES - 2), -1):
        if SIGNATURE.match(lines[n]) or _of_a_list(lines[n : n + 2]):
            return lines[:n]
    return lines


def _of_a_list(lines: list[str]) -> bool:
    """Whether a mailing list's footer begins here."""
    return len(lines) == 2 and bool(LISTED.match(lines[0])) and "mailing list" in lines[1][:LONGEST].lower()
