"""Whether a text is fit to be said to a customer: the words a service keeps to, in three languages.

Serves the bot's scripts, FAQ answers and an agent's draft alike. Chinese rules are written once, in Simplified, and
look at a Traditional text through its Simplified form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from replies.text import HAN, Language, script_of, simplified

Tone = Literal["light", "plain", "grave"]
"""How a text may sound: emoji and particles (呢, 哦, 哈) have no place where a customer has trouble."""


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to say otherwise: `words` is what the text says, `mend` a better way."""

    rule: str
    words: str
    start: int
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    pattern: re.Pattern[str]
    why: str
    mend: str


def _rules(*rows: tuple[str, str, str, str]) -> tuple[_Rule, ...]:
    return tuple(_Rule(name, re.compile(pattern, re.IGNORECASE), why, mend) for name, pattern, why, mend in rows)


_CHINESE: Final = _rules(
    ("familiar", r"[你妳](?:们)?", "客户要称“您”", "您"),
    ("forbidden", r"不知道|不清楚|不太清楚|不了解情况", "把客户挡了回去", "我为您核实，并说明什么时候答复"),
    ("forbidden", r"不归我们?管|不是我们?(?:部门)?(?:管|负责)的?|找别的部门", "推给了别人", "说明由谁接手、多久答复"),
    (
        "forbidden",
        r"听不懂|没听懂吗|说过多少遍|不是(?:已经)?(?:告诉|说)过",
        "责备客户没有听懂",
        "换一种更清楚的说法再说一遍",
    ),
    (
        "forbidden",
        r"没办法|没有办法|无能为力|爱莫能助|办不到|做不到|帮不了",
        "只有拒绝，没有出路",
        "先说原因，再给一个可行的办法",
    ),
    ("forbidden", r"规定就是|这是规定|公司规定如此|按规定不行", "拿规定压人", "说明规定的原因和可以怎么办"),
    ("forbidden", r"不可能|怎么可能|绝对不行", "断然否定", "说明可以做到什么"),
    ("forbidden", r"自己(?:看|查|去看|去查|想办法|解决)", "让客户自己去找", "直接告诉客户，或附上步骤"),
    ("forbidden", r"随便您|爱怎么|您必须|您得|您应该早|闭嘴|冷静一?点", "命令或冷落客户", "请您……"),
    ("doubt", r"您(?:确定|有证据)吗|您是不是(?:骗|说谎|记错)|真的假的", "质疑客户的诚实", "请您提供……，我们来核对"),
    ("counter-question", r"难道|您说呢|那您想怎么样|您想怎样|有什么好", "反问客户", "改成陈述或请求"),
    ("blame", r"(?:是|因为)您(?:自己)?的(?:错|问题|责任|原因)|怪您|谁让您|谁叫您", "责怪客户", "只说事实和解决办法"),
    (
        "blame",
        r"您(?:自己)?(?:没有?|未)(?:看清|看仔细|仔细|说清|说明白|填对|按)|您(?:自己)?(?:弄|搞|填|写|看|操作|理解|选)错|您误会",
        "责怪客户",
        "只说正确的做法：请您……",
    ),
    (
        "blame",
        r"(?:快递|物流|仓库|财务|供应商|厂家|银行|技术|同事|前一位客服|上一位客服|别的部门|其他部门)[^，。；！？\s]{0,6}"
        r"(?:的错|的问题|的责任|搞错|弄错|疏忽)",
        "把责任推给同事或别的部门",
        "由我们来负责：说明谁在什么时候办什么",
    ),
)
_PROMISE: Final = re.compile(
    r"尽快|尽早|稍后|晚点|回头(?!见)|第一时间|马上|立刻|立即|近期|过几天|过段时间|抽空|不久后?"
)
_TIME: Final = re.compile(
    r"\d+\s*(?:[:：]\s*\d+|秒|分钟|小时|天|日|号|点|周|个?月|年|个?工作[日天])"
    r"|[一二两三四五六七八九十半]+个?(?:分钟|小时|天|周|月|年|工作[日天])"
    r"|今天|今晚|今日|明天|明日|后天|当天|当日|次日|隔天|第二天|(?:周|星期)[一二三四五六日天末]"
)
_TAIWAN: Final = {
    "订单号(?!码)": "訂單編號",
    "工作日": "工作天",
    "短信": "簡訊",
    "信息": "訊息、資訊",
    "质量": "品質",
    "视频": "影片",
    "默认": "預設",
    "网络(?!商店)": "網路",
    "链接": "連結",
    "屏幕": "螢幕",
    "打印": "列印",
    "软件": "軟體",
    "用户": "會員、使用者",
    "登录": "登入",
    "邮箱": "電子郵件信箱",
    "积分": "點數",
    "包邮": "免運",
    "发货": "出貨",
    "人工客服": "真人客服",
    "赠品券": "優惠券",
}
_ENGLISH: Final = _rules(
    (
        "forbidden",
        r"\b(?:i|we) (?:do not|don['’]t) know\b|\bno idea\b",
        "turns the customer away",
        "let me check, with a time",
    ),
    (
        "forbidden",
        r"\bnot (?:my|our) (?:job|problem|department|responsibility)\b",
        "passes the buck",
        "say who takes it, by when",
    ),
    (
        "forbidden",
        r"\b(?:can(?:not|['’]t)|unable to) help(?: you)?\b|\bnothing (?:i|we) can do\b"
        r"|\b(?:is|it['’]s) impossible\b|\bno way\b",
        "refuses without a way out",
        "the reason first, then what is possible",
    ),
    (
        "forbidden",
        r"\b(?:(?:that|it)['’]s|(?:that|it|this) is) (?:just |simply )?(?:our|the|company) policy\b"
        r"|\brules are rules\b",
        "hides behind a rule",
        "explain the reason and the options",
    ),
    (
        "forbidden",
        r"\bcalm down\b|\byou (?:must|have to)\b|\bas (?:i|we) (?:already )?(?:said|told)\b|\bobviously\b"
        r"|\bread the\b|\bfigure it out\b|\blook it up yourself\b|\bwhatever\b(?= *[.!?,])",
        "orders the customer about",
        "please …",
    ),
    (
        "doubt",
        r"\bare you sure\b|\bdo you have proof\b|\bprove it\b|\byou claim\b",
        "doubts the customer",
        "please send us …, we will check",
    ),
    (
        "counter-question",
        r"\bwhat (?:do you want|did you expect)\b|\bwhy (?:did|would|didn['’]t) you\b",
        "asks back",
        "make it a request",
    ),
    (
        "blame",
        r"\byour (?:own )?(?:fault|mistake|error)\b|\byou (?:should|could) have\b|\byou misunderstood\b"
        r"|\byou (?:failed|forgot|neglected) to\b|\byou (?:did not|didn['’]t) (?:read|follow|check|listen)\b",
        "blames the customer",
        "only what is so, and what to do",
    ),
    (
        "blame",
        r"\b(?:courier|carrier|warehouse|supplier|bank|colleague|coworker|department|team)['’]?s? "
        r"(?:fault|mistake|error)\b|\bto blame\b",
        "blames a colleague or partner",
        "say what we do about it, by when",
    ),
)
_ENGLISH_PROMISE: Final = re.compile(
    r"\bas soon as (?:possible|we can)\b|\basap\b|\bshortly\b|\bsoon\b|\bright away\b|\bimmediately\b|\bin due course\b"
    r"|\bpromptly\b|\bat (?:the|our|your) earliest\b|\blater\b|\bin the near future\b",
    re.IGNORECASE,
)
_ENGLISH_TIME: Final = re.compile(
    r"\b(?:\d+|an?|one|two|three|four|five|half an) (?:(?:working|business) )?"
    r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b"
    r"|\b\d{1,2}(?::\d\d| ?[ap]m)\b|\b(?:today|tonight|tomorrow)\b|\b(?:same|next) (?:working )?(?:day|morning)\b"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?:[^。！？；!?;.\n]|\.(?=\S))+")
_PARTICLE: Final = re.compile(r"[呢哦哈呀啦哟嘛咯～~]+(?=[，。！？、；!?,.\s]|\Z)")
_LEVITY: Final = (
    ("客户有麻烦的时候不用语气词和表情", "删去"),
    ("no emoji where a customer has trouble", "leave it out"),
)
_ALONE: Final = "“{}”不是承诺：没有时间"
_ALONE_ENGLISH: Final = "“{}” is no promise: it has no time"


def check(text: str, language: Language, tone: Tone = "plain") -> tuple[Advice, ...]:
    """What should be said otherwise, in the order of the text. `tone` grave: no emoji, no particles (complaints)."""
    found = list(_english(text) if language == "en" else _chinese(text, language))
    found += check_script(text, language)
    if tone == "grave":
        found += _levity(text, language)
    return tuple(sorted(found, key=lambda advice: (advice.start, advice.rule)))


def _chinese(text: str, language: Language) -> Iterator[Advice]:
    folded = simplified(text)
    shown = text if len(folded) == len(text) else folded
    yield from _apply(_CHINESE, folded, shown)
    yield from _promises(
        folded, shown, _PROMISE, _TIME, _ALONE, "写明谁、做什么、什么时候，例如“客服会在 2 小时内答复您”"
    )
    if language == "zh-Hant":
        for word, mend in _TAIWAN.items():
            for match in re.finditer(word, folded):
                yield Advice("region", shown[match.start() : match.end()], match.start(), "不是台灣用語", mend)


def _english(text: str) -> Iterator[Advice]:
    yield from _apply(_ENGLISH, text, text)
    mend = "say who does what by when: “a colleague replies within 2 hours”"
    yield from _promises(text, text, _ENGLISH_PROMISE, _ENGLISH_TIME, _ALONE_ENGLISH, mend)


def _apply(rules: tuple[_Rule, ...], text: str, shown: str) -> Iterator[Advice]:
    for rule in rules:
        for match in rule.pattern.finditer(text):
            yield Advice(rule.name, shown[match.start() : match.end()], match.start(), rule.why, rule.mend)


def _promises(
    text: str, shown: str, promise: re.Pattern[str], time: re.Pattern[str], why: str, mend: str
) -> Iterator[Advice]:
    for sentence in _SENTENCE.finditer(text):
        if time.search(sentence[0]):
            continue
        for match in promise.finditer(sentence[0]):
            start = sentence.start() + match.start()
            words = shown[start : start + len(match[0])]
            yield Advice("promise", words, start, why.format(words), mend)


def check_script(text: str, language: Language) -> Iterator[Advice]:
    """Only whether it is written in the script of its language: for labels and customers' questions."""
    for match in HAN.finditer(text):
        if language == "en":
            yield Advice("script", match[0], match.start(), "Chinese in an English text", "write it in English")
        elif (script := script_of(match[0])) not in (None, language):
            why = "繁体字" if script == "zh-Hant" else "簡體字"
            yield Advice("script", match[0], match.start(), why, _other_script(match[0], language))


def _other_script(char: str, language: Language) -> str:
    return simplified(char) if language == "zh-Hans" else "改成正體字"


def _levity(text: str, language: Language) -> Iterator[Advice]:
    why, mend = _LEVITY[language == "en"]
    for match in _PARTICLE.finditer(text):
        yield Advice("levity", match[0], match.start(), why, mend)
    for start, char in enumerate(text):
        if unicodedata.category(char) == "So":
            yield Advice("levity", char, start, why, mend)
