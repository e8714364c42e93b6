"""Phone numbers, as people type them and as they are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

EXTENSION = re.compile(r"(?:转接?|轉接?|分机号?|分機號?|内线|內線)\s*(?=\d)")
KEPT = re.compile(r"[^0-9+#*]")
NOBODY = frozenset(
    {"", "匿名", "未知", "无", "無", "隐藏号码", "隱藏號碼", "anonymous", "unknown", "private", "withheld"}
)
SHORTEST, LONGEST = 3, 40
"""Digits a number has at least (110), and characters it is typed with at most."""


@dataclass(frozen=True, slots=True)
class Number:
    """`key` is what two numbers are compared by (E.164 where it can be told, with ";ext="), `shown` for people."""

    key: str
    shown: str


def read(typed: str, country: str = "CN") -> Number | None:
    """The number somebody typed, None where there is none (匿名). ValueError if it cannot be one.

    `country`: where a number without a country code is (ISO 3166).
    """
    told = unicodedata.normalize("NFKC", typed).strip()
    if told.casefold() in NOBODY:
        return None
    digits = KEPT.sub("", told)
    if len(told) > LONGEST or not sum(c.isdigit() for c in digits) >= SHORTEST:
        raise ValueError("no phone number")
    return _known(EXTENSION.sub(" ext. ", told), country) or Number(digits, told)


def _known(told: str, country: str) -> Number | None:
    """By the numbering plans. Loaded when the first number is read: it takes a while."""
    import phonenumbers as plans

    try:
        number = plans.parse(told, country)
    except plans.NumberParseException:
        return None
    if not plans.is_possible_number(number):
        return None  # 110: good where it is dialled, and nowhere else
    key = plans.format_number(number, plans.PhoneNumberFormat.E164)
    home = plans.region_code_for_country_code(number.country_code or 0) == country
    wanted = plans.PhoneNumberFormat.NATIONAL if home else plans.PhoneNumberFormat.INTERNATIONAL
    return Number(f"{key};ext={number.extension}" if number.extension else key, plans.format_number(number, wanted))
