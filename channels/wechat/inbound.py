"""What WeChat tells us, read into Incoming. Pure.

Source: developers.weixin.qq.com/doc/service/guide/product/message (messages, events) and, for what an act lets us
write, …/api/customer/message/api_sendcustommessage.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import PayloadError
from bot.messages import Attachment, Forget, Incoming, Kind, Window
from channels.wechat.codec import read

Fields = Mapping[str, Any]

MESSAGE = Window("message", timedelta(hours=48), 5)
MENU = Window("menu", timedelta(minutes=1), 3)
FOLLOW = Window("follow", timedelta(minutes=1), 3)
SCAN = Window("scan", timedelta(minutes=1), 3)
LEFT = Window("unfollow", timedelta(), 0)

UNNAMED = "~"
"""Begins the id of a menu item whose own value could not be sent: its label says all."""
LATEST = 4_102_444_800
"""2100-01-01: a CreateTime beyond it is no time."""
RECORDED = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "MsgId", "Content", "Encrypt"})
"""What an Incoming says already."""
DROPPED = frozenset({"location", "masssendjobfinish", "publishjobfinish"})
"""Events no conversation needs: a position told every five seconds, and jobs of the account that no customer did."""

VOICES = {"amr": "audio/amr", "mp3": "audio/mpeg", "speex": "audio/speex"}


def messages(fields: Fields, *, on_unfollow: Forget = Forget.PROFILE) -> list[Incoming]:
    """One message or none. `on_unfollow`: what is forgotten of a user who leaves; WeChat's rules demand it."""
    sender, kind = text(fields, "FromUserName"), text(fields, "MsgType").strip().lower()
    if not sender or not kind:
        raise PayloadError("a push needs FromUserName and MsgType")
    return _event(fields, sender, on_unfollow) if kind == "event" else [_message(fields, sender, kind)]


def reread(payload: bytes) -> list[Incoming]:
    """A recorded push, as it was before it was sealed."""
    fields = read(payload)
    if "MsgType" not in fields and "Encrypt" in fields:
        raise PayloadError(
            "the push is encrypted, and only its inbox has the key. "
            'Record the request with its query, as {"method": "POST", "query": {…}, "body": "…"}, and use --inbox'
        )
    return messages(fields)


def text(fields: Any, *path: str) -> str:
    """A field as text, as JSON pushes have numbers where XML has text; "" where there is none."""
    for name in path:
        fields = fields.get(name) if isinstance(fields, Mapping) else None
    if isinstance(fields, bool) or not isinstance(fields, str | int | float):
        return ""
    return str(fields)


def listed(value: Any) -> list[Any]:
    """What may be repeated: nothing, one or several."""
    if isinstance(value, list):
        return value
    return [] if value in (None, "") else [value]


# ---- messages -------------------------------------------------------------------------------------------------------


def _message(fields: Fields, sender: str, kind: str) -> Incoming:
    made = MESSAGES.get(kind, _other)(fields)
    menu = text(fields, "bizmsgmenuid")
    return Incoming(
        external_id=f"m:{sender}:{text(fields, 'MsgId') or _digest(fields)}",
        sender=sender,
        text=made.text,
        kind=made.kind,
        attachments=made.attachments,
        value=menu if menu and not menu.startswith(UNNAMED) else None,
        sent_at=_sent_at(fields),
        extra=dict(fields) if made.kind is Kind.OTHER else _beyond(fields),
        window=MENU if menu else MESSAGE,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def _text(fields: Fields) -> _Made:
    return _Made(Kind.TEXT, text(fields, "Content"))


def _image(fields: Fields) -> _Made:
    url = text(fields, "PicUrl") or None
    return _Made(Kind.IMAGE, "", _file(fields, Kind.IMAGE, "image.jpg", "image/jpeg", url))


def _voice(fields: Fields) -> _Made:
    coding = text(fields, "Format").lower() or "amr"
    media_type = VOICES.get(coding, "application/octet-stream")
    name = f"voice.{coding}" if coding in VOICES else "voice"
    return _Made(Kind.VOICE, text(fields, "Recognition"), _file(fields, Kind.VOICE, name, media_type))


def _video(fields: Fields) -> _Made:
    return _Made(Kind.VIDEO, "", _file(fields, Kind.VIDEO, "video.mp4", "video/mp4"))


def _file(fields: Fields, kind: Kind, name: str, media_type: str, url: str | None = None) -> tuple[Attachment, ...]:
    source = text(fields, "MediaId")
    return (Attachment(kind, name, media_type, url=url, source=source),) if source or url else ()


def _location(fields: Fields) -> _Made:
    return _Made(Kind.LOCATION, _place(fields))


def _link(fields: Fields) -> _Made:
    return _Made(Kind.LINK, _lines(text(fields, name).strip() for name in ("Title", "Description", "Url")))


def _other(fields: Fields) -> _Made:
    """A mini program, a file (which cannot be fetched), a kind of tomorrow: for a person to judge, hence no text."""
    return _Made(Kind.OTHER)


MESSAGES: Mapping[str, Callable[[Fields], _Made]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
}


def _place(fields: Any) -> str:
    label, latitude, longitude = (text(fields, name).strip() for name in ("Label", "Location_X", "Location_Y"))
    at = f"（{latitude}, {longitude}）" if latitude and longitude else ""
    return f"[位置] {label}{at}"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if line)


# ---- events ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What an event means to us (`value` None: its EventKey), in words, and what it lets us write."""

    value: str | None
    said: Callable[[Fields], str]
    window: Window | None = None


def _event(fields: Fields, sender: str, on_unfollow: Forget) -> list[Incoming]:
    name = text(fields, "Event").strip().lower()
    if name in DROPPED:
        return []
    meaning = EVENTS.get(name) or _Meaning(name, lambda f: f"公众号事件：{text(f, 'Event')}")
    value = text(fields, "EventKey") if meaning.value is None else meaning.value
    if name in CHOICES:
        value = "notice_accepted" if _accepted(fields) else "notice_rejected"
    revoked = name == "user_authorization_revoke"
    key = text(fields, "EventKey") or text(fields, "MsgID") or _nested(fields, "MsgID")
    return [
        Incoming(
            external_id=f"e:{sender}:{text(fields, 'CreateTime')}:{name}:{key}",
            sender=sender,
            text=meaning.said(fields),
            kind=Kind.EVENT,
            value=value or name or None,
            sent_at=_sent_at(fields),
            extra=_beyond(fields),
            window=meaning.window,
            forget=on_unfollow if name == "unsubscribe" else Forget.PROFILE if revoked else None,
        )
    ]


def _followed(fields: Fields) -> str:
    before, code, scene = text(fields, "EventKey").partition("qrscene_")
    return f"扫描二维码「{scene}」关注了公众号" if code and not before else "关注了公众号"


def _pictures(fields: Fields) -> str:
    return f"从菜单「{text(fields, 'EventKey')}」发送了 {text(fields, 'SendPicsInfo', 'Count') or '若干'} 张图片"


def _scanned(fields: Fields) -> str:
    return f"从菜单「{text(fields, 'EventKey')}」扫码：{text(fields, 'ScanCodeInfo', 'ScanResult')}"


def _chosen(fields: Fields) -> str:
    return "同意接收订阅通知" if _accepted(fields) else "拒绝接收订阅通知"


def _arrived(fields: Fields) -> str:
    status = text(fields, "Status") or _nested(fields, "ErrorStatus")
    return "通知已送达" if status == "success" else f"通知未送达：{status or '未知'}"


def _key(words: str) -> Callable[[Fields], str]:
    return lambda fields: words.format(text(fields, "EventKey"))


def _words(words: str, *names: str) -> Callable[[Fields], str]:
    return lambda fields: words.format(*(text(fields, name) for name in names))


EVENTS: Mapping[str, _Meaning] = {
    "subscribe": _Meaning("follow", _followed, FOLLOW),
    "unsubscribe": _Meaning("unfollow", _words("取消关注了公众号"), LEFT),
    "scan": _Meaning("scan", _key("扫描了二维码「{}」"), SCAN),
    "click": _Meaning(None, _key("点击了菜单「{}」"), MENU),
    "view": _Meaning("view", _key("打开了菜单链接 {}")),
    "view_miniprogram": _Meaning("view_miniprogram", _key("打开了菜单小程序 {}")),
    "scancode_push": _Meaning(None, _scanned, MENU),
    "scancode_waitmsg": _Meaning(None, _scanned, MENU),
    **dict.fromkeys(("pic_sysphoto", "pic_photo_or_album", "pic_weixin"), _Meaning(None, _pictures)),
    "location_select": _Meaning(None, lambda f: f"选择了位置：{_place(f.get('SendLocationInfo'))}"),
    "templatesendjobfinish": _Meaning("notice_result", _arrived),
    "subscribe_msg_sent_event": _Meaning("notice_result", _arrived),
    **dict.fromkeys(("subscribe_msg_popup_event", "subscribe_msg_change_event"), _Meaning("", _chosen)),
    "kf_create_session": _Meaning("desk_open", _words("微信客服 {} 接入了会话", "KfAccount")),
    "kf_close_session": _Meaning("desk_close", _words("微信客服 {} 结束了会话", "KfAccount")),
    "kf_switch_session": _Meaning("desk_switch", _words("微信客服 {} 把会话转给了 {}", "FromKfAccount", "ToKfAccount")),
    "user_info_modified": _Meaning("profile_changed", _words("微信资料有变更")),
    "user_authorization_revoke": _Meaning("profile_revoked", _words("撤回了微信资料的授权")),
}
CHOICES = ("subscribe_msg_popup_event", "subscribe_msg_change_event")


def _items(fields: Fields) -> list[Any]:
    """The entries of a subscribe_msg event. XML repeats <List>; JSON has a list, under the same name."""
    around = (v for name, v in fields.items() if name.lower().startswith("subscribemsg") and isinstance(v, Mapping))
    return [item for outer in around for item in listed(outer.get("List"))]


def _accepted(fields: Fields) -> bool:
    return any(text(item, "SubscribeStatusString") == "accept" for item in _items(fields))


def _nested(fields: Fields, name: str) -> str:
    return ",".join(filter(None, (text(item, name) for item in _items(fields))))


# ---- both -----------------------------------------------------------------------------------------------------------


def _beyond(fields: Fields) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in RECORDED}


def _sent_at(fields: Fields) -> datetime | None:
    told = text(fields, "CreateTime").strip()
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) <= 10 else 0
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < LATEST else None


def _digest(fields: Fields) -> str:
    """Stands for a missing MsgId: the same over every delivery of the same push."""
    told = json.dumps({k: v for k, v in fields.items() if k != "Encrypt"}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]
