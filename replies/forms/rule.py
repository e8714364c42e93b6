"""The one rule of `decide` about forms, and what its neighbours ask of it.

A form begins with the customer's consent (a button after his complaint was answered, or his own words), never for
somebody in danger or despair. The draft belongs to the customer; that it is open is remembered by the conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.dialogue import Decision, HandoffRequest, Question, Reply, TimerRequest
from bot.messages import Kind, Status
from replies.commands import wants_person
from replies.faq.matching import Action
from replies.forms.draft import Draft, filled, is_barred, is_open, notes_of, registered
from replies.forms.fields import PREFIX, Form
from replies.forms.known import known
from replies.forms.moves import hear
from replies.forms.offer import noted
from replies.forms.secrets import mask
from replies.forms.talk import Step, Talk
from replies.knowledge import Knowledge
from replies.text import HAN, Language, clip
from replies.turn import Turn

REMINDER: Final = "form"
"""The timer that comes when nobody has written for a while."""
REMIND_AFTER: Final = timedelta(minutes=10)
SETTLED: Final = ("returned", "resolved")
"""Timers after which nobody is filling in a form any more; what there is of it stays."""
_TOLD: Final = 4
_TOLD_LENGTH: Final = 300
_FEW: Final = 4


def concerns(question: Question, knowledge: Knowledge) -> bool:
    """The message, or the timer, is about a form: one is open here, or he asks for one."""
    if question.timer is not None:
        return question.timer == REMINDER
    if is_open(question):
        return True
    return (question.value or "").startswith(PREFIX) or bool(_wanted(question, knowledge))


def form(turn: Turn) -> Decision | None:
    """A form is under way, or begun or gone on with by the customer: it hears the message and asks the next thing."""
    question, draft = turn.question, Draft.read(turn.question.form)
    if question.timer is not None or turn.language not in turn.knowledge.forms.complaint:
        return None
    wanted = _wanted(question, turn.knowledge)
    if is_open(question) and draft is not None and wanted != "start":
        return _go_on(turn, draft)
    if not wanted or is_barred(question):
        return None
    if draft is not None:
        talk = _talk(turn, draft)
        return _decide(turn, talk, talk.resume())
    if wanted == "resume" and not _notes(question).get("told") and not question.value:
        return None  # "go on" is many things where no form ever was
    return _begin(turn) if wanted == "start" else _none(turn)


def remind(turn: Turn) -> Decision | None:
    """Nobody has written for a while: say once that nothing is lost."""
    if turn.question.timer != REMINDER:
        return None
    draft = Draft.read(turn.question.form)
    if draft is None or draft.reminded or not is_open(turn.question) or not turn.question.pushes:
        facts = {"timer": REMINDER}
        return Decision("silent.timer", state=turn.question.state, language=turn.question.language, facts=facts)
    turn.language = draft.language
    talk = _talk(turn, draft)
    return _decide(turn, talk, talk.remind(), timer=False)


def remember(turn: Turn, decision: Decision) -> Decision:
    """What he told that a form may ask for later: complaints, and messages with figures in them."""
    question = turn.question
    if question.timer in SETTLED and is_open(question):
        return noted(decision, {**_notes(decision), "open": False})
    telling = (decision.handoff is not None and decision.handoff.tier is not None) or any(map(str.isdigit, turn.text))
    if not telling or turn.tapped or question.timer is not None or decision.rule.startswith("form."):
        return decision
    notes = _notes(decision)
    told = [text for text in _told(notes) if text != turn.text][-_TOLD + 1 :]
    return noted(decision, {**notes, "told": [*told, mask(clip(turn.text, _TOLD_LENGTH))]})


# ---- inside ---------------------------------------------------------------------------------------------------------


def _go_on(turn: Turn, draft: Draft) -> Decision | None:
    question = turn.question
    if turn.meant.abuse in ("insult", "sexual") and turn.meant.category == "abuse":
        return None
    value = question.value or (turn.spoken if turn.spoken.startswith(PREFIX) else "")
    if question.kind is Kind.EVENT and not value:
        return None
    turn.language = _language(turn, draft)
    talk = _talk(turn, draft, value)
    if value == "human" or wants_person(question.text):
        return _decide(turn, talk, talk.again("waiting")) if question.status is Status.OPEN else None
    if value and not value.startswith(PREFIX):
        return None
    if value == f"{PREFIX}resume":
        return _decide(turn, talk, talk.resume())
    return _decide(turn, talk, hear(talk))


def _begin(turn: Turn) -> Decision:
    turn.memory.misses = 0
    talk = _talk(turn, Draft(language=turn.language))
    triage = turn.knowledge.triage
    told = [(text, triage.understand(text, turn.language)) for text in _told(_notes(turn.question))]
    return _decide(turn, talk, talk.begin(known(talk.form, turn.question.contact_name, told, talk.today)))


def _none(turn: Turn) -> Decision:
    talk = _talk(turn, Draft(language=turn.language))
    talk.line("nothing")
    reply = Reply(talk.lines[0], (talk.form.buttons["start"],), "form.nothing")
    return turn.decide("form.nothing", reply)


def _talk(turn: Turn, draft: Draft, value: str = "") -> Talk:
    forms, brand = turn.knowledge.forms, turn.knowledge.brand[turn.language]
    form = forms.complaint[turn.language]
    draft.language = turn.language
    return Talk(
        forms=forms,
        form=form,
        draft=draft,
        today=_today(turn.question, form),
        text=turn.question.text,
        value=value,
        kind=turn.question.kind,
        number=_number(turn.question, form),
        voice={"company": brand.company, "hours": brand.hours, "name": ""},
        faq=lambda: _faq(turn),
    )


def _decide(turn: Turn, talk: Talk, step: Step, *, timer: bool = True) -> Decision:
    reply = Reply(step.text, step.buttons, f"form.{step.heard}")
    turn.facts["form"] = {"heard": step.heard, "asked": talk.draft.asked, "phase": talk.draft.phase}
    done = step.end == "done"
    handoff = _register(turn, talk) if done else None
    decision = turn.decide(f"form.{step.heard}", reply, handoff=handoff)
    notes = _notes(turn.question)
    left = {**notes, "open": not step.end, **({"told": [], "registered": _registered(notes) + 1} if done else {})}
    goes_on = timer and not step.end
    if handoff is not None:
        decision = replace(decision, tier=handoff.tier, category="complaint")
    return replace(
        noted(decision, left),
        form={} if done else talk.draft.write(),
        case=registered(talk.form, talk.draft, talk.number) if done else None,
        timers=(TimerRequest(REMINDER, REMIND_AFTER),) if goes_on and turn.question.pushes else (),
        cancel_timers=decision.cancel_timers if goes_on else (*decision.cancel_timers, REMINDER),
    )


def _register(turn: Turn, talk: Talk) -> HandoffRequest:
    """The filled case, for a person."""
    wish = next((one for one in talk.form.fields if one.known == "wish"), None)
    return HandoffRequest(
        trigger="tier",
        reason=f"{talk.form.title} {talk.number}",
        tier=turn.tier or "moderate",
        wish=talk.shown(wish) if wish is not None else "",
        tried=turn.memory.tried,
        form=filled(talk.form, talk.draft),
    )


def _wanted(question: Question, knowledge: Knowledge) -> str:
    """start or resume, tapped or as the whole message."""
    value = question.value or ""
    if value.startswith(PREFIX):
        return name if (name := value.removeprefix(PREFIX)) in ("start", "resume") else ""
    if value or question.kind is not Kind.TEXT:
        return ""
    return knowledge.forms.command(question.text, ("start", "resume"))


def _faq(turn: Turn) -> str:
    match = turn.match
    entry = turn.knowledge.faq.get(match.id or "") if match.action is Action.ANSWER else None
    return entry.answer(turn.language) if entry is not None else ""


def _language(turn: Turn, draft: Draft) -> Language:
    """A name, a model or a number says nothing about the language he reads."""
    text = turn.question.text[:1000]
    return turn.language if HAN.search(text) or len(text.split()) > _FEW else draft.language


def _today(question: Question, form: Form) -> date:
    return question.now.astimezone(ZoneInfo(form.zone)).date()


def _number(question: Question, form: Form) -> str:
    before = _registered(_notes(question))
    return f"{_today(question, form):%y%m%d}-{question.conversation}{f'-{before + 1}' if before else ''}"


def _registered(notes: Mapping[str, Any]) -> int:
    """How many forms he has finished in this conversation."""
    told = notes.get("registered")
    return told if isinstance(told, int) and 0 < told < 10_000 else 0


def _notes(source: Question | Decision) -> dict[str, Any]:
    return notes_of(source.state)


def _told(notes: Mapping[str, Any]) -> list[str]:
    told = notes.get("told")
    return [text[:_TOLD_LENGTH] for text in told if isinstance(text, str)] if isinstance(told, list) else []
