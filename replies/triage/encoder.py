"""The sentence encoder as triage asks it: the one that the FAQ uses, loaded once a process."""

from __future__ import annotations

from replies.faq.encoder import sentence_encoder as shipped
from replies.faq.wording import spoken
from replies.triage.judge import Encode


def sentence_encoder() -> Encode | None:
    """The shipped encoder; None where it is not installed, so that triage goes by words alone.

    It reads messages folded, as the FAQ does: one vector of each serves both, and case and script do not matter.
    """
    encoder = shipped()
    return None if encoder is None else lambda texts: encoder.encode([spoken(text) for text in texts])
