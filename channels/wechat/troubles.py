"""What only a person can mend about an Official Account: what is wrong and the mend, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import Trouble

ON_TOKEN = ("ip", "secret", "app_id")
"""Over once WeChat gives a token."""
ON_SEND = ("token", "uncertified", "banned", "daily_quota")
"""Over once a message went out."""

SAID: Mapping[str, Mapping[str, str]] = {
    "ip": {
        "zh-Hans": "消息发不出去：本机 IP {ip} 不在公众号的 IP 白名单中。"
        "请到公众平台「设置与开发 → 开发接口管理」把它加入 IP 白名单。",
        "zh-Hant": "訊息發不出去：本機 IP {ip} 不在公眾號的 IP 白名單中。"
        "請到公眾平台「設置與開發 → 開發接口管理」把它加入 IP 白名單。",
        "en": "Nothing can be sent: the IP address {ip} is not in the account's whitelist. "
        "Add it in the WeChat console under 设置与开发 → 开发接口管理 → IP白名单.",
    },
    "secret": {
        "zh-Hans": "消息发不出去：AppSecret 不正确，可能已被重置。请到公众平台重置 AppSecret，填入 app_secret 后重启。",
        "zh-Hant": "訊息發不出去：AppSecret 不正確，可能已被重置。請到公眾平台重置 AppSecret，填入 app_secret 後重啟。",
        "en": "Nothing can be sent: the AppSecret is wrong, perhaps it was reset. "
        "Reset it in the WeChat console, set app_secret and restart.",
    },
    "app_id": {
        "zh-Hans": "消息发不出去：AppID 不正确。请核对 app_id 与公众平台中的 AppID，修改后重启。",
        "zh-Hant": "訊息發不出去：AppID 不正確。請核對 app_id 與公眾平台中的 AppID，修改後重啟。",
        "en": "Nothing can be sent: the AppID is wrong. Compare app_id with the WeChat console, mend it and restart.",
    },
    "token": {
        "zh-Hans": "消息发不出去：微信一再拒绝它刚发放的 access_token。"
        "请确认没有其他程序在强制刷新这个公众号的 access_token。",
        "zh-Hant": "訊息發不出去：微信一再拒絕它剛發放的 access_token。"
        "請確認沒有其他程式在強制刷新這個公眾號的 access_token。",
        "en": "Nothing can be sent: WeChat refuses access tokens it has just given. "
        "Make sure that no other program forces a refresh of this account's token.",
    },
    "uncertified": {
        "zh-Hans": "公众号没有客服消息接口权限（未认证），只能在用户来信时立即回复。"
        "请完成微信认证，或设置 certified = false。",
        "zh-Hant": "公眾號沒有客服訊息接口權限（未認證），只能在用戶來信時立即回覆。"
        "請完成微信認證，或設定 certified = false。",
        "en": "The account may not send customer service messages (it is not certified); it can only answer at once. "
        "Have it certified by WeChat, or set certified = false.",
    },
    "banned": {
        "zh-Hans": "消息发不出去：公众号被微信限制或封禁了接口。请到公众平台的通知中心查看原因并申诉。",
        "zh-Hant": "訊息發不出去：公眾號被微信限制或封禁了接口。請到公眾平台的通知中心查看原因並申訴。",
        "en": "Nothing can be sent: WeChat has restricted or banned the account. "
        "Its console (通知中心) says why and how to appeal.",
    },
    "daily_quota": {
        "zh-Hans": "公众号今天的接口调用次数已用完，消息要到明天才能发出。可到公众平台清零，或申请提高额度。",
        "zh-Hant": "公眾號今天的接口調用次數已用完，訊息要到明天才能發出。可到公眾平台清零，或申請提高額度。",
        "en": "The account has used up its API calls of today; messages go out tomorrow. "
        "Reset the count in the WeChat console, or ask WeChat for more.",
    },
}


def trouble(key: str, *, ip: str = "?") -> Trouble:
    return Trouble(key, {language: words.replace("{ip}", ip) for language, words in SAID[key].items()})
