"""What a form is made of: fields in order, each with its question, and the words the form is talked through with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from bot.messages import QuickReply
from replies.scripts import Script
from replies.text import Language
from replies.words import whole

Kind = Literal["text", "date", "telephone", "order", "choice", "photo"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

Known = Literal["", "name", "told", "product", "order", "amount", "wish", "date", "phone"]
KNOWN: Final[tuple[Known, ...]] = get_args(Known)
"""What may be known before anybody asks: the profile's name; the complaint itself and what it mentions."""

PREFIX: Final = "form:"
"""Every quick reply of a form has a value that begins like this."""

BUTTONS: Final = ("start", "resume", "skip", "stop", "more", "enough", "confirm", "change")
COMMANDS: Final = ("start", "resume", "skip", "back", "stop", "submit", "confirm", "change", "more", "enough")

SAYINGS: Final[Mapping[str, frozenset[str]]] = {
    "intro": frozenset(),
    "known": frozenset({"known"}),
    "noted": frozenset(),
    "skipped": frozenset(),
    "required": frozenset(),
    "changed": frozenset({"label", "value"}),
    "back": frozenset(),
    "unclear": frozenset({"example"}),
    "unclear_date": frozenset({"example"}),
    "unclear_telephone": frozenset({"example"}),
    "unclear_order": frozenset({"example"}),
    "unclear_photo": frozenset(),
    "future": frozenset({"value"}),
    "which_date": frozenset(),
    "which_field": frozenset(),
    "question": frozenset(),
    "go_on": frozenset(),
    "secret": frozenset(),
    "waiting": frozenset(),
    "more": frozenset(),
    "summary": frozenset({"summary", "feeling"}),
    "feeling": frozenset({"wish"}),
    "done": frozenset({"number", "within"}),
    "stopped": frozenset(),
    "resumed": frozenset({"known"}),
    "nothing": frozenset(),
    "reminder": frozenset(),
}
"""What a form has to say, and the variables of each (and, as in every script, company, hours and name)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to ask.

    `purpose`: what it is for, said with the question. `detail`: asked only of those who want to add details.
    `limit`: characters that are kept. `words`: how a customer names it ("电话写错了"). `lead`: words before an answer
    that are no part of it ("我叫"). `choices`: value → its label and other words for it.
    """

    id: str
    kind: Kind
    label: str
    ask: str
    purpose: str = ""
    example: str = ""
    required: bool = False
    detail: bool = False
    future: bool = False
    limit: int = 100
    known: Known = ""
    words: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tells(self) -> bool:
        """A story rather than a word or two: what is said there is not taken for something else."""
        return self.kind == "text" and self.limit > 200


@dataclass(frozen=True, slots=True)
class Form:
    """A form in one language. `zone`: where "yesterday" is (IANA). `within`: when a registered case is answered."""

    language: Language
    title: str
    note: str
    within: str
    zone: str
    fields: tuple[Field, ...]
    say: Mapping[str, tuple[Script, ...]]
    buttons: Mapping[str, QuickReply]

    def field(self, id_: str) -> Field | None:
        return next((one for one in self.fields if one.id == id_), None)


@dataclass(frozen=True, slots=True)
class Forms:
    """The complaint form in each language, and the commands of all languages, as whole messages are compared."""

    complaint: Mapping[Language, Form] = field(default_factory=dict)
    commands: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def command(self, text: str, among: tuple[str, ...] = COMMANDS) -> str:
        """The command that the whole text is, "" for none."""
        if len(text) > 60:
            return ""
        said = whole(text)
        return next((name for name in among if said in self.commands.get(name, ())), "") if said else ""
