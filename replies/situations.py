"""The situations the bot and the desk have words for: one table, with what each is told and how it may sound.

The words themselves are content (`content/*/*.toml`). `says`: variables every variant must say; a promise without its
time would be none. `may`: variables that may be empty, so that a variant uses them under {% if … %} only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from replies.etiquette import Tone

WECHAT: Final = 600
"""Characters of one WeChat text (2,048 bytes, Han are three); no line of ours is longer, its values included."""
WEIBO: Final = 140
"""Characters of a public Weibo comment, whatever is filled in."""
PUBLIC: Final = 120
"""Characters of a public line with ordinary values, so that a long name still fits."""


@dataclass(frozen=True, slots=True)
class Situation:
    """`least`: so many variants at least, three where a customer can come to it again. `most`: characters of a variant
    with ordinary values in it."""

    least: int = 3
    says: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    tone: Tone = "plain"
    most: int = WECHAT

    @property
    def variables(self) -> frozenset[str]:
        """All it is told beyond COMMON."""
        return self.says | self.may


def _tells(says: str = "", may: str = "", *, tone: Tone = "grave", least: int = 3, most: int = WECHAT) -> Situation:
    return Situation(least, frozenset(says.split()), frozenset(may.split()), tone, most)


HOTLINES: Final = ("police", "fire", "ambulance", "crisis", "fraud", "own")
"""Names of [hotlines]. `own`: the company's emergency line, may be empty."""
FILLED: Final = frozenset({"company", "hello", *HOTLINES[:-1]})
"""Variables of every script that are never empty. `hello`: good morning and the like, from [hello]."""
COMMON: Final = FILLED | {"hours", "name", "own"}
"""Variables of every script."""
DANGERS: Final = (
    "self_harm",
    "violence",
    "fire",
    "gas",
    "electric",
    "injury",
    "poisoning",
    "child",
    "money",
    "account",
    "privacy",
)
"""As `replies.understanding.Understanding.danger` names them; `safety_…` is what is said."""
CUSTOMERS: Final = (
    "angry",
    "emotional",
    "champion",
    "stubborn",
    "important",
    "prepared",
    "platform",
    "talkative",
    "silent",
    "hesitant",
    "doubting",
    "bargaining",
    "picky",
)
"""Kinds of difficult customer; `customer_…` is what is said. The harasser has `abuse_warning` and `abuse_last`."""
FEELINGS: Final = ("angry", "distressed", "disappointed", "worried")
"""Names of [feelings]; `empathy_…` is what is said."""

_EVERYDAY: Final = {
    "welcome": _tells(tone="light", least=1),
    "opening": _tells(tone="plain"),
    "greeting": _tells(tone="light"),
    "greeting_again": _tells(tone="light"),
    "here": _tells(tone="light"),
    "how_are_you": _tells(tone="light"),
    "thanks": _tells(tone="light"),
    "who_are_you": _tells(tone="light"),
    "goodbye": _tells(tone="light"),
    "praise": _tells(tone="light"),
    "light": _tells(tone="light"),
    "answer": _tells("answer", tone="plain"),
    "solved": _tells(tone="light"),
    "clarify": _tells(tone="plain"),
    "miss": _tells(tone="plain"),
    "miss_again": _tells(),
    "handoff": _tells(),
    "handoff_again": _tells(),
    "unsolved": _tells(),
    "media": _tells("kind"),
    "returned": _tells(tone="plain"),
    "resolved": _tells(tone="plain"),
    "rate": _tells(tone="plain"),
    "rated": _tells("mark", tone="plain"),
    "rated_low": _tells("mark"),
    "empty": _tells(tone="plain"),
    "flood": _tells(tone="plain"),
}
"""Small talk, the FAQ and its misses, the way to a person, the rating."""

_SERVICE: Final = {
    "takeover": _tells("agent", "number"),
    "waiting": _tells("position", "minutes"),
    "waiting_next": _tells(),
    "waiting_still": _tells("position", "minutes"),
    "waiting_longer": _tells("minutes", "position"),
    "off_hours": _tells("", "when number"),
    "callback_offer": _tells("", "minutes"),
    "callback_set": _tells("when", "phone"),
    "incident": _tells("what", "when"),
    "reading": _tells(tone="plain"),
    "look_up": _tells("minutes", "what", tone="plain"),
    "looked_up": _tells("", "result", tone="plain"),
    "ask_open": _tells(tone="plain"),
    "ask_choice": _tells("first second", tone="plain"),
    "identify": _tells("what purpose"),
    "no_secrets": _tells(),
    "restate": _tells("fact", "feeling"),
    "restate_again": _tells(),
    "business": _tells("", "when who order", tone="plain"),
    "suggestion": _tells(tone="plain"),
    "promise": _tells("who what when", tone="plain", least=1),
    "closing": _tells(tone="plain"),
    "closing_promises": _tells("promises"),
    "silence": _tells(tone="plain"),
    "closed_silent": _tells(tone="plain"),
    "follow_up_complaint": _tells("", "topic number"),
    "follow_up_business": _tells("", "topic", tone="plain"),
    "follow_up_inquiry": _tells("", "topic", tone="plain"),
    "public_reply": _tells(tone="plain", most=PUBLIC),
    "public_complaint": _tells(most=PUBLIC),
    "public_serious": _tells(most=PUBLIC),
    "public_danger": _tells(most=WEIBO),
    "public_answer": _tells("answer", tone="plain", most=PUBLIC),
    "public_praise": _tells(tone="light", most=PUBLIC),
    "public_to_private": _tells(most=PUBLIC),
    "public_closing": _tells(most=PUBLIC),
}
"""One contact from greeting to goodbye (handbook 1), and what its channel asks for (handbook 6)."""

_LETTERS: Final = {
    "mail_hello": _tells(),
    "mail_received": _tells("number", "topic when"),
    "mail_sorry": _tells(),
    "mail_critical": _tells(),
    "mail_urgent": _tells("number"),
    "mail_answer": _tells("answer"),
    "mail_next": _tells("when", "opens"),
}
"""The paragraphs of the one automatic answer to a letter (`replies.rules.letter`). `opens`: when people are back at
work, empty while they are there."""

_COMPLAINTS: Final = {
    "critical": _tells(),
    "serious": _tells(),
    "moderate": _tells("", "order"),
    "minor": _tells(),
    **{f"apology_{tier}": _tells() for tier in ("critical", "serious", "moderate", "minor")},
    **{f"empathy_{feeling}": _tells() for feeling in FEELINGS},
    "registered": _tells("number", "when who"),
    "escalated": _tells("who", "when"),
    "options": _tells("first second", "advice"),
    "limits": _tells("when", "who"),
    "first_answer": _tells("done when", "who"),
    "nothing_new": _tells("when", "done who"),
    "setback": _tells("what when", "done who"),
    "proposal": _tells("proposal", "when"),
    "confirm": _tells("agreed"),
    "confirmed": _tells("", "promises"),
    "declined": _tells("", "when who"),
    "settled": _tells("", "what number"),
}
"""A complaint from the first word to the customer's yes (handbook 2)."""

_CUSTOMERS: Final = {
    **{f"customer_{kind}": _tells() for kind in CUSTOMERS},
    "abuse_warning": _tells(),
    "abuse_last": _tells(),
    **{f"safety_{danger}": _tells() for danger in DANGERS},
}
"""Difficult customers (handbook 4), and people in danger (handbook 3, critical)."""

INVITES: Final = tuple(name for name in _SERVICE if name.startswith("public_") and name != "public_praise")
"""Public lines that show the way to a private message."""

SITUATIONS: Final[Mapping[str, Situation]] = {**_EVERYDAY, **_SERVICE, **_LETTERS, **_COMPLAINTS, **_CUSTOMERS}


def part_of_day(hour: int) -> str:
    """Which of [hello] fits an hour (0 to 23) of the business's clock."""
    return next(part for before, part in _PARTS if hour < before)


_PARTS: Final = ((5, "night"), (11, "morning"), (13, "noon"), (18, "afternoon"), (23, "evening"), (24, "night"))
HELLOS: Final = ("any", *dict.fromkeys(part for _, part in _PARTS))
"""Names of [hello]; `any` where the hour is not known."""
