"""What the bot remembers of a conversation from one message to the next: JSON, read without trust.

State may have been written by an older or newer program, or be garbled; whatever is not understood is left out, and
unknown keys are handed on untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from replies.scripts import SITUATIONS

_MOST_TRIED: Final = 10
_MOST_CHOICES: Final = 10
_MOST_CHARS: Final = 200
_FARTHEST: Final = 10**12
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Memory:
    """`said`: last variant by situation. `choices`: values of the buttons shown last. `answered`: FAQ entry answered
    last. `tried`: all of them. `misses`: in a row. `more`: we asked whether there is anything else. `person`: a person
    was asked for. `pace`: start (epoch seconds) and count of the current minute's messages.
    """

    greeted: bool = False
    misses: int = 0
    said: dict[str, int] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    answered: str = ""
    tried: tuple[str, ...] = ()
    more: bool = False
    person: bool = False
    pace: tuple[int, int] = (0, 0)

    @classmethod
    def read(cls, state: object) -> Memory:
        """From the state of any program version."""
        state = state if isinstance(state, (dict, Mapping)) else {}
        said = state.get("said")
        pace = state.get("pace")
        return cls(
            greeted=state.get("greeted") is True,
            misses=_number(state.get("misses")),
            said={name: _number(said[name]) for name in said if name in SITUATIONS} if isinstance(said, dict) else {},
            choices=_texts(state.get("choices"))[:_MOST_CHOICES],
            answered=_text(state.get("answered")),
            tried=_texts(state.get("tried"))[-_MOST_TRIED:],
            more=state.get("more") is True,
            person=state.get("person") is True,
            pace=(_number(pace[0]), _number(pace[1])) if isinstance(pace, (list, tuple)) and len(pace) == 2 else (0, 0),
        )

    def at(self, now: datetime) -> Memory:
        """Its own copy for a message of now. What was on offer is on offer for one turn."""
        return Memory(
            greeted=self.greeted,
            misses=self.misses,
            said=self.said.copy(),
            choices=self.choices,
            tried=self.tried,
            person=self.person,
            pace=_paced(self.pace, now),
        )

    def write(self, state: object) -> dict[str, Any]:
        """The next state: what was there before with ours in it."""
        return {
            **(state if isinstance(state, Mapping) else {}),
            "greeted": self.greeted,
            "misses": self.misses,
            "said": self.said,
            "choices": list(self.choices),
            "answered": self.answered,
            "tried": list(self.tried[-_MOST_TRIED:]),
            "more": self.more,
            "person": self.person,
            "pace": list(self.pace),
        }

    def answer_with(self, entry_id: str) -> None:
        """An FAQ entry was answered."""
        self.answered = entry_id
        self.tried = (*(tried for tried in self.tried if tried != entry_id), entry_id)
        self.misses = 0


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value < _FARTHEST else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _MOST_CHARS else ""


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple([item for item in value if isinstance(item, str) and 0 < len(item) <= _MOST_CHARS])


def _paced(pace: tuple[int, int], now: datetime) -> tuple[int, int]:
    seconds = int((now - _EPOCH).total_seconds())
    start, count = pace
    return (start, count + 1) if 0 <= seconds - start < 60 else (max(seconds, 0), 1)
