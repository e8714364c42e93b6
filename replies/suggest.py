"""What is offered while a visitor still types: the FAQ entries he may mean."""

from __future__ import annotations

from typing import Final

from bot.messages import QuickReply
from replies.faq.wording import says_something
from replies.knowledge import Knowledge
from replies.text import Language
from replies.turn import entry_buttons

SENSIBLE: Final = 0.45
"""How sure of an entry the matcher has to be. Half a sentence deserves more doubt than a whole one."""
MOST: Final = 3


def suggest(knowledge: Knowledge, text: str, language: Language) -> tuple[QuickReply, ...]:
    """At most three entries, best first; none for what says nothing yet, and none in the way of one who needs a person:
    he asks for one, or it is about danger or a complaint."""
    if not says_something(text) or knowledge.triage.understand(text, language).needs_human:
        return ()
    candidates = knowledge.matcher.match(text, language).candidates
    sure = [found.id for found in candidates if found.score >= SENSIBLE][:MOST]
    return entry_buttons([entry for id_ in sure if (entry := knowledge.faq.get(id_))], language)
