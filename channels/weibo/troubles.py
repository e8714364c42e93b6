"""What only a person can mend about a Weibo account: what is wrong and the mend, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import Trouble

ON_SEND = ("token", "permission", "unaudited", "banned", "ip", "limited")
"""Over once a message went out. `token_soon` is not: the token still works."""

SAID: Mapping[str, Mapping[str, str]] = {
    "token": {
        "zh-Hans": "消息发不出去：access_token 已过期、被撤销或不正确。"
        "请到微博粉丝服务平台重新获取，填入 access_token 后重启；等待中的消息会自动发出。",
        "zh-Hant": "訊息發不出去：access_token 已過期、被撤銷或不正確。"
        "請到微博粉絲服務平台重新取得，填入 access_token 後重新啟動；等待中的訊息會自動送出。",
        "en": "Nothing can be sent: the access token has expired, was revoked or is wrong. "
        "Get a new one from Weibo's 粉丝服务平台, set access_token and restart; what waits then goes out by itself.",
    },
    "token_soon": {
        "zh-Hans": "access_token 还有 {days} 天过期（{day}），过期后收得到消息、发不出回复。"
        "请到微博粉丝服务平台重新获取，填入 access_token 后重启。",
        "zh-Hant": "access_token 還有 {days} 天過期（{day}），過期後收得到訊息、發不出回覆。"
        "請到微博粉絲服務平台重新取得，填入 access_token 後重新啟動。",
        "en": "The access token ends in {days} days ({day}); after that messages come in and no answer goes out. "
        "Get a new one from Weibo's 粉丝服务平台, set access_token and restart.",
    },
    "calls": {
        "zh-Hans": "公开回复发不出去：微博今天允许的 {calls} 次接口调用已用完，明天会自动发出。"
        "急事请用微博网页直接回复；经常用完请申请更高权限后调大 calls_per_day，或调大 reserve。",
        "zh-Hant": "公開回覆發不出去：微博今天允許的 {calls} 次介面呼叫已用完，明天會自動送出。"
        "急事請用微博網頁直接回覆；經常用完請申請更高權限後調大 calls_per_day，或調大 reserve。",
        "en": "Public answers cannot be sent: the {calls} calls Weibo allows a day are used up. They go out tomorrow. "
        "Answer on weibo.com what cannot wait; if it happens often, get more calls and raise calls_per_day, or "
        "raise reserve.",
    },
    "limited": {
        "zh-Hans": "私信发得太频繁，微博暂时不让发：等待中的消息会自动重试，最长等到回复时限结束；"
        "客户再次来信时也会随即发出。"
        "急事请用微博网页直接回复；经常这样，请到微博开放平台申请更高的调用频次。",
        "zh-Hant": "私訊發得太頻繁，微博暫時不讓發：等待中的訊息會自動重試，最長等到回覆時限結束；"
        "客戶再次來訊時也會隨即送出。"
        "急事請用微博網頁直接回覆；經常這樣，請到微博開放平台申請更高的呼叫頻次。",
        "en": "Weibo takes no private messages for now, as there were too many calls. What waits is tried again by "
        "itself for as long as the customer may be answered, and goes out at once when he writes. Answer on weibo.com "
        "what cannot wait; if it happens often, ask open.weibo.com for more calls.",
    },
    "permission": {
        "zh-Hans": "消息发不出去：应用没有这个接口的权限。"
        "请确认账号已在粉丝服务平台开启开发者模式，并绑定了这个应用；公开评论另需在微博开放平台申请评论接口。",
        "zh-Hant": "訊息發不出去：應用程式沒有這個介面的權限。"
        "請確認帳號已在粉絲服務平台開啟開發者模式，並綁定了這個應用程式；公開評論另需在微博開放平台申請評論介面。",
        "en": "Nothing can be sent: the app may not use this interface. Turn on developer mode in Weibo's 粉丝服务平台 "
        "and bind this app to the account; comments need the comment interfaces of open.weibo.com as well.",
    },
    "unaudited": {
        "zh-Hans": "消息发不出去：应用还没有通过微博审核，只能对测试账号使用。请到微博开放平台提交审核。",
        "zh-Hant": "訊息發不出去：應用程式還沒有通過微博審核，只能對測試帳號使用。請到微博開放平台提交審核。",
        "en": "Nothing can be sent: Weibo has not reviewed the app yet; it works for its test accounts only. "
        "Submit it for review at open.weibo.com.",
    },
    "banned": {
        "zh-Hans": "消息发不出去：微博限制了账号、应用或本机 IP。请到微博开放平台和账号的通知中查看原因并申诉。",
        "zh-Hant": "訊息發不出去：微博限制了帳號、應用程式或本機 IP。請到微博開放平台和帳號的通知中查看原因並申訴。",
        "en": "Nothing can be sent: Weibo restricts the account, the app or this server's address. "
        "open.weibo.com and the account's notices say why and how to appeal.",
    },
    "ip": {
        "zh-Hans": "消息发不出去：本机 IP 不在应用的 IP 白名单中。请到微博开放平台「应用信息 → 高级信息」加入白名单。",
        "zh-Hant": "訊息發不出去：本機 IP 不在應用程式的 IP 白名單中。"
        "請到微博開放平台「应用信息 → 高级信息」加入白名單。",
        "en": "Nothing can be sent: this server's address is not in the app's IP whitelist. "
        "Add it at open.weibo.com under 应用信息 → 高级信息.",
    },
}


def trouble(key: str, **values: object) -> Trouble:
    said = {language: words.format(**values) if values else words for language, words in SAID[key].items()}
    return Trouble(key, said)
