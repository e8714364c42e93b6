"""What need not be asked: what the profile knows, and what the customer has told before the form began."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from replies.forms.dates import read_dates
from replies.forms.draft import keep
from replies.forms.fields import Field, Form
from replies.forms.numbers import read_order, read_phone
from replies.forms.secrets import MASK, mask
from replies.text import simplified
from replies.understanding import Understanding

Told = tuple[str, Understanding | None]
"""A message of the customer's, and what triage made of it."""

_BOUGHT: Final = re.compile(r"[买购订下]|拍的|\bbought\b|\border|\bpurchase", re.IGNORECASE)


def known(form: Form, name: str, told: Sequence[Told], today: date) -> dict[str, str]:
    """Field → answer for what is known already. `told`: oldest first; later messages win, but for the story itself."""
    hidden = [(mask(text), meant) for text, meant in told]
    found = {one.id: _known(form, one, name, hidden, today) for one in form.fields if one.known}
    return {id_: value for id_, value in found.items() if value and MASK not in value.replace(" ", "")}


def _known(form: Form, one: Field, name: str, told: Sequence[Told], today: date) -> str:
    if one.known == "name":
        return keep(" ".join(name.split()), one.limit)
    if one.known == "told":
        stories = dict.fromkeys(text.strip() for text, meant in told if meant is None or meant.category == "complaint")
        return keep("\n".join(stories), one.limit)
    found = [_told(form, one, text, meant, today) for text, meant in reversed(told)]
    return keep(next(filter(None, found), ""), one.limit)


def _told(form: Form, one: Field, text: str, meant: Understanding | None, today: date) -> str:
    if one.known == "phone":
        return read_phone(text, sure=True)
    if one.known == "order":
        return (meant.orders[-1] if meant is not None and meant.orders else "") or read_order(text, labelled=True)
    if one.known == "date":
        return _day(form, one, text, today)
    if meant is None:
        return ""
    if one.known == "product":
        return meant.products[-1] if meant.products else ""
    if one.known == "amount":
        return "" if meant.amount is None else f"{meant.amount:f} {meant.currency}".strip()
    return next((wish for wish in meant.wishes if wish in one.choices), "") if one.known == "wish" else ""


def _day(form: Form, one: Field, text: str, today: date) -> str:
    """When it happened; not the day it was bought, and no day that has two readings."""
    for clause in re.split(r"[,，。;；!！?？\n]", text[:500]):
        if _BOUGHT.search(simplified(clause)):
            continue
        whens = read_dates(clause, today, form.language)
        if len(whens) == 1 and whens[0].precision == "day" and not whens[0].future(today):
            return whens[0].write()
    return ""
