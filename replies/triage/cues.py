"""What a message is said for, as far as turns of phrase tell: thanks, a question, a request, talk of oneself.

No cue decides anything. The model learns what each is worth, alone and beside another: "broke" with thanks and "before"
is praise, a danger beside a question about another's affairs is a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from replies.triage.patterns import han, latin

_ENDING: Final = re.compile(r"\?\s{0,2}$")
_Pair = tuple[re.Pattern[str], re.Pattern[str]]

CUES: Final[dict[str, _Pair]] = {
    "thanks": (
        han(
            "谢|感(?:激|动|恩)|点赞|给(?:个)?赞|抵赞|称赞|好评|服气|佩服|心服|夸|贴心|窝心|有心|用心|辛苦|棒"
            "|[很真超太好]赞|给力|大气|(?:太|真|超|很|挺|好|蛮)好(?!像|多|几|久|听)|不错|满意(?!吗)|(?<!不)喜欢"
            "|安心|省心|放心(?!吗)|救(?:了|回)|良心|推荐(?!吗)|多亏|幸亏|好彩|一流|冇得弹|没话说|没得说|没得挑"
            "|挑不出|回购|下次(?:还|再)(?:来|帮衬|幸?光)|真香|值(?:得|了)|爽快|痛快|干脆|耐心|细心|温柔|热情|客气"
            "|负责任|周到|专业(?!团队)|靠谱|厉害|真行|够意思|讲究|改观|改天再|五星|满分|放心"
        ),
        latin(
            "thanks?(?: you)?|thank(?:ful|s to)?|ta|cheers|grateful|bless|love(?:d|ly|s)?|brilliant(?:ly)?|stars?"
            "|legends?|fantastic|great|perfect(?:ly)?|amazing|awesome|superb|wonderful|excellent|well done"
            "|can'?t fault|no complaints|recommend|owe you|saved|life ?savers?|spot on|10/10|five stars|pleasure"
            "|joy|impressed|the best|smooth|easiest|happy|kind|gentle|helpful|patient|gracious|deserves?|raise"
            "|class act|nice one|genuine|worth (?:it|every)|better than|so (?:nice|good|kind)|good service|rescued"
            "|made my (?:day|week)|credit where|hats off|big up|top (?:job|notch|marks)|finally someone"
        ),
    ),
    "relief": (
        han(
            "再也没|再没|没(?:有)?再|冇再|(?:一次|一句|一滴|一点|一件|一颗|一毛)(?:都|也)?(?:没|不|冇)|从(?:来)?没"
            "|没(?:有)?(?:坏|漏|断|裂|碎|出|掉|卡|叫|烂|糊|换)过|(?:到现在|至今|到如今)(?:都)?(?:没|好好|还|安静)"
            "|居然(?:还)?(?:能|没)|一(?:点|次)(?:都|也)不|不[疼痛肿]了|好多了|松快|恢复得|(?:修|办|弄|治|救)(?:好"
            "|妥|完|回)(?:了|来)|搞(?:定|掂)|解决了|退烧了|顺(?:利|畅)?(?:了|多)|改善"
        ),
        latin(
            "(?:hasn't|haven't|not)~since|since (?:i|we|you)~(?:switched|moved|changed|fixed|did)|never (?:had|once"
            "|looked)|not a (?:single|peep)|not one|no (?:more|longer|quibble)|(?:got|had|have) (?:it|me|us"
            "|everything) sorted|sorted (?:it|me|us|in|out)|still (?:going|works?|working|ticking|strong)"
            "|back to life|gone now|pain gone|no trouble|without (?:being asked|a fuss|fuss|question)|didn't even"
            "|first time|in (?:seconds|minutes|no time|two minutes)|turned out"
        ),
    ),
    "before": (
        han(
            "以前|之前|原来|原本|本来|曾经|(?:上|前)一?(?:台|家|部|个|支|款|间)|上(?:回|次|礼拜|周|个?月)|那(?:阵子"
            "|次|晚|会儿|天)|一开始|起初|先前|早前|当初|去年|前年|以为|被[^,，。]{1,8}(?:怕|毁|坑|骗)"
        ),
        latin(
            "used to|my (?:old|last|previous|former)|the (?:old|last|previous)|before|at first|last (?:time|place"
            "|year|week)|(?:was|were) (?:fully |all )?(?:ready|going|about|worried)|thought|expected|after (?:years"
            "|months|being|\\w{2,6} (?:years|months))|when (?:mum|mom|dad|my|i|we)"
        ),
    ),
    "elsewhere": (
        han(
            "(?:别|其他|其它|另一?|前一|上一|隔壁)(?:的)?(?:家|牌子|牌|店|地方|品牌|中介|公司|间|社区|栋)|同行|邻居"
            "|(?:我)?(?:同事|朋友|同学|室友|表[姐哥弟妹])(?:说|家|讲|买|投诉)|听说|听讲|网(?:上|络|路)(?:上)?(?:说"
            "|讲|传|那个)?|新闻|别人|人家|我(?:弟|妹|哥|姐|老公|妈|爸)(?:说|在)|传(?:说|你们)"
        ),
        latin(
            "(?:another|other|different|previous|old|every other) (?:brand|firm|company|place|shop|provider|agency"
            "|lot|cream|garages?)|elsewhere|everyone else|a (?:friend|mate|colleague|neighbou?r)|my (?:cousin|mate"
            "|friend|neighbou?r|colleague|nephew)|(?:someone|somebody) (?:on|rang|said|told)|heard|forum|rumou?rs?"
            "|the news|there'?s talk|is it true|they say|two garages|other people"
        ),
    ),
    "asks": (
        han(
            "[吗么嘛呢咩]\\s{0,2}[?。!]?\\s{0,2}$|[?]\\s{0,2}$|多少|几(?:点|号|天|个|时|岁|钱|位)|怎(?:么|样)|如何"
            "|点(?:样|算|解)|哪(?:里|个|些|家|款|种|儿)|边(?:度|个)|什么|是不是|(?:能|可|有|会|要|好|行|是)(?:不|没"
            "|唔|冇)(?:能|可|有|会|要|好|行|是)|是否|能否|可否|请问|想问|想(?:请教|了解|知道)|有(?:人"
            "|没有?人)?[^,，。]{1,12}吗|要多久|多久"
        ),
        latin(
            "(?:can|could|do|does|did|is|are|was|were|will|would|what'?s?|how|when|where|which|who|why|should|may"
            "|any|has|have) (?:i|you|we|u|it|the|they|there|my|your|a|an|any|anyone|this|that|these|much|many|long"
            "|do|does|is|are|of|to|can|kind|about|dogs|late)|wondering|want to know|anyone|r u|wot"
        ),
    ),
    "mark": (_ENDING, _ENDING),
    "curious": (
        han(
            "先(?:问|了解)|(?:就|只)(?:是)?(?:想)?问|想(?:了解|请教)|(?:不是|唔系)(?:要|来|想)?(?:退|吵|投诉|客诉"
            "|申诉|闹)|我不(?:退|投诉)|写(?:作业|论文|报告)|做(?:作业|报告|功课)|好奇|[下注]单前|还没(?:报|买|下单)"
            "|没事吧|真的假的|是真的(?:吗|么)|谣言|万一|如果|要是|会不会|怕"
        ),
        latin(
            "just (?:curious|asking|wondering|want(?:ed)? to know|checking)|not (?:complaining|after|here to"
            "|a complaint)|for (?:my|a|the) (?:coursework|essay|dissertation|homework|handbook|project)|revising"
            "|before i (?:buy|order|book|sign)|what if|if (?:a|i|it|my|the|something)|where i stand|right\\?"
            "|is (?:it|that) (?:safe|true|ok)"
        ),
    ),
    "request": (
        han(
            "麻烦(?:您|你)?(?:帮|给|派|把|开|安排|改)?|帮我|替我|(?<!没)(?<!不)请(?:您|你)?(?:帮|给|派|把|开|安排|改|取消|登记|更新|寄|补|换|退)|唔该|拜托|给我(?:约"
            "|开|补|改|重|录|换到)|登记|报(?:个)?修|预约|挂失|注销|取消|改(?:到|成|去|返)|延(?:到|后)|推(?:到|后)"
            "|过户|补(?:办|开|寄)|解绑|续(?:约|一年|费)|退(?:订|租)|我要(?:改|退|取消|报名|注销|终止|换|约|办)"
            "|约(?:个|周|明|后|下)"
        ),
        latin(
            "please|pls|kindly|book (?:me|a|us)|cancel|log (?:a|this)|add my|(?:change|update|swap|move|push|put"
            "|reset|freeze|block|remove|stop|pause|transfer|downgrade) (?:my|the|me)|i'?d like to"
            "|i want to (?:cancel|change|return|close|end)|need a copy|send (?:someone|somebody|a) (?:round"
            "|locksmith|plumber)|return request|don't deliver"
        ),
    ),
    "proposal": (
        han(
            "希望(?:你|贵|以后|能|可|有|多|再|如果)|建议|提(?:个)?议|(?:要是|如果|假如)~(?:就好|更好|就更|会更|更棒"
            "|就方便)|(?:可以|不妨|能不能|可不可以)(?:考虑|多|出|做|加|标|增|印|附|设|改)|不如|最好|(?:更|比较"
            "|会)(?:好|方便|安全|贴心|显眼)|(?:贴|放|加|设|装|弄|标)(?:个|一|块|上|点)~(?:吧|呗|啦|好|方便|安全)"
            "|(?:吧|呗|啦)\\s{0,2}$|应该(?:多|加|设|放)"
        ),
        latin(
            "would (?:be|help|stop|keep|make|save) ?(?:nice|good|great|handy|lovely|helpful|useful|brilliant|safer"
            "|better)?|you (?:could|should|might|ought)|how about|what about|maybe (?:let|add|have)|consider"
            "|think about|wish you|i'd (?:add|suggest|love)|suggest(?:ion)?|could (?:be|you) (?:gentler|text|put"
            "|add)|should (?:add|have|offer|do|make)|more~would|let people"
        ),
    ),
    "firm": (
        han(
            "你(?:们|哋)|妳们|贵(?:司|公司|店|行)|客服|师傅|店(?:员|长|家)|商家|快递|骑手|外送|柜(?:台|员)|前台"
            "|经理|小哥|订单|官方|你(?:家|哋)"
        ),
        latin("yours?|you(?:'ve|'re|'d|'ll)?|u|agent|driver|courier|staff|order|customer service"),
    ),
    "own life": (
        han(
            "(?:我)?(?:老板|领导|主管|同事|室友|导师|前(?:男|女)友|男(?:朋)?友|女(?:朋)?友|房东)|考(?:试|砸)|论文"
            "|作业|期末|报告(?:生|改)|加(?:了|咗)?[^,，。]{0,4}班|[上下返放]班|返工|放工|堵车|塞车|挤?地铁|捷运"
            "|股(?:票|市)|房(?:贷|租)|减肥|胖了|失眠|没睡|睡不|相亲|分手|我家(?:的)?(?:狗|猫)|楼[上下]|(?:隔壁"
            "|邻居)(?:装修|吵|在)|天气|鬼天气|热(?:死|爆|得)|冷死|下雨|下雹|台风|国足|球赛|打游戏|抽卡|感冒|鼻塞"
            "|鬼片|恐怖片|辞职|心累|好累|累(?:死|成|瘫)|无聊|闷|吃宵夜|洗(?:个)?澡去|过年|抢票|人麻|唠唠|聊聊"
        ),
        latin(
            "my (?:boss|manager|flatmate|roommate|sister|brother|boyfriend|girlfriend|ex|date|dog|cat|team|kids"
            "|landlord|feet|neighbours?|hair|life|head)|mondays?|traffic|hang ?over|exams?|shift|work (?:is|was)"
            "|weather|freezing|roasting|boiling|sleep|neighbou?rs|i'?m (?:so )?(?:tired|bored|hungry|off|knackered"
            "|exhausted)|horror film|stock market|the trains?|driving test|broke up|i hate|got a cold"
            "|feel like (?:death|crap)|gutted|stuck in|vent|the game|rent (?:went|is)"
        ),
    ),
    "laugh": (
        han("哈{2,9}|嘿嘿|笑死|嘻嘻|呜呜|嗚|哎|唉|天啊|天呐|救命啊|捏$|耶$|啦$|喔$"),
        latin("lol|lmao|ha(?:ha){1,9}|xd|ugh|tbh|smh|omg|meh|oh well|sigh|gonna|honestly"),
    ),
    "figure of speech": (
        han(
            "死(?:了|人|我)(?!在)|[得到](?:要命|爆|不行|离谱|懷疑|怀疑)|到(?:可以|能|像|我|想)|得(?:像|跟|我)|(?:像"
            "|跟|好像)[^,，。]{1,8}(?:一样|似的|咁)|呵呵|所谓|“[^”]{1,8}”|「[^」]{1,8}」|绝了|花都?谢|天荒地老|抢钱"
        ),
        latin(
            "like (?:a|an|the) \\w{2,12}|murder|killer|killing me|to death|nightmare|torture|from hell|bloodbath"
            "|of the century|could scream|up the wall|a battle|for ants"
        ),
    ),
    "late": (
        han(
            "(?:\\d{1,3}|[一二两三四五六七八九十几半]{1,3})(?:多)?(?:个)?(?:多)?(?:月|天|周|星期|礼拜|小时|钟头"
            "|工作天|工作日)(?:了|都|还|没|冇|影|过)|都~(?:天|月|周|小时|久)了|还(?:没|未|不)(?:到|收|来|退|发|给"
            "|见|下)|仲未|一直(?:没|不|显示|在)|迟迟|到现在(?:都)?(?:还)?(?:没|不)|没(?:到账|收到|见着|发货|出货"
            "|下来|影)|影(?:子)?都|没动静|不动(?:了)?|不见(?:了|踪)"
        ),
        latin(
            "still (?:no|not|hasn't|isn't|waiting|nothing|sitting|here|under)|(?:been|for|it's) (?:a|an|over|two"
            "|three|four|five|six|\\d{1,3}) (?:days?|weeks?|months?|hours?)|(?:weeks?|days?|months?) (?:ago|late"
            "|now)|day (?:two|three|four|five|six|seven|eight|nine|ten|\\d{1,2})|never (?:came|arrived|showed"
            "|turned up|received)|no sign|nothing (?:has|since|yet)|(?:hasn't|haven't) (?:moved|arrived|come"
            "|shipped|received|had)|where(?:'s| is| has) (?:my|the|it)|is (?:anyone|he|it) (?:coming|actually)"
        ),
    ),
    "fault": (
        han(
            "坏(?:了|掉)|(?:不|唔)(?:转|亮|响|动|制冷|冷|热|能用|好使|着)|用不了|开(?:不|唔)(?:了|到|机)|(?:少|漏"
            "|错|丢|缺)(?:了|发|寄|送|一)|(?:发|寄|送|做|给)错|弄(?:丢|坏|脏)|(?:多|重复)(?:收|扣|付)"
            "|扣(?:了)?(?:我)?(?:两|多)|开胶|起泡|掉漆|褪色|缩水|变形|臭(?:掉|了|的)|烂(?:了|掉)|没(?:人来|抵|扣到"
            "|用)|(?:放)?鸽子|不(?:保温|合适|一样|对)|货不对|卡(?:住|死)"
        ),
        latin(
            "broke(?:n|s)?|faulty|dead|stopped working|(?:doesn't|won't|don't|didn't) (?:work|turn|start|fit|open"
            "|close|switch)|wrong (?:size|colour|color|item|one|order|model)|missing|smashed|cracked|damaged"
            "|scratched|torn|leak(?:s|ing)?|charged (?:me )?twice|overcharged|lost my|came off|snapped|jams?"
            "|wobbles?|bubbl\\w{1,4}|shrunk|faded|stain\\w{0,3}|half (?:the|of)"
        ),
    ),
}
"""In the folded text: simplified, lower case."""


def seen(folded: str) -> list[str]:
    """Names of the cues in a folded message, in the table's order."""
    chinese = any("\u3400" <= char <= "\u9fff" for char in folded)
    which = 0 if chinese else 1
    return [name for name, pair in CUES.items() if pair[which].search(folded)]


def beside(names: Sequence[str], others: Sequence[str]) -> list[str]:
    """Each two of the cues, and each cue beside each of the others (tiers of rules that fit), as one name."""
    return [f"{one}&{other}" for one, other in combinations(names, 2)] + [
        f"{one}&{other}" for one in names for other in others
    ]
