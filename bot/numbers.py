"""Phone numbers, as people type them and as they are compared."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

EXTENSION = re.compile(
    r"[ ,;]{0,3}(?:转接?|轉接?|分机号?|分機號?|内线|內線|extension|ext|x|#|;ext=)[ .:=]{0,3}(\d{1,7})$", re.IGNORECASE
)
DASHED = re.compile(r"(.{7,30})-(\d{1,5})")
"""010-62881234-801: the last part is the extension, if the rest is a number without it."""
WRITTEN = re.compile(r"\+?[\d ()./\-]{3,40}|\(\+\d{1,3}\)[\d ()./\-]{3,36}", re.ASCII)
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー－~～", "-"))
HIDDEN = """匿名 匿名来电 匿名來電 未知 未知号码 未知號碼 未显示 未顯示 无 無 无号码 無號碼 没有号码 沒有號碼
隐藏 隱藏 隐藏号码 隱藏號碼 保密 不详 不詳 私人号码 私人號碼
anonymous unknown private privatenumber withheld restricted unavailable hidden nocallerid none"""
NOBODY = frozenset({"", *HIDDEN.split()})
NEIGHBOURS = ("852", "853", "886", "86")
"""Country codes that people write without a plus."""
MOBILE = re.compile(r"1[3-9]\d{9}")
"""A mainland number; new ranges come faster than plans of them."""
SHORT = range(3, 9)
"""Digits of a number that is good only where it is dialled: 110, 12315, 95588, one of the same town."""
LONGEST = 48


@dataclass(frozen=True, slots=True)
class Number:
    """`key` is what two numbers are compared by (E.164 where it can be told, with ";ext="), `shown` for people."""

    key: str
    shown: str


def read(typed: str, country: str = "CN") -> Number | None:
    """The number somebody typed, None where there is none (匿名). ValueError if it cannot be one.

    `country`: where a number without a country code is (ISO 3166). A key reads as itself.
    """
    if len(typed) > LONGEST:
        raise ValueError("no phone number")
    told = unicodedata.normalize("NFKC", typed).translate(DASHES).strip()
    if "".join(told.split()).casefold() in NOBODY:
        return None
    found = EXTENSION.search(told)
    main, extension = (told[: found.start()].strip(), found[1]) if found else (told, "")
    dashed = None if extension else DASHED.fullmatch(main)
    if (number := _known(main, country)) is not None:
        return _said(number, extension, country)
    if dashed and (number := _known(dashed[1], country)) is not None:
        return _said(number, dashed[2], country)
    digits = re.sub(r"[ \-]", "", main)
    if digits.isascii() and digits.isdecimal() and len(digits) in SHORT:
        return _with(digits, digits if len(digits) < 7 else f"{digits[:-4]} {digits[-4:]}", extension)
    raise ValueError("no phone number")


def _known(told: str, country: str) -> PhoneNumber | None:
    """By the numbering plans. Loaded when the first number is read: it takes a while."""
    if not WRITTEN.fullmatch(told):
        return None
    import phonenumbers as plans

    digits = re.sub(r"\D", "", told)
    for one in (told, *(f"+{digits}" for code in NEIGHBOURS if digits.startswith(code))):
        try:
            number = plans.parse(one, country)
        except plans.NumberParseException:
            continue
        fresh = number.country_code == 86 and MOBILE.fullmatch(str(number.national_number))
        abroad = told.startswith(("+", "(+", "00")) and plans.is_possible_number(number)
        if plans.is_valid_number(number) or fresh or abroad:
            return number
    return None


def _said(number: PhoneNumber, extension: str, country: str) -> Number:
    import phonenumbers as plans

    number.extension = None
    home = plans.region_code_for_country_code(number.country_code or 0) == country
    wanted = plans.PhoneNumberFormat.NATIONAL if home else plans.PhoneNumberFormat.INTERNATIONAL
    key = plans.format_number(number, plans.PhoneNumberFormat.E164)
    return _with(key, plans.format_number(number, wanted), extension)


def _with(key: str, shown: str, extension: str) -> Number:
    return Number(f"{key};ext={extension}", f"{shown} ext. {extension}") if extension else Number(key, shown)
