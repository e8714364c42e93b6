"""Whether a form is offered: after a serious or moderate complaint, never to somebody in danger or despair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.dialogue import Decision
from replies.forms.draft import STATE, Draft, is_barred, notes_of
from replies.turn import Turn

TIERS: Final = ("moderate", "serious")
"""Complaints after which a form is offered."""
DESPAIR: Final = 0.6
"""Distress from which on nobody is asked to fill in a form."""


def offer(turn: Turn, decision: Decision) -> Decision:
    """A complaint was answered: offer to register it, or to go on with what he left unfinished."""
    if turn.tier == "critical" or turn.meant.distress >= DESPAIR:
        return bar(decision)
    form = turn.knowledge.forms.complaint.get(turn.language)
    if turn.tier not in TIERS or is_barred(turn.question) or form is None or not decision.replies:
        return decision
    button = form.buttons["resume" if Draft.read(turn.question.form) else "start"]
    last = decision.replies[-1]
    last = replace(last, quick_replies=(*last.quick_replies, button))
    choices = [one.value for one in last.quick_replies]
    return replace(decision, replies=(*decision.replies[:-1], last), state={**decision.state, "choices": choices})


def bar(decision: Decision) -> Decision:
    """No form in this conversation any more."""
    return noted(decision, {**notes_of(decision.state), "open": False, "barred": True})


def noted(decision: Decision, notes: Mapping[str, Any]) -> Decision:
    """The decision with what the conversation is to remember of forms."""
    return replace(decision, state={**decision.state, STATE: dict(notes)})
