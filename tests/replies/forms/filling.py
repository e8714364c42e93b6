"""A customer who fills in the shipped form, with everything the engine keeps from turn to turn."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.dialogue import Decision, Question
from bot.messages import Kind, Status
from replies.decide import decide
from replies.forms.draft import Draft
from replies.forms.rule import REMINDER
from replies.knowledge import Knowledge

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
"""Noon of a Wednesday in Shanghai."""


class Customer:
    """`waiting`: a person was asked for, and nobody has come yet. A conversation of another day is `returns`."""

    def __init__(self, knowledge: Knowledge, language: str = "zh-Hans", name: str = "") -> None:
        self.knowledge, self.language, self.name = knowledge, language, name
        self.now = NOON
        self.form: dict[str, Any] = {}
        self.timers: dict[str, timedelta] = {}
        self.handed: list[dict[str, str]] = []
        self.returns(timedelta())

    def returns(self, after: timedelta, language: str | None = None) -> None:
        """Come back later, in another conversation."""
        self.now += after
        self.language = language or self.language
        self.state: dict[str, Any] = {}
        self.status = Status.PENDING
        self.first = True
        self.taken = False
        self.last = Decision("nothing yet")

    def says(self, text: str, **more: Any) -> str:
        """One message; all the bot says to it."""
        self.now += timedelta(seconds=20)
        known: dict[str, Any] = {
            "language": self.language, "status": self.status, "state": self.state, "first": self.first,
            "contact_name": self.name, "form": self.form, "attended": self.taken, "conversation": 17, **more,
        }  # fmt: skip
        decision = self.last = decide(Question(text, self.now, **known), self.knowledge)
        self.state, self.first = json.loads(json.dumps(decision.state)), False
        self.language = decision.language or self.language
        if decision.form is not None:
            self.form = json.loads(json.dumps(decision.form))
        if decision.handoff is not None:
            self.status = Status.OPEN
            self.handed.append(dict(decision.handoff.form))
        for name in decision.cancel_timers:
            self.timers.pop(name, None)
        self.timers |= {timer.name: timer.after for timer in decision.timers}
        return "\n".join(reply.text for reply in decision.replies)

    def taps(self, label: str) -> str:
        """One of the buttons shown last."""
        button = next(one for reply in self.last.replies for one in reply.quick_replies if one.label == label)
        return self.says(button.label, value=button.value)

    def shows(self, caption: str = "") -> str:
        """A picture."""
        return self.says(caption, kind=Kind.IMAGE)

    def waits(self) -> str:
        """Until the form's timer comes."""
        self.timers.pop(REMINDER)
        return self.says("", timer=REMINDER, kind=Kind.EVENT)

    @property
    def draft(self) -> Draft:
        draft = Draft.read(self.form)
        assert draft is not None
        return draft

    @property
    def answers(self) -> dict[str, str]:
        return self.draft.answers

    @property
    def buttons(self) -> list[str]:
        return [button.label for reply in self.last.replies for button in reply.quick_replies]
