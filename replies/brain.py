"""The bot's brain as the engine knows it."""

from __future__ import annotations

from pathlib import Path

from bot.dialogue import Decision, Question, Reply
from bot.messages import QuickReply
from replies.decide import decide, greeting
from replies.faq.table import Faq
from replies.knowledge import Knowledge, load_knowledge
from replies.source import CONTENT
from replies.suggest import suggest
from replies.text import language_of


class Scripted:
    """Implements `bot.ports.Brain` with scripts, an FAQ and rules. `knowledge` may be replaced while it runs."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    @classmethod
    def load(
        cls, content: Path = CONTENT, *, faq: Faq | None = None, company: str | None = None, hours: str | None = None
    ) -> Scripted:
        """From a content folder and, where given, another FAQ; raises ContentError with file and line."""
        return cls(load_knowledge(content, faq=faq, company=company, hours=hours))

    async def decide(self, question: Question) -> Decision:
        """Well under a millisecond, so it runs on the event loop itself."""
        return decide(question, self.knowledge)

    def company(self, language: str | None = None) -> str:
        """What the company is called in a language."""
        return self.knowledge.brand[language_of(language) or "zh-Hans"].company

    def greeting(self, language: str | None = None) -> Reply:
        """The first view, before the visitor has written."""
        return greeting(self.knowledge, language)

    def suggest(self, text: str, language: str | None = None) -> tuple[QuickReply, ...]:
        """The FAQ entries, at most three, that a visitor may mean with what he has typed so far."""
        return suggest(self.knowledge, text, language_of(language) or "zh-Hans")
