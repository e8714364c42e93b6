"""The lines that say who wrote what is quoted below: `On … X wrote:`. Programs wrap them, turn them round by their
language and, where they make plain text of HTML, set them behind what was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from channels.email.quotes import chinese, western

LONGEST = 400
"""Characters of a line that can be a mark."""
NAME = 60
"""Characters of a writer's name and address, where they stand before the date."""
WRAPPED = 5
"""Lines an attribution may take."""

QUOTED = re.compile(r"\s{0,4}(?:>(?!From )|＞|&gt;)")
SPACES = re.compile(r"(?:&nbsp;|[ \t\xa0\u3000\u2000-\u200a\u202f])+")

COLON = r" ?[:：]$"
SAID = rf"(?:{chinese.SAID}|{western.SAID})"
ENDS = re.compile(r"(?:[:：]|-{3,8})$")
SAYS = re.compile(rf"{SAID}{COLON}|\bwrote ?-{{3,8}}$")
SAYS_WHO = re.compile(rf"\b{western.SAID} .{{2,120}}{COLON}")
"""German, Dutch and the Scandinavian languages name the writer last; Finnish, Turkish and Notes say when last."""
SENDER = re.compile(rf"<\s?[^<>\s]{{1,100}}@[^<>\s]{{1,100}}\s?>\)?(?: \[[^\]]{{1,40}}\])?{COLON}")
"""Mutt ends so, and Gmail in Japanese, Russian and Czech."""
ADDRESS = re.compile(r"[<(\[]\s?(?:mailto:)?[^<>()\[\]\s]{1,100}@ ?[^<>()\[\]\s]{1,100}\s?[>)\]]")
DATE = re.compile(r"\b\d{4}(?!\d)|\b\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)|\d{4}年")
TIME = re.compile(r"(?<!\d)\d{1,2}[:.：h时時點点]\d{2}(?!\d)")
BEGINS = re.compile(rf"(?:{western.START}|{chinese.START}|-{{2,8}} ?On) ?[^\d]{{0,20}}\d")
WITHIN = re.compile(
    rf"(?<![^\W_])(?<![:+/<(\[=])(?:{western.START}) ?[^\d.!?]{{0,20}}\d|(?:{chinese.START}) ?\d{{4}}"
    r"|(?<!\d)\d{4}年\d{1,2}月|-{2,8} ?On "
)
"""Where an attribution may begin behind what was written."""
MOST_WITHIN = 4
SENTENCE = re.compile(r"[。！？!?…，；;]+ ?|\. ")
SINCE = re.compile(rf"{chinese.START} ?\d{{4}}")
ENDED = re.compile(r"[.!?。！？]$")
TITLED = re.compile(r"(?<=[^\s\-—_=*]) ?[-—_=*]{4,40} ?(?=[A-Z原回邮])")
NAMED = re.compile(r"[^。！？!?：:]{0,80}<[^<>\s]{1,80}@[^<>\s]{1,80}>$")
UNNAMED = re.compile(
    rf"(?:[\d年月日号:：./ ,，()（）\[\]+\-]|[上下中]午|[早晚]上|[周週]|[星期一二三四五六]|[AP]M|GMT|UTC){{8,60}}{SAID}"
)
DATED = re.compile(r"(?:[^\W\d_A-Z]{2,12}[.,]{0,2} )?\d{1,4}\.? (?:\S{1,12} )?\d")
"""Dates of the north and the east, whose stops end no sentence."""
SAME_LINE = re.compile(
    rf"((?:{western.START} .{{10,200}}<[^<>\s]{{1,100}}@[^<>\s]{{1,100}}>"
    rf"|<[^<>\s]{{1,100}}@[^<>\s]{{1,100}}> ?{chinese.START}.{{8,60}}) ?{SAID} ?[:：])\s{{2,9}}(?=\S)"
)
WRITER_FIRST = re.compile(rf"{chinese.START} [^。！？!?]{{1,60}}<")
"""Xiaomi's order."""
LOWER = re.compile(r"(?<![^\W_])(?!(?:of|the|and|der|von|van|de|la|del|da)\b)[a-zà-ÿ]{2,20}(?![^\W_])")
"""A word that is not part of a name."""
"""Yahoo sets what it quotes behind the attribution."""
CLOSED = re.compile(rf"> {western.SAID}{COLON}")
"""Polymail breaks the address at its brackets, so that the last line looks quoted."""
RULED = re.compile(r"[-—_=－*]{2}|\* ")
"""A line that a rule or a star begins is the whole attribution, whatever date stands above."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a quote begins: lines [start, end) announce it. `weak`: only a quoted line below makes it one."""

    start: int
    end: int
    weak: bool = False
    forwards: bool = False


def plainly(line: str) -> str:
    """A line with plain single spaces, and no longer than what could be a mark."""
    return SPACES.sub(" ", line[: LONGEST + 1]).replace("\ufeff", "").strip()


def attribution(plain: Sequence[str], end: int) -> Mark | None:
    """The attribution that ends on this line."""
    if not ENDS.search(plain[end]):
        return None
    told = ""
    for start in range(end, max(-1, end - WRAPPED), -1):
        if not plain[start] or QUOTED.match(plain[start]) or len(told) + len(plain[start]) > LONGEST:
            break
        if start < end and (ENDS.search(plain[start]) or ENDED.search(plain[start])):
            break
        told = f"{plain[start]} {told}".strip()
        if _strong(told):
            when = DATE.search(told) and TIME.search(told)
            return Mark(_named(plain, start) if when else _begin(plain, start, end), end + 1)
        if RULED.match(plain[start]):
            break
    weak = SAYS.search(plain[end]) or SENDER.search(plain[end]) or (BEGINS.match(plain[end]) and _says(plain[end]))
    return Mark(end, end + 1, weak=True) if weak and _by_a_name(plain[end]) else None


def belongs(plain: Sequence[str], n: int) -> bool:
    """Whether this line is part of an attribution."""
    return any(
        (found := attribution(plain, end)) is not None and found.start <= n
        for end in range(n, min(len(plain), n + WRAPPED))
        if plain[end]
    )


def _says(told: str) -> bool:
    return bool(SAYS.search(told) or SAYS_WHO.search(told))


def _strong(told: str) -> bool:
    """Whether it can be nothing else, so that what follows is quoted even where no line is marked: it says when, or
    an address in brackets, in the way programs do."""
    dated, timed, addressed = DATE.search(told), TIME.search(told), ADDRESS.search(told)
    if not _says(told):
        first = bool(re.match(r"(?:[^\W\d]{1,14}[.,]{0,2} ?)?\d", told) and DATE.search(told.partition("<")[0]))
        return bool(first and timed and SENDER.search(told))
    if BEGINS.match(told):
        return bool(timed or addressed)
    return _by_a_name(told) and bool((dated and timed) or (addressed and (SAYS.search(told) or dated)))


def _by_a_name(told: str) -> bool:
    """Whether a name may stand before the date or the address, and no sentence."""
    known = re.search(r"[\d<(\[]", told)
    name = re.sub(SAID, "", told[: known.start() if known else 0])
    return len(name) <= NAME and len(LOWER.findall(name)) < 3


def _named(plain: Sequence[str], start: int) -> int:
    """Higher up if the name before the date stands on a line of its own: `X <x@y>` / `于2023年… 写道：`."""
    wrapped = start and plain[start][:1] in "于於在" and UNNAMED.match(plain[start][1:])
    return start - 1 if wrapped and NAMED.match(plain[start - 1]) else start


def _begin(plain: Sequence[str], start: int, end: int) -> int:
    """Higher up if the date stands above what made it an attribution."""
    if RULED.match(plain[start]):
        return start
    for above in range(start - 1, max(-1, end - WRAPPED), -1):
        if not plain[above] or QUOTED.match(plain[above]) or ENDED.search(plain[above]):
            break
        if BEGINS.match(plain[above]) and not BEGINS.match(plain[start]):
            return above
    return start


# ---- one line, one thing --------------------------------------------------------------------------------------------


def reflowed(lines: Sequence[str]) -> list[str]:
    """The lines, an attribution on lines of its own where it shares one with what was written or is quoted."""
    kept: list[str] = []
    for line in lines:
        if len(line) <= LONGEST and CLOSED.match(line.strip()) and (at := _opened(kept)) is not None:
            kept[at:] = [" ".join(filter(None, map(str.strip, [*kept[at:], line])))]
        else:
            kept.append(line)
    plain = [plainly(line) for line in kept]
    return [part for n, line in enumerate(kept) for part in _parts(line, plain[n : n + WRAPPED])]


def _opened(lines: Sequence[str]) -> int | None:
    """Where the attribution begins whose address was opened by a bracket on a line of its own."""
    for n in range(len(lines) - 1, max(-1, len(lines) - 4), -1):
        if lines[n].strip() == "<":
            above = next((at for at in range(n - 1, max(-1, n - 3), -1) if lines[at].strip()), n)
            return above if BEGINS.match(lines[above].strip()) else None
    return None


def _parts(line: str, following: list[str]) -> Iterator[str]:
    if len(line) > LONGEST or QUOTED.match(line):
        yield line
        return
    if "@" in line and (found := SAME_LINE.search(line)):
        yield from _parts(line[: found.end(1)], following[:0])
        yield line[found.end() :]
        return
    at = _behind(line, following[1:])
    yield from ([line[:at].rstrip(), line[at:]] if at else [line])


def _behind(line: str, following: list[str]) -> int:
    """Where an attribution begins behind what was written on this line; 0 if none does."""
    if titled := next((m for m in TITLED.finditer(line) if _replied(plainly(line[m.start() :]))), None):
        return titled.start()
    told = [plainly(line), *following]
    end = next((n for n, part in enumerate(told) if not part or ENDS.search(part)), None)
    rest = [] if end is None else told[1 : end + 1]
    if (
        end is None
        or not told[end]
        or any(map(RULED.match, rest))
        or not (_says(last := " ".join(told[: end + 1])) or SENDER.search(last))
    ):
        return 0
    return next((at for at in _candidates(line) if _alone(" ".join([plainly(line[at:]), *rest]), line[:at])), 0)


def _replied(told: str) -> bool:
    return bool(chinese.REPLIED.match(told) or western.REPLIED.match(told))


def _candidates(line: str) -> Iterator[int]:
    if WRITER_FIRST.match(line):
        return
    begun = [found.start() for found in WITHIN.finditer(line) if re.search(r"\w", line[: found.start()])]
    yield from reversed(begun[-MOST_WITHIN:])
    if (
        not BEGINS.match(line)
        and not DATED.match(line.strip())
        and (known := ADDRESS.search(line) or SINCE.search(line))
    ):
        yield from reversed([m.end() for m in SENTENCE.finditer(line, 0, known.start())][-MOST_WITHIN:])


def _alone(whole: str, before: str) -> bool:
    """Whether this is an attribution which needs nothing of what stands before."""
    if len(whole) > LONGEST or not _strong(whole):
        return False
    named = whole[0] in "于於在" and UNNAMED.match(whole[1:]) and len(before) <= NAME
    return not named or bool(SENTENCE.search(before[-3:] + " "))
