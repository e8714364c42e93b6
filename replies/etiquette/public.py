"""What has no place where everybody reads it: anybody's data, an argument, a long speech."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from replies.etiquette.rules import Advice
from replies.etiquette.told import told
from replies.text import Language, simplified

LONGEST: Final = 140
"""Characters of a public comment."""
_SHOWN: Final = 20
_SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏章苏潘葛范彭郎鲁韦马苗方俞任袁柳唐罗"
    "薛雷贺倪汤毕郝邬安常乐于傅齐康伍余卜顾孟黄穆萧尹姚邵汪毛戴宋庞熊纪舒项祝董梁杜阮蓝季贾江童颜郭梅林钟徐丘骆高夏蔡"
    "田胡凌霍万柯莫房丁邓洪包左石崔吉龚程邢陆翁段侯武刘龙叶黎白蒲邱涂温庄连肖曾廖闫洪欧易詹简游"
)
_PERSONAL: Final = re.compile(
    # Numbers of phones, cards, papers and orders; a company's own line (400, 800) and dates are nobody's.
    r"(?<![\d-])(?!(?:400|800|1[ -]?800)[ -]?\d{3})(?!(?:19|20)\d\d[-/.]\d)\+?\d(?:[ -]?\d){9,22}(?!\d)"
    r"|(?<![\d-])0\d{1,3}-\d{6,8}(?!\d)"
    r"|(?<![A-Za-z0-9])[A-Za-z]{1,6}-?\d{6,24}(?![A-Za-z0-9])"
    r"|(?:订单号?|单号|编号|(?i:order (?:number|no\.?|#)))[^\w\n]{0,6}(?:为|是|is )?[^\w\n]{0,3}"
    r"[A-Za-z]{0,6}-?\d{5,24}"
    r"|[\w.+-]{1,40}@[\w-]{1,40}\.[A-Za-z]{2,10}"
    # Where he lives.
    r"|[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|村|小区|花园)[\u4e00-\u9fff]{0,6} ?\d{1,5}[号弄栋幢座]"
    r"(?:[^\s，。,.]{0,10}\d{1,4}[室楼])?"
    r"|\b\d{1,5} [A-Za-z]{2,20}(?: [A-Za-z]{2,20})? (?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd)\b"
    # Who he is, in full.
    rf"|(?:[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{2,3}}·[\u4e00-\u9fff]{{1,6}})(?:先生|女士|小姐|太太)"
    r"|\b(?:Mr|Mrs|Ms|Miss|Dear|Hi|Hello)\.? (?!Customer|Sir|There|Everyone)[A-Z][a-z]{1,20} [A-Z][a-z]{1,20}\b"
)
_ARGUES: Final[Mapping[str, re.Pattern[str]]] = {
    "chinese": re.compile(
        r"造谣|诽谤|污蔑|诬陷|抹黑|断章取义|恶意(?:差评|投诉|中伤|炒作)|水军|律师函|法律责任|追究.{0,4}责任|报警处理"
        r"|[您你](?:说的|讲的|这)?(?:不对|不是事实|不属实|不实|有误|错了|误会|误解|搞错|记错|夸大)|不符合?事实|与事实不符|并非事实"
        r"|(?:不是|没有|绝非)我们的(?:问题|责任|错)|(?:与|跟|和)我们(?:无关|没有关系|没关系)|我们(?:没有|没)(?:错|任何问题)"
        r"|事实(?:是|上)|明明|反正|凭什么|再说一遍|早就(?:说|告诉|回复)|已经(?:说过|解释过|回复过)"
    ),
    "english": re.compile(
        r"\b(?:not true|untrue|false (?:claim|accusation|statement|information)s?"
        r"|slander\w{0,4}|libel\w{0,4}|defam\w{1,8}"
        r"|legal (?:action|steps)|our lawyers?|you(?:'re| are) (?:wrong|mistaken|lying|exaggerating)"
        r"|you (?:misunderstood|misunderstand|misread|got it wrong)|not our (?:fault|problem|responsibility)"
        r"|nothing to do with us|we did nothing wrong|as (?:we|i) (?:already |have already )?(?:said|told|explained)"
        r"|(?:with all due respect|in fact|the truth is|the fact is|actually)(?=[ ,])|stop (?:spreading|posting|lying)"
        r"|out of context|fake (?:review|post)s?|trolls?)\b"
    ),
}


def in_public(text: str, language: Language) -> Iterator[Advice]:
    """Personal data, words that argue, and what is too long for a comment."""
    seen = simplified(text)
    # Another length would show the writer other words than he wrote.
    seen = seen if len(seen) == len(text) else text
    yield from _found("personal", _PERSONAL, seen, text, language)
    argues = _ARGUES["english" if language == "en" else "chinese"]
    lower = seen.lower().replace("’", "'")
    yield from _found("argument", argues, lower if len(lower) == len(text) else seen, text, language)
    if len(text.strip()) > LONGEST:
        why, mend = told("lengthy", language)
        yield Advice("lengthy", text[LONGEST : LONGEST + _SHOWN], LONGEST, why, mend)


def _found(rule: str, pattern: re.Pattern[str], seen: str, text: str, language: Language) -> Iterator[Advice]:
    why, mend = told(rule, language)
    for match in pattern.finditer(seen):
        start, end = match.span()
        yield Advice(rule, text[start:end], start, why, mend)
