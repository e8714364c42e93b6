"""What a message means: whatever judges only has to be a `Triage`."""

from __future__ import annotations

from typing import Protocol

from replies.text import Language
from replies.understanding import CALM, History, Understanding


class Triage(Protocol):
    """Judges one message. Pure and safe on any text."""

    def understand(self, text: str, language: Language, history: History = CALM) -> Understanding: ...
