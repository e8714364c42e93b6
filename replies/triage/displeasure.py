"""Words nobody praises with: where they stand and no kind word does, a message is no praise, whatever it recalls.

Sentence vectors tell what a text is about far better than whether its writer likes it: "质量太差了，用了两天就坏了"
lies near "质量很好，用了两年都没坏".
"""

from __future__ import annotations

import re

UNKIND = re.compile(
    r"(?<!不)(?<!没)(?<!没有)(?:太|很|真|好|这么|非常|极|有点|超)差(?!不多|点|一点)|差劲|差评|垃圾|太烂|真烂|好烂|烂透"
    r"|(?<!没)(?<!没有)(?<!不会)(?<!不易)(?<!怕)(?:坏|碎|裂|破|断|漏)(?:了|掉)|(?<!没)(?<!没有)坏过"
    r"|不理人|不理我|没人理|没人管|没人回|不回复|不回消息|爱答不理|爱理不理|再也不(?:买|来|用|会)|别买|不要买"
    r"|(?<!不)(?<!没)(?<!没有)(?<!没让我)(?<!没让人)失望|恶心|气死|气人|难用|难吃|难喝|坑人|坑爹|上当|后悔买|受不了|忍不了|无语"
    r"|敷衍|踢皮球|恶劣|不负责|投诉"
    r"|\b(?:terrible|awful|horrible|worst|useless|rubbish|garbage|disgusting|appalling|pathetic|unacceptable|ignored)\b"
    r"|(?<!never )(?<!not )(?<!n't )(?<!nothing )(?<!nothing was )(?<!get )"
    r"\b(?:broke(?:n)?|damaged|cracked|squashed|shattered|soaked|ruined|rude)\b"
    r"|\b(?:nobody|no one) (?:\w{1,12} ){0,3}?(?:answer|repl|call|care|help)\w{0,4}\b"
    r"|\bstill no (?:reply|answer|word)\b"
    r"|\bnever again\b|\bwaste of (?:money|time)\b"
    r"|(?<!not )(?<!n't )(?<!never )\bdisappoint(?:ed|ing|ment)\b"
)
"""In the folded text: simplified, lower case."""
KIND = re.compile(
    r"谢|满意|点赞|好评|很好|真好|太好|挺好|超好|不错|棒|赞|耐心|贴心|热情|周到|给力|喜欢|推荐|辛苦"
    r"|\b(?:thank|thanks|great|love|loved|excellent|happy|perfect|amazing|wonderful|helpful|kind|recommend)\b"
)


def displeased(folded: str) -> bool:
    """Its writer is displeased, as far as words alone can tell."""
    return UNKIND.search(folded) is not None and KIND.search(folded) is None
