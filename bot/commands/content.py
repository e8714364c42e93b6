"""`kefu lint`: what staff wrote, before a customer reads it."""

from __future__ import annotations

from pathlib import Path

from bot.commands import ground
from bot.errors import ContentError
from bot.settings import Settings
from replies import lint as etiquette
from replies.faq.encoder import sentence_encoder


def lint(config: Path | None, path: Path | None) -> int:
    """Print each fault with file, line and mend, and what could be better in an FAQ; 1 if there is a fault."""
    settings = ground.load(config)
    told = faults(path) if path else problems(settings)
    for line in told:
        print(line)
    if (table := path or settings.faq.path) is not None:
        for remark in etiquette.advice(table, sentence_encoder() if settings.faq.encoder else None):
            print(f"advice: {remark}")
    print(f"{len(told)} to mend" if told else "all is well")
    return 1 if told else 0


def problems(settings: Settings) -> list[str]:
    """The faults of the content in use: the scripts, and the FAQ where it is the operator's own."""
    own = faults(settings.faq.path) if settings.faq.path else []
    return faults(settings.content.path) + own


def faults(path: Path | None) -> list[str]:
    """The faults of a content folder (None: the shipped one) or FAQ table."""
    try:
        return [str(fault) for fault in etiquette.lint(path)]
    except ContentError as error:
        return str(error).splitlines()
