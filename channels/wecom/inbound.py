"""What a page of sync_msg holds, as the records every wing shares. Pure.

No shape of an entry may raise: the page would be fetched, and fail, for ever. What cannot be read but came from a
customer is kept raw (Kind.OTHER), so that a person sees it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.errors import PayloadError
from bot.messages import Attachment, Heard, Incoming, Kind, Window
from channels.wechat import codec
from channels.wecom import events

WINDOW = Window("message", timedelta(hours=48), 5)
CUSTOMER, SYSTEM, SERVICER = 3, 4, 5
BIGGEST = 16 * 2**20
"""Bytes of a recorded page; a thousand messages are a few hundred thousand."""
UNREADABLE = "[无法识别的消息]"

Entry = Mapping[str, Any]
Said = tuple[Kind, str, tuple[Attachment, ...]]


def read(told: Any, *, account: str, tag: str = "", welcome: bool = True) -> list[Heard]:
    """Everything in a `msg_list`, in its order. `tag` is in our own msgids; `welcome`: welcome codes may be used."""
    heard: list[Heard] = []
    for entry in told if isinstance(told, list) else ():
        if not isinstance(entry, Mapping):
            continue
        try:
            one = _entry(entry, account, tag, welcome)
        except Exception:  # whatever it is, the next page must come
            one = _raw(entry, account)
        if one is not None:
            heard.append(one)
    return heard


def reread(payload: bytes) -> list[Heard]:
    """A recorded answer of sync_msg, or one entry of its msg_list."""
    told = codec.read(payload, cap=BIGGEST)
    entries = told.get("msg_list", [told] if "msgtype" in told else None)
    if not isinstance(entries, list):
        raise PayloadError("a callback holds no message: record what sync_msg answers, an object with a msg_list")
    return [one for entry in entries for one in read([entry], account=_account(entry))]


def _account(entry: Any) -> str:
    """Whose entry it is; an event says so inside."""
    event = entry.get("event") if isinstance(entry, Mapping) else None
    around = [told for told in (entry, event) if isinstance(told, Mapping)]
    return next(filter(None, (_text(told, "open_kfid") for told in around)), "")


def named(heard: Sequence[Heard], names: Mapping[str, str]) -> list[Heard]:
    """The same, with the nicknames of those who are in `names`."""
    return [
        replace(one, sender_name=names[one.sender])
        if isinstance(one, Incoming) and not one.sender_name and names.get(one.sender)
        else one
        for one in heard
    ]


def _entry(entry: Entry, account: str, tag: str, welcome: bool) -> Heard | None:
    origin, kind = entry.get("origin"), entry.get("msgtype")
    if origin == SYSTEM or kind == "event":
        event = events.read(entry, key=_key(entry, account), account=account, tag=tag, welcome=welcome)
        return event if not isinstance(event, Incoming) else replace(event, sent_at=_at(entry), extra={"wecom": entry})
    sender = _text(entry, "external_userid")
    if not sender:
        return None
    said, text, attachments = _said(entry)
    told = Incoming(_key(entry, account), sender, text, said, attachments, sent_at=_at(entry), extra={"wecom": entry})
    if origin == CUSTOMER:
        return replace(told, value=_tapped(entry), window=WINDOW)
    return replace(told, kind=Kind.EVENT, text=f"{_speaker(entry)}：{text}", attachments=())


def _speaker(entry: Entry) -> str:
    """Who wrote what the customer did not: somebody in WeCom's own client, or something new."""
    if entry.get("origin") == SERVICER:
        return f"企业微信坐席 {_text(entry, 'servicer_userid')}".rstrip()
    return f"微信客服（来源 {entry.get('origin')}）"


def _raw(entry: Entry, account: str) -> Incoming | None:
    sender = entry.get("external_userid")
    if not isinstance(sender, str) or not sender or entry.get("origin") != CUSTOMER:
        return None
    raw = json.dumps(entry, default=repr)
    return Incoming(_key(entry, account), sender, UNREADABLE, Kind.OTHER, extra={"raw": raw}, window=WINDOW)


def _key(entry: Entry, account: str) -> str:
    """Unique for ever; an entry without an id has what it says for one."""
    msgid = entry.get("msgid")
    if not isinstance(msgid, str) or not msgid:
        msgid = "sha256-" + hashlib.sha256(json.dumps(entry, sort_keys=True, default=repr).encode()).hexdigest()
    return f"{account}:{msgid}"


def _at(entry: Entry) -> datetime | None:
    told = entry.get("send_time")
    try:
        return datetime.fromtimestamp(told, UTC) if isinstance(told, int) and told > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _tapped(entry: Entry) -> str | None:
    """The value of the button that was tapped."""
    return _text(_body(entry), "menu_id") or None if entry.get("msgtype") == "text" else None


def _body(entry: Entry) -> Entry:
    body = entry.get(str(entry.get("msgtype")))
    return body if isinstance(body, Mapping) else {}


def _text(told: Entry, name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _said(entry: Entry) -> Said:
    kind = str(entry.get("msgtype"))
    body = _body(entry)
    if kind == "text":
        content = body.get("content")
        return (Kind.TEXT, content, ()) if isinstance(content, str) else (Kind.OTHER, UNREADABLE, ())
    if kind in MEDIA:
        return _media(kind, body)
    if kind in OTHERS:
        known, head, write = OTHERS[kind]
        return known, f"[{head}] {write(body)}".rstrip(), ()
    return Kind.OTHER, UNREADABLE, ()


MEDIA: Mapping[str, tuple[Kind, str, str, str]] = {
    "image": (Kind.IMAGE, "图片", "image.jpg", "image/jpeg"),
    "voice": (Kind.VOICE, "语音", "voice.amr", "audio/amr"),
    "video": (Kind.VIDEO, "视频", "video.mp4", "video/mp4"),
    "file": (Kind.FILE, "文件", "file", "application/octet-stream"),
}
"""Until it is fetched, nobody knows the real name and type."""


def _media(kind: str, body: Entry) -> Said:
    known, head, name, media_type = MEDIA[kind]
    source = _text(body, "media_id")
    if not source:
        return Kind.OTHER, f"[{head}]", ()
    return known, "", (Attachment(known, name, media_type, source=source),)


def _fields(*names: str) -> Callable[[Entry], str]:
    return lambda body: " ".join(filter(None, (_text(body, name) for name in names)))


def _location(body: Entry) -> str:
    return f"{_fields('name', 'address')(body)} ({_text(body, 'latitude')}, {_text(body, 'longitude')})".lstrip()


def _link(body: Entry) -> str:
    return "\n".join(filter(None, (_text(body, name) for name in ("title", "desc", "url"))))


def _menu(body: Entry) -> str:
    lines = [_text(body, "head_content")]
    listed = body.get("list")
    for item in listed if isinstance(listed, list) else ():
        inner = item.get(item.get("type")) if isinstance(item, Mapping) else None
        lines.append(f"- {_text(inner, 'content')}" if isinstance(inner, Mapping) else "")
    return "\n".join(filter(None, [*lines, _text(body, "tail_content")]))


def _merged(body: Entry) -> str:
    lines = [_text(body, "title")]
    listed = body.get("item")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, Mapping):
            lines.append(f"{_text(item, 'sender_name')}: {_quoted(item)}")
    return "\n".join(filter(None, lines))


def _quoted(item: Entry) -> str:
    """What one of the forwarded messages says; its content is JSON in a text."""
    try:
        content = json.loads(_text(item, "msg_content"))
    except (ValueError, RecursionError):
        return f"[{_text(item, 'msgtype')}]"
    kind = _text(item, "msgtype")
    known = isinstance(content, Mapping) and isinstance(content.get(kind), Mapping)
    return _said({"msgtype": kind, kind: content[kind]})[1] if known else f"[{kind}]"


OTHERS: Mapping[str, tuple[Kind, str, Callable[[Entry], str]]] = {
    "location": (Kind.LOCATION, "位置", _location),
    "link": (Kind.LINK, "链接", _link),
    "business_card": (Kind.OTHER, "名片", _fields("userid")),
    "miniprogram": (Kind.OTHER, "小程序", _fields("title")),
    "msgmenu": (Kind.OTHER, "菜单", _menu),
    "channels_shop_product": (Kind.OTHER, "视频号商品", _fields("title", "sales_price", "shop_nickname", "product_id")),
    "channels_shop_order": (Kind.OTHER, "视频号订单", _fields("order_id", "product_titles", "price_wording", "state")),
    "merged_msg": (Kind.OTHER, "聊天记录", _merged),
    "channels": (Kind.OTHER, "视频号", _fields("nickname", "title")),
    "note": (Kind.OTHER, "笔记", _fields()),
}
