"""What a form never keeps: full card and identity numbers, passwords, one-time codes. Found by shape and checksum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

MASK: Final = "****"
_CARD: Final = re.compile(r"(?<![\dA-Za-z])[3-6]\d(?:[ -]?\d){11,17}(?![\dA-Za-z])")
_MAINLAND: Final = re.compile(r"(?<![\dA-Za-z])[1-9]\d{16}[\dXx](?![\dA-Za-z])")
_TAIWAN: Final = re.compile(r"(?<![\dA-Za-z])[A-Za-z][1289]\d{8}(?![\dA-Za-z])")
_HONG_KONG: Final = re.compile(r"(?<![\dA-Za-z])([A-Za-z]{1,2}\d{6})\(?([\dAa])\)?(?![\dA-Za-z])")
_SECRET: Final = re.compile(
    r"(?:密码|密碼|口令|验证码|驗證碼|校验码|動態碼|动态码|安全码|安全碼|\b(?:password|passcode|pwd|pin|otp|cvv|cvc|"
    r"(?:verification|security|one-time) code))"
    r"(?P<of> ?(?:是|为|為|:|=|\bis\b){1,2} ?| {0,2})(?P<value>[!-~]{3,64})",
    re.IGNORECASE,
)
_CARD_WORD: Final = re.compile(r"卡号|卡號|银行卡|銀行卡|信用卡|\bcard\b", re.IGNORECASE)
_LETTERS: Final = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))


def mask(text: str, *, order: bool = False) -> str:
    """The text with every secret in it made unreadable; the same text if there is none.

    `order`: an order number was asked for, so that a long number is a card's only if the text says so.
    """
    plain = unicodedata.normalize("NFKC", text)
    shown = text if len(plain) == len(text) else plain
    spans = sorted(set(_spans(plain, order=order and not _CARD_WORD.search(plain))))
    if not spans:
        return text
    parts, end = [], 0
    for start, stop in spans:
        if start >= end:
            parts += [shown[end:start], MASK]
        end = max(end, stop)
    return "".join([*parts, shown[end:]])


def _spans(plain: str, *, order: bool) -> Iterator[tuple[int, int]]:
    for found in _SECRET.finditer(plain):
        value = found["value"]
        if found["of"].strip() in (":", "=") or re.search(r"\d", value):
            yield found.span("value")
    for found in _CARD.finditer(plain):
        if not order and _luhn(re.sub(r"\D", "", found[0])):
            yield found.span()
    yield from (found.span() for found in _MAINLAND.finditer(plain) if _is_mainland(found[0]))
    yield from (found.span() for found in _TAIWAN.finditer(plain) if _is_taiwan(found[0].upper()))
    yield from (found.span() for found in _HONG_KONG.finditer(plain) if _is_hong_kong(found[1], found[2]))


def _luhn(digits: str) -> bool:
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(digit), 10)) for digit in even)) % 10 == 0


def _is_mainland(number: str) -> bool:
    """GB 11643: a birthday, and a check digit by ISO 7064 MOD 11-2."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    rest = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number[:17])) % 11
    return "10X98765432"[rest] == number[17].upper()


def _is_taiwan(number: str) -> bool:
    tens, ones = divmod(_LETTERS[number[0]], 10)
    digits = [tens, ones, *map(int, number[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def _is_hong_kong(head: str, check: str) -> bool:
    chars = head.upper().rjust(8)
    values = [36 if char == " " else int(char, 36) for char in chars]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return (total + int(check, 16)) % 11 == 0
