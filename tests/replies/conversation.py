"""A customer's side of a conversation with the shipped bot."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.dialogue import Decision, Question
from replies.decide import decide
from replies.knowledge import Knowledge

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Conversation:
    """Keeps what the engine keeps from turn to turn: state (through JSON), language, and whether it is the first."""

    def __init__(self, knowledge: Knowledge, language: str | None = None) -> None:
        self.knowledge = knowledge
        self.language = language
        self.state: dict[str, Any] = {}
        self.first = True
        self.now = NOON
        self.last = Decision("nothing yet")

    def says(self, text: str = "", *, wait: timedelta = timedelta(seconds=10), **more: Any) -> Decision:
        """Send one message and hear what the bot decides."""
        self.now += wait
        question = Question(text, self.now, language=self.language, state=self.state, first=self.first, **more)
        self.last = decide(question, self.knowledge)
        self.state = json.loads(json.dumps(self.last.state))
        self.language, self.first = self.last.language, False
        return self.last

    def taps(self, label: str) -> Decision:
        """Tap one of the buttons shown last."""
        button = next(one for reply in self.last.replies for one in reply.quick_replies if one.label == label)
        return self.says(button.label, value=button.value)

    @property
    def heard(self) -> str:
        """All the bot said last."""
        return "\n".join(reply.text for reply in self.last.replies)

    @property
    def buttons(self) -> list[str]:
        """The labels shown last."""
        return [button.label for reply in self.last.replies for button in reply.quick_replies]
