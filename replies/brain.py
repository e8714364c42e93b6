"""The bot's brain as the engine knows it."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import tzinfo
from pathlib import Path
from typing import Final

from bot.dialogue import Decision, Question, Reply
from bot.messages import QuickReply
from replies.decide import decide, greeting
from replies.duty import Duty
from replies.faq.kept import Kept
from replies.faq.table import Faq
from replies.knowledge import Knowledge, load_knowledge
from replies.public import PublicTerms
from replies.source import CONTENT
from replies.suggest import suggest
from replies.text import language_of
from replies.triage.encoder import sentence_encoder
from replies.triage.signs import LARGE_LOSS

ON_THE_LOOP: Final = 0.001
"""Seconds that a decision may keep everybody else waiting."""
_WEIGHT: Final = 0.2


class Scripted:
    """Implements `bot.ports.Brain` and `Phrases` with scripts, an FAQ and rules. `knowledge` may be replaced while
    it runs.

    `seconds`: what a message that has to be understood has taken lately; where that is long, they are decided one
    after the other in a thread beside the event loop.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.seconds = 0.0
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="decide")
        self._typing = ThreadPoolExecutor(1, thread_name_prefix="suggest")

    @classmethod
    def load(
        cls,
        content: Path = CONTENT,
        *,
        faq: Faq | None = None,
        weights: Path | None = None,
        large_loss: int = LARGE_LOSS,
        company: str | None = None,
        hours: str | None = None,
        kept: Kept | None = None,
        encoder: bool = True,
        zone: tzinfo | None = None,
        duty: Duty | None = None,
        public: PublicTerms | None = None,
    ) -> Scripted:
        """From a content folder and, where given, another FAQ and weights; raises ContentError with file and line.

        `encoder`: triage judges sentences by their meaning too. Loading that takes a second or two, and is waited for:
        words alone overlook one danger in twenty.
        """
        encode = sentence_encoder() if encoder else None
        knowledge = load_knowledge(
            content,
            faq=faq,
            encode=encode,
            weights=weights,
            large_loss=large_loss,
            company=company,
            hours=hours,
            kept=kept,
            zone=zone,
            duty=duty,
            public=public,
        )
        return cls(knowledge)

    async def decide(self, question: Question) -> Decision:
        """What takes well under a millisecond runs on the event loop itself, as taps and small talk always do, and
        letters, which are long, never."""
        if not question.letter:
            if question.timer is not None or question.value is not None or self.knowledge.words.chat(question.text):
                return decide(question, self.knowledge)
            if self.seconds <= ON_THE_LOOP:
                return self._decide(question)
        return await asyncio.get_running_loop().run_in_executor(self._aside, self._decide, question)

    def _decide(self, question: Question) -> Decision:
        began = time.thread_time()
        decision = decide(question, self.knowledge)
        self.seconds += _WEIGHT * (time.thread_time() - began - self.seconds)
        return decision

    async def close(self) -> None:
        """Let go of whatever it holds."""
        for thread in (self._aside, self._typing):
            thread.shutdown(wait=False, cancel_futures=True)

    def company(self, language: str | None = None) -> str:
        """What the company is called in a language."""
        return self.knowledge.brand[language_of(language) or "zh-Hans"].company

    def offer(self, situation: str, language: str | None, nth: int = 0) -> str:
        """Implements `bot.ports.Phrases`. KeyError for a situation there is none of."""
        spoken, scripts = language_of(language) or "zh-Hans", self.knowledge.scripts
        variant = nth % scripts.variants(situation, spoken)
        brand = self.knowledge.brand[spoken]
        return scripts.say(situation, spoken, variant, company=brand.company, hours=brand.hours)

    def greeting(self, language: str | None = None) -> Reply:
        """The first view, before the visitor has written."""
        return greeting(self.knowledge, language)

    async def suggest(self, text: str, language: str | None = None) -> tuple[QuickReply, ...]:
        """The FAQ entries, at most three, that a visitor may mean with what he has typed so far. They are looked for in
        a thread of their own: who is still typing keeps nobody waiting who has written."""
        spoken = language_of(language) or "zh-Hans"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._typing, suggest, self.knowledge, text, spoken)
