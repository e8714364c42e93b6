"""Why no automatic answer may go out, in the words people are shown: by the rows of `autoreply`, and then by what only
whoever takes a mail in can see."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, Mapping[str, str]] = {
    "own": {
        "zh-Hans": "是我们自己发出的邮件",
        "zh-Hant": "是我們自己寄出的郵件",
        "en": "the mail is our own",
    },
    "delay": {
        "zh-Hans": "是投递延迟通知",
        "zh-Hant": "是投遞延遲通知",
        "en": "it reports that a mail of ours is delayed",
    },
    "bounce": {
        "zh-Hans": "是退信通知",
        "zh-Hant": "是退信通知",
        "en": "it reports that a mail of ours was not delivered",
    },
    "receipt": {
        "zh-Hans": "是阅读回执",
        "zh-Hant": "是讀取回條",
        "en": "it is a receipt",
    },
    "complaint": {
        "zh-Hans": "是垃圾邮件投诉报告",
        "zh-Hant": "是垃圾郵件檢舉報告",
        "en": "it reports a spam complaint",
    },
    "bounce_like": {
        "zh-Hans": "来自邮件系统，不接受回复",
        "zh-Hant": "來自郵件系統，不接受回覆",
        "en": "it comes from a mail system that takes no answers",
    },
    "auto_replied": {
        "zh-Hans": "是自动回复（Auto-Submitted）",
        "zh-Hant": "是自動回覆（Auto-Submitted）",
        "en": "it is an automatic reply (Auto-Submitted)",
    },
    "auto_generated": {
        "zh-Hans": "由程序自动发出（Auto-Submitted）",
        "zh-Hant": "由程式自動寄出（Auto-Submitted）",
        "en": "a program sent it (Auto-Submitted)",
    },
    "auto_header": {
        "zh-Hans": "是自动回复（邮件头注明）",
        "zh-Hant": "是自動回覆（郵件標頭註明）",
        "en": "its headers say it is an automatic reply",
    },
    "list": {
        "zh-Hans": "是群发或邮件列表",
        "zh-Hant": "是群發或郵寄清單",
        "en": "it is bulk mail or a mailing list's",
    },
    "auto_subject": {
        "zh-Hans": "主题表明是自动回复",
        "zh-Hant": "主旨表明是自動回覆",
        "en": "its subject is that of an automatic reply",
    },
    "suppressed": {
        "zh-Hans": "对方要求不要自动回复",
        "zh-Hant": "對方要求不要自動回覆",
        "en": "its sender wants no automatic answer",
    },
    "machine": {
        "zh-Hans": "发件地址不收回信",
        "zh-Hant": "寄件地址不收回信",
        "en": "nobody reads its sender's address",
    },
    "unnamed": {
        "zh-Hans": "收件人里没有我们（密送或转来）",
        "zh-Hant": "收件人裡沒有我們（密件副本或轉來）",
        "en": "it is not addressed to us (Bcc, or redirected)",
    },
    "suspicious": {
        "zh-Hans": "可疑：在垃圾箱里，或发件人未通过验证",
        "zh-Hant": "可疑：在垃圾信匣裡，或寄件人未通過驗證",
        "en": "it is suspicious: junk, or its sender failed authentication",
    },
    "nobody": {
        "zh-Hans": "没有可以回复的发件地址",
        "zh-Hant": "沒有可以回覆的寄件地址",
        "en": "it has no sender that could be answered",
    },
    "told_before": {
        "zh-Hans": "七天内已自动回复过这位客户",
        "zh-Hant": "七天內已自動回覆過這位客戶",
        "en": "this customer was answered automatically within the last seven days",
    },
    "breaker": {
        "zh-Hans": "自动邮件过多，已暂停",
        "zh-Hant": "自動郵件過多，已暫停",
        "en": "too many automatic mails went there; they are paused",
    },
    "stranger": {
        "zh-Hans": "来信人此前不在这个会话里",
        "zh-Hant": "來信人先前不在這個會話裡",
        "en": "its sender had no part in this conversation so far",
    },
    "unproven": {
        "zh-Hans": "回复的是写给坐席的通知，但不能证明是本人写的",
        "zh-Hant": "回覆的是寄給客服人員的通知，但無法證明是本人寫的",
        "en": "it answers a notification to an agent, and nobody vouches that he wrote it",
    },
    "duplicate": {
        "zh-Hans": "与已收到的邮件编号相同",
        "zh-Hant": "與已收到的郵件編號相同",
        "en": "it has the Message-ID of a mail that came before",
    },
    "history": {
        "zh-Hans": "是接入之前的旧邮件",
        "zh-Hant": "是接入之前的舊郵件",
        "en": "it lay there before the mailbox was connected",
    },
    "quarantine": {
        "zh-Hans": "邮件无法完整读取",
        "zh-Hant": "郵件無法完整讀取",
        "en": "the mail could not be read as a whole",
    },
}
