"""How angry or desperate a message is, what its writer wishes, and what kind of difficult customer he may be."""

from __future__ import annotations

import re
from typing import Final

from replies.triage.patterns import han, latin

_SWEARING: Final = (
    han(
        "他妈|妈的|特么|尼玛|卧槽|我靠|操(?:你|他|蛋)|艹|傻(?:逼|叉|x|b|比)|煞笔|脑残|智障|白痴|混蛋"
        "|王八蛋|滚(?!动|轮|水|烫|筒|下坡)|狗屁|放屁|屁用|去死|贱|废物|垃圾(?!桶|袋|箱|分类|车|站"
        "|短信)|烂透|死了吗|瞎(?:了|的)|聋|靠北|机车(?!行)|他妈的|三小|干(?:你|恁)|北七|仆街|扑街"
        "|冚家|收皮|痴线|𨳒|屌|破(?:软件|东西|公司|店|玩意|app|手机|车|系统|机器|网|客服)|什么(?:破"
        "|垃圾|烂|态度|玩意)|老子|神经病|黑店|奸商|无良|不要脸|恶心|吃屎|狗东西|畜生"
    ),
    latin(
        "f+u+c+k\\w{0,5}|wtf|shit\\w{0,3}|bullshit|crap(?:py)?|damn(?:ed)?|bloody|hell|arse\\w{0,5}"
        "|ass(?:hole)?s?|bastards?|idiots?|morons?|stupid|useless|pathetic|garbage|trash|junk|joke"
        "|wankers?|bitch\\w{0,3}|scum|piss(?:ed)?|clowns?|incompetent|screw you|dumb|retards?|sod off"
        "|shut up"
    ),
)
_ANGER: Final = (
    han(
        "气(?:死|炸|疯|愤|人)|火大|太(?:离谱|过分|过份|差劲|差了|恶劣|坑|气|扯|夸张|不负责|欺负)|离谱"
        "|忍无可忍|受够|受不了|欺人太甚|岂有此理|怒|愤|必须|马上(?:给|退|解决|处理)|赶紧(?:给|退|补)"
        "|立刻(?:给|退)|给(?:我)?(?:个|一个)?(?:说法|交代|交待)|态度(?:恶劣|太差|很差|极差|这么差)"
        "|推来推去|踢皮球|推卸|耍(?:我|人)|当我(?:是)?(?:傻|猴|冤大头|白痴)|坑(?:人|我|爹|钱)|再也不"
        "|差评|一群|你们(?:等着|还|到底|凭什么|这帮|这种)|凭什么|到底|傻眼|有够|吃人够够|超(?:烂|扯"
        "|夸张|生气)|激死|嬲|即刻|搞咩|有冇搞错"
    ),
    latin(
        "furious|fuming|livid|outrag\\w{1,6}|disgust\\w{1,4}|unacceptable|ridiculous|appalling"
        "|absolutely|fed up|had enough|sick of|sick and tired|done waiting|enough is enough|how dare"
        "|worst|joke|are you kidding|kidding me|demand|immediately|seriously|never again|rip[- ]?off"
        "|wasted|shame on|last straw|beyond a joke|what the|where the hell|nobody (?:cares|answers"
        "|read)|can nobody|unbelievable|disgrace\\w{0,3}|shambles|i'm angry|so angry|raging"
    ),
)
_DISTRESS: Final = (
    han(
        "哭(?!笑不得|了出来笑)|崩溃|绝望|怎么办啊|求(?:求|你|您|救)|救(?:救|命)|撑不(?:下去|住)"
        "|受不住|活不下去|不想活|难过|伤心|心碎|害怕|好怕|很怕|睡不着|走投无路|无助|一辈子"
        "|全部(?:积蓄|家当)|血汗钱|救命钱|养老钱|吓(?:死|坏|到|哭)|急死|快疯了|抑郁|焦虑|顶唔顺"
        "|唔想做人|拜托(?:了|你|您)|绝食|心好痛"
    ),
    latin(
        "crying|in tears|cried|heartbroken|desperate\\w{0,2}|devastated|scared|terrified"
        "|panick?\\w{0,4}|please help|help me|begging|don't know what to do|no hope|hopeless"
        "|can't (?:sleep|cope|go on|take)|anxious|depressed|distraught|life savings|i'm so (?:worried"
        "|scared|upset)|shaking|sobbing|breaking down|at my wits"
    ),
)
WISHES: Final = {
    "refund": (
        han(
            "退(?!换货政策|货地址|税|休|出|订)(?:款|钱|费|给我|我|返|还|一半|全|差|掉|吧|货|$|[,，!！。])"
            "|还(?:我)?钱|还给我|全额|差价|打给我|返(?:还)?钱|俾返钱|退"
        ),
        latin(
            "refund\\w{0,3}|money back|give (?:it|me|my money) back|reimburs\\w{1,6}|return my money"
            "|pay me back|credit (?:my|me|the)|my money|cash back|take it off"
        ),
    ),
    "replacement": (
        han(
            "换(?:货|一台|一个|一件|新|台|个|件|房|返|过|一本|成|给|$|[,，!！])|补(?:发|寄|给|送|一)"
            "|重(?:发|寄|送|做)|换"
        ),
        latin(
            "replac\\w{1,7}|exchang\\w{1,3}|swap\\w{0,4}|(?:send|resend) (?:me )?(?:a |an |the |another "
            "|out )?(?:new|another|replacement|one|missing|it again|copy|pack)|new one|redeliver|resend"
            "|remake"
        ),
    ),
    "repair": (
        han("修(?!改|身|养|饰)|返工|重装|维修|上门(?:处理|看|检)|派人|师傅来|恢复|修复|检测|重新(?:上门|装|贴|调)"),
        latin(
            "repair(?:ed|s)?|fix(?:ed)?|sort (?:it|this) out|send (?:someone|somebody|an engineer)"
            "|restore|recover|reinstate|redo|do it again|put it right"
        ),
    ),
    "compensation": (
        han("赔(?!率)|补偿|赔偿|减免|抵扣|怎么(?:弥补|负责)|(?:你们)?(?:要|得)负责|损失"),
        latin(
            "compensat\\w{1,5}|pay for|cover (?:my|the) (?:cost|loss|damage)|damages|discount|credits?"
            "|make (?:this|it) up|goodwill|make up for"
        ),
    ),
    "apology": (han("道歉|赔礼|赔不是|认错|say sorry"), latin("apolog\\w{1,5}|say sorry")),
    "information": (
        han("说法|解释|交代|交待|答复|为什么|怎么回事|查(?:一下|清)|告诉我|回复我|进度"),
        latin("explanation|explain|answer|tell me|update me|what happened|why|let me know|find out"),
    ),
}
CUSTOMERS: Final = {
    "emotional": _DISTRESS,
    "champion": (
        han(
            "所有(?:消费者|顾客|人|用户)|广大(?:消费者|用户)|替(?:大家|消费者|所有人)|为(?:大家|消费者"
            "|大众)|别让(?:更多|其他)人|不是为了(?:自己|钱)|公道|讨个公道|正义"
        ),
        latin(
            "all (?:your )?(?:customers|consumers)|on behalf of (?:all|every|other|consumers)"
            "|for everyone|other people|it's not about the money|principle|public interest|justice"
        ),
    ),
    "important": (
        han(
            "知道我是谁|你知道我(?:是)?|我(?:是|可是)(?:vip|大客户|老板|领导|你们的(?:大|老|vip))"
            "|让你们(?:老板|总经理|领导)|叫(?:你们)?(?:老板|总经理|领导|最大的)|我认识你们|一句话就"
        ),
        latin(
            "do you know who i am|know who (?:i am|you're talking)|i know your (?:ceo|boss|director"
            "|owner)|vip|platinum|your (?:ceo|director|owner)|most important customer|spend (?:thousands"
            "|a lot)"
        ),
    ),
    "prepared": (
        han(
            "第[一二三四五六七八九十百\\d]{1,4}条|消费者权益保护法|消保法|合同法|民法典|个资法|录音|证据"
            "|截图(?:都|我)?(?:留|存|有)|保留(?:证据|追究)|公证|编号|回执|举证"
        ),
        latin(
            "consumer rights act|section \\d{1,3}|under the~act|recorded|recordings?|evidence"
            "|screenshots?|statutory|regulation|documented|in writing|reference number|breach of"
        ),
    ),
    "platform": (
        han("记者|媒体|粉丝|粉专|追踪|博主|大v|律师|人大代表|议员|电视台|自媒体|up主|网红|kol"),
        latin(
            "followers|subscribers|journalist|reporter|lawyer|attorney|influencer|my (?:blog|podcast"
            "|channel|column)|i work for the|press"
        ),
    ),
    "bargaining": (
        han("便宜点|打个?折|少收|优惠点|多赔|再加|送我点|抹零|算便宜"),
        latin("knock (?:off|\\d{1,4} off)|cheaper|better (?:price|deal)|match the price|throw in|best you can do"),
    ),
    "stubborn": (
        han(
            "我不管|我才不管|我不听|我只认|我就(?:只)?要|少跟我(?:讲|说|提)|别(?:跟|和)我(?:讲|说|提|谈)(?:什么)?(?:规定"
            "|道理|流程|条款|政策)|(?:说|讲)什么都没用|没(?:得|什么好)(?:商量|谈)|除非~否则|反正(?:我)?(?:就是|就要|不)"
            "|谁(?:来)?(?:说|讲)(?:都|也)(?:没用|一样)|唔理(?:你|咁多)|冇得倾"
        ),
        latin(
            "(?:i )?don't care (?:what|about|how|if|that|whose)|not (?:my|interested in your) (?:problem|rules"
            "|policy|policies|excuses?)|not taking no|won't (?:accept|settle for|budge|take) (?:anything|no|less|a)"
            "|end of (?:story|discussion)|no ifs|i insist|nothing you (?:can )?say|my way or|not negotiable"
        ),
    ),
    "picky": (
        han(
            "(?:第一|首先|一是|其一)[^\\n]{2,80}(?:第二|其次|二是|其二)[^\\n]{2,80}(?:第三|再次|最后|三是|其三)|(?:哪|样样|处处"
            "|哪哪|什么)(?:里|儿|样)?都(?:不(?:对|行|好|满意|合适)|有(?:问题|毛病))|没一(?:处|样|点|个)(?:满意|对|好|合格)"
            "|(?:还有|另外|而且)[^\\n]{2,60}(?:还有|另外|而且)[^\\n]{2,60}(?:还有|另外|而且)|(?:差|偏|歪)(?:了)?(?:一|半|两|0?\\.\\d|\\d)(?:毫米|mm|公分|丝)"
        ),
        latin(
            "nothing (?:is|was) (?:right|good enough)|not one (?:thing|of them) (?:is|was) right|and another thing"
            "|first(?:ly)?,[^\\n]{3,160}second(?:ly)?,[^\\n]{3,160}(?:third(?:ly)?|finally|lastly),"
            "|(?:a|one|half a|two) (?:mm|millimet(?:er|re)s?|shades?) (?:off|out|too)"
        ),
    ),
    "doubting": (
        han("真的吗|不会是骗|靠谱吗|怎么相信|凭什么信|骗人的吧|确定吗|当真"),
        latin("is (?:this|it) (?:legit|real|genuine)|how can i trust|are you sure|can i believe|prove it"),
    ),
}
UNDECIDED: Final = {
    "hesitant": (
        han(
            "犹豫|纠结|拿不定(?:主意)?|举棋不定|选择困难|不(?:知道|晓得|确定)(?:该|要|应该)?(?:选|买|要|退|换)(?:哪|什么|不|还是)"
            "|要不要~(?:呢|好)|到底(?:选|买|要)哪|(?:再|还是)(?:想想|考虑)|谂唔掂|谂紧|揿唔定|唔知(?:拣|买|要)"
        ),
        latin(
            "can'?t (?:decide|make up my mind|choose)|torn between|not sure (?:which|whether|if i (?:should|want))"
            "|in two minds|on the fence|still (?:thinking|deciding)|having second thoughts"
        ),
    ),
    "talkative": (
        han(
            "说来话长|扯远了|跑题了|话说回来|顺便(?:说|提)|我跟你(?:说|讲)啊?|你听我(?:慢慢)?(?:说|讲)|讲翻转头|讲开又讲|说到哪"
        ),
        latin(
            "long story|where was i|i digress|anyway,? (?:so|as i)|as i was saying|by the way,? (?:my|i|we)"
            "|let me tell you|you know what,? (?:my|i)|speaking of which"
        ),
    ),
    **{kind: CUSTOMERS[kind] for kind in ("doubting", "bargaining")},
}
"""Kinds that need no complaint to be seen. The silent one cannot be seen in words: he says none."""
_EXCLAIMING: Final = re.compile("[!?]{2,}")
_SHOUTING: Final = re.compile(r"\b[A-Z]{3,}\b")


def _count(patterns: tuple[re.Pattern[str], re.Pattern[str]], folded: str) -> int:
    return sum(len(pattern.findall(folded)) for pattern in patterns)


def swears(folded: str) -> bool:
    """Whether a word of abuse is in it."""
    return _count(_SWEARING, folded) > 0


def signs(text: str, folded: str) -> list[str]:
    """The signs of feeling and of wishes, by name, as the model reads them beside the words."""
    shown = [f"wish.{name}" for name, patterns in WISHES.items() if _count(patterns, folded)]
    if swears(folded):
        shown.append("swearing")
    if _count(_ANGER, folded):
        shown.append("anger")
    if _EXCLAIMING.search(folded) or _shouts(text):
        shown.append("shouting")
    return shown


def _shouts(text: str) -> bool:
    return sum(len(word) for word in _SHOUTING.findall(text[:600])) * 5 > sum(char.isalpha() for char in text[:600]) > 6


def anger_of(text: str, folded: str) -> float:
    """0 to 1, from swearing, words of anger, exclamation marks and capitals."""
    score = 0.4 * min(2, _count(_SWEARING, folded)) + 0.3 * min(2, _count(_ANGER, folded))
    score += 0.2 * bool(_EXCLAIMING.search(folded)) + 0.05 * min(3, folded.count("!")) + 0.3 * _shouts(text)
    return min(1.0, score)


def distress_of(folded: str) -> float:
    """0 to 1, from words of fear and despair."""
    return min(1.0, 0.5 * _count(_DISTRESS, folded))


def angry_words(folded: str) -> list[tuple[int, int]]:
    """Where words of anger stand."""
    return sorted(match.span() for pattern in (*_SWEARING, *_ANGER) for match in pattern.finditer(folded))[:3]
