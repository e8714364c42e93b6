"""A question's wording without what any question has: courtesies, particles, and ways to say the same thing."""

from __future__ import annotations

import re
from typing import Final

from replies.text import bare, clip, fold, masked, steady

MAX_TEXT: Final = 400

# Looks at the first character first: most are none with which a courtesy begins.
_COURTESY: Final = re.compile(
    r"(?=[你您请麻谢多亲想我问不哈hdptesci])"
    r"(?:你好|您好|请问|麻烦|谢谢|多谢|亲亲?(?=[\s请你我]|$)|想问一?下|我想问|问一下|想请教|不好意思|哈喽|"
    r"\b(?:hi|hello|hey|dear|please|pls|thanks|thank you|excuse me|sorry|can you tell me|could you tell me|"
    r"i would like to know|i want to know|id like to know)\b)"
)
_SAME: Final = {
    "怎么": ("如何", "怎样", "怎么样才能", "怎么才能", "要怎么", "咋样", "咋", "点样"),
    "什么": ("甚么", "啥", "哪些", "乜嘢", "咩"),
    "什么时候": ("几时", "何时", "啥时候", "甚么时候"),
    "多久": ("多长时间", "多少时间", "几久", "多少天", "几天", "多少日", "几日"),
    "可以": ("能不能", "可不可以", "能否", "可否", "是否可以", "能够", "可唔可以"),
    "有": ("有没有", "有冇"),
    "是": ("是不是", "是否"),
    "支持": ("支不支持", "支援"),
    "账": ("帐",),
    "你": ("您", "妳"),
    "没": ("没有", "冇"),
    "哪里": ("哪儿", "边度"),
}
_CANON: Final = {variant: canon for canon, variants in _SAME.items() for variant in variants}
_VARIANTS: Final = re.compile("|".join(sorted(map(re.escape, _CANON), key=len, reverse=True)))
_PARTICLES: Final = re.compile(r"[吗呢呀啊啦哦哈嘛咯哇喔耶]|[吧么的了](?=\s|\Z)")

_ANSWER: Final = 200
_HOLE: Final = re.compile(r"\{\{?[^{}]{0,80}\}?\}")

# Characters of questions in general, which say little about this one.
GREY: Final = frozenset(
    "我你他她它们的了是有在就也都还要会能可以怎么什多少哪里个这那一把给到想请为吧很太不没去来上下让被和跟与对时候现今明昨天日"
)


def canonical(text: str) -> str:
    """The question without courtesies, with ways to ask the same thing made one; what exact match compares."""
    plain = bare(steady(fold(clip(text, MAX_TEXT))))
    kept = bare(_PARTICLES.sub("", _COURTESY.sub(" ", plain))) or plain
    return _VARIANTS.sub(lambda found: _CANON[found[0]], kept)


def spoken(text: str) -> str:
    """The question as the sentence encoder reads it: whole, only folded, and without addresses and long numbers, which
    mislead it."""
    return " ".join(masked(steady(fold(clip(text, MAX_TEXT)))).split())


def answered(text: str) -> str:
    """The beginning of an answer as the sentence encoder reads it, without what is filled in when it is given."""
    return spoken(_HOLE.sub(" ", clip(text, _ANSWER)))


def says_something(text: str) -> bool:
    """Whether there are two characters or more, and not only those any question begins with, such as 我想 or 怎么."""
    plain = bare(fold(clip(text, MAX_TEXT)))
    return len(plain) > 1 and not GREY.issuperset(plain.replace(" ", ""))
