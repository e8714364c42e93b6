"""Which FAQ entry answers a letter: the gate's yes to one view of it, and other views that agree. Pure.

A letter has a subject, questions and much beside them. A question alone may be about anything ("What do you need from
me?"), a subject alone is a word or two, and the whole is too much for the gate to be sure of. So a view that the FAQ
is sure of is believed only if enough kinds of views point the same way, and not at all if it is two entries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from replies.faq.matching import MISS, Action, Match
from replies.gist import Gist

Ask = Callable[[str], Match]

POINTS: Final = 0.3
"""Score from which the best entry of a view is what it points at."""
_CLAUSE: Final = re.compile(r"[,，:：]")
_SHORT: Final = 3


def _questions(gist: Gist) -> tuple[str, ...]:
    return gist.questions


def _whole(gist: Gist) -> tuple[str, ...]:
    return (gist.judged,)


def _body(gist: Gist) -> tuple[str, ...]:
    return (gist.body,) if gist.subject else ()


def _about(gist: Gist) -> tuple[str, ...]:
    return (f"{gist.subject}\n{' '.join(gist.questions)}",) if gist.subject and gist.questions else ()


def _subject(gist: Gist) -> tuple[str, ...]:
    return (gist.subject,) if gist.subject else ()


def _clauses(gist: Gist) -> tuple[str, ...]:
    """The last two clauses of each question, where it has several."""
    found: list[str] = []
    for question in gist.questions:
        clauses = [clause.strip() for clause in _CLAUSE.split(question) if len(clause.strip()) > _SHORT]
        found += clauses[-2:] if len(clauses) > 1 else ()
    return tuple(found)


VIEWS: Final[tuple[tuple[Callable[[Gist], tuple[str, ...]], int], ...]] = (
    (_questions, 1),
    (_whole, 0),
    (_about, 1),
    (_subject, 3),
    (_clauses, 2),
    (_body, 9),
)
"""The kinds of views in the order in which they are believed, and how many other kinds must point where one says yes.
Of 108 letters of our own (tests/replies/letters.jsonl) these answered 49 of the 64 that the sample FAQ answers, and one
of the others; the letter as it came, put to the FAQ, answered 12 of the first 45.
Of 24 written afterwards: 8 of 12, and one."""


def agreed(gist: Gist, ask: Ask) -> Match:
    """The match to answer the letter with, else a miss with what came nearest. `ask` is the FAQ."""
    looked: dict[Callable[[Gist], tuple[str, ...]], Sequence[Match]] = {}

    def look(kind: Callable[[Gist], tuple[str, ...]]) -> Sequence[Match]:
        if kind not in looked:
            looked[kind] = [ask(text) for text in kind(gist)]
        return looked[kind]

    for kind, needed in VIEWS:
        sure = {match.id: match for match in look(kind) if match.action is Action.ANSWER and match.id is not None}
        if len(sure) > 1:
            break
        for id_, match in sure.items():
            alone = kind is _questions and len(gist.questions) == 1
            # The operator's keyword, which as a subject says only what the letter is about.
            word = kind is _subject and match.exact
            if not word and (alone or _voices(id_, kind, look) >= needed):
                return match
    nearest = look(_whole)
    return Match(MISS.action, candidates=nearest[0].candidates if nearest else ())


def _voices(id_: str, kind: Callable[[Gist], tuple[str, ...]], look: Callable[..., Sequence[Match]]) -> int:
    """How many other kinds of views point at an entry."""
    return sum(any(map(partial(_points, id_), look(other))) for other, _ in VIEWS if other is not kind)


def _points(id_: str, match: Match) -> bool:
    return bool(match.candidates) and match.candidates[0].id == id_ and match.candidates[0].score >= POINTS
