"""What is no message: fired timers, what happens on the network, and the mark for a person's service."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue import Decision
from bot.messages import Kind
from replies.memory import seconds
from replies.turn import Turn, silence, topic_buttons
from replies.words import MARKS

RETURNED: Final = "returned"
RESOLVED: Final = "resolved"
TIMERS: Final = (RETURNED, RESOLVED)
"""Timers the bot has words for: a person gave the conversation back, or settled it."""

ATTENDED: Final = "person"
"""The value of the timer `resolved` when a person had the conversation."""
ARRIVALS: Final = ("follow", "enter")
"""Events that are answered with a welcome …"""
WELCOMED_FOR: Final = 3600
"""… but to somebody who talks with us only after so many seconds without a word."""


def timer(turn: Turn) -> Decision | None:
    """A person has given the conversation back or settled it: say so, and begin afresh."""
    name = turn.question.timer
    if name is None:
        return None
    turn.memory.person, turn.memory.misses = False, 0
    buttons = turn.buttons("human") if name == RETURNED else ()
    replies = [turn.say(name, *buttons)]
    if name == RESOLVED:
        turn.memory.settle()
        if turn.question.value == ATTENDED:
            replies.append(replace(turn.say("rate", *turn.buttons(*MARKS)), purpose="rating"))
    return turn.decide(f"timer.{name}", *replies)


def event(turn: Turn) -> Decision | None:
    """Something happened on the network. Whoever comes is welcomed; a menu key that is a button of ours is tapped; all
    else is not for us, and its words are not the customer's."""
    if turn.question.kind is not Kind.EVENT or turn.tapped:
        return None
    if turn.question.value in ARRIVALS and not _talks(turn):
        return turn.decide("greeting", turn.say("welcome", *topic_buttons(turn.knowledge, turn.language)))
    return silence(turn.question, "silent.event")


def _talks(turn: Turn) -> bool:
    """He has only come back to the window in the middle of a conversation."""
    silent = seconds(turn.question.now) - turn.before.pace[0]
    return turn.question.value == "enter" and turn.before.greeted and silent < WELCOMED_FOR


def score(value: str | None) -> int | None:
    """The mark that a button stands for."""
    return int(value.removeprefix("rate:")) if value in MARKS else None


def rating(turn: Turn) -> Decision | None:
    """How satisfied the customer is with the person he had: tapped at any time, in words or by number when asked."""
    mark = turn.question.value if turn.tapped else turn.spoken
    if (points := score(mark)) is None:
        return None
    (label,) = (button.label for button in turn.buttons(f"rate:{points}"))
    low = points <= 2
    reply = turn.say("rated_low" if low else "rated", *turn.buttons(*("human",) if low else ()), mark=label)
    return replace(turn.decide("rating", reply), rating=points)
