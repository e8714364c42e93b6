"""How Chinese mail programs set off what they quote: QQ, NetEase (163, 126, 邮箱大师), Coremail, Alimail, Foxmail,
Outlook, Gmail, Apple Mail, Thunderbird, Google Groups and phones, in both scripts. Patterns are matched against a line
whose spaces of all kinds are plain ones."""

from __future__ import annotations

import re

RULE = r"[-—_=－*]{2,40} ?"
REPLIED = re.compile(
    rf"{RULE}(?:原始邮件|原始郵件|回复的原邮件|回覆的原郵件|原邮件|邮件原件|郵件原件|"
    rf"原始信件|原始訊息|原始消息|原信|邮件原文|原文|原邮件信息) ?{RULE}$"
)
FORWARDED = re.compile(
    rf"{RULE}(?:转发的?邮件(?:信息)?|轉寄的?郵件|轉寄訊息|轉發的?郵件|已转发邮件|转发信息) ?{RULE}$"
    r"|(?:开始转发的?邮件|開始轉寄郵件|下面是被转发的邮件|以下是转发的?邮件|轉寄的郵件|被转发邮件) ?[:：]$"
)

SAID = r"(?:写道|寫道|写到|來信|编写|撰寫)"
START = r"(?:在|於|于)"

LABELS = {
    "from": "发件人 寄件者 寄件人 發件人 发信人 寄信人",
    "date": "发送时间 发送日期 发件时间 日期 时间 已发送 发送 "
    "寄件日期 已傳送 傳送 傳送時間 發送時間 發送日期 傳送日期 寄件時間",
    "to": "收件人 收件者 收信人",
    "cc": "抄送 抄送人 副本 副本抄送",
    "subject": "主题 主旨 主題 标题",
}

DEVICE = (
    r"(?:iPhone|iPad|iOS|Mac|安卓|Android|HarmonyOS|鸿蒙|华为|華為|HUAWEI|荣耀|HONOR|"
    r"小米|Xiaomi|Redmi|红米|OPPO|vivo|一加|"
    r"OnePlus|realme|真我|三星|Samsung|魅族|联想|中兴|努比亚|索尼|手机|手機|平板|"
    r"网易|163|126|QQ ?邮箱|QQ ?mail|新浪|搜狐|139|"
    r"阿里|Outlook|Foxmail|Windows|Gmail|Yahoo|钉钉|飞书|企业微信|微信|Spark|Coremail)"
)
FOOTERS = (
    re.compile(rf"[(（\[<]?(?:发自|發自|寄自|来自|來自)(?:我的?)? ?{DEVICE}[^，。！？,!?]{{0,40}}$", re.IGNORECASE),
    re.compile(r"[(（\[<]?(?:发自|發自)我的 ?[^，。！？,!? ]{1,20}$"),
    re.compile(rf"(?:从|從|自|由|用|使用|通过|透過)(?:我的)? ?{DEVICE}[^，。！？,!?]{{0,30}}"
               r"(?:发送|傳送|发出|寄出|發送)。?$", re.IGNORECASE),
    re.compile(r"(?:获取|獲取|下载|取得)(?:适用于|適用於)? ?(?:iOS|Android|Mac|Outlook).{0,20}"
               r"(?:Outlook|iOS|Android|Mac)(?: 版)?(?: ?[<(]https?:.{1,80})?$", re.IGNORECASE),
    re.compile(r"(?:签名由|簽名由) ?.{2,20} ?定制$"),
)  # fmt: skip
"""Lines a program adds below a text."""
