"""What makes a complaint critical by the handbook: danger to life and health, to money and to privacy."""

from __future__ import annotations

from typing import Final

from replies.triage.patterns import Rule, rule

_KIN = "孩子|小孩|宝宝|婴儿|儿子|女儿|娃|小朋友|囡|个仔|个女|细路|学生|孙子|孙女|外孙|宝贝|bb"
_BODY = (
    "手|脚|腿|脸|头|眼睛?|嘴巴?|舌头?|牙|脖子|胳膊|手指|膝盖|皮肤|腰|背|额头|耳朵?|下巴|喉咙|嗓子"
    "|嘴唇|脑袋|肩膀|身上|身体|肚子|屁股|骨头?"
)
_CHILD = (
    r"(?:son|daughter|kids?|child|children|baby|toddler|infant|boy|girl|grandson|granddaughter"
    r"|newborn|year[- ]old|pupils?|students?)"
)
_PART = (
    r"(?:hands?|arms?|legs?|foot|feet|face|head|eyes?|mouth|tongue|teeth|tooth|neck|fingers?|thumb"
    r"|knees?|skin|back|ears?|chin|throat|lips?|wrist|"
    r"ankle|scalp|shoulder|ribs?|nose|toes?|thighs?|chest)"
)

HAZARDS: Final[tuple[Rule, ...]] = (
    rule(
        "self_harm",
        "critical",
        "threat",
        (
            "不想活|唔想做人|唔想活|活不下去|活不成|(?:活着|活著|人生)~(?:好累|没(?:什么|啥)?意思"
            "|没(?:什么)?意义|没盼头)|自杀|自尽|自残|轻生|寻死|寻短|(?<![得到])想死(?!你|我了|在床|在被)|"
            "死了算了|去死算了|跳楼给你|(?:想|要|去)跳(?:楼|河|江|海|桥)|(?:我|她|他|妈|爸|老婆|老公|人|直接|就|楼上|顶楼|天台|桥上)~跳(?:楼|下去"
            "|河|江|海|桥)|割腕|上吊|吞(?:了)?(?:一瓶)?(?:安眠)?药|喝(?:了)?农药|(?:药"
            "|刀)~(?:都)?准备好了|"
            "遗书|遗言|结束(?:自己|生命|这一切|一切)|今晚就结束|自我了断|一了百了|死给你|死在你们|以死"
            "|(?:撑|熬|顶)不(?:下去|住)了|不想撑|顶唔顺|还活着干|活着干(?:什么|嘛|啥)|站在天台|烧炭"
            "|没脸活"
        ),
        (
            "kill(?:ing)? (?:myself|himself|herself)|suicid(?:e|al)|end(?:ing)? (?:my|it|his|her"
            "|my own) (?:life|all)|end it(?: all)?|want(?:s|ed)? to die|"
            "(?:don't|dont|do not) want to (?:live|be here|be alive|wake up)|no (?:point"
            "|reason) (?:in )?(?:being here|living|to live|going on)|"
            "can'?t go on|better off dead|(?:took|taken) (?:an )?(?:overdose|the pills)|pills in front"
            "|hurt(?:ing)? myself|self[- ]harm|written (?:the|a|my) note|"
            "suicide note|goodbye letter|it all to end|(?:i'm|im|am|going to|gonna|i'll|will|he'll"
            "|she'll) jump|jump off|take my (?:own )?life|cut(?:ting)? my wrists|hang myself|"
            "(?:won't|wont) be here tomorrow|rather be dead"
        ),
    ),
    rule(
        "violence",
        "critical",
        "threat",
        (
            "(?:杀|砍|捅|弄死|干掉|打死|做掉|揍|宰|打断|搞死|斩)(?:了|死)?(?:你|他|她|人|那个|经理|老板"
            "|客服)|(?:带|拿|提|揣|拎)(?:着|把)?~(?:刀|汽油|棍|斧)|放火|纵火|"
            "(?:点|烧|炸|砸)(?:了|掉|烂)?(?:你们?)?(?:的)?(?:破|个)?(?:门?店|公司|楼|前台|柜台|铺)"
            "|(?:门?店|公司|铺)~(?:给)?(?:点了|烧了|炸了|砸了)|见血|要(?:你|他)们?(?:的)?命|同归于尽|陪葬"
            "|鱼死网破|"
            "知道(?:你|他|我|她)们?(?:老板|经理|客服)?~(?:住|家|上班|车牌)|让(?:我|你|他)(?:家|全家"
            "|孩子)?~(?:出事|走着瞧|横着)|血债|(?:打|揍|殴打|推打|掐|踹|动手打|捶)(?:了)?(?:我|我妈|我爸"
            "|我儿子|我女儿|我老公|我老婆|个阿妈|人了)|"
            "动手动脚|猥亵|性骚扰|非礼|强奸|摸我(?:的)?(?:大腿|屁股|胸|手|身)|尾随|跟踪我|跟着我(?:回家)?"
            "|偷拍|针孔|(?:房间|浴室|卫生间|试衣间)~(?:摄像头|摄影机)|不(?:让|给)我(?:们)?(?:下车|走|出去"
            "|离开)|"
            "车门(?:锁|反锁)|救命|堵(?:在|我|住)~(?:楼道|家门|门口|孩子|小孩)|扬言|(?:喝了|有喝"
            "|酒)~(?:还在|还|还敢)开|酒驾|醉驾|绑架|(?:威胁|恐吓|恐嚇)(?:我|要|说|家人)|小心(?:你"
            "|我)~(?:家|命|点)?(?:带刀)?|去学校(?:找|堵)"
        ),
        (
            "kill (?:you|him|her|them|somebody|someone|your)|(?:shoot|stab|strangle|beat up|hurt"
            "|punch) (?:you|him|her|them|somebody|someone|one of you|your)|"
            "(?:with|bring(?:ing)?|have|got|has) a (?:knife|gun|bat|machete|weapon)|burn (?:the|your|this"
            "|it)~(?:down|place|shop|store|office)|bomb (?:the|your)|"
            "blow up (?:the|your)|smash (?:up )?(?:your|the) (?:shop|store|office|place)|(?:threaten(?:s"
            "|ed|ing)?|threats?) ~(?:me|us|to|against|kill|beat|family)|"
            "beat (?:me|him|her|us|my)|(?:hit|punched|kicked|slapped|shoved|grabbed|assaulted|attacked"
            "|groped|molested|choked) (?:me|my|him|her|us)|"
            "(?:knows?|know) where (?:i|you|he|she|we|they) (?:live|lives|work)|watch (?:my|your"
            "|his) (?:out|back)|watch out|look over (?:his|her|your|their) shoulder|"
            "break (?:my|your|his) (?:legs|arms|neck)|(?:hidden|secret) camera|filmed (?:me|us)"
            "|followed me home|stalk(?:ed|ing|er)|turned up (?:here|at my)|"
            "won't let me (?:out|go|leave)|locked (?:the doors|me in|us in)|(?:is|was|he's"
            "|driver's) (?:drunk|high)|drunk driv(?:er|ing)|sexual(?:ly)? (?:harass|assault)\\w{0,4}"
            "|rape[d]?|"
            "(?:someone|somebody) (?:will|is going to|gonna) (?:get hurt|die|pay with)"
            "|blood on your hands|outside my (?:flat|house|door)~threat\\w{0,6}"
            "|wait(?:ing)? for my (?:kid|son|daughter)"
        ),
    ),
    rule(
        "fire",
        "critical",
        "event",
        (
            "着火|著火|起火|失火|自燃|烧(?:起来|着了?|著|穿|没了|光|毁|破|黑|焦|坏了)|冒(?:着|出|了"
            "|起)?(?:黑|白|浓|青)?烟|(?:窜|蹿|喷|冒|打|闪)~火(?:苗|花|星|光)?|火苗|火光|明火|火花|焦(?:糊"
            "|臭)?味|焦糖味|烧焦|糊味|"
            "(?:电池|电源|手机|锅|玻璃|杯|瓶|电|机|罐|管|胎|灯|煲|充电|叉电|热水|器|车|壶)~(?:爆炸|炸了"
            "|炸开|炸裂|爆了|爆开|爆掉|自爆|爆裂)|爆炸(?!好|头|性|辣|了的好|美|满)|(?:盖子?|碎片|零件"
            "|阀)~(?:崩|弹|飞|炸)(?:飞|出|到|开)|"
            "鼓包|鼓(?:了)?起来|膨胀|胀起|(?:烫|热)(?:得|到|成)~(?:化|烧|洞|不能拿|握不住|冒|融)|点着了"
            "|熏黑|短路|跳闸~(?:火|烟|味)|(?:插座|插头|电线|线路|配电)~(?:火|烟|滋滋|噼啪|烧|焦)"
        ),
        (
            "(?:caught|catch(?:es|ing)?) (?:on )?fire|(?:on|in) fire|in flames|flames?~(?:shot|out|up"
            "|came|coming|from)|(?:shot|spat|spitting) (?:out )?(?:fire|flames)|fire brigade|"
            "(?:smoke|fumes)~(?:pour|com|bill|out|from|everywhere)\\w{0,4}|(?:started|began|is|was|are"
            "|keeps?) (?:smoking|sparking|burning|smouldering|hissing)|sparks?~(?:fly|flying|flew|from"
            "|out|shot)?|"
            "(?:exploded|exploding|blew (?:up|out|its|off|apart)|burst into|explosion|went (?:up|bang)"
            "|popped and)|shatter(?:ed|ing) (?:over|on|in|all|and)|"
            "burn(?:ing|t)? (?:smell|through|a hole|down)|smell(?:s|ed)? (?:of |like )?(?:burn\\w{0,3}"
            "|smoke)|melt(?:ed|ing)|swell(?:ed|ing)?(?: up)?|swollen|bulg(?:ed|ing)|set (?:the|my|our"
            "|fire)~(?:alight|on fire|fire)|alight|"
            "short[- ]circuit\\w{0,3}|scorch(?:ed|ing)|overheat(?:ed|ing)|singed|too hot to (?:touch"
            "|hold)|flew off|went up in"
        ),
    ),
    rule(
        "gas",
        "critical",
        "event",
        (
            "(?:煤气|燃气|瓦斯|天然气|液化气)(?:表|灶|管|炉)?~(?:漏|泄|味|外泄|难闻|头晕)|漏(?:煤气|燃气"
            "|瓦斯)|(?:灶|气罐|气瓶|钢瓶|热水器|管道|管线|厨房|屋里|家里)~漏气|一氧化碳|臭鸡蛋味|废气~(?:倒灌|头晕)|(?:味|气)~头(?:好)?(?:晕|疼|痛)~(?:恶心|吐)?"
        ),
        (
            "gas~(?:leak(?:ing|s|ed)?|smell|stinks?|won't (?:shut|turn) off|fumes|hiss\\w{0,4})|(?:smell"
            "|stinks?|reeks?|leak(?:ing)?|stench)~gas|carbon monoxide|co (?:alarm|poisoning)"
            "|leaking fumes|rotten eggs?|"
            "(?:dizzy|headaches?|faint|nauseous)~(?:boiler|fumes|gas|heater)|(?:boiler|fumes|gas"
            "|heater)~(?:dizzy|headaches?|faint|nauseous)"
        ),
    ),
    rule(
        "electric",
        "critical",
        "event",
        (
            "漏电(?!保护|断路|开关)|触电|电到|电著|被电|带电|会电人|电(?:了)?我一?下|电(?:得|到)~(?:麻|抖"
            "|弹|倒|人)|(?:一)?(?:碰|摸|触)~(?:麻|电|倒)|(?:手|胳膊|身|条手)~(?:麻(?:了|得|晒|到)|都麻"
            "|发麻|好麻)|电晕|电死|电击"
        ),
        (
            "electric(?:al)? shocks?|electrocuted?|electrocution|(?:got|gave|gives|giving|get"
            "|getting) (?:me |him |her |us )?(?:a |an )?(?:nasty |bad |huge |massive |little )?(?:shock"
            "|jolt|zap)s?|"
            "(?:shocked|zapped|jolted) (?:me|him|her|us|my)|it's live|is live|live (?:wire|current"
            "|casing)|thrown across|tingl\\w{0,4}~(?:touch|tap|metal)"
        ),
    ),
    rule(
        "vehicle",
        "critical",
        "event",
        (
            "(?:刹车|煞车|剎掣|刹掣|剎车|制动|刹|煞)~(?:失灵|失效|不住|不灵|没反应|没有反应|失控|踩不动"
            "|软了|失败|没用|松了|唔住)|(?:踩|捏)(?:下去|到底|刹车)~(?:没反应|停不|不住)|停不(?:住|下来)"
            "|方向盘~(?:锁|失灵|卡|打不动|失控)|转向~失灵|"
            "(?:安全)?气囊~(?:没|未|不|唔)(?:有)?(?:弹|爆|打|开)|(?:高速|行驶|开车|开着|开到|骑着|骑到"
            "|路上|开)~(?:熄火|断电|失控|失速|锁死|失去动力|断了|断裂|掉了|爆胎)|爆胎|轮胎~(?:爆|飞|掉)"
            "|突然加速|自己加速|前叉~断|"
            "(?:电梯|升降机|𨋢|扶梯)~(?:坠|下坠|掉|跌|急坠|夹|卷|困|冲顶|卡)|困(?:在)?~(?:电梯|𨋢)"
            "|(?:天花板|墙|外墙|广告牌|吊灯|吊顶|阳台|护栏|栏杆|脚手架|楼板|玻璃)~(?:塌|砸|掉下来|脱落|坠"
            "|垮|坍)|(?:过山车|缆车|摩天轮|游乐|设施|绳|安全带|卡扣|扣环)~(?:停|断|松|没扣|开了|弹开|坏)"
            "|差点(?:没命|丢命|死|出人命|被)"
        ),
        (
            "brakes?~(?:fail(?:ed|ing|ure|s)?|gone|went|didn't|don't|not (?:working|respond\\w{0,3})|soft"
            "|stopped working|nothing|dead)|brake failure|(?:wouldn't|couldn't|can't|didn't"
            "|won't) (?:stop|brake)|no brakes|"
            "steering~(?:locked|failed|gone|seized|stuck|went)|airbags?~(?:didn't|did not|never|failed|not)|"
            "(?:cut out|died|stalled|lost power|shut off|shut down|accelerated)~(?:motorway|highway"
            "|freeway|mph|km|traffic|road|speed)|(?:motorway|highway|freeway|mph|road|speed)~(?:cut out"
            "|died|stalled|lost power|locked|fell off|came off)|"
            "tyres? (?:blew|burst|exploded)|tires? (?:blew|burst|exploded)|wheel (?:came|fell|flew) off"
            "|(?:elevator|lift)~(?:dropped|fell|plunged|trapped|stuck|free fall)|(?:stuck"
            "|trapped)~(?:elevator|lift)|"
            "(?:ceiling|wall|balcony|railing|roof|shelf|scaffold\\w{0,3}|sign)~(?:collapsed|came down"
            "|gave way|fell on|fell off|caved)|(?:harness|seat ?belt|buckle|cable|rope)~(?:came|undone"
            "|snapped|failed|broke|hadn't|wasn't|open)|"
            "nearly (?:died|killed|drowned|choked)|almost (?:died|killed|drowned|choked)"
            "|could have (?:died|been killed)"
        ),
    ),
    rule(
        "poisoning",
        "critical",
        "event",
        (
            "中毒(?!险)|(?:吃|喝|食|饮|用|敷|涂|擦|打|服)(?:了|完|过|咗|著)?(?:你们|你哋)?~(?:拉肚子|腹泻"
            "|上吐下泻|又吐又|吐|呕|屙|进医院|送医|送医院|入院|急诊|抢救|肚子(?:疼|痛)|过敏|肿|喘|抽|休克"
            "|起疹|烂脸|溃烂|昏|晕|打点滴|输液|洗胃|心跳)|"
            "上吐下泻|又吐又拉|又屙又呕|食物中毒|洗胃|过敏性休克|(?:全身|浑身|满脸|身上|脸上|整张脸"
            "|半边脸|成身)~(?:红疹|疹|风团|肿|泡|溃烂|发黑)|(?:嘴唇|喉咙|眼睛?|脸|头皮|舌头|整个头)~(?:肿"
            "|发紫|溃烂|烂)|嘴唇~(?:紫|乌)|"
            "(?:发|给|拿|输|打|开|配|吃)错(?:了)?(?:药|针)|血铅|(?:玻璃|铁钉|针头|刀片|钉子|钢丝)(?:碴|渣"
            "|碎|片)?(?:子)?~(?:吞|嘴|舌|血|划|喉|吃|喝)|(?:吃|喝|咬)~(?:玻璃|铁钉|针头|刀片|钉子)"
            "|嘴里~血"
        ),
        (
            "food poison(?:ing|ed)|poison(?:ed|ing|ous)|allergic reaction|anaphyla\\w{0,6}|(?:throat"
            "|lips?|face|eyes?|tongue)~(?:swell\\w{0,4}|swelled|swollen|shut|closing|closed up)"
            "|swollen (?:throat|lips?|face|eyes?|tongue)|hives|rash all over|"
            "(?:throwing up|vomit(?:ed|ing|s)?|puk(?:ed|ing)|diarrh?oea|stomach cramps|fell ill"
            "|violently ill|really sick|so sick)|epi ?pen|"
            "(?:wrong|incorrect) (?:tablets?|pills?|medication|medicine|dose|injection|drug|blood type)"
            "|overdosed (?:me|him|her)|(?:glass|needle|metal|razor|nail)~(?:mouth|swallow\\w{0,3}|jar"
            "|throat|bleed\\w{0,3}|teddy|food|bite)|swallowed~(?:glass|metal|battery|magnet|button|piece)"
            "|lead (?:level|poison)\\w{0,4}"
        ),
    ),
    rule(
        "injury",
        "critical",
        "event",
        (
            "(?:烫|烧|割|划|砸|撞|刺|扎|夹|摔|炸|压|咬|刮|崩|戳|电|灼|冻|打|挫|拉|跌|整)(?:受)?伤(?!膏|药"
            "|险|害)|化学灼伤|受(?:了)?(?:重|轻)?伤|重伤|骨折|骨裂|流(?:了|晒|好多|很多|一地"
            "|满地)?(?:好多|很多|一地)?血|出血|(?:都是|全是|满是|好多)血|血流|缝(?:了)?(?:\\d{1,3}"
            "|[一二三四五六七八九十几两]{1,3})?(?:多)?针|昏迷|昏倒|昏了|晕倒|晕过去|晕咗|晕(?:了)?过去"
            "|休克|抽搐|窒息|呼吸困难|(?:喘|透|呼吸)(?:不|唔)(?:上|过|到)?气?|没(?:了|有)?(?:呼吸|意识)"
            "|失去意识|神志不清|神智不清|叫不醒|失明|截肢|(?:起|全是|都是)(?:了)?(?:大)?水?泡|"
            "溃烂|加护病房|重症监护|icu|抢救|(?:在|送|挂|去|进|到|看)(?:了)?急诊|急救(?!包|箱)|送(?:去|到"
            "|进)?(?:了)?(?:医|院)|(?:进|去|入)(?:了)?(?:趟)?医?院(?!线|子|看|长)|打点滴|吊针|输液|(?:还"
            "|正|已|要|得|在)住院|住(?:了|进)~院|救护车|出人命|没命|闹出人命|(?:死|身)亡|死了人|人没了|"
            "(?:腿|手|脚|骨|指|肋|胳膊|牙|腕)~(?:断|折|骨折|崩了|掉了)|摔断|夹断|脑震荡|毁容|溺水|虚脱"
            "|心跳(?:一百|过速|骤)|站不(?:起来|稳)|瘫痪|流产|"
            f"(?:{_BODY})(?:上|都|整个|被|给|直接|里|也)?~(?:流血|肿(?:了|得|到|成)|烂|水泡|起泡|骨折|破皮"
            f"|划破|划了|割破|夹(?:住|到|伤|断|了)|被夹|烫(?:伤|红|掉|到|出|烂)|掉皮|磕破|摔破|红了一片"
            f"|口子|瘀青|拧青|淤青|被压|被砸|被烧|烧到|烧掉|烧伤)|"
            "(?:滚|热|开)水~(?:倒|溅|洒|烫|浇)~(?:脚|腿|手|身|脸)|(?:玻璃|碎片|盖子?|器材|器械|东西|石头"
            "|灯|门|箱)~(?:砸|崩|割|划|刺|扎|掉|弹|飞)~(?:到|中|在|向)?(?:人|我|他|她|头|脸|手|脚|腿|身"
            "|眼|胳膊|先生|老公|妈|爸)|砸到|烫到|压在下面|撞(?:上|到|倒)~(?:人|护栏|电线杆|我|孩子)|追尾"
            "|车(?:子)?~翻了|翻车"
        ),
        (
            "injur(?:y|ed|ies)|(?:i|he|she|we|they) (?:got|was|were) (?:badly )?burn(?:ed|t)|"
            "burn(?:ed|t)~(?:by|my|his|her|himself|herself|myself|me|him|us|badly|hand"
            "|skin|mouth)|(?:chemical|degree|severe|nasty) burns?|burns (?:on|all over|to)|scald(?:ed|ing"
            "|s)?|blisters?|bleed(?:ing|s)?|bled|blood (?:everywhere|all over|pouring)|stitches"
            "|fractur\\w{0,4}|concussion|"
            f"broke(?:n)? (?:my|his|her|a|two|three|our|both)? ?(?:{_PART}|bones?|hip|collarbone)|(?:cut"
            f"|cuts|gash(?:ed)?|slash(?:ed)?|sliced|crush(?:ed)?|trapped|hurt|hit|caught|jammed|pinched"
            f"|lost|tore|ripped)~(?:my|his|her|their|own|son's|daughter's|mum's|dad's"
            f"|[a-z]{{2,12}}'s) (?:\\w{{2,10}} )?{_PART}|deep cut|{_PART}~(?:bleeding|swollen|burn(?:ed|t)"
            f"|numb|broken|crushed|trapped|cut open|slashed|raw|bruised)|"
            "(?:in|to|into|at) (?:the )?(?:hospital|a&e|er|icu|emergency room|casualty|intensive care)"
            "|hospitali[sz]ed|ambulance|paramedics?|intensive care|on a drip|unconscious|passed out"
            "|passing out|blacking out|blacked out|collapsed|fainted|seizures?|convuls\\w{0,4}"
            "|stopped breathing|"
            "(?:can'?t|cannot|couldn'?t|struggling to|hard to|trouble|difficulty) breath(?:e|ing)"
            "|not breathing|won't wake|choking|choked|suffocat\\w{0,4}|drown(?:ed|ing)|paraly[sz]ed"
            "|miscarr\\w{0,6}|chest pains?|heart (?:rate|attack|stopped)|can'?t (?:move|feel) (?:my|his"
            "|her)|lost (?:consciousness|sight|a finger|an eye)|went blind|(?:people|somebody|someone|he"
            "|she|they)(?: is| was| are| were|'s)?(?: badly| seriously)? hurt|(?:killed|died)~(?:because"
            "|after|from)|rear[- ]ended|crashed into|car (?:rolled|flipped)|(?:hit|smashed) (?:me|him|her"
            "|my [a-z]{2,10}) (?:in|on|over)"
        ),
    ),
    rule(
        "child",
        "critical",
        "event",
        (
            f"(?:{_KIN})~(?:吞|误食|误吞|卡(?:在|住|到)|哽|噎|夹(?:住|到|伤|断|了)?|卷(?:进|到)|勒|烫"
            f"|摔(?:下|伤|断|了|得)|流血|磕|被打|打了|拧|走丢|不见了|丢了|锁(?:在|车)|忘在|落在|喘|抽(?!奖"
            f"|到|中|签|时)|吐(?!槽|司)|缝|高烧|发烧|晕|虚脱|窒息|青(?:了|一)|嘴唇|红疹|过敏|送医|急诊"
            f"|医院|中毒|触电|被电|割|划|溺|飞出去|掉(?:下|进)|虐|拉肚子|呛|受伤|伤)|"
            f"(?:打|虐待|虐|掐|拧|绑|关|摸|骂哭|烫|夹|勒|猥亵)(?:了)?(?:我)?(?:家)?(?:的)?(?:{_KIN})"
            f"|把(?:我)?(?:家)?(?:的)?(?:{_KIN})~(?:打|忘|锁|丢|弄伤|关|落|推)"
        ),
        (
            f"{_CHILD}~(?:swallowed|chok(?:ed|ing)|trapped|burn(?:ed|t)|bruis\\w{{0,4}}|bleeding|hurt|cut"
            f"|fell|hit|slapped|hospital|vomit\\w{{0,4}}|sick from|fever|rash|hives|swollen|allergic"
            f"|locked (?:in|inside)|left (?:alone|inside|behind|on the bus)|missing|shock(?:ed)?"
            f"|strangl\\w{{0,4}}|suffocat\\w{{0,4}}|flew|breath\\w{{0,4}}|stitches|poison\\w{{0,4}}|abused"
            f"|ill|unwell|neck|needle|put in (?:his|her) mouth|cramps|got out)|"
            f"(?:left|locked|hit|slapped|grabbed|burned|burnt|hurt|abused|dropped|poisoned|harmed)~(?:my"
            f"|our|the|a) (?:\\w{{1,8}} ){{0,2}}{_CHILD}|finger~(?:pram|stroller|crib|buggy|door)|(?:pram"
            f"|stroller|crib|buggy)~(?:finger|collapsed|folded|trapped)"
        ),
    ),
    rule(
        "money",
        "critical",
        "event",
        (
            "盗刷|被人?刷了|(?:账户|帐户|账号|卡|钱|余额|存款|基金|理财|工资|钱包|户口|户头|银行"
            "|资金)(?:里|入面|上)?(?:的)?(?:钱|余额)?~(?:被(?:人)?(?:转|盗|划|取|刷|提|扣光|碌|清空|偷)"
            "|(?:正在|一笔一笔|一直|不停|唔停|刚|自己|自动|不断)~(?:转|刷|扣|碌|减|少|变少|流)|往外(?:转"
            "|流)|转走|转出|划走|提走|眼看|不翼而飞|唔见晒|清零了|只剩零头)|"
            "(?:不是|非|唔系)(?:我)?(?:本人)?(?:操作|消费|刷|转|买|弄|付|授权|碌)(?:的|嘅)|(?:我"
            "|本人)?(?:根本|完全|从来)?(?:没有?|冇|未)(?:授权|操作(?:过)?|动过|刷过|转过|消费过|点过"
            "|买过)(?!~退)~(?:钱|转|扣|刷|卡|账|笔|[0-9一二两三四五六七八九十]{1,4}(?:千|万|百|块|元))"
            "|(?:转|扣|刷|消费|扣款)~(?:没|不是|非|唔系|冇)(?:有)?(?:我|本人)?~(?:操作|授权|动过|刷|转"
            "|弄)|"
            "(?:国外|境外|异地|外地|凌晨|陌生|海外)~(?:消费|刷卡|扣款|扣了|交易)|(?:快|赶紧|马上|赶快"
            "|立刻|帮我)~(?:冻结|止付|停卡|锁住|锁卡|停掉|停用)|(?:正在|快要|准备)(?:给|去|在)?~(?:转账"
            "|汇款|打钱)|拦住(?:他|她)"
        ),
        (
            "(?:money|savings|funds|balance|wallet|investments?|account|pension|crypto|card)~(?:being|is"
            "|are|getting|keeps?) (?:transferred|drained|emptied|withdrawn|stolen|going down|leaving"
            "|taken out|disappearing|spent|moved|used)|money leaving|"
            "(?:emptied|drained|cleared out|cleaned out|wiped out)~(?:account|savings|wallet|balance)"
            "|(?:account|savings|wallet|balance)~(?:emptied|drained|cleaned out|cleared out|wiped)|"
            "(?:someone|somebody|stranger|thief|hacker|they)(?: is|'s| has| are| was)? (?:spending|using"
            "|used|charging|withdrew|withdrawing|transferr\\w{1,4}|buying)~(?:card|account|money|name"
            "|details)|"
            "(?:didn'?t|did not|never|haven'?t|have not) (?:authori[sz]e|make|do|touch(?:ed)?|approve"
            "|sent?|spent?)~(?:transfer|payment|purchase|transaction|charge|account|money|withdrawal"
            "|anything|that|it|this)|unauthori[sz]ed|not authori[sz]ed|"
            "(?:transactions?|charges?|purchases?|payments?|transfers?|withdrawals?)~(?:not me|wasn'?t me"
            "|isn'?t me|i (?:didn'?t|never|don'?t recogni[sz]e)|since midnight|from (?:another"
            "|a foreign))|not me!|(?:card|sim)~(?:stolen|cloned|skimmed)|(?:stole|stolen"
            "|cloned) my (?:card|sim|money)|"
            "(?:freeze|block|stop|lock)~(?:now|immediately|right away|asap|quick\\w{0,2}|urgent\\w{0,2}"
            "|withdrawals)|about to (?:wire|transfer|send)|(?:wiring|transferring|sending) (?:them|him"
            "|money|everything)"
        ),
    ),
    rule(
        "account",
        "critical",
        "event",
        (
            "(?:账号|帐号|账户|帐户|号|微信|支付宝|密码|手机号|门号|网银|邮箱|qq|店铺|游戏|装备)(?:都|也"
            "|刚|好像|已经)?(?:被|让|给|俾)(?:人|别人)?~(?:盗(?!版)|黑|骇|抢|改|登|换|洗|劫|偷|入侵)|盗号"
            "|号被(?:盗|封前)?~洗|(?:外地|异地|陌生|别的设备|不认识|有人)~登(?:录|入|进|陆)|"
            "(?:有人|人家|别人|骗子|陌生人)(?:用|拿|冒|登|在用|盗用|正在)~(?:我|改|借|卡|名义|身份|手机号"
            "|门号|登)|冒(?:用|充)(?:我|我的|本人)|(?:绑定|密码|手机)~(?:被)?(?:人)?(?:换|改)(?:了|掉|晒"
            "|咗)|改晒密码|登不(?:进|上)(?:去)?(?:了)?[，,]~(?:换|改|绑)|验证码一直|认证码一直"
            "|身份证?(?:被)?~(?:冒用|盗用|贷款)|补(?:办)?(?:了)?(?:卡|sim)"
        ),
        (
            "(?:account|profile|email|login|page|card|sim|password|phone)~(?:hacked|taken over"
            "|compromised|hijacked|stolen|been changed|breached|broken into)|hacked (?:my|into|our)"
            "|hijack(?:ed|ing)|someone(?: has|'s| is|)? (?:got into|gotten into|logged (?:in|into)"
            "|accessed|broke into|is in|in) my|password (?:was |has been |got )?changed"
            "|changed my (?:password|email|number|bank|phone)|"
            "changing (?:the|my) (?:bank|password|email|details|phone)|locked out~(?:changed|balance"
            "|money|hack)|new device added|pretending to be me|impersonat\\w{0,4}|identity (?:theft"
            "|stolen)|stole my identity|sim swap\\w{0,4}|asking my (?:friends|contacts)"
        ),
    ),
    rule(
        "privacy",
        "critical",
        "event",
        (
            "(?:信息|资料|个资|隐私|数据|电话|地址|住址|身份证|病历|病例|体检|健检|检查报告|订单|照片"
            "|人脸|视频|影片|聊天记录|号码|档案|简历|合同)~(?:泄露|泄漏|外泄|外流|流出|泄出|卖(?:了|给|掉"
            "|出)|公开|被拖|曝光|发(?:给|到|错|去)(?:了)?~(?:别人|群|网|邮箱|同事|陌生|他人|外人)|寄(?:给"
            "|到)(?:了)?~(?:别人|同事|陌生|他人|邻居)|(?:在|到)?(?:外面|群里|网上)?~流传|(?:挂|贴|放"
            "|传)(?:到|在)~(?:网|群))|(?:泄露|泄漏|出卖|贩卖|外泄|公开|流出|卖了)(?:了|咗|晒)?(?:我|我们"
            "|客户|个人|用户)?(?:的|嘅)?~(?:信息|资料|个资|隐私|病历|地址|电话|数据|身份)|"
            "(?:骗子|陌生人|诈骗|人)~(?:连|知道|清楚|念得出|报(?:得)?出|唸得出"
            "|拿着)~(?:我(?:的)?)?(?:买(?:了)?(?:什么|啥)|住(?:哪|址)|地址|名字|全名|身份证|订单|吃什么药"
            "|病)|看到(?:了)?(?:别人|其他客户|陌生人|他人)的~(?:资料|信息|订单|身份证|护照|地址)"
        ),
        (
            "(?:leaked|leaking|exposed|sold|shared|published|posted|sent|emailed|gave|disclosed|gave out"
            "|handed)~(?:my|our|customer|private|personal|client|patient)~(?:data|details|address|number"
            "|records?|results?|photos?|info\\w{0,8}|passport|medical|phone|history|documents?|ssn|id)"
            "|data (?:breach|leak)|data was (?:leaked|breached)|"
            "(?:data|details|records?|results?|information|info|photos?|number|history|address"
            "|documents?)~(?:leaked|breached|exposed|(?:posted|public|visible|online|published)(?:ly)?"
            "|to (?:someone else|a stranger|my (?:boss|coworker|colleague|neighbou?r|ex)|the wrong))"
            "|you'?ve leaked|identity documents?~(?:leaked|exposed)|(?:another|other|someone else'?s?"
            "|strangers?) (?:customer'?s?|people'?s?|person'?s?|patient'?s?|users?'?)? ?~(?:details"
            "|passport|address|card|records?|account|orders?)~(?:see|saw|showed|show|can)?"
            "|showed me another|strangers? (?:can|rang|called|knows?|have|has)~(?:my|kids|our)|ex~(?:got"
            "|has|found)~(?:address|number|from you)"
        ),
    ),
)
