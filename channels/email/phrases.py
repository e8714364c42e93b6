"""What stands around the words of a mail of ours, by language. {number}: the conversation's, as in the subject."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
PHRASES: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "automatic": "这是系统自动发出的邮件。您的来信编号是 {number}，直接回复本邮件即可补充，不用另写一封。",
        "person": "您的来信编号是 {number}。直接回复本邮件即可继续沟通，无需更改主题。",
        "signed": "{agent}（工号 {id}）",
        "wrote": "在 {at}，{who} 写道：",
        "link": "附件 {name}：{url}",
        "subject": "您的来信",
        "shortened": "（以下从略）",
    },
    "zh-Hant": {
        "automatic": "這是系統自動寄出的郵件。您的來信編號是 {number}，直接回覆這封信即可補充，不必另寫一封。",
        "person": "您的來信編號是 {number}。直接回覆這封信即可繼續聯絡，不必更改主旨。",
        "signed": "{agent}（工號 {id}）",
        "wrote": "於 {at}，{who} 寫道：",
        "link": "附件 {name}：{url}",
        "subject": "您的來信",
        "shortened": "（以下從略）",
    },
    "en": {
        "automatic": "This mail was sent automatically. Your request has the number {number}; "
        "simply answer this mail to add something, there is no need to write a new one.",
        "person": "Your request has the number {number}. Simply answer this mail and leave its subject as it is.",
        "signed": "{agent} (agent {id})",
        "wrote": "On {at}, {who} wrote:",
        "link": "Attachment {name}: {url}",
        "subject": "your message",
        "shortened": "(shortened)",
    },
}


def language(known: str | None, said: str) -> str:
    """The language to write in: the customer's, else that of the words themselves."""
    if known and known in PHRASES:
        return known
    return "zh-Hans" if any("\u4e00" <= char <= "\u9fff" for char in said) else "en"
