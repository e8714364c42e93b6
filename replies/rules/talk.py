"""Courtesy: greetings and the like, no words at all, praise, suggestions, business."""

from __future__ import annotations

from typing import Final

from bot.dialogue import Decision
from bot.messages import Kind
from replies.faq.matching import Action
from replies.rules.faq import show
from replies.turn import Turn, topic_buttons
from replies.words import is_blank

SURE: Final = 0.6
"""Confidence from which a judged category goes before an FAQ entry that is close."""


def media(turn: Turn) -> Decision | None:
    """A picture, recording or file without words can only be judged by a person; a sticker is small talk."""
    kind = turn.question.kind
    if kind is Kind.TEXT or not is_blank(turn.text):
        return None
    if kind is Kind.STICKER:
        return turn.decide("small_talk.light", turn.say("light"), opening=True)
    return show(turn)


def blank(turn: Turn) -> Decision | None:
    """No words at all."""
    if not is_blank(turn.text):
        return None
    if turn.question.first:
        return _greet(turn)
    return turn.decide("empty", turn.say("empty", *topic_buttons(turn.knowledge, turn.language)))


def small_talk(turn: Turn) -> Decision | None:
    """The whole message is a greeting, thanks, goodbye and the like."""
    kind = turn.talk
    if kind is None:
        return None
    if kind == "greeting" or (kind == "opener" and not turn.memory.greeted):
        return _greet(turn)
    turn.memory.more = kind == "thanks"
    buttons = turn.buttons("human") if kind == "who_are_you" else ()
    return turn.decide(f"small_talk.{kind}", turn.say("here" if kind == "opener" else kind, *buttons))


def _greet(turn: Turn) -> Decision:
    situation = "greeting_again" if turn.memory.greeted else "greeting"
    return turn.decide("greeting", turn.say(situation, *topic_buttons(turn.knowledge, turn.language)))


def courtesy(turn: Turn) -> Decision | None:
    """Praise is thanked for; a suggestion is noted, and thanked for."""
    category = turn.meant.category
    if category not in ("praise", "suggestion") or not _sure(turn):
        return None
    return turn.decide(category, turn.say(category), opening=category == "suggestion")


def business(turn: Turn) -> Decision | None:
    """Something to be done for the customer that no FAQ answer does: a person, with what is known."""
    if turn.meant.category != "business" or not _sure(turn):
        return None
    return turn.hand_over("business", "business", "other", "business", text=turn.text)


def _sure(turn: Turn) -> bool:
    if turn.meant.confidence >= SURE:
        return True
    sure = turn.match.action is Action.MISS
    if not sure:
        turn.passes(turn.meant.category, f"not sure enough ({turn.meant.confidence:.2f}) beside what the FAQ has")
    return sure
