"""What the bot does about one message: a table of rules, tried in order; the first that has an answer decides.

Pure: the same question and knowledge give the same decision. Each rule's docstring is the answer to
"why did it say that?"; its name is in the decision, with what it saw and which rules it went past in `facts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.dialogue import Decision, Question, Reply
from bot.messages import Kind, Status
from replies.forms import rule as form
from replies.knowledge import Knowledge
from replies.memory import Memory
from replies.rules import burst, call, choice, complaint, events, faq, guard, letter, person, public, talk
from replies.text import Language, language_of
from replies.turn import BURST, Turn, silence, topic_buttons

Rule = Callable[[Turn], Decision | None]

RULES: Final[tuple[Rule, ...]] = (
    # Not said by the customer.
    form.remind,
    events.timer,
    events.event,
    # Before everything: danger, harassment, floods.
    guard.critical,
    # A form that is filled in, or begun.
    form.form,
    guard.abuse,
    # Commands, and answers to what we asked.
    person.person,
    guard.flood,
    events.rating,
    choice.choice,
    choice.more,
    # People write in pieces.
    burst.hold,
    # No words, and the operator's own ones.
    talk.media,
    talk.blank,
    # Complaints and feelings.
    complaint.grave,
    person.asked,
    person.despair,
    person.anger,
    faq.exact,
    talk.small_talk,
    complaint.needed,
    complaint.minor,
    # Questions and requests.
    talk.courtesy,
    faq.answer,
    talk.business,
    faq.clarify,
)
"""In this order; what none of them has an answer to is a miss."""


LETTERS: Final[tuple[Callable[[letter.Letter], Decision | None], ...]] = (
    letter.critical,
    letter.abuse,
    # What was acknowledged before is not acknowledged again.
    letter.again,
    letter.complaint,
    letter.answered,
    letter.received,
)
"""The same for a letter that nobody has yet; the last has an answer to every one."""


PUBLIC: Final[tuple[Callable[[public.Public], Decision | None], ...]] = (
    public.heard,
    # Nothing that is his own, and harassment.
    public.bare,
    public.abuse,
    # People first; a second word is theirs too.
    public.grave,
    public.again,
    public.despair,
    public.complaint,
    public.praise,
    public.answer,
    public.small_talk,
    public.suggestion,
    public.rest,
)
"""The same for what everybody reads; the last has an answer to everything."""


def decide(question: Question, knowledge: Knowledge) -> Decision:
    """Decide about one message or timer. Never raises on any text or state."""
    if question.timer == call.FOLLOW_UP:
        return call.due(question, knowledge)
    if question.timer is not None and question.timer.startswith(call.CASE):
        return call.case_due(question, knowledge)
    if question.mute == call.LOGGED and question.timer is None:
        return call.logged(question, knowledge)
    if question.public:
        return _public(question, knowledge)
    if question.letter:
        return _letter(question, knowledge)
    if question.status in (Status.OPEN, Status.SNOOZED):
        return _listen(question, knowledge)
    if question.timer is not None and not _answers(question):
        return silence(question, "silent.timer")
    turn = Turn.begin(question, knowledge)
    return form.remember(turn, next(filter(None, (rule(turn) for rule in RULES)), None) or faq.miss(turn))


def _letter(question: Question, knowledge: Knowledge) -> Decision:
    if (quiet := letter.silent(question)) is not None:
        return quiet
    turn = letter.read(question, knowledge)
    if not question.wakes:
        return letter.kept(turn)
    if letter.with_people(question):
        return letter.heard(turn)
    return next(filter(None, (rule(turn) for rule in LETTERS)))


def _public(question: Question, knowledge: Knowledge) -> Decision:
    if (quiet := public.silent(question)) is not None:
        return quiet
    turn = public.read(question, knowledge)
    return next(filter(None, (rule(turn) for rule in PUBLIC)))


def greeting(knowledge: Knowledge, language: str | None = None) -> Reply:
    """What a visitor reads before he has written anything: welcome, topics, the way to a person. Not in the log."""
    spoken: Language = language_of(language) or "zh-Hans"
    brand = knowledge.brand[spoken]
    text = knowledge.scripts.say("welcome", spoken, 0, company=brand.company, hours=brand.hours, name="")
    return Reply(text, topic_buttons(knowledge, spoken), script="welcome/0")


def _answers(question: Question) -> bool:
    """The bot has words for the timer; the wait for a burst ends with them only where something still waits."""
    if question.timer == BURST:
        return bool(Memory.read(question.state).heard)
    return question.timer in (*events.TIMERS, form.REMINDER)


def _listen(question: Question, knowledge: Knowledge) -> Decision:
    """While people have the conversation the bot is silent, whatever is said: two voices help nobody.

    It listens: what is said is judged, so that a tier that rises reaches them at once. Until one of them has taken the
    conversation, perhaps at night, who is in danger reads the safety words, and a form goes on.
    """
    quiet = silence(question, "silent.person")
    filling = not question.attended and form.concerns(question, knowledge)
    if not filling and (question.timer is not None or question.kind is Kind.EVENT):
        return quiet
    turn = Turn.begin(question, knowledge)
    if turn.meant.tier == "critical" and not question.attended:
        return guard.keep_safe(turn)
    if filling and (decision := form.remind(turn) or form.form(turn)) is not None:
        return decision
    heard = replace(quiet, rating=events.score(question.value), facts={**quiet.facts, **turn.facts})
    if not turn.judged:
        return heard
    return replace(heard, category=turn.meant.category, tier=turn.tier if turn.meant.tier else None)
