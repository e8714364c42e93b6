"""Which public words are for nobody: our own, machines', advertisements. Pure.

Nobody who may be a customer is lost: only what is surely none is ignored; what is merely doubtful is kept, and wakes
nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from channels.weibo import words


class Fate(Enum):
    """What becomes of it."""

    HEARD = "heard"
    DOUBTFUL = "doubtful"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the rules look at. `about`: the author of what it comments on or passes on; `business`: a verified company;
    `pictures`: how many."""

    author: str
    text: str
    repost: bool = False
    about: str = ""
    business: bool = False
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """Us, and whom and what the operator does not want to hear."""

    uid: str
    ignore: tuple[str, ...] = ()


_REACH = re.compile(
    r"(?:加|\+|\uff0b|➕|联系|聯繫|咨询)\s{0,3}(?:我|本人|客服)?\s{0,3}(?:的)?\s{0,3}"
    r"(?:微信|威信|薇信|v信|vx|wx|weixin|qq|扣扣|q群|v❤|telegram|tg)|(?:微信号?|vx|wx|qq群?)\s{0,3}[:\uff1a]\s{0,3}[\w-]{5,20}"
    r"|(?:私信|戳|点)\s{0,3}(?:我|主页|链接)\s{0,3}(?:领取|了解|咨询|详聊|进群)",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"互粉|互关|涨粉|刷粉|买粉|代运营|刷单|刷赞|日结|兼职|副业|躺赚|月入过?万|贷款|套现|代开发票|优惠券群|内部券|返利"
    r"|网赚|博彩|彩票计划|代写|办证|高仿|引流|推广合作|商务合作|蹭热度|free followers|buy followers|earn \$?\d",
    re.IGNORECASE,
)
_LOTTERY = re.compile(r"抽奖|抽獎|转发赠|轉發贈|锦鲤|关注\s{0,2}[+\uff0b]\s{0,2}转发|转发并?@|giveaway", re.IGNORECASE)
_GRIEVANCE = re.compile(
    r"骗|騙|投诉|投訴|举报|舉報|曝光|退款|退货|退貨|维权|維權|客服|坏了|壞了|质量|質量|假货|假貨|赔|賠|受伤|受傷|起火"
    r"|烫伤|燙傷|不给|不給|不理|垃圾|差评|差評|怎么回事|怎麼回事|为什么|為什麼|\bscam|refund|broken|complain",
    re.IGNORECASE,
)

Rule = Callable[[Seen, Account], bool]


def _advert(seen: Seen, us: Account) -> bool:
    return bool(_OFFER.search(seen.text)) and not _grieved(seen.text)


def _grieved(text: str) -> bool:
    """Whether somebody seems to have trouble. The names he calls are none ("@…客服")."""
    return bool(_GRIEVANCE.search(words.MENTION.sub(" ", text)))


def _surely_advert(seen: Seen, us: Account) -> bool:
    reached = bool(_REACH.search(seen.text) or words.LINK.search(seen.text))
    return reached and _advert(seen, us)


def _says_nothing(seen: Seen) -> bool:
    return not words.bare(seen.text) and not seen.pictures


RULES: Sequence[tuple[str, Fate, Rule]] = (
    ("own", Fate.IGNORED, lambda seen, us: seen.author == us.uid),
    ("ignored user", Fate.IGNORED, lambda seen, us: seen.author in us.ignore),
    (
        "ignored word",
        Fate.IGNORED,
        lambda seen, us: any(word.casefold() in seen.text.casefold() for word in us.ignore if not word.isdigit()),
    ),
    ("our post passed on", Fate.IGNORED, lambda seen, us: seen.repost and seen.about == us.uid and _says_nothing(seen)),
    ("nothing at all", Fate.IGNORED, lambda seen, us: not seen.text and not seen.pictures and not seen.repost),
    ("advertisement", Fate.IGNORED, _surely_advert),
    ("perhaps an advertisement", Fate.DOUBTFUL, _advert),
    ("nothing but names and links", Fate.DOUBTFUL, lambda seen, us: _says_nothing(seen) and seen.about != seen.author),
    (
        "lottery",
        Fate.DOUBTFUL,
        lambda seen, us: bool(_LOTTERY.search(seen.text)) and not _grieved(seen.text)
        and (seen.business or len(words.MENTION.findall(seen.text)) >= 3),
    ),
    (
        "a list of names",
        Fate.DOUBTFUL,
        lambda seen, us: len(words.MENTION.findall(seen.text)) >= 5 and len(words.bare(seen.text)) < 10,
    ),
)  # fmt: skip
"""The first that holds decides."""


def judge(seen: Seen, us: Account) -> tuple[Fate, str]:
    """What becomes of it, and the rule that says so."""
    return next(((fate, name) for name, fate, holds in RULES if holds(seen, us)), (Fate.HEARD, ""))
