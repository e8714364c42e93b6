"""Answers to what we asked: a button, its number, yes and no."""

from __future__ import annotations

from bot.dialogue import Decision, Gap
from replies.rules.faq import miss
from replies.rules.person import bring
from replies.turn import Turn


def choice(turn: Turn) -> Decision | None:
    """A tapped button, its number, or yes, no and none of these in words, while that is what we asked."""
    value = turn.question.value or turn.spoken
    if (entry := turn.chosen(value)) is not None:
        turn.facts["faq"] = {"id": entry.id, "chosen": True}
        return turn.answer("choice.answer", entry)
    if value == "none":
        return miss(turn, turn.before.asked or turn.text)
    if value == "yes":
        turn.memory.misses, turn.memory.more = 0, True
        return turn.decide("choice.solved", turn.say("solved"))
    if value == "no":
        return _unsolved(turn)
    return None


def _unsolved(turn: Turn) -> Decision:
    entry = turn.knowledge.faq.get(turn.before.answered)
    if entry is None:
        return bring(turn)
    gap = Gap(turn.before.asked, entry.id, "unsolved") if turn.before.asked else None
    topic = entry.title(turn.language)
    return turn.hand_over("choice.unsolved", "unsolved", "asked", "unsolved", gap=gap, topic=topic)


def more(turn: Turn) -> Decision | None:
    """Yes or no to "anything else?"."""
    if not turn.before.more:
        return None
    words = turn.knowledge.words
    if words.chosen(turn.text, ("no",)):
        return turn.decide("small_talk.goodbye", turn.say("goodbye"))
    return turn.decide("small_talk.here", turn.say("here")) if words.chosen(turn.text, ("yes",)) else None
