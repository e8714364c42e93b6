"""The FAQ: its answers, what it asks back, and honest misses."""

from __future__ import annotations

from typing import Any, Final

from bot.dialogue import Decision, Gap
from bot.messages import Kind
from replies.faq.matching import Action
from replies.text import clean, clip
from replies.turn import Turn, entry_buttons

MISSES_TO_A_PERSON: Final = 2


def exact(turn: Turn) -> Decision | None:
    """The operator's own question, word for word, goes before small talk."""
    return answer(turn) if turn.match.exact else None


def answer(turn: Turn) -> Decision | None:
    """The FAQ has it and is sure."""
    if turn.match.action is not Action.ANSWER or not (entries := turn.entries([turn.match.id or ""])):
        return None
    turn.facts["faq"] = facts(turn)
    return turn.answer("faq.answer", entries[0])


def clarify(turn: Turn) -> Decision | None:
    """The FAQ has something close: ask which. Asking twice in a row counts as a miss."""
    if turn.match.action is not Action.CLARIFY:
        turn.passes("faq.answer", f"not sure of any entry{_best(turn)}")
        return None
    best = turn.match.candidates[0].score if turn.match.candidates else 0.0
    near = turn.entries([found.id for found in turn.match.candidates[:3] if found.score >= best / 2])
    again = "none" in turn.before.choices
    if not near or (again and turn.memory.misses + 1 >= MISSES_TO_A_PERSON):
        turn.passes("faq.clarify", "asked back before" if near else "no entry left to choose")
        return miss(turn)
    turn.passes("faq.answer", f"only close to{_best(turn)}")
    turn.memory.misses += again
    turn.memory.ask(turn.asked)
    turn.facts["faq"] = facts(turn)
    buttons = (*entry_buttons(near, turn.language), *turn.buttons("none", "human"))
    return turn.decide("faq.clarify", turn.say("clarify", *buttons), opening=True)


def miss(turn: Turn, asked: str = "") -> Decision:
    """The FAQ does not have it: say so honestly; the second time in a row, or beside a picture, bring a person.

    `asked`: what was asked, where this message only says that nothing fits.
    """
    turn.facts["faq"] = facts(turn)
    if turn.question.kind not in (Kind.TEXT, Kind.STICKER):
        return show(turn)
    near = turn.match.candidates[0].id if turn.match.candidates and not asked else ""
    gap = Gap(clean(clip(asked or turn.asked, 500)), near)
    turn.memory.misses += 1
    if turn.memory.misses >= MISSES_TO_A_PERSON:
        return turn.hand_over("miss.person", "miss_again", "misses", "misses", gap=gap, text=turn.text)
    return turn.decide("miss", turn.say("miss", *turn.buttons("human")), opening=True, gap=gap)


def show(turn: Turn) -> Decision:
    """Only a person can look at it."""
    kinds = turn.knowledge.scripts.catalogues[turn.language].kinds
    kind = kinds.get(turn.question.kind, kinds["other"])
    return turn.hand_over("media", "media", "other", "media", kind=kind)


def facts(turn: Turn) -> dict[str, Any]:
    """What the matcher said."""
    match = turn.match
    scores = [[found.id, found.score] for found in match.candidates]
    gate = {} if match.bars is None else {"gate": dict(zip(("answer", "clarify"), match.bars, strict=True))}
    return {"action": match.action.value, "id": match.id, "exact": match.exact, "scores": scores, **gate}


def _best(turn: Turn) -> str:
    if not turn.match.candidates:
        return ""
    best = turn.match.candidates[0]
    return f": {best.id} {best.score:.2f}"
