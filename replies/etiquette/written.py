"""How a text is written: its script, the words of its region, emoji and particles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from replies.etiquette.rules import Advice, Reading
from replies.etiquette.tables import Table
from replies.etiquette.told import told
from replies.text import HAN, Language, script_of, simplified

_TAIWAN: Final = {
    "订单号(?!码)": "訂單編號",
    "工作日": "工作天",
    "短信": "簡訊",
    "信息": "訊息",
    "质量": "品質",
    "视频": "影片",
    "默认": "預設",
    "链接": "連結",
    "登录": "登入",
    "邮箱": "電子郵件信箱",
    "积分": "點數",
    "包邮": "免運",
    "发货": "出貨",
    "人工客服": "真人客服",
    "赠品券": "優惠券",
}
"""Mainland words, as they look in Simplified, and what readers in Taiwan or Hong Kong say."""
_REGION: Final = re.compile("|".join(f"(?P<r{place}>{word})" for place, word in enumerate(_TAIWAN)))
_MEND: Final = tuple(_TAIWAN.values())
_EMOJI: Final = ("So", "Sk")


def check_script(text: str, language: Language) -> Iterator[Advice]:
    """Only whether it is written in the script of its language: for labels and customers' questions."""
    why, mend = told("script", language)
    for match in HAN.finditer(text):
        if language == "en":
            yield Advice("script", match[0], match.start(), why, mend)
        elif script_of(match[0]) not in (None, language):
            instead = simplified(match[0]) if language == "zh-Hans" else ""
            yield Advice("script", match[0], match.start(), why, mend, instead)


def region(reading: Reading) -> Iterator[Advice]:
    """Mainland words in a text for Taiwan and Hong Kong."""
    why, _ = told("region", reading.language)
    for match in _REGION.finditer(reading.seen):
        mend = _MEND[int((match.lastgroup or "r0")[1:])]
        yield Advice("region", reading.shown[match.start() : match.end()], match.start(), why, mend, mend)


def levity(reading: Reading, table: Table) -> Iterator[Advice]:
    """Emoji, kaomoji, particles and chat talk: for texts to somebody in trouble."""
    for match in table.levity.finditer(reading.seen):
        yield reading.advice("levity", "levity", *match.span())
    for start, char in enumerate(reading.shown):
        if char > "\u2000" and unicodedata.category(char) in _EMOJI:
            yield reading.advice("levity", "levity", start, start + 1)
