"""What goes before everything: danger, abuse, floods."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue import Decision
from replies.forms.offer import bar
from replies.memory import seconds
from replies.turn import Turn

ABUSE_QUEUE: Final = "abuse"
SAFETY_A_MINUTE: Final = 2


def critical(turn: Turn) -> Decision | None:
    """Danger to life, health or money: the safety words that fit it at once, nothing else, and a person now.

    In the middle of a form, a choice or a flood too.
    """
    if turn.meant.tier != "critical":
        return None
    turn.memory.endanger(turn.question.now)
    words = "、".join(turn.words("tier"))
    return bar(turn.hand_over("tier.critical", safety(turn), "tier", "critical", words=words))


def keep_safe(turn: Turn) -> Decision:
    """Danger while a person is awaited: the safety words, at most twice a minute, however much else is written."""
    turn.memory.endanger(turn.question.now)
    replies = (turn.say(safety(turn)),) if turn.memory.safety[1] <= SAFETY_A_MINUTE else ()
    return bar(turn.decide("danger.waiting", *replies))


def safety(turn: Turn, otherwise: str = "critical") -> str:
    """The situation whose words fit the danger."""
    fitting = f"safety_{turn.meant.danger}"
    return fitting if turn.has(fitting) else otherwise


def abuse(turn: Turn) -> Decision | None:
    """Insults, advances, adverts or nonsense without a matter: one polite warning, one flat line, then silence, and a
    record in a queue of its own. What is decent is answered as ever; after a day the warning is forgotten."""
    if turn.meant.category != "abuse":
        return None
    before = turn.memory.abuse[0]
    if before < 2 and turn.meant.asks_person:
        turn.passes("abuse", "asks for a person")
        return None
    turn.memory.abuse = (before + 1, seconds(turn.question.now))
    if before == 0:
        return turn.decide("abuse.warning", turn.say("abuse_warning"))
    if before == 1:
        return turn.decide("abuse.last", turn.say("abuse_last"))
    if before > 2:
        return turn.decide("abuse.silent")
    words = "、".join(turn.words("abuse"))
    request = replace(turn.request("other", "abuse", words=words), queue=ABUSE_QUEUE, opens=False)
    return turn.decide("abuse.silent", handoff=request)


def flood(turn: Turn) -> Decision | None:
    """Too many messages in a minute: say so once, then wait for calm. A grave complaint is heard all the same."""
    count, most = turn.memory.pace[1], turn.knowledge.most_a_minute
    if count <= most:
        return None
    turn.facts["messages_this_minute"] = count
    if turn.meant.needs_human:
        turn.passes("flood", "needs a person")
        return None
    replies = (turn.say("flood", *turn.buttons("human")),) if count == most + 1 else ()
    return turn.decide("flood", *replies)
