"""Telephone and order numbers in what people write."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUN: Final = re.compile(r"(?<![\dA-Za-z+])\+?\(?\d[\d() -]{4,22}\d(?![\dA-Za-z])")
_EXTENSION: Final = re.compile(r" ?(?:转|轉|分机|分機|ext\.?|x|#) ?(\d{1,6})", re.IGNORECASE)
_SURE: Final = re.compile(r"\+[1-9]\d{6,14}|(?:86)?1[3-9]\d{9}|09\d{8}")
_PHONES: Final = re.compile(
    r"\+[1-9]\d{6,14}"  # any country, as E.164 writes it
    r"|(?:0086|86)?1[3-9]\d{9}|0[1-9]\d{1,2}[2-9]\d{6,7}|[48]00\d{7}"  # mainland: mobile, land line, service
    r"|09\d{8}|0[2-8]\d{7,8}"  # Taiwan: mobile, land line
    r"|(?:00852|852)?[235689]\d{7}"  # Hong Kong
)
_NUMERALS: Final = re.compile(r"[零〇一二三四五六七八九幺]{7,15}")
_AS_DIGITS: Final = str.maketrans("零〇一二三四五六七八九幺", "001234567891")
_ORDER: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9_-]{3,30})[A-Za-z0-9](?![A-Za-z0-9])")
_ORDER_WORD: Final = re.compile(
    r"(?:订单|訂單|单号|單號|编号|編號|订购|訂購|\border)[^A-Za-z0-9]{0,8}(?:(?:number|no|id|is|号码)\b[^A-Za-z0-9]{0,3}){0,3}",
    re.IGNORECASE,
)


def read_phone(text: str, *, sure: bool = False) -> str:
    """The telephone number in a text, without its spaces and dashes; "" if there is none.

    `sure`: only what is hardly anything else (a mobile number, a full international one).
    """
    return find_phone(text, sure=sure)[0]


def find_phone(text: str, *, sure: bool = False) -> tuple[str, str]:
    """The telephone number in a text, and the text without it."""
    plain = unicodedata.normalize("NFKC", text[:300])
    plain = _NUMERALS.sub(lambda found: found[0].translate(_AS_DIGITS), plain)
    for found in _RUN.finditer(plain):
        digits = re.sub(r"[() -]", "", found[0])
        if (_SURE if sure else _PHONES).fullmatch(digits):
            extension = _EXTENSION.match(plain, found.end())
            end = extension.end() if extension else found.end()
            rest = f"{plain[: found.start()]} {plain[end:]}"
            return (f"{digits}-{extension[1]}" if extension else digits), rest
    return "", text


def read_order(text: str, *, labelled: bool = False) -> str:
    """The order number in a text: 5 to 32 letters and digits with at least one digit; "" if there is none.

    `labelled`: only one that the text calls so.
    """
    plain = unicodedata.normalize("NFKC", text[:300])
    if (word := _ORDER_WORD.search(plain)) is not None and (found := _order_in(plain[word.end() :], at_start=True)):
        return found
    return "" if labelled else _order_in(plain)


def _order_in(plain: str, *, at_start: bool = False) -> str:
    for found in _ORDER.finditer(plain):
        if at_start and found.start():
            return ""
        if any(char.isdigit() for char in found[0]) and len(re.sub(r"[_-]", "", found[0])) >= 5:
            return found[0]
    return ""
