"""Rules as patterns of folded text, and what takes a fitting pattern back: negation, questions, other people's affairs.

In a pattern `~` is a short gap within a sentence. All repetition is bounded: no text makes a pattern slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from replies.understanding import Tier

Kind = Literal["event", "threat"]
"""What happened may be asked about or imagined ("if it catches fire"); a threat may well begin with if."""

_HAN_GAP: Final = r"[^。！？!?;\n]{0,10}?"
_LATIN_GAP: Final = r"[^.!?;\n]{0,40}?"
_SENTENCE_END: Final = re.compile(r"[。！？!?;\n]+|\.(?=\s|$)")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[a-z]{2}")


def han(pattern: str) -> re.Pattern[str]:
    """A pattern of Simplified Chinese."""
    return re.compile(pattern.replace("~", _HAN_GAP))


def latin(pattern: str) -> re.Pattern[str]:
    """A pattern of English; a space is any white space, and words have edges."""
    pattern = pattern.replace("~", _LATIN_GAP).replace(" ", r"\s{1,3}")
    return re.compile(rf"(?<![a-z])(?:{pattern})(?![a-z])")


@dataclass(frozen=True, slots=True)
class Rule:
    """`name` is what it is evidence of; `tier` of a complaint that says so, `kind` how it may be taken back."""

    name: str
    tier: Tier
    kind: Kind
    han: re.Pattern[str]
    latin: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule fits a folded text; `guard` says what takes it back, "" for nothing."""

    rule: Rule
    start: int
    end: int
    guard: str = ""


def rule(name: str, tier: Tier, kind: Kind, chinese: str, english: str) -> Rule:
    """A rule from alternatives in both tongues."""
    return Rule(name, tier, kind, han(chinese), latin(english))


def find(rules: Iterable[Rule], folded: str) -> Iterator[Hit]:
    """Where each rule fits: every place, with what takes it back."""
    chinese, english = _HAN.search(folded) is not None, _LATIN.search(folded) is not None
    for one in rules:
        if chinese:
            for found in one.han.finditer(folded):
                yield Hit(one, *found.span(), _guarded(one, folded, *found.span(), _HAN_GUARDS))
        if english:
            for found in one.latin.finditer(folded):
                yield Hit(one, *found.span(), _guarded(one, folded, *found.span(), _LATIN_GUARDS))


@dataclass(frozen=True, slots=True)
class _Guard:
    """Takes a hit back if all of its patterns fit: right before it, right after it, anywhere in its sentence."""

    name: str
    kinds: tuple[Kind, ...]
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    sentence: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None


def _guarded(one: Rule, text: str, start: int, end: int, guards: tuple[_Guard, ...]) -> str:
    begin, stop = sentence(text, start, end)
    before, after, around = text[begin:start], text[end:stop], text[begin : stop + 1]
    for guard in guards:
        if (
            one.kind in guard.kinds
            and (guard.before is None or guard.before.search(before))
            and (guard.after is None or guard.after.match(after))
            and (guard.sentence is None or guard.sentence.search(around))
            and (guard.unless is None or not guard.unless.search(around))
        ):
            return guard.name
    return ""


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a hit, at most a hundred characters to either side."""
    low, high = max(0, start - 100), min(len(text), end + 100)
    for found in _SENTENCE_END.finditer(text, low, start):
        low = found.end()
    stop = _SENTENCE_END.search(text, end, high)
    return low, stop.start() if stop else high


_BOTH: Final[tuple[Kind, ...]] = ("event", "threat")
_EVENT: Final[tuple[Kind, ...]] = ("event",)
_THREAT: Final[tuple[Kind, ...]] = ("threat",)

_HAPPENED: Final = re.compile("已经|刚才|刚刚|今天|昨天|昨晚|现在|正在|一直|都|竟然|居然|结果|到底")
_HAN_GUARDS: Final = (
    _Guard(
        "negation",
        _BOTH,
        before=re.compile(
            r"(?:没有?|从未|未曾|不会|不想|不是(?:要|来|想|去)?|不打算|并非|防止?|避免|以免|免得|预防|杜绝"
            r"|不用|不必|唔会|唔系|冇|怎么防止?|谨防|反)"
            r"(?:被|人|真的|打算|再|想|要)?$"
        ),
        unless=re.compile("不是~?骗是什么".replace("~", ".{0,2}")),
    ),
    _Guard(
        "question",
        _BOTH,
        before=re.compile(
            r"(?:会不会|会否|是否|能不能|可不可以|有没有可能|怎么(?:样|才能)?|如何|怎样|点样|什么是|是不是"
            r"|有没有|有无|怕|担心|容易|哪些|需要|想问|请问|(?<!我)(?<!我们)会)"
            r"[^，,。]{0,6}$"
        ),
        unless=re.compile(
            "已经|刚才|刚刚|昨天|昨晚|正在|怎么(?:会|能|可以|这样|回事|还|就)|是不是(?:想|要|把|有病)|你们"
        ),
    ),
    _Guard(
        "question",
        _BOTH,
        after=re.compile(
            r"[^，,。了]{0,8}(?:是什么|是干|是做什么|怎么(?:申请|预约|收费|报名|买|用|装|查|走|开|写|拨"
            r"|处理|算|理赔|报)|要带|多少钱|多少|几点|几号|几块|在哪|哪里|有货|流程|收费|"
            r"吗|么|有哪些|能(?:买|报|赔|投)|可以(?:买|报|投)|怎么样|包括|好用|推荐|靠谱|预约)"
        ),
        unless=re.compile("了吗|不(?:管|怕)|你们|正在|(?<![现存实])在(?:冒|着|烧|漏|流|喷|响)"),
    ),
    _Guard(
        "hypothesis",
        _EVENT,
        before=re.compile(r"(?:如果|要是|万一|假如|假设|倘若|若|假使)[^。]{0,20}$"),
        sentence=re.compile("怎么|如何|吗|呢|怎样|点算|会不会|能不能|赔不赔|谁负责|多少|要不要|是否|可以"),
    ),
    _Guard(
        "another's",
        _BOTH,
        before=re.compile(
            r"(?:新闻|听说|看到|网上|报道|据说|电影|小说|电视剧|视频里|隔壁|别的?(?:店|家)|同行|朋友说)[^。]{0,20}$"
        ),
        sentence=re.compile("吗|么|真的|是不是|呢|没问题吧|[?？]"),
    ),
    _Guard(
        "figure of speech",
        _THREAT,
        before=re.compile(r"[得到](?:我|都|直|好|快|要|差点|想|写){1,4}$"),
        unless=re.compile("逼|害|活|痛苦|真的|律师|起诉|投诉|报警|曝光"),
    ),
    _Guard(
        "name",
        _BOTH,
        after=re.compile(
            r"(?:保险|险|报警器|探测器|侦测器|警报器|急救箱|膏|药膏|贴|培训|演习|演练|讲习|讲座|课|学院"
            r"|手册|须知|知识|预防|热线|保护器|保护插|保护|断路器|"
            r"证明|预案|防护|面具|头(?:发|型)|好吃|好喝|好看|鸡|薯|酱|美|满意|开心|多|事务所|咨询|资格|证"
            r"|协会怎么|旁边|附近|对面|门口|隔壁|大道|路)"
        ),
        unless=re.compile("信"),
    ),
)
_LATIN_GUARDS: Final = (
    _Guard(
        "figure of speech",
        _THREAT,
        before=re.compile(r"\b(?:so|too) [a-z]{3,14} (?:that )?(?:i|we)(?:'d| could| nearly| almost){0,2} $"),
        unless=re.compile(r"lawyer|court|sue|police|press"),
    ),
    _Guard(
        "negation",
        _BOTH,
        before=re.compile(
            r"(?:\bno|\bnot|n't|\bnever|\bwithout|\bprevents?|\bpreventing|\bavoid"
            r"|\bprotect(?:ion)?(?: me)?(?: from| against)|\brisk of|"
            r"\bstop)\s(?:(?:a|an|any|my|going to|to|the|been|getting|being|from|account|here to|trying to)\s){0,3}$"
        ),
        unless=re.compile(r"won't (?:stop|open|wake|breathe)|can't breathe|not? (?:stop|breath)"),
    ),
    _Guard(
        "question",
        _BOTH,
        before=re.compile(
            r"(?:\b(?:can|could|does|do|will|would|might|is|are|should) (?:i|you|it|this|that|they|we"
            r"|these|a|an|the|there|someone|people)\b"
            r"|\bhow (?:do|does|can|to|much|long|should)\b|\bwhat (?:is|are|does|do|happens|should)\b"
            r"|\bis it (?:safe|ok|true)\b|\bwho\b|\bwhere\b|\bprice of\b)"
            r"[^.!?\n]{0,50}$"
        ),
        unless=re.compile(
            r"\b(?:my|our)\b[^.?!]{0,40}\b(?:is|was|are|were|has|just|got)\b|\byour (?:driver|rep|staff"
            r"|agent|product)|\bjust\b|\bright now\b|"
            r"\bsomeone (?:is|has)\b|\bdo i (?:have|need) to (?:sue|call my)"
        ),
    ),
    _Guard(
        "hypothesis",
        _EVENT,
        before=re.compile(r"\b(?:what if|in case|if (?:a|an|the|my|it|someone|i|you|something)\b)[^.!?\n]{0,40}$"),
        sentence=re.compile(r"\b(?:what|how|who|do|does|should|can|will|would|is|are)\b"),
    ),
    _Guard(
        "another's",
        _BOTH,
        before=re.compile(
            r"\b(?:the news|heard|i read|i saw|is it true|another (?:store|company|brand)|next door|movie"
            r"|film|novel|article)\b[^.!?\n]{0,60}$"
        ),
        sentence=re.compile(r"\?|\b(?:was that|is that|is it|are you|do you|true|showing|about)\b"),
    ),
    _Guard(
        "name",
        _BOTH,
        after=re.compile(
            r"[\s-]{1,2}(?:extinguishers?|alarms?|detectors?|insurance|cover|course|training|class(?:es)?"
            r"|safety|kits?|cream|proof|pits?|place|hydrant|"
            r"blankets?|drill|sale|sticks?|tv|prevention|protection|resistant|shoes?|dress|museum"
            r"|department|firms?|street|road|discount|podcast)\b"
        ),
    ),
)
