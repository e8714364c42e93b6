"""What the bot remembers of a conversation from one message to the next: JSON, read without trust.

State may have been written by an older or newer program, or be garbled; whatever is not understood is left out, and
unknown keys are handed on untouched. What is as it was at the beginning is not written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Final

from replies.situations import SITUATIONS
from replies.text import clean

_MOST_TRIED: Final = 10
_MOST_CHOICES: Final = 10
_MOST_TOLD: Final = 20
_MOST_CHARS: Final = 200
_MOST_ANGERS: Final = 4
_FARTHEST: Final = 10**12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

MOST_HEARD: Final = 5
"""Pieces of a burst that wait to be answered together …"""
LONGEST_HEARD: Final = 400
"""… and the characters of one."""
ABUSE_FORGOTTEN: Final = 24 * 3600
"""Seconds after which a warning is forgotten."""


@dataclass(slots=True)
class Memory:
    """`said`: last variant by situation. `choices`: values of the buttons shown last. `answered`: FAQ entry answered
    last. `tried`: all of them. `asked`: what the customer wrote when the FAQ last answered or asked back. `misses`: in
    a row. `more`: we asked whether there is anything else. `person`: a person was asked for. `pace`: start (epoch
    seconds) and count of the current minute's messages. `heard`: pieces not answered yet, `since`: when the first came
    (epoch seconds). `anger`: of the last messages, oldest first. `minors`: minor
    complaints. `abuse`: abusive messages in a row, and when the last one came (epoch seconds). `safety`: start and
    count of the current minute's dangers, as `pace` counts messages. `letters`: what the writer of letters was told
    automatically, which is told him once. `met`: what he said in public had its one answer, or is left to people.
    """

    greeted: bool = False
    misses: int = 0
    said: dict[str, int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    answered: str = ""
    tried: tuple[str, ...] = ()
    asked: str = ""
    more: bool = False
    person: bool = False
    pace: tuple[int, int] = (0, 0)
    heard: tuple[str, ...] = ()
    since: int = 0
    anger: tuple[float, ...] = ()
    minors: int = 0
    abuse: tuple[int, int] = (0, 0)
    safety: tuple[int, int] = (0, 0)
    letters: tuple[str, ...] = ()
    met: bool = False

    @classmethod
    def read(cls, state: object) -> Memory:
        """From the state of any program version."""
        state = state if isinstance(state, (dict, Mapping)) else {}
        said = state.get("said")
        return cls(
            greeted=state.get("greeted") is True,
            misses=_number(state.get("misses")),
            said={name: _number(said[name]) for name in said if name in SITUATIONS} if isinstance(said, dict) else {},
            choices=_texts(state.get("choices"))[:_MOST_CHOICES],
            answered=_text(state.get("answered")),
            tried=_texts(state.get("tried"))[-_MOST_TRIED:],
            asked=_text(state.get("asked")),
            more=state.get("more") is True,
            person=state.get("person") is True,
            pace=_pair(state.get("pace")),
            heard=_texts(state.get("heard"), LONGEST_HEARD)[:MOST_HEARD],
            since=_number(state.get("since")),
            anger=_shares(state.get("anger"))[-_MOST_ANGERS:],
            minors=_number(state.get("minors")),
            abuse=_pair(state.get("abuse")),
            safety=_pair(state.get("safety")),
            letters=_texts(state.get("letters"))[:_MOST_TOLD],
            met=state.get("met") is True,
        )

    def at(self, now: datetime) -> Memory:
        """Its own copy for a message of now. What was on offer is on offer for one turn, and pieces are answered."""
        return Memory(
            greeted=self.greeted,
            misses=self.misses,
            said=self.said.copy(),
            choices=self.choices,
            tried=self.tried,
            person=self.person,
            pace=_paced(self.pace, now),
            anger=self.anger,
            minors=self.minors,
            abuse=self.abuse if 0 <= seconds(now) - self.abuse[1] < ABUSE_FORGOTTEN else (0, 0),
            safety=self.safety,
            letters=self.letters,
            met=self.met,
        )

    def write(self, state: object) -> dict[str, Any]:
        """The next state: what was there before with ours in it."""
        theirs = {key: state[key] for key in state if key not in _OURS} if isinstance(state, Mapping) else {}
        ours = {name: value for name in _OURS if (value := getattr(self, name)) != _FRESH[name]}
        return theirs | {name: list(value) if isinstance(value, tuple) else value for name, value in ours.items()}

    def keep(self, text: str, now: datetime) -> None:
        """One more piece to be answered together with what comes next."""
        self.since = self.since if self.heard else seconds(now)
        self.heard = (*self.heard, clean(text)[:LONGEST_HEARD])

    def answer_with(self, entry_id: str, asked: str) -> None:
        """An FAQ entry was answered."""
        self.answered = entry_id
        self.ask(asked)
        self.tried = (*(tried for tried in self.tried if tried != entry_id), entry_id)[-_MOST_TRIED:]
        self.misses = 0

    def ask(self, asked: str) -> None:
        """What the FAQ was asked."""
        self.asked = clean(asked)[:_MOST_CHARS]

    def feel(self, anger: float) -> None:
        """How angry a message was."""
        if anger > 0 or self.anger:
            self.anger = (*self.anger, round(min(max(anger, 0.0), 1.0), 2))[-_MOST_ANGERS:]

    def endanger(self, now: datetime) -> None:
        """Somebody is in danger."""
        self.safety = _paced(self.safety, now)

    def settle(self) -> None:
        """The matter is over: what comes next is judged afresh."""
        self.anger, self.minors = (), 0


_OURS: Final = tuple(part.name for part in fields(Memory))
_FRESH: Final = {name: getattr(Memory(), name) for name in _OURS}


def seconds(now: datetime) -> int:
    """Whole seconds since 1970, never fewer than none."""
    return max(int((now - _EPOCH).total_seconds()), 0)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value < _FARTHEST else 0


def _pair(value: object) -> tuple[int, int]:
    return (_number(value[0]), _number(value[1])) if isinstance(value, (list, tuple)) and len(value) == 2 else (0, 0)


def _shares(value: object) -> tuple[float, ...]:
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple([float(item) for item in value if isinstance(item, (int, float)) and 0 <= item <= 1])


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _MOST_CHARS else ""


def _texts(value: object, longest: int = _MOST_CHARS) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple([item for item in value if isinstance(item, str) and 0 < len(item) <= longest])


def _paced(pace: tuple[int, int], now: datetime) -> tuple[int, int]:
    second, (start, count) = seconds(now), pace
    return (start, count + 1) if 0 <= second - start < 60 else (second, 1)
