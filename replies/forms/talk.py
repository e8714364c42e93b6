"""A customer fills in a form: what is asked next, and the words for it.

Pure: draft and message in, the next draft and words out. Nothing that was answered is lost by any of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.messages import Kind, QuickReply
from replies.forms.draft import Draft, filled
from replies.forms.fields import PREFIX, Field, Form, Forms
from replies.forms.moments import show_date


@dataclass(frozen=True, slots=True)
class Step:
    """`heard`: which move it was. `end`: "" goes on, "done" is registered, "stopped" waits for another day."""

    text: str
    buttons: tuple[QuickReply, ...]
    heard: str
    end: str = ""


@dataclass(slots=True)
class Talk:
    """`text`, or the `value` of a tapped button, came on the day `today`. `voice` are the variables of every script.

    `faq` looks up the answer to a question, "" for none. `number` is what the case will be called. `draft` is changed.
    `lines` are what has been said to this message; `end` is Step.end; `asks`: a question goes with it.
    """

    forms: Forms
    form: Form
    draft: Draft
    today: date
    text: str = ""
    value: str = ""
    kind: Kind = Kind.TEXT
    number: str = ""
    voice: Mapping[str, str] = field(default_factory=dict)
    faq: Callable[[], str] = str
    lines: list[str] = field(default_factory=list)
    end: str = ""
    asks: bool = True

    def begin(self, known: Mapping[str, str]) -> Step:
        """A fresh form: say how it goes and what is known, and ask the first thing."""
        for id_, value in known.items():
            self.draft.answer(id_, value)
        self.line("intro")
        if known:
            self.line("known", known=self._known())
        return self.step("begin")

    def resume(self) -> Step:
        """Go on where it was left."""
        self.draft.reminded, self.draft.tries = False, 0
        self.line("resumed", known=self._known())
        return self.step("resume")

    def remind(self) -> Step:
        """Say once that it is unfinished, and that nothing is lost."""
        self.draft.reminded = True
        self.line("reminder")
        return Step("\n".join(self.lines), self._buttons("resume", "stop"), "reminder")

    def again(self, situation: str) -> Step:
        """A line, and the open question once more."""
        self.line(situation)
        return self.step(situation)

    def step(self, heard: str) -> Step:
        """What has been said, with the next question where one goes with it."""
        if self.end or not self.asks:
            names = {"stopped": ("resume",), "done": ()}.get(self.end, ("confirm", "stop"))
            return Step("\n".join(self.lines), self._buttons(*names), heard, self.end)
        buttons = self._ask()
        return Step("\n".join(self.lines), buttons, heard)

    @property
    def asked(self) -> Field | None:
        """The field under way."""
        return self.form.field(self.draft.asked)

    # ---- words ------------------------------------------------------------------------------------------------------

    def line(self, situation: str, **values: str) -> None:
        """Say the situation's next variant."""
        variants = self.form.say[situation]
        variant = (self.draft.said.get(situation, -1) + 1) % len(variants)
        self.draft.said[situation] = variant
        self.lines.append(variants[variant].say({**self.voice, **values}))

    def shown(self, one: Field) -> str:
        """A field's answer in a few words."""
        return _short(filled(self.form, self.draft).get(one.label, ""))

    def _buttons(self, *names: str) -> tuple[QuickReply, ...]:
        return tuple(self.form.buttons[name] for name in names)

    def _known(self) -> str:
        colon, comma = (": ", "; ") if self.form.language == "en" else ("：", "；")
        listed = filled(self.form, self.draft).items()
        return comma.join(f"{label}{colon}{_short(value)}" for label, value in listed)

    def _summary(self) -> str:
        colon = ": " if self.form.language == "en" else "："
        return "\n".join(f"· {label}{colon}{value}" for label, value in filled(self.form, self.draft).items())

    def _feeling(self) -> str:
        wish = next((one for one in self.form.fields if one.known == "wish"), None)
        self.line("feeling", wish=self.shown(wish) if wish is not None else "")
        return self.lines.pop()

    # ---- what to ask ------------------------------------------------------------------------------------------------

    def _ask(self) -> tuple[QuickReply, ...]:
        """The next question, for whatever is open; it may be the same one again."""
        one = self._next()
        if one is not None:
            return self._ask_date() if self.draft.pending else self._ask_field(one)
        if self.draft.details is None and any(one.detail and self.draft.lies_open(one) for one in self.form.fields):
            self.draft.phase = "offering"
            self.line("more")
            return self._buttons("more", "enough")
        self.draft.phase = "confirming"
        self.line("summary", summary=self._summary(), feeling=self._feeling())
        return self._buttons("confirm", "change", "stop")

    def _next(self) -> Field | None:
        """The field under way, or the first that is open, or a required one that is not answered."""
        draft, one = self.draft, self.asked
        if one is None or not (draft.anew or draft.lies_open(one)):
            one = next(iter(draft.open(self.form)), None) or draft.lacks(self.form)
            draft.ask(one.id if one is not None else "")
        if one is not None:
            draft.phase = "asking"
        return one

    def _ask_field(self, one: Field) -> tuple[QuickReply, ...]:
        brackets = " ({})" if self.form.language == "en" else "（{}）"
        self.lines.append(one.ask + (brackets.format(one.purpose) if one.purpose else ""))
        choices = tuple(QuickReply(words[0], f"{PREFIX}choice:{value}") for value, words in one.choices.items())
        return (*choices, *self._buttons(*(("stop",) if one.required else ("skip", "stop"))))

    def _ask_date(self) -> tuple[QuickReply, ...]:
        self.line("which_date")
        days = enumerate(self.draft.pending)
        return tuple(QuickReply(show_date(day, self.form.language), f"{PREFIX}date:{n}") for n, day in days)


def _short(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= 40 else value[:39] + "…"
