"""What the bot does about one message: a table of rules, tried in order; the first that has an answer decides.

Pure: the same question and knowledge give the same decision. Each rule's docstring is the answer to
"why did it say that?"; its name is in the decision, with what it saw in `facts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from bot.dialogue import Decision, Question, Reply
from bot.messages import Kind, Status
from replies.commands import wants_person
from replies.faq.matching import Action
from replies.knowledge import Knowledge
from replies.text import Language, language_of
from replies.turn import Turn, entry_buttons, topic_buttons
from replies.words import MARKS, is_blank, is_emoji

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
MISSES_TO_A_PERSON: Final = 2

Rule = Callable[[Turn], Decision | None]


def decide(question: Question, knowledge: Knowledge) -> Decision:
    """Decide about one message or timer. Never raises on any text or state."""
    if question.status in (Status.OPEN, Status.SNOOZED):
        return replace(_silence(question, "silent.person"), rating=_score(question.value))
    if question.timer is not None and question.timer not in TIMERS:
        return _silence(question, "silent.timer")
    turn = Turn.begin(question, knowledge)
    for rule in RULES:
        if (decision := rule(turn)) is not None:
            return decision
    return _miss(turn)


def greeting(knowledge: Knowledge, language: str | None = None) -> Reply:
    """What a visitor reads before he has written anything: welcome, topics, the way to a person. Not in the log."""
    spoken: Language = language_of(language) or "zh-Hans"
    brand = knowledge.brand[spoken]
    text = knowledge.scripts.say("welcome", spoken, 0, company=brand.company, hours=brand.hours, name="")
    return Reply(text, topic_buttons(knowledge, spoken), script="welcome/0")


def _silence(question: Question, rule: str) -> Decision:
    facts = {"status": question.status.value, "timer": question.timer}
    return Decision(rule, state=question.state, language=question.language, facts=facts)


def _timer(turn: Turn) -> Decision | None:
    """A person has given the conversation back or settled it: say so, and begin afresh."""
    timer = turn.question.timer
    if timer is None:
        return None
    turn.memory.person, turn.memory.misses = False, 0
    buttons = turn.buttons("human") if timer == RETURNED else ()
    replies = [turn.say(timer, *buttons)]
    if timer == RESOLVED and turn.question.value == ATTENDED:
        replies.append(replace(turn.say("rate", *turn.buttons(*MARKS)), purpose="rating"))
    return turn.decide(f"timer.{timer}", *replies)


def _score(value: str | None) -> int | None:
    return int(value.removeprefix("rate:")) if value in MARKS else None


def _rating(turn: Turn) -> Decision | None:
    """How satisfied the customer is with the person he had: tapped at any time, in words or by number when asked."""
    mark = turn.question.value if turn.tapped else turn.spoken
    if (score := _score(mark)) is None:
        return None
    (label,) = (button.label for button in turn.buttons(f"rate:{score}"))
    low = score <= 2
    reply = turn.say("rated_low" if low else "rated", *turn.buttons(*("human",) if low else ()), mark=label)
    return replace(turn.decide("rating", reply), rating=score)


def _danger(turn: Turn) -> Decision | None:
    """Words of danger or complaint bring a person at once, whatever else the message says."""
    if turn.tapped:
        return None
    meant = turn.knowledge.triage.understand(turn.text, turn.language)
    if (tier := meant.tier) is None or not meant.needs_human:
        return None
    words = list(dict.fromkeys(evidence.words for evidence in meant.evidence if evidence.of.startswith("tier.")))[:5]
    turn.facts["evidence"] = words
    return turn.hand_over(f"tier.{tier}", tier, "tier", tier, tier=tier, words="、".join(words))


def _person(turn: Turn) -> Decision | None:
    """A whole request for a person, typed or tapped, is granted; "no, talk to a person" is first of all a no."""
    choice = turn.question.value if turn.tapped else turn.spoken
    if choice == "human" or (not choice and wants_person(turn.text)):
        return _bring_person(turn)
    return None


def _bring_person(turn: Turn) -> Decision:
    situation = "handoff_again" if turn.before.person else "handoff"
    return turn.hand_over("person.asked", situation, "asked", "asked")


def _flood(turn: Turn) -> Decision | None:
    """Too many messages in a minute: say so once, then wait for calm."""
    count, most = turn.memory.pace[1], turn.knowledge.most_a_minute
    if count <= most:
        return None
    turn.facts["messages_this_minute"] = count
    replies = (turn.say("flood", *turn.buttons("human")),) if count == most + 1 else ()
    return turn.decide("flood", *replies)


def _choice(turn: Turn) -> Decision | None:
    """A tapped button, its number, or yes, no and none of these in words, while that is what we asked."""
    value = turn.question.value or turn.spoken
    if (entry := turn.chosen(value)) is not None:
        turn.facts["faq"] = {"id": entry.id, "chosen": True}
        return turn.answer("choice.answer", entry)
    if value == "none":
        return _miss(turn)
    if value == "yes":
        turn.memory.misses, turn.memory.more = 0, True
        return turn.decide("choice.solved", turn.say("solved"))
    if value == "no":
        return _unsolved(turn)
    return None


def _unsolved(turn: Turn) -> Decision:
    entry = turn.knowledge.faq.get(turn.before.answered)
    if entry is None:
        return _bring_person(turn)
    topic = entry.title(turn.language)
    return turn.hand_over("choice.unsolved", "unsolved", "asked", "unsolved", topic=topic)


def _more(turn: Turn) -> Decision | None:
    """Yes or no to "anything else?"."""
    if not turn.before.more:
        return None
    words = turn.knowledge.words
    if words.chosen(turn.text, ("no",)):
        return turn.decide("small_talk.goodbye", turn.say("goodbye"))
    return turn.decide("small_talk.here", turn.say("here")) if words.chosen(turn.text, ("yes",)) else None


def _event(turn: Turn) -> Decision | None:
    """Something happened on the network. Whoever comes is welcomed; a menu key that is a button of ours is tapped; all
    else is not for us, and its words are not the customer's."""
    if turn.question.kind is not Kind.EVENT or turn.tapped:
        return None
    if turn.question.value in ARRIVALS and not _talks(turn):
        return turn.decide("greeting", turn.say("welcome", *topic_buttons(turn.knowledge, turn.language)))
    return _silence(turn.question, "silent.event")


def _talks(turn: Turn) -> bool:
    """He has only come back to the window in the middle of a conversation."""
    silent = turn.question.now.timestamp() - turn.before.pace[0]
    return turn.question.value == "enter" and turn.before.greeted and silent < WELCOMED_FOR


def _media(turn: Turn) -> Decision | None:
    """A picture, recording or file without words can only be judged by a person; a sticker is small talk."""
    kind = turn.question.kind
    if kind is Kind.TEXT or not is_blank(turn.text):
        return None
    if kind is Kind.STICKER:
        return turn.decide("small_talk.light", turn.say("light"), opening=True)
    return _show(turn)


def _show(turn: Turn) -> Decision:
    kinds = turn.knowledge.scripts.catalogues[turn.language].kinds
    kind = kinds.get(turn.question.kind, kinds["other"])
    return turn.hand_over("media", "media", "other", "media", kind=kind)


def _blank(turn: Turn) -> Decision | None:
    """No words at all."""
    if not is_blank(turn.text):
        return None
    if turn.question.first:
        return _greet(turn)
    return turn.decide("empty", turn.say("empty", *topic_buttons(turn.knowledge, turn.language)))


def _exact(turn: Turn) -> Decision | None:
    """The operator's own question, word for word, goes before small talk."""
    if turn.match.exact and turn.match.action is Action.ANSWER:
        return _answer(turn)
    return None


def _small_talk(turn: Turn) -> Decision | None:
    """The whole message is a greeting, thanks, goodbye and the like."""
    kind = "light" if is_emoji(turn.text) else turn.knowledge.words.chat(turn.text)
    if kind is None:
        return None
    if kind == "greeting":
        return _greet(turn)
    turn.memory.more = kind == "thanks"
    buttons = turn.buttons("human") if kind == "who_are_you" else ()
    return turn.decide(f"small_talk.{kind}", turn.say(kind, *buttons))


def _greet(turn: Turn) -> Decision:
    situation = "greeting_again" if turn.memory.greeted else "greeting"
    return turn.decide("greeting", turn.say(situation, *topic_buttons(turn.knowledge, turn.language)))


def _answer(turn: Turn) -> Decision | None:
    """The FAQ has it and is sure."""
    if turn.match.action is not Action.ANSWER or not (entries := turn.entries([turn.match.id or ""])):
        return None
    turn.facts["faq"] = _faq_facts(turn)
    return turn.answer("faq.answer", entries[0])


def _clarify(turn: Turn) -> Decision | None:
    """The FAQ has something close: ask which. Asking twice in a row counts as a miss."""
    if turn.match.action is not Action.CLARIFY:
        return None
    best = turn.match.candidates[0].score if turn.match.candidates else 0.0
    near = turn.entries([found.id for found in turn.match.candidates[:3] if found.score >= best / 2])
    again = "none" in turn.before.choices
    if not near or (again and turn.memory.misses + 1 >= MISSES_TO_A_PERSON):
        return _miss(turn)
    turn.memory.misses += again
    turn.facts["faq"] = _faq_facts(turn)
    buttons = (*entry_buttons(near, turn.language), *turn.buttons("none", "human"))
    return turn.decide("faq.clarify", turn.say("clarify", *buttons), opening=True)


def _miss(turn: Turn) -> Decision:
    """The FAQ does not have it: say so honestly; the second time in a row, or beside a picture, bring a person."""
    turn.facts["faq"] = _faq_facts(turn)
    if turn.question.kind not in (Kind.TEXT, Kind.STICKER):
        return _show(turn)
    turn.memory.misses += 1
    if turn.memory.misses >= MISSES_TO_A_PERSON:
        return turn.hand_over("miss.person", "miss_again", "misses", "misses", text=turn.text)
    return turn.decide("miss", turn.say("miss", *turn.buttons("human")), opening=True)


def _faq_facts(turn: Turn) -> dict[str, Any]:
    scores = [[found.id, found.score] for found in turn.match.candidates]
    return {"action": turn.match.action.value, "id": turn.match.id, "exact": turn.match.exact, "scores": scores}


RULES: Final[tuple[Rule, ...]] = (
    _timer,
    _event,
    _rating,
    _danger,
    _person,
    _flood,
    _choice,
    _more,
    _media,
    _blank,
    _exact,
    _small_talk,
    _answer,
    _clarify,
)
"""In this order; what none of them has an answer to is a miss."""
