"""What a message may be while a form is filled in: a table of moves, tried in order; the first that fits is it.

Each move says what it heard, for "why did it say that?"; "" is: not my kind of message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from bot.messages import Kind
from replies.forms.answers import UNCLEAR, Read, chosen, read_answer, read_day
from replies.forms.fields import PREFIX, Field
from replies.forms.hearing import correction, labelled
from replies.forms.moments import show_date
from replies.forms.secrets import MASK, mask
from replies.forms.talk import Step, Talk
from replies.text import bare, fold, simplified
from replies.words import is_blank, ordinal

SEEN: Final = (Kind.IMAGE, Kind.VIDEO, Kind.FILE)
"""What counts as evidence."""
TRIES: Final = 2
"""So many answers nobody could read, and what the customer wrote is kept as he wrote it: a date as the answer, all else
as a note."""
SHAPED: Final = ("order", "telephone", "photo")
"""Kinds that not every text can be an answer to."""
_REFUSES: Final = re.compile(
    r"没有|没带|不知道|不清楚|不记得|不方便|不想|忘了|忘记|找不|看不|记不|等下|等会|晚点|回头|以后|暂时|不用|"
    r"\bnot (?:yet|now|sure)\b|\bdon'?t\b|\bdo not\b|\bno (?:idea|need|photo|picture|order|phone)|\blater\b|"
    r"\bcan'?t\b|\bforgot",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"[?？]\s{0,3}$|(?:吗|么|呢)[。!！~～\s]{0,3}$|^(?:请问|怎么|怎样|如何|为什么|为何|什么时候|多久|哪里|能不能|可不可以|是不是)|"
    r"^(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will|would)\b",
    re.IGNORECASE,
)
_AMONG: Final[Mapping[str, tuple[str, ...]]] = {
    "asking": ("skip", "back", "stop", "submit", "resume"),
    "offering": ("more", "enough", "back", "stop"),
    "confirming": ("confirm", "change", "back", "stop"),
}
"""The commands there are in each phase."""


def hear(talk: Talk) -> Step:
    """What the message says, and what to ask next."""
    if talk.value.startswith(PREFIX):
        talk.text = ""
    else:
        asked = talk.asked
        hidden = mask(talk.text, order=asked is not None and asked.kind == "order")
        if hidden != talk.text:
            talk.text = hidden
            talk.line("secret")
    return talk.step(next(filter(None, (move(talk) for move in MOVES))))


# ---- the moves ------------------------------------------------------------------------------------------------------


def _date_choice(talk: Talk) -> str:
    """One of the dates that were offered."""
    one, pending = talk.asked, talk.draft.pending
    if one is None or not pending:
        return ""
    number = ordinal(talk.text) if talk.text else None
    place = number - 1 if number else _nth(talk.value, "date:")
    if place is not None and 0 <= place < len(pending):
        return _keep(talk, one, pending[place])
    found = read_day(one, talk.text, talk.today, talk.form.language)
    return _keep(talk, one, found.value) if found.value else ""


def _choice(talk: Talk) -> str:
    """A choice that was tapped, or said in its own words."""
    one = talk.asked
    if one is None or one.kind != "choice" or talk.draft.phase != "asking":
        return ""
    value = talk.value.removeprefix(f"{PREFIX}choice:") if talk.value else chosen(one, talk.text)
    return _keep(talk, one, value) if value in one.choices else ""


def _command(talk: Talk) -> str:
    """Skip, back, stop and the like, tapped or as the whole message."""
    among = _AMONG[talk.draft.phase]
    name = talk.value.removeprefix(PREFIX) if talk.value else talk.forms.command(talk.text, among)
    return _COMMANDS[name](talk) if name in among else ""


def _correct(talk: Talk) -> str:
    """An earlier answer is mended in words."""
    found = correction(talk.form, talk.draft, talk.text, talk.today) if talk.text else None
    if found is None:
        return ""
    one, draft = found.field, talk.draft
    if one is None:
        return _which(talk) if draft.phase == "confirming" else ""
    asked = talk.asked
    if draft.lies_open(one) and (one is asked or not found.text or (asked is not None and asked.tells)):
        return ""  # it is an answer, or part of a story
    return _mend(talk, one, found.text) if found.text else _reopen(talk, one)


def _photo(talk: Talk) -> str:
    """A picture is evidence, whatever was asked."""
    one = next((one for one in talk.form.fields if one.kind == "photo"), None)
    if talk.kind not in SEEN or one is None:
        return ""
    before = talk.draft.answers.get(one.id, "0")
    if not is_blank(talk.text):
        talk.draft.add_note(talk.text)
    return _keep(talk, one, str(int(before) + 1 if before.isascii() and before.isdigit() else 1))


def _question(talk: Talk) -> str:
    """A question of his own is answered, or noted for the colleague, and the form goes on."""
    if not talk.text or not _ASKS.search(simplified(talk.text.strip())):
        return ""
    one = talk.asked
    shaped = one is not None and one.kind in ("date", "telephone", "order")
    if one is not None and shaped and not read_answer(one, talk.text, talk.today, talk.form.language).trouble:
        return ""
    answer = talk.faq()
    if one is not None and one.tells and not answer:
        return ""  # "how can this be?" is part of the story
    if answer:
        talk.lines.append(answer)
        talk.line("go_on")
        return "question.answered"
    talk.line("question")
    talk.draft.add_note(talk.text)
    return "question.noted"


def _answers(talk: Talk) -> str:
    """An answer to what was asked, and to other things that the message names."""
    if talk.value or is_blank(talk.text):
        return ""
    one = talk.asked if talk.draft.phase == "asking" else None
    if MASK in talk.text and (one is None or not one.tells):
        return "secret"
    found = labelled(talk.form, talk.text, one.id if one is not None else "")
    kept = [other.id for other, text in found.named if _take(talk, other, text, anew=True)]
    kept += [other.id for other, text in found.plain if _take(talk, other, text, anew=False)]
    rest = talk.text if (one is not None and one.tells) or not kept else found.rest
    if one is None:
        return _note(talk, rest, kept)
    if bare(fold(rest)) or not kept:
        return _answer(talk, one, rest)
    talk.line("noted")
    return f"answer.{','.join(kept)}"


def _nothing(talk: Talk) -> str:
    """Nothing that anybody could read: say so, by the kind of thing that was asked."""
    _unclear(talk, talk.asked, UNCLEAR)
    return "unclear"


MOVES: Final[tuple[Callable[[Talk], str], ...]] = (
    _date_choice,
    _choice,
    _command,
    _correct,
    _photo,
    _question,
    _answers,
    _nothing,
)


# ---- what they do ---------------------------------------------------------------------------------------------------


def _keep(talk: Talk, one: Field, value: str) -> str:
    talk.draft.answer(one.id, value)
    talk.line("noted")
    return f"answer.{one.id}"


def _take(talk: Talk, one: Field, text: str, *, anew: bool) -> bool:
    """Keep an answer that was given beside the one asked, where it is clear. `anew`: also where there is one."""
    found = read_answer(one, text, talk.today, talk.form.language)
    before = talk.draft.answers.get(one.id)
    if not found.value or (before is not None and not anew):
        return False
    talk.draft.answer(one.id, found.value)
    if before not in (None, found.value):
        talk.line("changed", label=one.label, value=talk.shown(one))
    return True


def _answer(talk: Talk, one: Field, text: str) -> str:
    found = read_answer(one, text, talk.today, talk.form.language)
    if found.value:
        return _keep(talk, one, found.value)
    if found.either and not found.trouble:
        talk.draft.pending = found.either
        return "either"
    tried = talk.draft.tries + 1 >= TRIES and found.trouble == "unclear" and bool(bare(fold(text)))
    if one.kind == "date" and tried:
        return _keep(talk, one, text.strip()[: one.limit])
    if not one.required and one.kind in SHAPED and (tried or _REFUSES.search(simplified(text))):
        return _leave(talk, one, text)
    _unclear(talk, one, found)
    return "unclear"


def _leave(talk: Talk, one: Field, text: str) -> str:
    """He has none, or says something else: nobody is asked a third time, and nothing he says is lost."""
    if not _REFUSES.search(simplified(text)):
        talk.draft.add_note(text)
    talk.draft.skip(one.id)
    talk.line("skipped")
    return f"leave.{one.id}"


def _unclear(talk: Talk, one: Field | None, found: Read) -> None:
    talk.draft.tries = min(talk.draft.tries + 1, 3)
    if found.trouble == "future":
        talk.line("future", value=show_date(found.either[0], talk.form.language))
    elif one is None:
        talk.line("unclear", example="")
    elif one.kind == "photo":
        talk.line("unclear_photo")
    else:
        kind = f"unclear_{one.kind}" if one.kind in ("date", "telephone", "order") else "unclear"
        talk.line(kind, example=one.example)


def _mend(talk: Talk, one: Field, text: str) -> str:
    found = read_answer(one, text, talk.today, talk.form.language)
    if found.value:
        talk.draft.answer(one.id, found.value)
        talk.line("changed", label=one.label, value=talk.shown(one))
        return f"correct.{one.id}"
    talk.draft.ask(one.id, anew=True)
    if found.either and not found.trouble:
        talk.draft.pending = found.either
    else:
        _unclear(talk, one, found)
    return f"reopen.{one.id}"


def _reopen(talk: Talk, one: Field) -> str:
    """Ask a field once more; its old answer stays until there is a new one."""
    talk.line("back")
    talk.draft.ask(one.id, anew=True)
    return f"reopen.{one.id}"


def _note(talk: Talk, rest: str, kept: list[str]) -> str:
    """Everything is asked: what he adds that is no field's goes to the note."""
    if bare(fold(rest)):
        talk.draft.add_note(rest)
        talk.draft.details = talk.draft.details or False
    talk.line("noted")
    return f"answer.{','.join(kept)}" if kept else "note"


def _skip(talk: Talk) -> str:
    one = talk.asked
    if one is None:
        return ""
    if one.required and one.id not in talk.draft.answers:
        talk.draft.tries = min(talk.draft.tries + 1, 3)
        talk.line("required")
        return "required"
    talk.draft.skip(one.id)
    talk.line("skipped")
    return f"skip.{one.id}"


def _back(talk: Talk) -> str:
    if (one := talk.form.field(talk.draft.before())) is None:
        return "back"
    return _reopen(talk, one)


def _stop(talk: Talk) -> str:
    talk.line("stopped")
    talk.end = "stopped"
    return "stop"


def _submit(talk: Talk) -> str:
    """No more questions but those that must be."""
    talk.draft.leave_rest(talk.form)
    return "submit"


def _more(talk: Talk) -> str:
    talk.draft.details = True
    return "more"


def _enough(talk: Talk) -> str:
    talk.draft.details = False
    return "enough"


def _confirm(talk: Talk) -> str:
    if talk.draft.lacks(talk.form) is not None:
        return "submit"
    talk.line("done", number=talk.number, within=talk.form.within)
    talk.end = "done"
    return "confirm"


def _which(talk: Talk) -> str:
    talk.line("which_field")
    talk.asks = False
    return "change"


def _resume(talk: Talk) -> str:
    return "resume"


_COMMANDS: Final[Mapping[str, Callable[[Talk], str]]] = {
    "skip": _skip,
    "back": _back,
    "stop": _stop,
    "submit": _submit,
    "resume": _resume,
    "more": _more,
    "enough": _enough,
    "confirm": _confirm,
    "change": _which,
}


def _nth(value: str, name: str) -> int | None:
    digits = value.removeprefix(PREFIX + name)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None
