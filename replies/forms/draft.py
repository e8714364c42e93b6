"""A form as far as it is filled: JSON that is kept for a customer from day to day, and read without trust."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from bot.dialogue import CaseDraft, Question
from replies.forms.fields import SAYINGS, Field, Form, Forms, Known
from replies.forms.moments import show_date
from replies.text import LANGUAGES, Language, clean

Phase = Literal["asking", "offering", "confirming"]
"""Asking a field, offering the details, or asking whether all is right."""

STATE: Final = "form"
"""Where a conversation's state keeps what it remembers of forms."""
NOTE: Final = "note"
"""What is added at the end, beside all fields."""
NOTE_LIMIT: Final = 300
_MOST: Final = 41
_LONGEST: Final = 500
_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(slots=True)
class Draft:
    """`trail`: fields answered or skipped, in that order. `details`: whether he wants to add details, None unasked.

    `anew`: `asked` is asked once more; its old answer stands until there is a new one. `pending`: dates, of which one
    is meant. `tries`: answers to `asked` that nobody understood. `reminded`: he was told once that it is unfinished.
    `said`: last variants.
    """

    answers: dict[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    trail: tuple[str, ...] = ()
    asked: str = ""
    phase: Phase = "asking"
    details: bool | None = None
    anew: bool = False
    pending: tuple[str, ...] = ()
    tries: int = 0
    reminded: bool = False
    said: dict[str, int] = field(default_factory=dict)
    language: Language = "zh-Hans"

    @classmethod
    def read(cls, raw: object) -> Draft | None:
        """From what any program version kept; None if that is no draft."""
        if not isinstance(raw, Mapping) or not isinstance(raw.get("answers"), Mapping):
            return None
        said, language, phase = raw.get("said"), raw.get("language"), raw.get("phase")
        return cls(
            answers=_answers(raw["answers"]),
            skipped=_ids(raw.get("skipped")),
            trail=_ids(raw.get("trail")),
            asked=(*_ids([raw.get("asked")]), "")[0],
            phase=cast(Phase, phase) if phase in ("asking", "offering", "confirming") else "asking",
            details=raw["details"] if isinstance(raw.get("details"), bool) else None,
            anew=raw.get("anew") is True,
            pending=tuple(text for text in _list(raw.get("pending")) if isinstance(text, str) and len(text) < 64)[:3],
            tries=raw["tries"] if raw.get("tries") in (1, 2, 3) else 0,
            reminded=raw.get("reminded") is True,
            said={n: v for n in SAYINGS if isinstance(said, Mapping) and isinstance(v := said.get(n), int)},
            language=cast(Language, language) if language in LANGUAGES else "zh-Hans",
        )

    def write(self) -> dict[str, Any]:
        return {
            "answers": self.answers,
            "skipped": list(self.skipped),
            "trail": list(self.trail),
            "asked": self.asked,
            "phase": self.phase,
            "details": self.details,
            "anew": self.anew,
            "pending": list(self.pending),
            "tries": self.tries,
            "reminded": self.reminded,
            "said": self.said,
            "language": self.language,
        }

    def answer(self, id_: str, value: str) -> None:
        """Keep an answer; an earlier one to the same field is replaced."""
        self.answers[id_] = value
        self.skipped = _without(self.skipped, id_)
        self._leave(id_)

    def skip(self, id_: str) -> None:
        """Leave a field empty, unless it has an answer already."""
        if id_ not in self.answers:
            self.skipped = (*_without(self.skipped, id_), id_)
        self._leave(id_)

    def _leave(self, id_: str) -> None:
        if id_ not in self.trail:
            self.trail = (*self.trail, id_)
        if self.asked == id_:
            self.ask("")

    def ask(self, id_: str, *, anew: bool = False) -> None:
        """What is asked now, "" nothing."""
        self.asked, self.anew, self.pending, self.tries = id_, anew, (), 0
        if id_:
            self.phase = "asking"

    def before(self) -> str:
        """The field before the one asked, as they were answered or skipped."""
        if self.asked in self.trail:
            place = self.trail.index(self.asked)
            return self.trail[place - 1] if place else self.asked
        return self.trail[-1] if self.trail else ""

    def leave_rest(self, form: Form) -> None:
        """Ask nothing more that need not be."""
        left = [one.id for one in form.fields if self.lies_open(one) and not one.required]
        self.skipped, self.details = (*self.skipped, *left), self.details or False
        self.ask("")

    def add_note(self, text: str) -> None:
        """Something that belongs to no field."""
        before = self.answers.get(NOTE, "")
        self.answers[NOTE] = keep(f"{before}\n{text}" if before else text, NOTE_LIMIT)

    def open(self, form: Form) -> Iterable[Field]:
        """The fields that are still to be asked, in order."""
        return (one for one in form.fields if self.lies_open(one) and (not one.detail or self.details))

    def lies_open(self, one: Field) -> bool:
        """Neither answered nor skipped."""
        return one.id not in self.answers and one.id not in self.skipped

    def lacks(self, form: Form) -> Field | None:
        """The first required field without an answer."""
        return next((one for one in form.fields if one.required and one.id not in self.answers), None)


def keep(text: str, limit: int) -> str:
    """Fit to be kept: clean, without blank edges, at most `limit` characters."""
    text = clean(text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def show(form: Form, one: Field, value: str) -> str:
    """An answer as people read it."""
    if one.kind == "date":
        return show_date(value, form.language)
    if one.kind == "choice" and value in one.choices:
        return one.choices[value][0]
    if one.kind == "photo" and value.isdigit():
        return value if form.language == "en" else f"{value} 张" if form.language == "zh-Hans" else f"{value} 張"
    return value


def filled(form: Form, draft: Draft) -> dict[str, str]:
    """Label → answer, in the order of the form, and what was added: the case as an agent reads it."""
    shown = {one.label: show(form, one, draft.answers[one.id]) for one in form.fields if one.id in draft.answers}
    if NOTE in draft.answers:
        shown[form.note] = draft.answers[NOTE]
    return shown


def registered(form: Form, draft: Draft, number: str) -> CaseDraft:
    """The same by field, to be kept as a case."""
    fields = {one.id: show(form, one, draft.answers[one.id]) for one in form.fields if one.id in draft.answers}
    labels = {one.id: one.label for one in form.fields}
    if NOTE in draft.answers:
        fields[NOTE], labels[NOTE] = draft.answers[NOTE], form.note
    return CaseDraft(number, fields, labels)


def notes_of(state: object) -> dict[str, Any]:
    """What a conversation remembers of forms: `open`, `barred`, `told`."""
    notes = state.get(STATE) if isinstance(state, Mapping) else None
    return dict(notes) if isinstance(notes, Mapping) else {}


def is_open(question: Question) -> bool:
    """Whether he is filling in a form here and now."""
    return notes_of(question.state).get("open") is True and bool(question.form)


def is_barred(question: Question) -> bool:
    """He was in danger or despair: no form for him here."""
    return notes_of(question.state).get("barred") is True or question.tier == "critical"


def case(forms: Forms, question: Question, language: Language, said: Mapping[str, str]) -> Mapping[str, str]:
    """What the form that is open here has so far, by label, and what was `said`, by what it is (Field.known)."""
    form, draft = forms.complaint.get(language), Draft.read(question.form)
    if form is None:
        return said
    labels = {one.known: one.label for one in form.fields}
    named = {labels.get(cast(Known, name), name): value for name, value in said.items()}
    return {**named, **filled(form, draft)} if draft is not None and is_open(question) else named


def _answers(raw: Mapping[Any, Any]) -> dict[str, str]:
    good = {k: v[:_LONGEST] for k, v in raw.items() if isinstance(k, str) and _ID.fullmatch(k) and isinstance(v, str)}
    return dict(list(good.items())[:_MOST])


def _list(raw: object) -> Sequence[object]:
    return raw if isinstance(raw, (list, tuple)) else ()


def _ids(raw: object) -> tuple[str, ...]:
    return tuple([one for one in _list(raw) if isinstance(one, str) and _ID.fullmatch(one)][:_MOST])


def _without(ids: tuple[str, ...], id_: str) -> tuple[str, ...]:
    return tuple(one for one in ids if one != id_)
