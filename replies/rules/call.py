"""The telephone, where people speak and the bot listens: what a logged call was about, and when one is promised; and
the other thing an agent sets a time for, a complaint case."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.dialogue import Decision, HandoffRequest, Question
from bot.messages import Status
from replies.knowledge import Knowledge
from replies.rules.complaint import is_grave
from replies.turn import Turn, silence
from replies.understanding import TIERS

LOGGED: Final = "logged"
"""`Incoming.mute` of a call that an agent has written down."""
FOLLOW_UP: Final = "follow_up"
"""The timer of a promised call back; its data are {"note", "agent"}."""

CASE: Final = "case:"
"""What the name of a complaint case's timer begins with; its data are {"number"}."""


def due(question: Question, knowledge: Knowledge) -> Decision:
    """The promised call back is due: people have the conversation again, and read what it was about."""
    turn = Turn.begin(replace(question, text="", value=None), knowledge)
    told = {name: str(question.data.get(name) or "") for name in ("note", "agent")}
    return replace(silence(question, "timer.follow_up"), handoff=turn.request("other", "follow_up", **told))


def case_due(question: Question, knowledge: Knowledge) -> Decision:
    """A complaint case should have been answered by now: people are called to it."""
    turn = Turn.begin(replace(question, text="", value=None), knowledge)
    number = str(question.data.get("number") or "")
    return replace(silence(question, "timer.case"), handoff=turn.request("other", "case_due", number=number))


def logged(question: Question, knowledge: Knowledge) -> Decision:
    """A logged call is judged like any message, and nothing is said. What an agent said it is about stands. Where
    nobody has it, a person is called for a complaint; a grave one is told in any case, even if it is settled."""
    turn = Turn.begin(replace(question, value=None), knowledge)
    if question.category:
        return turn.decide("call.told")
    meant, waits = turn.meant, question.status is Status.PENDING and question.wakes
    if meant.tier in TIERS[:2] or (waits and (is_grave(meant.tier) or meant.needs_human)):
        return turn.decide("call.grave", handoff=_request(turn, opens=waits or question.status is Status.OPEN))
    return turn.decide("call.logged")


def _request(turn: Turn, *, opens: bool) -> HandoffRequest:
    tier = turn.meant.tier
    if tier is None:
        request = turn.request("asked" if turn.meant.asks_person else "other", "needed", text=turn.text)
    else:
        request = turn.request("tier", tier, words="、".join(turn.words("tier")) or turn.text)
    return replace(request, opens=opens)
