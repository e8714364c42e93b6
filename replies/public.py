"""What is said where everybody reads it: what of it the bot may answer, and which words are the author's own. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from replies.situations import WEIBO
from replies.text import HAN
from replies.understanding import TIERS, Tier
from replies.words import is_blank

Answers = Literal["none", "mild", "all"]
ANSWERS: Final[tuple[Answers, ...]] = ("none", "mild", "all")
LONGEST: Final = WEIBO
"""Characters of anything the bot says in public."""

_QUOTED: Final = re.compile(r"//\s{0,3}@")
"""Where a repost goes on with what others wrote."""
_NAMED: Final = re.compile(r"(?:回复|回覆|Reply to )?[@＠][\w·.-]{1,40}[:：]?", re.IGNORECASE)
_TOPIC: Final = re.compile(r"#([^#\n]{1,60})#")
_LINK: Final = re.compile(r"https?://[\w./?=&%#~+:;,@!$'*()-]{1,400}", re.ASCII)
_PASSED_ON: Final = re.compile(
    r"\W{0,5}(?:转发微博|轉發微博|转发|轉發|轉推|repost(?:ed)?|快转|网页链接|網頁連結)\W{0,5}", re.IGNORECASE
)

_LOTTERY: Final = re.compile(
    r"抽奖|抽獎|中奖|中獎|锦鲤|(?:转|轉|赞|讚|评|評)[^\n]{0,10}(?:送|抽)|giveaway", re.IGNORECASE
)

_UNFIT: Final = re.compile(
    r"https?:|www\.|@|\d{5}|转人工|轉人工|人工客服|真人客服|订单号|訂單編號|订单编号|快递单号|手机号|手機號|电话|電話|"
    r"邮箱|信箱|地址|身份证|身分證|卡号|卡號|账号|帳號|密码|密碼|验证码|驗證碼|(?:发|傳|传|留|告诉|告訴)(?:给|給|到|在)?(?:我|这里|這裡)|"
    r"\b(?:order number|phone|e-?mail|address|account|password|card number|code|talk to a person|send us|tell us|"
    r"tell me|send me|your number)\b",
    re.IGNORECASE,
)
"""An answer that asks for, or leads to, what is nobody else's business, or that speaks of buttons."""


@dataclass(frozen=True, slots=True)
class PublicTerms:
    """`answers`: what the bot may answer with its one public line: nothing; all but serious and critical complaints;
    or those too, the critical ones (with safety words) only where `grave` is set. From so many `followers` of the
    author's on, a person answers a complaint, and soon."""

    answers: Answers = "mild"
    grave: bool = False
    followers: int = 10_000

    def speaks(self, tier: Tier | None) -> bool:
        """The bot may answer what is of this tier."""
        if self.answers == "none":
            return False
        if tier == TIERS[0]:
            return self.answers == "all" and self.grave
        return tier != TIERS[1] or self.answers == "all"


def own_words(text: str) -> str:
    """What the author wrote himself, without what he passes on, whom he names, and links; "" for a bare mention or a
    mere repost. A topic's words are his."""
    own = _LINK.sub(" ", _QUOTED.split(text, maxsplit=1)[0])
    own = _NAMED.sub(" ", _TOPIC.sub(r" \1 ", own))
    own = "\n".join(" ".join(line.split()) for line in own.splitlines()).strip()
    return "" if is_blank(own) or _PASSED_ON.fullmatch(own) else own


def is_lottery(text: str) -> bool:
    """It takes part in a lottery: who is named in such posts was not written to."""
    return _LOTTERY.search(text) is not None


def passed_on(text: str) -> str:
    """What of it others wrote; "" if nothing is."""
    quoted = _QUOTED.split(text, maxsplit=1)
    return _NAMED.sub(" ", "@" + quoted[1]).strip() if len(quoted) > 1 else ""


def fit_answer(answer: str) -> bool:
    """An FAQ answer that may be read by everybody: short, and about nobody's own affairs."""
    return len(answer) <= (LONGEST if not HAN.search(answer) else 100) and _UNFIT.search(answer) is None
