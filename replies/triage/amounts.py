"""Sums of money in a message: figures, Chinese numerals, 1.5w, 3k, "two grand"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_DIGITS: Final = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}
_SCALE: Final = {
    "k": 1000,
    "千": 1000,
    "grand": 1000,
    "thousand": 1000,
    "w": 10_000,
    "万": 10_000,
    "百": 100,
    "十万": 100_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "million": 1_000_000,
    "lakh": 100_000,
    "lakhs": 100_000,
    "亿": 100_000_000,
}
_SIGNS: Final = {
    "$": "USD",
    "us$": "USD",
    "nt$": "TWD",
    "hk$": "HKD",
    "a$": "AUD",
    "s$": "SGD",
    "£": "GBP",
    "€": "EUR",
    "₹": "INR",
    "¥": "CNY",
    "rs": "INR",
    "rs.": "INR",
    "rmb": "CNY",
    "rm": "MYR",
    "usd": "USD",
    "hkd": "HKD",
    "ntd": "TWD",
    "gbp": "GBP",
    "eur": "EUR",
    "cny": "CNY",
}
_WORDS: Final = {
    "人民币": "CNY",
    "rmb": "CNY",
    "cny": "CNY",
    "yuan": "CNY",
    "台币": "TWD",
    "新台币": "TWD",
    "ntd": "TWD",
    "港币": "HKD",
    "港元": "HKD",
    "蚊": "HKD",
    "hkd": "HKD",
    "美金": "USD",
    "美元": "USD",
    "刀": "USD",
    "usd": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "bucks": "USD",
    "pounds": "GBP",
    "pound": "GBP",
    "quid": "GBP",
    "gbp": "GBP",
    "euros": "EUR",
    "euro": "EUR",
    "欧元": "EUR",
    "英镑": "GBP",
    "rupees": "INR",
    "rupee": "INR",
    "ringgit": "MYR",
    "元": "",
    "块": "",
    "块钱": "",
    "大洋": "",
    "圆": "",
}
IN_CNY: Final = {
    "CNY": Decimal(1),
    "": Decimal(1),
    "TWD": Decimal("0.22"),
    "HKD": Decimal("0.92"),
    "USD": Decimal("7.1"),
    "EUR": Decimal("7.8"),
    "GBP": Decimal("9.2"),
    "AUD": Decimal("4.7"),
    "SGD": Decimal("5.4"),
    "INR": Decimal("0.085"),
    "MYR": Decimal("1.6"),
}
"""Roughly what one unit is in CNY: only to see whether a loss is large."""

_WRITTEN: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
} | {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80, "a": 1, "hundred": 100}


def _any(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


_FIGURE: Final = re.compile(
    rf"(?<![\w.])(?P<sign>{_any(_SIGNS)})?\s?(?P<figure>\d[\d,]{{0,14}}(?:\.\d{{1,4}})?)\s?(?:多|几|余)?"
    rf"(?P<scale>(?:k|w|grand|thousand|million|lakhs?)(?![a-z])|十万|百万|千万|万|千|百"
    rf"|亿)?(?P<rest>[一二三四五六七八九])?(?:多|余)?\s?(?P<word>{_any(_WORDS)})?"
)
_NUMERAL: Final = re.compile(
    rf"(?P<numeral>[一二两三四五六七八九][〇零一二两三四五六七八九十百千万亿几多余]{{1,14}}"
    rf"|十[一二三四五六七八九几多]?[〇零一二两三四五六七八九十百千万亿几多余]{{1,12}})\s?(?P<word>{_any(_WORDS)})?"
)
_SPELT: Final = re.compile(
    rf"\b(?P<count>{_any(_WRITTEN)})\s(?P<scale>hundred|thousand|grand|million)\s?(?P<word>{_any(_WORDS)})?(?![a-z])"
)
_COUNTED: Final = re.compile(
    r"\s?(?:个|名|位|户|家|人|粉|次|回|趟|遍|公里|里程|件|台|克|斤|米|平|兆|毫安|瓦|转|步|字|页|年"
    r"|天|小时|分钟|点|号|楼|层|期|岁|度|篇|条|张|集|关|级|倍|followers?|subscribers?|people"
    r"|miles?|km|users?|customers?|times|views?|listeners?|mah|calls|words|steps|%)"
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum and where it stands in the folded text; `currency` is "" where only the reader knows it."""

    value: Decimal
    currency: str
    start: int
    end: int

    @property
    def in_cny(self) -> Decimal:
        return self.value * IN_CNY.get(self.currency, Decimal(1))


def largest(folded: str) -> Amount | None:
    """The largest sum that a message names; numbers of other things (followers, kilometres, orders) are none."""
    found = [*_figures(folded), *_numerals(folded), *_spelt(folded)]
    return max(found, key=lambda amount: amount.in_cny, default=None)


def _figures(folded: str) -> list[Amount]:
    found = []
    for match in _FIGURE.finditer(folded):
        sign, scale, word = match["sign"], match["scale"], match["word"]
        if not (sign or scale or word) or (not sign and not word and _COUNTED.match(folded, match.end())):
            continue
        factor = _SCALE.get(scale or "", 1)
        value = Decimal(match["figure"].replace(",", "")) * factor
        if match["rest"] and factor > 1:
            value += _DIGITS[match["rest"]] * factor // 10
        found.append(Amount(value, _SIGNS.get(sign or "") or _WORDS.get(word or "", ""), *match.span()))
    return found


def _numerals(folded: str) -> list[Amount]:
    found = []
    for match in _NUMERAL.finditer(folded):
        numeral, word = match["numeral"], match["word"]
        if word is None and len(numeral) > 2 and numeral[-1] == "一" and numeral[-2] in _DIGITS:
            numeral = numeral[:-1]  # 一万八一直
        if (word is None and not re.search("[百千万亿]", numeral)) or (
            word is None and _COUNTED.match(folded, match.end())
        ):
            continue
        if value := numeral_value(numeral):
            found.append(Amount(Decimal(value), _WORDS.get(word or "", ""), *match.span()))
    return found


def _spelt(folded: str) -> list[Amount]:
    return [
        Amount(
            Decimal(_WRITTEN[match["count"]] * {"hundred": 100}.get(match["scale"], _SCALE.get(match["scale"], 1))),
            _WORDS.get(match["word"] or "", ""),
            *match.span(),
        )
        for match in _SPELT.finditer(folded)
        if match["word"] or not _COUNTED.match(folded, match.end())
    ]


def numeral_value(numeral: str) -> int:
    """ "两万八" is 28000, "三千五" 3500, "十五万" 150000, "三十多万" 300000."""
    total = section = digit = 0
    last = 1
    for char in numeral:
        if char in _DIGITS:
            digit = _DIGITS[char]
            if digit == 0:
                last = 1
        elif char in _UNITS:
            section += (digit or 1) * _UNITS[char]
            digit, last = 0, _UNITS[char]
        elif char in "万亿":
            scale = 10_000 if char == "万" else 100_000_000
            total = (total + section + digit) * scale if char == "亿" else total + (section + digit or 1) * scale
            section = digit = 0
            last = scale
    return total + section + (digit * last // 10 if last > 10 else digit)
