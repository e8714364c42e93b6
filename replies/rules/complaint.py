"""The complaint path: grave ones go to people at once, minor ones are heard."""

from __future__ import annotations

from typing import Final

from bot.dialogue import Decision
from replies.faq.matching import Action
from replies.forms.offer import offer
from replies.turn import Turn
from replies.understanding import Tier

GRAVE: Final[tuple[Tier, ...]] = ("critical", "serious", "moderate")
MANNERS: Final = ("emotional", "platform", "important", "prepared")
"""Kinds of customer who are spoken to in a way of their own (handbook 4)."""
MINORS_TO_A_PERSON: Final = 3


def is_grave(tier: Tier | None) -> bool:
    """People have to deal with it."""
    return tier in GRAVE


def grave(turn: Turn) -> Decision | None:
    """A serious or moderate complaint: a short word of regret, no promise, and a person, told why.

    In a conversation that was grave before, every further complaint is.
    """
    if turn.meant.tier is None or not is_grave(tier := turn.tier):
        return None
    own, rule = turn.meant.tier, f"tier.{tier}"
    if own != tier:
        rule, turn.facts["tier_before"] = "tier.before", turn.question.tier
    words = "、".join(turn.words("tier"))
    return offer(turn, turn.hand_over(rule, _manner(turn, own), "tier", own, words=words))


def _manner(turn: Turn, tier: Tier) -> str:
    """The situation whose words fit the customer, where they bring a person too; else those of the tier."""
    kind = next((kind for kind in MANNERS if kind in turn.meant.customer), None)
    if kind is not None:
        return f"customer_{kind}"
    return tier if is_grave(tier) else "moderate"


def needed(turn: Turn) -> Decision | None:
    """A person is needed for another reason than a tier."""
    if not turn.meant.needs_human:
        return None
    return turn.hand_over("person.needed", "handoff", "other", "needed", text=turn.text)


def minor(turn: Turn) -> Decision | None:
    """Dissatisfaction without a demand: sorry, noted, thank you. A person is offered, and brought the third time, after
    complaints of earlier days the second. Where the FAQ is sure of an answer, it comes with it."""
    if turn.meant.tier != "minor":
        return None
    turn.memory.minors += 1
    times = turn.memory.minors + min(turn.question.complaints, 1)
    turn.facts["minor_complaints"] = times
    if times >= MINORS_TO_A_PERSON:
        return turn.hand_over("tier.minor", "moderate", "tier", "minor", words="、".join(turn.words("tier")))
    if turn.match.action is Action.ANSWER and (entries := turn.entries([turn.match.id or ""])):
        return turn.answer("complaint.minor", entries[0], lead="minor")
    return turn.decide("complaint.minor", turn.say("minor", *turn.buttons("human")), opening=True)
