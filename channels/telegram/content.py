"""What a message carries, as a kind, words and files. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.messages import Attachment, Kind
from channels.telegram.fields import Json, called, number, part, word

BIGGEST = 20 * 2**20
"""Bytes of a file that the Bot API hands out."""
UNREADABLE = "[无法识别的消息]"
CLIPPED = 200
"""Characters of what is quoted."""


@dataclass(frozen=True, slots=True)
class Content:
    kind: Kind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def content(message: Json) -> Content:
    """The first thing in it that we know; what is new to us is for a person to judge."""
    for name, read in CONTENTS.items():
        if message.get(name):
            return read(message)
    return Content(Kind.OTHER, _caption(message) or UNREADABLE)


def _caption(message: Json) -> str:
    return word(message, "caption")


def _text(message: Json) -> Content:
    text = word(message, "text")
    return Content(Kind.TEXT, text) if text else Content(Kind.OTHER, UNREADABLE)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of file: what it is called where its sender gave it no name."""

    kind: Kind
    head: str
    name: str
    media_type: str


SORTS: Mapping[str, _Sort] = {
    "photo": _Sort(Kind.IMAGE, "图片", "photo.jpg", "image/jpeg"),
    "voice": _Sort(Kind.VOICE, "语音", "voice.ogg", "audio/ogg"),
    "audio": _Sort(Kind.VOICE, "音频", "audio.mp3", "audio/mpeg"),
    "video": _Sort(Kind.VIDEO, "视频", "video.mp4", "video/mp4"),
    "video_note": _Sort(Kind.VIDEO, "视频", "video.mp4", "video/mp4"),
    "animation": _Sort(Kind.VIDEO, "动图", "animation.mp4", "video/mp4"),
    "document": _Sort(Kind.FILE, "文件", "file", "application/octet-stream"),
}


def _file(sort: str) -> Callable[[Json], Content]:
    def read(message: Json) -> Content:
        about = _photo(message.get(sort)) if sort == "photo" else part(message, sort)
        return _filed(SORTS[sort], about, _caption(message))

    return read


def _filed(sort: _Sort, about: Json, caption: str) -> Content:
    size, source, name = number(about, "file_size"), word(about, "file_id"), word(about, "file_name") or sort.name
    if not source:
        return Content(Kind.OTHER, caption or f"[{sort.head}]")
    if size is not None and size > BIGGEST:
        told = f"[{sort.head} {name} {size / 2**20:.0f} MB：超过 20 MB，Telegram 不让机器人下载，请客户改发链接]"
        return Content(Kind.OTHER, "\n".join(filter(None, (caption, told))))
    media_type = word(about, "mime_type") or sort.media_type
    return Content(sort.kind, caption, (Attachment(sort.kind, name, media_type, size, source=source),))


def _photo(sizes: Any) -> Json:
    """The largest that we can be given."""
    known = [size for size in sizes if isinstance(size, Mapping)] if isinstance(sizes, list) else []
    small = [size for size in known if (number(size, "file_size") or 0) <= BIGGEST]
    return max(small or known, key=_area, default={})


def _area(size: Json) -> int:
    return (number(size, "width") or 0) * (number(size, "height") or 0)


def _sticker(message: Json) -> Content:
    """The emoji it stands for; its picture would say no more."""
    emoji = word(part(message, "sticker"), "emoji")
    return Content(Kind.STICKER, emoji or "[贴纸]")


def _place(message: Json) -> Content:
    venue = part(message, "venue")
    at = part(venue, "location") or part(message, "location")
    named = " ".join(filter(None, (word(venue, "title"), word(venue, "address"))))
    return Content(Kind.LOCATION, f"[位置] {named}（{word(at, 'latitude')}, {word(at, 'longitude')}）")


def _contact(message: Json) -> Content:
    card = part(message, "contact")
    return Content(Kind.OTHER, " ".join(filter(None, ("[名片]", called(card), word(card, "phone_number")))))


def _poll(message: Json) -> Content:
    poll = part(message, "poll")
    options = poll.get("options")
    known = [one for one in options if isinstance(one, Mapping)] if isinstance(options, list) else []
    lines = [f"- {word(one, 'text')}" for one in known]
    return Content(Kind.OTHER, "\n".join([f"[投票] {word(poll, 'question')}", *lines]))


def _dice(message: Json) -> Content:
    dice = part(message, "dice")
    return Content(Kind.OTHER, f"[{word(dice, 'emoji') or '骰子'}] {word(dice, 'value')}".rstrip())


def _named(words: str) -> Callable[[Json], Content]:
    return lambda message: Content(Kind.OTHER, words)


CONTENTS: Mapping[str, Callable[[Json], Content]] = {
    "text": _text,
    "animation": _file("animation"),  # stands before document, which Telegram adds to it
    **{sort: _file(sort) for sort in SORTS if sort != "animation"},
    "sticker": _sticker,
    "venue": _place,  # stands before location, likewise
    "location": _place,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "game": _named("[游戏]"),
    "story": _named("[动态]"),
    "invoice": _named("[账单]"),
    "paid_media": _named("[付费媒体]"),
    "checklist": _named("[清单]"),
}

SERVICE = frozenset(
    {
        "message_auto_delete_timer_changed",
        "pinned_message",
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "chat_background_set",
        "write_access_allowed",
        "boost_added",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
    }
)
"""What Telegram says in a chat, and nobody in it."""


def beside(message: Json) -> Sequence[str]:
    """What belongs to a message and is none of its own words: whose it was first, and what it answers."""
    told = []
    if origin := part(message, "forward_origin"):
        whose = called(part(origin, "sender_user")) or word(origin, "sender_user_name")
        whose = whose or called(part(origin, "sender_chat")) or called(part(origin, "chat"))
        told.append(f"客户转发了{f'“{whose}”的' if whose else '一条'}消息：")
    quoted = word(part(message, "quote"), "text") or _words(part(message, "reply_to_message"))
    if quoted:
        told.append(f"客户引用了：“{quoted[:CLIPPED]}{'…' if len(quoted) > CLIPPED else ''}”")
    return told


def _words(message: Json) -> str:
    if not message:
        return ""
    said = content(message)
    return said.text or next((f"[{SORTS[name].head}]" for name in SORTS if message.get(name)), "")
