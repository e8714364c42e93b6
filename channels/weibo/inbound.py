"""What Weibo pushes, read into Incoming. Pure.

Source: open.weibo.com/wiki: Receive_General_Message, 接收事件推送, Send_Customer_Service_Message (what an act lets us
write).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.errors import PayloadError
from bot.messages import Announced, Attachment, Incoming, Kind, Window
from channels.weibo.fields import data_of, ident, load, moment, text
from channels.weibo.places import link, thread

Push = Mapping[str, Any]

LEFT = Window("unfollow", timedelta(), 0)
STOCK = ("发了一张图片", "发了一个图片", "发了一个语音消息", "发了一段语音", "分享图片", "分享语音")
"""Words Weibo puts where the customer wrote none."""
LONGEST = 40
"""Characters of a time or a type: what is longer is none, and an id has to fit into an index."""
MOST_KEY = 200
"""Characters of a menu's or code's key."""
WORDS = 2_000
"""Characters of a push that are kept of a kind we do not know."""


@dataclass(frozen=True, slots=True)
class Happened:
    """What an event means to us, in words, and whether it lets us write. `wakes`: it may be answered."""

    value: str
    words: str
    opens: bool = True
    wakes: bool = True


EVENTS: Mapping[str, Happened] = {
    "follow": Happened("follow", "关注了微博账号"),
    "scan_follow": Happened("follow", "扫描二维码「{key}」关注了微博账号"),
    "subscribe": Happened("subscribe", "订阅了私信"),
    "scan": Happened("scan", "扫描了二维码「{key}」"),
    "click": Happened("", "点击了菜单「{key}」"),
    "view": Happened("view", "打开了菜单链接 {key}"),
    "unfollow": Happened("unfollow", "取消关注了微博账号", opens=False, wakes=False),
    "unsubscribe": Happened("unsubscribe", "退订了私信", opens=False, wakes=False),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an act of a customer's lets us write: `messages` (None: any number) within `lasts`."""

    lasts: timedelta = timedelta(hours=48)
    messages: int | None = None

    def window(self, act: str) -> Window:
        return Window(act, self.lasts, self.messages)


USUAL = Allowed()


def messages(push: Push, *, own: str = "", allowed: Allowed = USUAL) -> list[Incoming]:
    """What a push says, none for what is of no interest. `own`: the account's number, whose words are not a
    customer's. PayloadError if it is no push."""
    sender, kind = ident(push, "sender_id"), text(push, "type").strip().lower()
    if not sender or not kind:
        raise PayloadError("a push needs sender_id and type")
    if sender == own:
        return []
    if kind == "event":
        return _event(push, sender, allowed)
    if kind == "mention":
        return _mention(push, sender, allowed)
    return [_message(push, sender, kind, allowed)]


def reread(payload: bytes) -> list[Incoming]:
    """A recorded push."""
    return messages(load(payload))


def key(push: Push, sender: str, kind: str) -> str:
    """What a message is known by: Weibo gives it no id (but an old way of delivery does), and a second is long enough
    for two different ones."""
    if known := ident(push, "id"):
        return f"m:{known}"
    data = push.get("data")
    said = text(push, "text") + (data if isinstance(data, str) else json.dumps(data or {}, sort_keys=True))
    digest = hashlib.sha1(said.encode("utf-8", "replace")).hexdigest()  # noqa: S324 (an id, not a secret)
    return f"p:{sender}:{text(push, 'created_at')[:LONGEST]}:{kind[:LONGEST]}:{digest}"


# ---- private ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Made:
    kind: Kind
    text: str
    attachments: tuple[Attachment, ...] = ()


def _message(push: Push, sender: str, kind: str, allowed: Allowed) -> Incoming:
    made = MESSAGES.get(kind, _other)(push)
    return Incoming(
        external_id=key(push, sender, kind),
        sender=sender,
        text=made.text,
        kind=made.kind,
        attachments=made.attachments,
        sent_at=moment(text(push, "created_at")),
        extra=_kept(push) if made.kind is Kind.OTHER else {},
        window=allowed.window("message"),
    )


def _text(push: Push) -> _Made:
    return _Made(Kind.TEXT, text(push, "text"))


def _image(push: Push) -> _Made:
    return _Made(Kind.IMAGE, _words(push), _file(push, Kind.IMAGE, "image.jpg", "image/jpeg"))


def _voice(push: Push) -> _Made:
    return _Made(Kind.VOICE, _words(push), _file(push, Kind.VOICE, "voice.amr", "audio/amr"))


def _position(push: Push) -> _Made:
    data = data_of(push)
    latitude, longitude = text(data, "latitude"), text(data, "longitude")
    at = f"（{latitude}, {longitude}）" if latitude and longitude else ""
    return _Made(Kind.LOCATION, f"[位置] {text(push, 'text').strip()}{at}")


def _other(push: Push) -> _Made:
    """A kind of tomorrow: for a person to judge."""
    return _Made(Kind.OTHER, text(push, "text"))


MESSAGES: Mapping[str, Callable[[Push], _Made]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "position": _position,
}


def _words(push: Push) -> str:
    said = text(push, "text").strip()
    return "" if said in STOCK else said


def _file(push: Push, kind: Kind, name: str, media_type: str) -> tuple[Attachment, ...]:
    """The receiver fetches `tovfid`; `vfid` is the sender's."""
    source = ident(data_of(push), "tovfid")
    return (Attachment(kind, name, media_type, source=source),) if source else ()


def _kept(push: Push) -> dict[str, Any]:
    """The push as it came, unless somebody made it very long."""
    whole = json.dumps(push, ensure_ascii=False, default=str)
    return dict(push) if len(whole) <= WORDS else {"push": whole[:WORDS]}


# ---- events -------------------------------------------------------------------------------------------------------


def _event(push: Push, sender: str, allowed: Allowed) -> list[Incoming]:
    data = data_of(push)
    name, told = text(data, "subtype").strip().lower(), text(data, "key")[:MOST_KEY]
    happened = EVENTS.get(name)
    if happened is None:
        return []
    said = text(push, "text").strip()
    keyword = name in ("subscribe", "unsubscribe") and said and not said.endswith("事件消息")
    return [
        Incoming(
            external_id=f"e:{key(push, sender, name)}",
            sender=sender,
            text=happened.words.format(key=told) + (f"（{said[:MOST_KEY]}）" if keyword else ""),
            kind=Kind.EVENT,
            value=happened.value or told or name,
            sent_at=moment(text(push, "created_at")),
            extra={"key": told} if told else {},
            window=allowed.window(name) if happened.opens else LEFT,
            wakes=happened.wakes,
        )
    ]


def _mention(push: Push, sender: str, allowed: Allowed) -> list[Incoming]:
    """Somebody named the account in public: a public message, and the one private one that this lets us write."""
    data = data_of(push)
    what, number = text(data, "subtype").strip().lower(), ident(data, "key")
    if what not in ("status", "comment") or not number:
        return []
    at = moment(text(push, "created_at"))
    said = named(what, number, sender, text(push, "text"), at)
    # The words are kept with it too: the public message may have to be looked up before it can be kept.
    once = replace(mentioned(said.external_id, sender, at, allowed.lasts), extra={"said": said.text[:WORDS]})
    # The last one is public, and no webhook waits for an answer to that.
    return [once, said]


def again(announced: Announced) -> Incoming | None:
    """The public message that an event of `_mention` announced, as its push told it."""
    what, _, number = announced.external_id.partition(":")
    words = text(announced.extra, "said")
    if what not in ("status", "comment") or not number.isdigit() or not words:
        return None
    return named(what, number, announced.sender, words, announced.at)


def named(what: str, number: str, sender: str, words: str, at: datetime | None) -> Incoming:
    """Somebody's public words, as far as a push tells of them."""
    # Under which post a comment stands is not told.
    root = number if what == "status" else ""
    return Incoming(
        external_id=f"{what}:{number}",
        sender=sender,
        text=words,
        thread=thread(root or f"c{number}", sender),
        sent_at=at,
        handle=f"{what}:{number}",
        extra={
            "public": {
                "kind": what,
                "id": number,
                "root": root,
                "link": link(sender, root),
                "author": {"name": "", "followers": 0, "verified": False, "description": ""},
                "around": [],
                "long": False,
                "deleted": False,
            }
        },
        public=True,
    )


MENTION = "mention:"
"""Begins the id of the event; the rest is that of the public message."""


def mentioned(what: str, sender: str, at: datetime | None, lasts: timedelta) -> Incoming:
    """That he named us in public lets us write to him once in private. `what`: the external id of where he did."""
    return Incoming(
        external_id=f"{MENTION}{what}",
        sender=sender,
        text="在微博上公开提到了我们，可以给他发一条私信",
        kind=Kind.EVENT,
        value="mention",
        sent_at=at,
        window=Window("mention", lasts, 1),
        wakes=False,
    )
