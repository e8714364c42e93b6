"""A conversation as a document: text to read in a terminal, HTML to print, JSON to work on. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from html import escape
from string import Template
from typing import Any

Messages = Sequence[Mapping[str, Any]]

WORDS = {
    "zh-Hans": {
        "title": "会话记录", "customer": "客户", "bot": "智能助手", "agent": "坐席", "system": "系统",
        "note": "内部备注", "attachment": "附件", "number": "会话", "channel": "渠道", "began": "开始",
        "status": "状态", "pending": "机器人接待中", "open": "人工处理中", "snoozed": "稍后处理", "resolved": "已解决",
        "failed": "发送失败", "unknown": "无法确认是否送达", "expired": "超过回复时限，未发送", "none": "没有消息",
        "in": "来电", "out": "去电", "missed": "未接来电", "logged": "电话记录 · {how} · 坐席 {agent} 记",
        "ui": "zh-Hans", "case": "投诉单", "registered": "已登记", "working": "处理中",
        "answered": "已答复", "closed": "已关闭",
    },
    "zh-Hant": {
        "title": "對話記錄", "customer": "客戶", "bot": "智慧助理", "agent": "客服人員", "system": "系統",
        "note": "內部備註", "attachment": "附件", "number": "對話", "channel": "管道", "began": "開始",
        "status": "狀態", "pending": "機器人接待中", "open": "真人客服處理中", "snoozed": "稍後處理",
        "resolved": "已解決", "failed": "傳送失敗", "unknown": "無法確認是否送達", "none": "沒有訊息",
        "in": "來電", "out": "去電", "missed": "未接來電", "logged": "電話記錄 · {how} · 客服人員 {agent} 記",
        "expired": "超過回覆時限，未傳送", "ui": "zh-Hant", "case": "客訴單", "registered": "已登記",
        "working": "處理中", "answered": "已答覆", "closed": "已結案",
    },
    "en": {
        "title": "Transcript", "customer": "Customer", "bot": "Assistant", "agent": "Agent", "system": "System",
        "note": "internal note", "attachment": "attachment", "number": "Conversation", "channel": "Channel",
        "began": "Began", "status": "Status", "pending": "with the bot", "open": "with people", "snoozed": "snoozed",
        "resolved": "resolved", "failed": "not sent", "unknown": "may not have arrived",
        "expired": "not sent: the reply window had closed", "none": "no messages", "ui": "en",
        "in": "incoming", "out": "outgoing", "missed": "missed", "logged": "call · {how} · logged by {agent}",
        "case": "Complaint case", "registered": "registered", "working": "in hand", "answered": "answered",
        "closed": "closed",
    },
}  # fmt: skip
FAULTS = ("failed", "unknown", "expired")

PAGE = Template("""<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; margin: 2rem auto;
  max-width: 46rem; padding: 0 1rem; color: #1a2030; background: #fff; }
h1 { font-size: 1.3rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, time, .fault { color: #586174; }
dd { margin: 0; }
ol { list-style: none; padding: 0; border-top: 1px solid #e4e7ed; }
li { padding: .6rem 0; border-bottom: 1px solid #e4e7ed; break-inside: avoid; }
li.note { background: #fff7db; padding-inline: .6rem; }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.by { font-weight: 600; }
time { font-size: .85rem; font-weight: 400; margin-inline-start: .6rem; }
.fault { color: #b3261e; font-size: .85rem; }
</style>
</head>
<body>
<h1>$title</h1>
<dl>
$facts
</dl>
<ol>
$messages
</ol>
</body>
</html>
""")


def render(
    head: Mapping[str, Any], messages: Messages, *, form: str = "text", language: str = "zh-Hans", zone: tzinfo = UTC
) -> str:
    """The document. `head` is the conversation's row as the desk lists it; `messages` are the data of its message
    events, oldest first. `form` is one of FORMATS; ValueError for any other."""
    if form not in FORMATS:
        raise ValueError(f"there is no format {form!r}; there are {', '.join(FORMATS)}")
    return FORMATS[form](head, messages, WORDS.get(language, WORDS["zh-Hans"]), zone)


def _text(head: Mapping[str, Any], messages: Messages, words: Mapping[str, str], zone: tzinfo) -> str:
    lines = [f"{name}: {value}" for name, value in _facts(head, words, zone)]
    lines.append("")
    for message in messages:
        indent = "\n    "
        body = indent.join(_body(message, words))
        lines.append(f"[{_at(message['at'], zone)}] {_speaker(message, words)}{indent}{body}")
        lines.extend(f"    ! {fault}" for fault in _faults(message, words))
    if not messages:
        lines.append(f"({words['none']})")
    return "\n".join(lines) + "\n"


def _html(head: Mapping[str, Any], messages: Messages, words: Mapping[str, str], zone: tzinfo) -> str:
    title = f"{words['title']} · {words['number']} {head['id']}"
    facts = (f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in _facts(head, words, zone))
    return PAGE.substitute(
        language=words["ui"],
        title=escape(title),
        facts="\n".join(facts),
        messages="\n".join(_item(message, words, zone) for message in messages) or f"<li>{escape(words['none'])}</li>",
    )


def _item(message: Mapping[str, Any], words: Mapping[str, str], zone: tzinfo) -> str:
    kind = "note" if message.get("note") else str(message["author"])
    faults = "".join(f'<p class="fault">{escape(fault)}</p>' for fault in _faults(message, words))
    return (
        f'<li class="{escape(kind)}"><p class="by">{escape(_speaker(message, words))}'
        f'<time datetime="{escape(message["at"])}">{_at(message["at"], zone)}</time></p>'
        f"<p>{escape(chr(10).join(_body(message, words)))}</p>{faults}</li>"
    )


def _json(head: Mapping[str, Any], messages: Messages, words: Mapping[str, str], zone: tzinfo) -> str:
    return json.dumps({"conversation": head, "messages": list(messages)}, ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Mapping[str, Any], Messages, Mapping[str, str], tzinfo], str]] = {
    "text": _text,
    "html": _html,
    "json": _json,
}


def _facts(head: Mapping[str, Any], words: Mapping[str, str], zone: tzinfo) -> list[tuple[str, str]]:
    return [
        (words["number"], str(head["id"])),
        (words["customer"], head["contact"]["name"] or "–"),
        (words["channel"], f"{head['channel']} ({head['inbox']})"),
        (words["status"], words.get(head["status"], head["status"])),
        (words["began"], _at(head["created_at"], zone)),
        *((words["case"], f"{case['number']} · {words[case['status']]}") for case in head.get("cases") or ()),
    ]


def _speaker(message: Mapping[str, Any], words: Mapping[str, str]) -> str:
    role = words.get(message["author"], message["author"])
    name = message.get("name") or ""
    who = f"{name} ({role})" if name and name != role else role
    if call := message.get("call"):
        how = words.get(call["direction"], call["direction"])
        return f"{who} · {words['logged'].format(how=how, agent=call['agent'])}"
    return f"{who} · {words['note']}" if message.get("note") else who


def _body(message: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    lines = message["text"].splitlines() if message["text"] else []
    for file in message.get("attachments") or ():
        lines.append(f"[{words['attachment']}] {file.get('name') or file.get('kind', '')}")
    if not lines:
        lines.append(f"[{message.get('kind') or 'other'}]")
    labels = [button["label"] for button in message.get("quick_replies") or ()]
    return [*lines, " | ".join(f"[{label}]" for label in labels)] if labels else lines


def _faults(message: Mapping[str, Any], words: Mapping[str, str]) -> list[str]:
    if message.get("delivery") not in FAULTS:
        return []
    why = message.get("error")
    return [f"{words[message['delivery']]}{f': {why}' if why else ''}"]


def _at(moment: str, zone: tzinfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
