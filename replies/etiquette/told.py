"""Why something should be said otherwise, and how: for the one who writes, in the language he writes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from replies.text import Language

_TOLD: Final[Mapping[str, tuple[tuple[str, str], tuple[str, str], tuple[str, str]]]] = {
    "familiar": (
        ("客户要称“您”", "您"),
        ("對客戶要稱「您」", "您"),
        ("too familiar for a customer", "the name and title, or simply “you”"),
    ),
    "please": (
        ("像是命令", "请您……／麻烦您……"),
        ("像是命令", "請您……／麻煩您……"),
        ("sounds like an order", "please …"),
    ),
    "ignorance": (
        ("把客户挡了回去", "我为您核实，并说明什么时候答复"),
        ("把客戶擋了回去", "我為您查證，並說明什麼時候回覆"),
        ("turns the customer away", "let me check, with a time"),
    ),
    "buck": (
        ("推给了别人", "说明由谁接手、多久答复"),
        ("推給了別人", "說明由誰接手、多久回覆"),
        ("passes the buck", "say who takes it, by when"),
    ),
    "lecture": (
        ("责备客户没有听懂", "换一种更清楚的说法再说一遍"),
        ("責備客戶沒聽懂", "換一種更清楚的說法再說一次"),
        ("blames the customer for not understanding", "say it again in other words"),
    ),
    "refusal": (
        ("只有拒绝，没有出路", "先说原因，再给一个可行的办法"),
        ("只有拒絕，沒有出路", "先說原因，再給一個可行的方式"),
        ("refuses without a way out", "the reason first, then what is possible"),
    ),
    "rule": (
        ("拿规定压人", "说明规定的原因和可以怎么办"),
        ("拿規定壓人", "說明規定的原因和可以怎麼辦"),
        ("hides behind a rule", "explain the reason and the options"),
    ),
    "denial": (
        ("断然否定", "说明可以做到什么"),
        ("斷然否定", "說明可以做到什麼"),
        ("a flat denial", "say what is possible"),
    ),
    "alone": (
        ("让客户自己去找", "直接告诉客户，或附上步骤"),
        ("讓客戶自己去找", "直接告訴客戶，或附上步驟"),
        ("sends the customer off to find it alone", "tell them, or give the steps"),
    ),
    "cold": (
        ("命令或冷落客户", "我理解您的心情，请您……"),
        ("命令或冷落客戶", "我理解您的心情，請您……"),
        ("orders or brushes off the customer", "I understand; please …"),
    ),
    "doubt": (
        ("质疑客户的诚实", "请您提供……，我们来核对"),
        ("質疑客戶的誠實", "請您提供……，我們來核對"),
        ("doubts the customer's word", "please send us …, we will check"),
    ),
    "counter": (
        ("反问客户", "改成陈述或请求"),
        ("反問客戶", "改成陳述或請求"),
        ("asks back", "make it a statement or a request"),
    ),
    "blame": (
        ("责怪客户", "只说事实和正确的做法：请您……"),
        ("責怪客戶", "只說事實和正確的做法：請您……"),
        ("blames the customer", "only what is so, and what to do"),
    ),
    "others": (
        ("把责任推给同事、别的部门或伙伴", "由我们来负责：说明谁在什么时候办什么"),
        ("把責任推給同事、別的部門或夥伴", "由我們來負責：說明誰在什麼時候做什麼"),
        ("blames a colleague, department or partner", "say what we do about it, by when"),
    ),
    "promise": (
        ("没有时间，不算承诺", "写明谁、做什么、什么时候，例如“客服会在 2 小时内答复您”"),
        ("沒有時間，不算承諾", "寫明誰、做什麼、什麼時候，例如「客服會在 2 小時內回覆您」"),
        ("no promise without a time", "say who does what by when: “a colleague replies within 2 hours”"),
    ),
    "negative": (
        ("只说了不能，没说能怎样", "说可以怎样：“周三后为您办好”“可以换成……”"),
        ("只說了不能，沒說能怎樣", "說可以怎樣：「週三後為您辦好」「可以換成……」"),
        ("says only what cannot be done", "say what can: “it will be ready on Wednesday”, “you can … instead”"),
    ),
    "sarcasm": (
        ("有讽刺的意味", "照字面好好说，去掉评价"),
        ("有諷刺的意味", "照字面好好說，去掉評價"),
        ("sounds sarcastic", "say it plainly, without a judgement"),
    ),
    "excuse": (
        ("像是借口", "先致歉，再说怎么解决、什么时候"),
        ("像是藉口", "先致歉，再說怎麼解決、什麼時候"),
        ("sounds like an excuse", "apologize, then say what happens and by when"),
    ),
    "levity": (
        ("客户有麻烦的时候不用语气词和表情", "删去"),
        ("客戶有麻煩的時候不用語助詞和表情符號", "刪去"),
        ("no emoji or chat talk where a customer has trouble", "leave it out"),
    ),
    "personal": (
        ("所有人都看得到，不写个人信息", "请客户私信，在私信里核对"),
        ("所有人都看得到，不寫個人資料", "請客戶私訊，在私訊裡確認"),
        ("everybody reads it: no personal data", "ask for a private message, and go through it there"),
    ),
    "argument": (
        ("在公开场合争辩，围观的人会跟着生气", "感谢、致歉，请客户私信，由专人核实"),
        ("在公開場合爭辯，旁人會跟著生氣", "感謝、致歉，請客戶私訊，由專人查證"),
        ("argues in public, and others join in", "thanks or regret, and the way to a private message"),
    ),
    "lengthy": (
        ("公开回复太长", "写在 140 字以内，细节放到私信里"),
        ("公開回覆太長", "寫在 140 字以內，細節放到私訊裡"),
        ("too long for a public answer", "within 140 characters; the details belong into a private message"),
    ),
    "region": (
        ("不是本地用语", ""),
        ("不是台灣、香港的用語", ""),
        ("not the local word", ""),
    ),
    "script": (
        ("繁体字", "改成简体字"),
        ("簡體字", "改成正體字"),
        ("Chinese in an English text", "write it in English"),
    ),
}
_PLACE: Final[Mapping[Language, int]] = {"zh-Hans": 0, "zh-Hant": 1, "en": 2}


def told(kind: str, language: Language) -> tuple[str, str]:
    """The reason and a better wording."""
    return _TOLD[kind][_PLACE[language]]
