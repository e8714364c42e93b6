"""Which kind of abuse a message is that has no wish in it."""

from __future__ import annotations

import re
from typing import Final

from replies.triage.patterns import han, latin

_ADVERT: Final = (
    han(
        "加(?:我)?(?:微信|微|v|q|vx|line|赖|whatsapp|威信|好友领)|扫码进群|(?:代开|出售).{0,4}发票"
        "|刷单|兼职.{0,8}(?:日|月)(?:入|领|结)|日入|月入过万|贷款.{0,8}(?:秒|免|加|低息)|低息|赌场"
        "|博彩|娱乐城|六合彩|百家乐|特码|明牌|涨粉|代刷|办证|刻章|回收(?:烟酒|黄金)|招代理|内幕(?:群"
        "|消息)|荐股|飙股|股票.{0,4}群|论文代写|代写论文|裸聊|私聊(?:我|领)|免费领"
        "|https?://\\S{1,60}领|刷卡换现金|pos机|包过"
    ),
    latin(
        "(?:whatsapp|telegram|dm|message|text|add|contact) me|click (?:the |this )?(?:link|here)"
        "|earn \\$?\\d{1,6}|work from home|casino|free spins|seo|followers for|buy followers"
        "|crypto (?:doubling|signals)|no credit check|viagra|fake (?:diplomas|id)|sign up now"
        "|limited offer|lottery winning|inheritance|reviews for sale|hiring typists"
    ),
)
_SEXUAL: Final = (
    han(
        "约(?:吗|炮|砲)|开房|裸(?:照|聊|体)|胸(?:部|大|多)|奶子|内(?:衣|裤)(?=.{0,6}(?:颜色|什么|穿"
        "|性感)|$)|(?:颜色|什么|穿).{0,4}内(?:衣|裤)|做爱|上床|床上|性感|骚|睡你|跟你睡|包养|特殊服务"
        "|一夜情|聊(?:点)?色|多少钱一晚|亲一个|腿照|摩铁|不穿|没穿"
    ),
    latin(
        "nudes?|naked|boobs?|tits|pant(?:y|ies)|knickers|horny|sexy|hook up|talk dirty"
        "|sleep with (?:me|you)|how much (?:for|per) (?:a|the) night|suck (?:my|it)|dick|cock|pussy"
        "|blow ?job|sugar daddy|feet pics?|dtf|one night stand"
    ),
)


def kind(folded: str, swears: bool) -> str:
    """insult, sexual, advert or nonsense."""
    if _fits(_ADVERT, folded):
        return "advert"
    if _fits(_SEXUAL, folded):
        return "sexual"
    return "insult" if swears or not _gibberish(folded) else "nonsense"


def harasses(folded: str) -> bool:
    """Whether it is plainly an advert or a sexual advance."""
    return _fits(_ADVERT, folded) or _fits(_SEXUAL, folded)


_VOWEL: Final = re.compile("[aeiouy]")
_LETTERS: Final = re.compile("[a-z]+")


def _gibberish(folded: str) -> bool:
    """Little but repeated or unpronounceable characters."""
    letters = [char for char in folded if char.isalnum()]
    if not letters or len(set(letters)) * 4 <= len(letters):
        return True
    words = _LETTERS.findall(folded)
    return bool(words) and all(len(word) > 4 and len(_VOWEL.findall(word)) * 4 < len(word) for word in words)


def _fits(patterns: tuple[re.Pattern[str], re.Pattern[str]], folded: str) -> bool:
    return any(pattern.search(folded) for pattern in patterns)
