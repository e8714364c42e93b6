"""The seam between the FAQ and whatever finds its entries: who implements `Matcher` is the caller's choice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from replies.text import Language


class Action(StrEnum):
    """What a match is good for."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry and how sure the matcher is of it, 0 to 1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """`id` is the entry to answer with, None unless `action` is ANSWER.

    `candidates`: best first, at most three, on a miss too; to clarify is to let the customer choose among them.
    `exact`: the customer wrote one of the entry's own questions. `bars`: what the best score was held against, to
    answer and to ask back; None where no score decided.
    """

    action: Action
    id: str | None = None
    candidates: tuple[Candidate, ...] = ()
    exact: bool = False
    bars: tuple[float, float] | None = None


MISS = Match(Action.MISS)


class Matcher(Protocol):
    """Finds FAQ entries. Pure and safe on any text; `language` is the one the customer writes in."""

    def match(self, text: str, language: Language) -> Match: ...
