"""The sentence encoder as triage asks it: the one that the FAQ uses, loaded once a process."""

from __future__ import annotations

from replies.faq.encoder import sentence_encoder as shipped
from replies.triage.judge import Encode


def sentence_encoder() -> Encode | None:
    """The shipped encoder; None where it is not installed, so that triage goes by words alone."""
    encoder = shipped()
    return None if encoder is None else encoder.encode
