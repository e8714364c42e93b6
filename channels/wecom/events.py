"""The events among the messages of sync_msg: who entered, what could not be sent, what was taken back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.messages import Delivery, Heard, Incoming, Kind, Recall, Report, Window
from channels.wecom import msgid

ENTERED = Window("enter", timedelta(seconds=20), 1)

FAILED: Mapping[int, str] = {
    0: "微信没有说明原因",
    1: "客服帐号已删除",
    2: "应用已关闭",
    4: "会话已超过 48 小时，客户再次发消息后才能回复",
    5: "会话已关闭，客户再次发消息后才能回复",
    6: "客户发消息后只能回复 5 条，已经用完",
    7: "未绑定视频号",
    8: "企业主体未认证",
    9: "未绑定视频号，且客户从视频号进入",
    10: "客户拒收了客服消息",
    11: "企业没有成员登录企业微信 App",
    12: "发送的消息类型被客服帐号禁止",
    13: "消息未通过安全检查",
}
"""What the fail_type of msg_send_fail means."""

SESSION: Mapping[int, str] = {
    1: "企业微信坐席 {new} 从接待池接入了会话",
    2: "会话由企业微信坐席 {old} 转给 {new}",
    3: "企业微信坐席 {old} 结束了会话",
    4: "企业微信坐席 {new} 重新接入了已结束的会话",
}

NOISE = frozenset({"servicer_status_change"})
"""Who is on duty in WeCom."""

Entry = Mapping[str, Any]


def read(entry: Entry, *, key: str, account: str, tag: str, welcome: bool) -> Heard | None:
    """What an event means to us; None for those nobody here has to know."""
    event = entry.get("event")
    if not isinstance(event, Mapping):
        return None
    match event.get("event_type"):
        case "msg_send_fail":
            return _failed(event, tag)
        case "user_recall_msg":
            taken = _text(event, "recall_msgid")
            return Recall(f"{account}:{taken}") if taken else None
    sender = _text(event, "external_userid") or _text(entry, "external_userid")
    told = Incoming(key, sender, _words(event), Kind.EVENT)
    if not sender or not told.text:
        return None
    return _entered(told, event, welcome) if event.get("event_type") == "enter_session" else told


def _entered(told: Incoming, event: Entry, welcome: bool) -> Incoming:
    code = _text(event, "welcome_code") if welcome else ""
    return Incoming(
        told.external_id,
        told.sender,
        told.text,
        Kind.EVENT,
        value="enter",
        handle=code,
        window=ENTERED if code else None,
    )


def _failed(event: Entry, tag: str) -> Report | None:
    """Only for what this installation sent."""
    key = msgid.key_of(_text(event, "fail_msgid"), tag)
    kind = event.get("fail_type")
    reason = FAILED.get(kind) if isinstance(kind, int) else None
    return Report(key, Delivery.FAILED, reason or f"微信没有送达（fail_type {kind}）") if key else None


def failed(told: Any, tag: str) -> list[str]:
    """The msgids in a `msg_list` which this installation sent, and which WeCom could not deliver."""
    events = [entry.get("event") for entry in told if isinstance(entry, Mapping)] if isinstance(told, list) else []
    ids = [_text(e, "fail_msgid") for e in events if isinstance(e, Mapping) and e.get("event_type") == "msg_send_fail"]
    return [msgid_ for msgid_ in ids if msgid_.startswith(tag)]


def _words(event: Entry) -> str:
    """What happened, in words; empty for what is not worth any."""
    agent = filter(None, [_text(event, "servicer_userid")])
    match event.get("event_type"):
        case "enter_session":
            scene = _text(event, "scene")
            return f"客户进入了会话（场景 {scene}）" if scene else "客户进入了会话"
        case "session_status_change":
            kind = event.get("change_type")
            old, new = _text(event, "old_servicer_userid"), _text(event, "new_servicer_userid")
            told = SESSION.get(kind, "") if isinstance(kind, int) else ""
            return " ".join(told.format(old=old, new=new).split())
        case "servicer_recall_msg":
            return " ".join(["企业微信坐席", *agent, "撤回了一条消息"])
        case "reject_customer_msg_switch_change":
            switch = "拒收" if event.get("reject_switch") == 1 else "恢复接收"
            return " ".join(["企业微信坐席", *agent, f"{switch}该客户的消息"])
        case str(name) if name and name not in NOISE:
            return f"微信客服事件：{name[:60]}"
    return ""


def _text(told: Entry, name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
