"""The etiquette as the desk knows it: for what an agent is about to send."""

from __future__ import annotations

from bot.ports import Wording
from replies.etiquette import check
from replies.text import detect


class Drafts:
    """Implements `bot.ports.Etiquette`."""

    def wordings(self, text: str, language: str | None, *, grave: bool, public: bool = False) -> tuple[Wording, ...]:
        """In the language the draft is written in; the customer's decides where the text does not say."""
        found = check(text, detect(text, language), "grave" if grave else "plain", public=public)
        return tuple([Wording(one.rule, one.words, one.start, one.why, one.mend, one.instead) for one in found])
