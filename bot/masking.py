"""Words that are kept to learn from, without the numbers and addresses of whoever wrote them."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"
MOST: Final = 2000
"""Characters looked at; what is longer is nobody's question."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_CODE = re.compile(r"[A-Za-z0-9]{7,64}")
# A phone number in any writing, a card, an identity number, an order number, a date with its year.
_DIGITS = re.compile(r"\+?\d(?:[ \-().]{0,2}\d){6,63}[xX]?")
_HAN_DIGITS = re.compile(r"[零〇一二三四五六七八九幺两兩]{7,64}")
_FEWEST_DIGITS = 4


def mask(text: str) -> str:
    """The text without e-mail addresses and without the numbers of phones, cards, papers and orders.

    Small numbers stay: amounts, sizes and models are part of what is asked.
    """
    text = _DIGITS.sub(MASK, _EMAIL.sub(MASK, text[:MOST]))
    return _HAN_DIGITS.sub(MASK, _CODE.sub(_code, text))


def _code(found: re.Match[str]) -> str:
    """Letters with many digits among them name an order or a parcel, not a product."""
    word = found.group()
    return MASK if sum(c.isdigit() for c in word) > _FEWEST_DIGITS else word
