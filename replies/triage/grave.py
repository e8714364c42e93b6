"""What makes a complaint serious by the handbook: law, authorities, the public, fraud, insult, the third time."""

from __future__ import annotations

from typing import Final

from replies.triage.patterns import Rule, rule

_OFFICE = (
    "(?<![\\da-z])(?:123(?:15|45|05|78|21|00|88|58)|1950|1999|1823|96315)(?!\\d)|消协|消保(?:官|委|会"
    "|处)|消费者(?:协会|委员会|保护(?:委员会|局))|消委(?:会)?|消基会|市场监(?:管"
    "|督)(?:管理)?(?:局|所|总局)?|市监(?:局|所)?|"
    "工商(?:局|所)|质监局|监管(?:局|部门|机构|总局)|(?:国家)?金融监管(?:总局)?|工信部|银保监(?:会"
    "|局)?|证监会|保监会|银监会|人民银行|央行|金管会|金管局|公平会|公平交易委员会|ncc|通管局"
    "|通讯局|通信管理局|"
    "邮政管理局|邮管局|民航局|交通(?:局|委|部)|观光署|住建(?:局|委)|房管局|教育(?:局|部)|卫健委"
    "|卫生(?:局|监督)|食药(?:监|署)|食环署|药监局|环保局|劳动(?:局|监察|仲裁)|劳工局|劳保局"
    "|税务(?:局)?|国税局|发改委|物价局|城管局|文旅局|文旅部|网信办|市长热线|"
    "信访(?:办|局)?|纪委|廉政|立委|议员|民代|申诉专员|私隐专员|私隐(?:专员)?公署|投诉警察"
    "|上级主管部门|主管机关|有关部门"
)

GRAVE: Final[tuple[Rule, ...]] = (
    rule(
        "law",
        "serious",
        "threat",
        (
            "起诉|(?:上|去|到|走|在)~法院|法院(?:见|传票|起诉|立案)|法庭(?:见|上)?|上庭|庭上|打官司"
            "|吃官司|官司|律师信|律师函|律师~(?:联系|处理|会|跟|谈|函|信|出面|来|找|接手)|(?:找|请|委托"
            "|委任|咨询(?:了|过)|交给|我的?|问(?:过|了))(?:了)?(?:个|一个|一名|一位)?律师(?!咨询|费|要"
            "|一般|多少|大概)|"
            "(?:走|通过|诉诸|采取|用|进入|循)~(?:法律|司法)|法律(?:途径|程序|手段|责任|武器|部门)"
            "|司法(?:途径|程序)|传票|立案|仲裁|诉讼|诉状|提告|(?:告|控告)(?:你|妳)(?:们|哋)?|告(?:到底|上"
            "|死|赢)|一起告|会告|存证信函|公证(?:了|过|处)|强制执行|调解委员会|申请调解|求偿|索赔函"
            "|追究~责任|小额(?:钱债|诉讼)|钱债|举证责任|违反~法|(?:消费者权益保护法|消保法|食品安全法"
            "|合同法|民法典|个资法|广告法)|违法|犯法|犯罪|我(?:本人|自己)?(?:就)?是(?:做)?(?:律师|法律"
            "|法官)|书面(?:答复|回复|道歉)"
        ),
        (
            "(?:i'll|i will|will|going to|gonna|we'll|we will|shall|to|am|i'm|be|about to"
            "|ready to) su(?:e|ing)|sue (?:you|this|them)|suing|lawsuit|law suit|lawyers?(?: up| on| will"
            "| is| has)?|attorneys?(?! general)|solicitors?|barrister|counsel|legal (?:action|proceedings"
            "|team|department|route|advice|steps|letter|means|representation)|"
            "litigat\\w{0,4}|(?:to|in|see you in|through|via) (?:small claims )?court|court (?:papers"
            "|summons|case|claim|action)|courts?(?: will)|small claims?|claims court|tribunal|arbitration"
            "|mediat(?:ion|or)|injunction|subpoena|service of documents|letter before action|final notice"
            "|notice before|in breach of|breach of (?:contract|the)|"
            "consumer rights act|consumer (?:law|contracts)|section 75|liable|statutory|under the~act"
            "|legally|illegal(?:ly)?|unlawful(?:ly)?|against the law|adr|deadlocked|chargeback"
            "|notari[sz]ed|vcat|ncat|take (?:this|it|you) further legally|sued"
        ),
    ),
    rule(
        "authority",
        "serious",
        "threat",
        (f"(?:{_OFFICE})(?!的?(?:电话|是|在哪|几|什么|地址|官网|怎么)|上班)|举报(?!功能|按钮|入口|怎么)|检举"),
        (
            "bbb|better business bureau|trading standards|ombudsman|regulators?|accc|ftc|fcc|cfpb|fca|cqc"
            "|ofcom|ofgem|ofwat|ofsted|ico|osha|fda|usda|hud|dot|faa|caa|sec|asic|afca|tio|cma"
            "|gdpr complaint|attorney general(?:'s)?(?: office)?|state ag|"
            "consumer (?:protection|affairs|council|watchdog|bureau|rights|forum|agency|commission"
            "|reports|ombudsman)|consumers? association|fair trading|citizens advice"
            "|department of (?:transportation|consumer|health|labor|labour|insurance)|"
            "insurance commissioner|health (?:inspector|department|board)|environmental health"
            "|food standards|labour board|labor board|(?:my|our|local) (?:mp|congress(?:man|woman)"
            "|senator|councillor|representative)|mp is|the council|licensing board|planning authority|"
            "(?:report(?:ed|ing)?|complain(?:ed|ing)?) (?:you|this|it|them|your \\w{2,12})? ?to (?:the"
            "|trading|your|my|a|every|head)|reporting (?:you|this)|the authorities|watchdog"
        ),
    ),
    rule(
        "police",
        "serious",
        "threat",
        ("报(?:了|咗)?警|报(?:了|咗)?案|派出所|公安|警察|警方|警署|做(?:了)?笔录|警局|经侦"),
        (
            "(?:call(?:ed|ing)?|to|go(?:ing)? to|inform(?:ed)?|contact(?:ed|ing)?|with|told|given"
            "|report(?:ed)? to) the police|police (?:report|have|are|is|will|officer|involved|know|case)"
            "|crime (?:number|reference)|action fraud|detectives?|is a crime|criminal(?:ly)?"
            "|press charges|law enforcement|the cops"
        ),
    ),
    rule(
        "press",
        "serious",
        "threat",
        (
            "记者(?!证)|媒体(?!采访|合作|账号|中心)|(?:电视台|报社|报纸|新闻台|民生栏目|栏目组|节目组"
            "|1818|今日说法|焦点访谈|tvb|三立|水果日报|苹果日报|东森)|(?:上|登)(?:了)?(?:新闻|头条|热搜"
            "|头版|报纸|电视)|见报|记者会|采访(?:我|了)|爆料|315(?:晚会|曝光)|3·15|开直播(?:曝光|讲)?|"
            "曝光|公之于众|公诸于世|让(?:所有|全|大家|更多|全世界|网友|全网)(?:的)?(?:人|网"
            "|国)?(?:都)?(?:知道|看看|看清|评评)|昭告天下|"
            "(?:发|挂|贴|po|传|晒|写|放|录|拍|投|上传|公开|吐槽|避雷)(?:到|上|在|咗|了|成)?~(?:微博|抖音"
            "|小红书|朋友圈|知乎|b站|快手|贴吧|黑猫|论坛|网上|全网|公众号|视频号|dcard|ptt|爆料公社"
            "|批踢踢|连登|脸书|facebook|fb|ig|instagram|threads|youtube|推特|twitter|社群|谷歌评论"
            "|google评论|google评价|小绿书|豆瓣)|"
            "(?:微博|抖音|小红书|朋友圈|知乎|b站|快手|黑猫|论坛|网上|dcard|ptt|爆料公社|连登|脸书|threads"
            "|ig)(?:上|里)?~(?:发|曝|挂|见|写|发帖|爆|贴|公开|避雷|首页|分享)|黑猫投诉|避雷(?:帖|你们)"
            "|(?:出|发)post|"
            "(?:\\d{1,4}|[一二三四五六七八九十百几两]{1,4})(?:多|几)?(?:万|千|k|w|十万"
            "|百万)(?:多)?(?:个)?(?:的)?(?:粉丝|粉|人追踪|追踪|订阅|followers?|关注|读者|听众|观众)"
            "|(?:粉丝|追踪|订阅|followers?|粉专|page)~(?:\\d|[一二三四五六七八九十百几两])~(?:万|千|k|w)"
            "|百万粉|大v|博主朋友|公关危机|拉(?:横幅|布条)|总部~(?:拉|举牌|静坐)"
        ),
        (
            "(?:the|a|local|my|to|contact(?:ed|ing)?|call(?:ed|ing)?|tv|news) (?:press|media|journalists?"
            "|reporters?|newspapers?|news (?:station|crew|channel|desk|outlet)s?|papers|tv (?:station"
            "|crew|news))|journalists?|reporters?|news (?:station|crew|desk|channel)|camera crew"
            "|front page|headline|tabloids?|the (?:guardian|times|bbc|sun|daily mail|new york times"
            "|washington post)|"
            "go(?:ing|es)? (?:to )?(?:viral|public)|viral|(?:post(?:ed|ing)?|shar(?:e|ed|ing)"
            "|put(?:ting)?|upload(?:ed|ing)?|blast(?:ed|ing)?|tell(?:ing)?|tweet(?:ed|ing)?|expos(?:e|ed"
            "|ing)|film(?:ed|ing)?|plaster(?:ed|ing)?|all over|name and sham\\w{1,3})~(?:social media"
            "|twitter|tiktok|facebook|instagram|reddit|youtube|online|the internet|linkedin|trustpilot"
            "|yelp|google reviews?|glassdoor|mumsnet|x\\.com|everyone|followers|the world|screenshots?)|"
            "(?:\\d[\\d,.]{0,9} ?(?:k|m|thousand|million)?|thousands of|hundred thousand"
            "|million)(?: \\w{2,12})? (?:followers|subscribers|listeners|readers|subs|viewers)"
            "|everyone (?:will|should|is going to) (?:know|see|hear)|expos(?:e|ing) (?:you|this)"
            "|influencers?|my (?:podcast|channel|blog|newsletter|column)|picket(?:ing)?"
            "|protest(?:ing)? outside|a statement|on the record|comment for my"
        ),
    ),
    rule(
        "group",
        "serious",
        "threat",
        (
            "集体(?:维权|投诉|诉讼|起诉|求偿|退|告|索赔|报案|上访|抗议)|维权(?!中心|指南|知识)|联名|连署"
            "|自救会|苦主|受害者|(?:\\d{1,4}|[一二三四五六七八九十百几两多]{1,5})(?:多|几)?(?:个|名|位|户"
            "|家)(?:人|业主|家长|车主|住户|用户|客户|同学|邻居|学员|会员|消费者)?~(?:一起|联合|联名|集体"
            "|联手|都要(?:退|告)|准备|约好|被坑|被骗)|(?:大家|我们|业主|家长|成班)~(?:一起|联合"
            "|统一)~(?:告|行动|维权|上门|投诉|找你|讨|起诉|走程序|退)|(?:已经)?(?:建|拉)(?:了"
            "|好)?(?:个)?(?:维权)?群(?!聊)|(?:群里|群内)~(?:\\d|[一二三四五六七八九十百几])~(?:人|个)"
            "|好多人都(?:被|中招)|同样遭遇"
        ),
        (
            "class[- ]action|group (?:claim|action|complaint|lawsuit)|joint (?:claim|action|complaint"
            "|letter)|petition|(?:\\d{1,4}|dozens|hundreds|all|other) (?:of )?(?:us|tenants|owners"
            "|parents|victims|customers|residents|members|students|people|families|drivers"
            "|passengers)~(?:together|group|joining|claim|organi[sz]\\w{1,4}|complain\\w{0,3}|same"
            "|affected|signed|whatsapp|collective\\w{0,2})|collectively|(?:getting|banding|coming"
            "|acting) together|we'?re organi[sz]ing|victims"
        ),
    ),
    rule(
        "fraud",
        "serious",
        "threat",
        (
            "骗子|诈骗|欺诈|诈欺|骗(?:了)?(?:我|钱|人的?|局|老人|取|消费者|老百姓|顾客|客|子)|欺骗|行骗"
            "|(?:是|就是|在|明摆着|不是)骗|老千|呃(?:人|钱|我)|假货|冒牌|仿冒|(?:是|高|仿"
            "|明摆着是)仿(?:品|的|造)?|高仿|山寨|老翻|不是正品|非正品|不是(?:真品|真的|正货|原装)|(?:不"
            "|非)(?:保)?真|赝品|a货|水货|(?:翻新|整新|二手|旧)(?:机|货|的)?~(?:当|冒充|充|卖|全新|新机"
            "|新的)|假(?:药|酒|烟|包|鞋|表|证|发票|冒|品|票|钞|章|签名)|(?:是|卖|买到|全是|就是"
            "|用)(?:的)?假(?!的?吗|的?么|期|日|装)(?:的)?|掺假|造假|作假|作弊|勾兑|调(?:过)?(?:里程)?表"
            "|里程~(?:假|调)|伪造|偷税|漏税|逃税|逃漏税|(?:没有?|无)~(?:资质|许可证|牌照|执照|卫生证"
            "|立案)|非法集资|跑路|卷(?:款|钱)|人(?:就)?(?:消失|不见|失联|联系不上)|神隐|执(?:咗)?笠|"
            "退一赔(?:三|十)|假一赔(?:三|十)(?!是|怎么|吗|的意思|政策)|(?:三|十|3|10)倍(?:赔|赔偿|退)"
            "|虚假(?:宣传|广告|发货)|不实广告|货不对板|(?:根本)?两(?:码事|回事)|签(?:名|字|的字)~(?:不是"
            "|非)(?:我|本人)|不是(?:我|本人)签|黑心|收(?:了)?~(?:红包|好处|回扣)|以次充好|短斤少两"
            "|缺斤少两|称~造假|(?:少了|缺)\\S{0,4}(?:克|斤)|(?:鉴定|验货?|专柜|查编码|防伪|编码"
            "|序列号)~(?:不是|非|假|仿|查不到|过不了|不对|老翻)|赃(?:物|款|车)|套路(?:贷|老人)|(?:业务员"
            "|销售|推销员)~(?:骗|忽悠|套路)"
        ),
        (
            "fraud(?:ulent(?:ly)?|sters?|ster)?(?! protection| prevention| alert| department| team)"
            "|scam(?:s|med|mers?|ming)?(?! alert)|con artists?|conned|swindl\\w{1,4}|crooks?|thieves"
            "|thief|counterfeits?|fakes?(?: product| bag| shoes| goods| ticket| watch| one)?s?"
            "|knock[- ]?offs?|replica|bootleg|not (?:genuine|authentic|real|original|the real)"
            "|isn't (?:genuine|authentic|real|original)|authenticat\\w{1,4}|"
            "refurb\\w{0,6}|sold (?:me|us) (?:a |an )?(?:used|stolen|second[- ]hand|glass)|odometer"
            "|rolled back|clocked|forged|forgery|not my signature|(?:tricked|misled|duped|deceived"
            "|mis-?sold|lied to|conning|bait and switch)|false advertis\\w{1,4}|misleading|deceptive"
            "|fake tickets|took (?:my|our|the) (?:money|deposit) and|(?:vanished|disappeared) (?:with"
            "|after)|ponzi|pyramid|launder\\w{1,4}|dodging tax|tax evasion|no receipts"
            "|without a licen[cs]e|unlicen[cs]ed|bribe|kickback|is glass|stole (?:from )?(?:my|our|from)"
            "|theft|robbed|daylight robbery"
        ),
    ),
    rule(
        "insult",
        "serious",
        "event",
        (
            "歧视|(?:员工|店员|客服|服务员|保安|保全|前台|柜台|柜员|店长|导购|司机|骑手|快递员|外送员"
            "|师傅|老师|教练|护士|医生|经理|主管|专员|业务员|业务|理赔员|销售|空姐|职员|个店员|收银员"
            "|工作人员|你们(?:的)?人|他|她|对方|管家|房东|物业|前厅)~(?:骂(?!街了吗)|辱骂|侮辱|羞辱|嘲笑"
            "|讥笑|讽刺|挖苦|吼我|凶我|瞧不起|看不起|推(?:了)?我|影住我|笑我|赶(?:我|出)|滚|出言不逊"
            "|人身攻击|爆粗|阴阳我|翻白眼|"
            "说(?:我|我们|我妈)?(?:~(?:有病|穷|胖|买不起|神经|乡巴佬|土包子|丑|没钱|脑子|不懂|文盲|傻"
            "|女人家|老不死|别来|不配|活该|穷鬼|低端|智障|乡下|没文化|没素质|白痴|蠢))|叫(?:我"
            "|我们)~(?:滚|闭嘴|穷|死)|闹我|让我~滚|嫌我)|"
            "(?:骂|辱骂|侮辱|羞辱|嘲笑|讥笑|闹)(?:了)?(?:我|我妈|我爸|我老婆|我儿子|我女儿|我们|我全家"
            "|顾客|客人|客户|人)|买不起就(?:别|不要)|穷人|穷鬼|乡巴佬|土包子|外地人|乡下人|大陆人~(?:唔"
            "|不)|因为我(?:是|坐|有|信|老|胖|黑|女|说)~(?:取消|拒绝|不让|不给|赶|不接|不卖|不租)|(?:拒绝"
            "|取消|不让|不招待)~(?:残疾|轮椅|同志|外籍|老人|穆斯林|黑人|导盲犬)|(?:残疾|轮椅|盲|聋|外劳"
            "|外籍|同志|导盲犬|原住民)~(?:添乱|挡路|别来|滚|不让|拒|客满|没房|取消|歧视)"
        ),
        (
            "discriminat\\w{1,5}|racis(?:t|m)|sexis(?:t|m)|homophob\\w{1,3}|transphob\\w{1,3}|ageis(?:t"
            "|m)|slurs?|bigot\\w{0,3}|humiliat\\w{1,4}|insult(?:ed|ing|s)?|belittl\\w{1,3}|mock(?:ed|ing)"
            "|ridiculed|verbal(?:ly)? abus\\w{1,3}|"
            "(?:staff|waiter|waitress|driver|agent|rep|clerk|manager|teacher|salesman|saleswoman|guard"
            "|security|receptionist|employee|cashier|host|adjuster|nurse|doctor|assistant|advisor|guy"
            "|lady|woman|man|he|she|they|front desk|engineer)~(?:called|calling) (?:me|us"
            "|my (?:\\w{2,10}))? ?(?:a|an|names|stupid|fat|crazy|dumb|idiot|poor|ugly|retard\\w{0,2})|"
            "(?:swore|shouted|yelled|screamed|cursed|spat|sneered) at (?:me|us|my)|(?:told|said|saying"
            "|tells) (?:me|us|my \\w{2,10}|i|we)~(?:couldn't afford|can't afford|was mental|am mental"
            "|go back to|get out|shut up|stupid|too (?:old|fat|poor)|my husband|people like (?:me|us)"
            "|in the way|not welcome)|laughed at (?:me|my|us)|because (?:i'm|i am|we're|we are|he's|she's"
            "|of my|of our|he is|she is|we were|i was) (?:black|asian|gay|a woman|disabled|muslim|jewish"
            "|old|deaf|blind|trans|foreign|indian|chinese|mexican|accent|race|skin|wheelchair|religion"
            "|age|pregnant)|"
            "when they saw we were|(?:found out|saw) (?:we|i|he|she)'?(?:re| was| were|m| am"
            "| are)? (?:a )?(?:black|gay|asian|muslim|foreign)\\w{0,3}|people in wheelchairs"
            "|refused~(?:wheelchair|guide dog|service dog|hijab)|fat cow"
        ),
    ),
    rule(
        "repeat",
        "serious",
        "event",
        (
            "第(?:[三四五六七八九十百]|[3-9]|\\d{2,3}|n|好几|不知道几|无数)(?:次|回|趟|遍|通|个(?:电话"
            "|工单|客服)|封|轮)(?!课|约会|充值)|(?:反映|反应|投诉|联系|联络|打(?:了|过|咗)?(?:电话|客服"
            "|热线)?|沟通|报修|跑|催|找|说|讲|问|申诉|客诉|来电|发邮件|写信|提交|留言|修|维修|反馈|去|退"
            "|换)(?:了|过|咗|你们|你哋|给你们)?(?:整整|足足|起码|至少"
            "|不下)?(?:[三四五六七八九十几两]{1,3}|好几|n|无数|多|[3-9]|\\d{2,3})(?:多)?(?:次|回|趟|遍|通"
            "|轮|封|八百)|"
            "(?:[三四五六七八九十]{1,3}|好几|无数|n|多|几十|[3-9]|\\d{2,3})(?:多)?(?:次|回|趟|遍|通|封"
            "|个)(?:了)?(?:电话|邮件|工单|客服|信)?~(?:反映|投诉|联系|没(?:人|有)(?:解决|理|回|结果)|都说"
            "|都没|每次|次次|回回|还是(?:没|不)|仍然|放我?鸽子|一样(?:的)?(?:话|说辞))|(?:每次|次次|每回"
            "|回回)(?:都)?~(?:说|推|敷衍|处理中|等|没下文|回电|转)|"
            "(?:换了?|转了?|问了?)(?:[三四五六七八九十几]|[3-9]|好几)(?:个|位)(?:人|客服|部门)|(?:反复"
            "|一再|再三|多次|屡次|三番五次|三番两次|前前后后|前后|不止一次|不下十次|最后一(?:次"
            "|遍))~(?:反映|投诉|联系|沟通|催|说|打|找|报修|联络|要求|通知|提醒|问)|(?:上上)(?:周|个?月"
            "|次)~(?:也|就|说)|(?:工单|单子|申请)~(?:[三四五]|[3-9])(?:个|张|次)~(?:关|没)|又是(?:这"
            "|同)(?:个|一)问题|老问题~又"
        ),
        (
            "(?:third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|3rd|4th|5th|6th|7th|8th|9th|\\d{2}th"
            "|umpteenth|nth|hundredth) (?:time|call|email|e-mail|message|complaint|letter|attempt|request"
            "|contact|visit|ticket|chat|repair|engineer|replacement|week running)|"
            "(?:three|four|five|six|seven|eight|nine|ten|a dozen|dozens of|several|multiple|countless"
            "|numerous|many|[3-9]|\\d{2}) (?:different |separate |more |unanswered |bloody )?(?:emails?"
            "|e-mails|calls|phone calls|messages|complaints|tickets|letters|attempts|agents|reps|people"
            "|engineers|no-shows|technicians|chats|visits|departments|appointments)|"
            "(?:three|four|five|six|seven|eight|nine|ten|several|countless|many|multiple|[3-9]"
            "|\\d{2})\\+? times|times (?:this week|already|now)|over and over|again and again"
            "|time and again|every (?:time|week|day)~(?:told|say|promise|same|call)|keep (?:telling"
            "|saying|promising|closing|getting told)|(?:repeatedly|constantly) (?:told|contacted|called"
            "|emailed|asked|complained|chased)|"
            "emailed, called|called, emailed|how many (?:more )?times|yet again i|last time i(?:'m"
            "| am)? (?:ask|write|writing|going to ask)|passed (?:around|from pillar)|pillar to post"
            "|still (?:nobody|no one|not one)"
        ),
    ),
    rule(
        "complaint",
        "moderate",
        "threat",
        (
            "(?:我|必须|一定|就|去|来|正式)(?:就|现在|今天|必须|一定)?(?:要|想)?(?:去|来)?(?:投诉|客诉|申诉|举报)(?:你|他|她|这|那|到底|$|[,，。!！])"
            "|(?:要|想)(?:客诉|投诉)(?!电话|渠道|流程|入口|部门|邮箱|的话)|投诉(?:你|妳)们"
        ),
        (
            "(?:want|would like|wish|need|going|like|have) to (?:complain"
            "|(?:make|file|raise|lodge|register) a (?:formal )?complaint)"
            "|(?:making|filing|raising|lodging) a (?:formal )?complaint"
        ),
    ),
)
