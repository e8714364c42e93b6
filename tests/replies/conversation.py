"""A customer's side of a conversation with the shipped bot."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.dialogue import Decision, Question
from bot.messages import Kind
from replies.decide import decide
from replies.knowledge import Knowledge
from replies.turn import BURST
from replies.understanding import graver, tier_of

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Conversation:
    """Keeps what the engine keeps from turn to turn: state (through JSON), language, tier, timers, and whether it is
    the first."""

    def __init__(self, knowledge: Knowledge, language: str | None = None) -> None:
        self.knowledge = knowledge
        self.language = language
        self.state: dict[str, Any] = {}
        self.tier: str | None = None
        self.timers: dict[str, timedelta] = {}
        self.first = True
        self.now = NOON
        self.last = Decision("nothing yet")

    def says(self, text: str = "", *, wait: timedelta = timedelta(seconds=10), **more: Any) -> Decision:
        """Send one message and hear what the bot decides."""
        self.now += wait
        known = {"language": self.language, "state": self.state, "tier": self.tier, "first": self.first, **more}
        self.last = decide(Question(text, self.now, **known), self.knowledge)
        self.tier = graver(tier_of(self.tier), tier_of(self.last.tier))
        for name in self.last.cancel_timers:
            self.timers.pop(name, None)
        self.timers |= {timer.name: timer.after for timer in self.last.timers}
        self.state = json.loads(json.dumps(self.last.state))
        self.language, self.first = self.last.language, False
        return self.last

    def taps(self, label: str) -> Decision:
        """Tap one of the buttons shown last."""
        button = next(one for reply in self.last.replies for one in reply.quick_replies if one.label == label)
        return self.says(button.label, value=button.value)

    def waits(self) -> Decision:
        """Write nothing more, until the wait for the rest of a burst ends."""
        return self.says(timer=BURST, kind=Kind.EVENT, wait=self.timers.pop(BURST))

    @property
    def heard(self) -> str:
        """All the bot said last."""
        return "\n".join(reply.text for reply in self.last.replies)

    @property
    def buttons(self) -> list[str]:
        """The labels shown last."""
        return [button.label for reply in self.last.replies for button in reply.quick_replies]
