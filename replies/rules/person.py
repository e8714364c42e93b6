"""Who brings a person beside the tiers: asking for one, growing anger, despair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.dialogue import Decision
from replies.commands import wants_person
from replies.forms.offer import bar
from replies.rules.complaint import is_grave
from replies.turn import Turn

ANGRY: Final = 0.5
FURIOUS: Final = 0.7
DESPERATE: Final = 0.6


def person(turn: Turn) -> Decision | None:
    """A whole request for a person, typed or tapped, is granted; "no, talk to a person" is first of all a no.

    With a grave complaint beside it, that is what he is brought for.
    """
    choice = turn.question.value if turn.tapped else turn.spoken
    if choice != "human" and (choice or not wants_person(turn.text)):
        return None
    if not turn.tapped and is_grave(turn.meant.tier):
        turn.passes("person.asked", "a grave complaint goes first")
        return None
    return bring(turn)


def bring(turn: Turn) -> Decision:
    situation = "handoff_again" if turn.before.person else "handoff"
    return turn.hand_over("person.asked", situation, "asked", "asked")


def asked(turn: Turn) -> Decision | None:
    """Asking for a person inside of a longer message."""
    return bring(turn) if turn.meant.asks_person else None


def despair(turn: Turn) -> Decision | None:
    """Somebody in tears needs a person, and never a form first."""
    if turn.meant.distress < DESPERATE:
        return None
    return bar(turn.hand_over("distress", "customer_emotional", "other", "distress"))


def anger(turn: Turn) -> Decision | None:
    """Anger that grows from message to message, or does not go away, brings a person before it is a complaint."""
    angers = (*turn.before.anger, turn.meant.anger)
    if not rising(angers):
        return None
    turn.facts["angers"] = list(angers)
    return turn.hand_over("anger", "handoff", "anger", "anger", lead="empathy_angry")


def rising(angers: Sequence[float]) -> bool:
    """Never less over three messages and angry only by now, or twice running furious. Oldest first, 0 to 1."""
    last = angers[-3:]
    if len(last) == 3 and last[0] <= last[1] < last[2] and last[2] >= ANGRY:
        return True
    return len(last) > 1 and min(last[-2:]) >= FURIOUS
