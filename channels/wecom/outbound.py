"""What we say, as calls of send_msg. Pure; `channel.send` adds the account, the tag of the msgid and the media ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Call, Measure
from channels.fit import numbered, split
from channels.wecom import msgid

MAX_TEXT = 2048
MAX_HEAD = 1024
MAX_LABEL = 128
MAX_BUTTONS = 10
LINK_LIMITS = (("title", 128), ("desc", 512), ("url", 2048))
"""Bytes of UTF-8."""

MEDIA: Mapping[Kind, str] = {Kind.IMAGE: "image", Kind.VOICE: "voice", Kind.VIDEO: "video", Kind.FILE: "file"}
PROMPT = {"zh-Hans": "请选择：", "zh-Hant": "請選擇：", "en": "Please choose:"}

Body = dict[str, Any]


def render(outgoing: Outgoing) -> list[Call]:
    """The calls that say it, in order: the text, the files, the buttons last.

    Their keys are the msgids without the tag. The first one uses the welcome code, if the message answers to one.
    """
    calls: list[Call] = []
    for body in _bodies(outgoing):
        number = len(calls) + 1
        key = msgid.part(outgoing.key, number, outgoing.recipient, repr(sorted(body.items())))
        calls.append(Call(_name(outgoing, body, number), {"touser": outgoing.recipient, **body}, key))
    if calls and calls[0].name == "welcome":
        calls[0] = replace(calls[0], params={**calls[0].params, "code": outgoing.handle})
    return calls


def _name(outgoing: Outgoing, body: Body, number: int) -> str:
    """A welcome code is good for one text or menu: the first, and not that of a later piece of a long message."""
    greets = outgoing.handle and number == 1 and "#" not in outgoing.key
    return "welcome" if greets and body["msgtype"] in ("text", "msgmenu") else "message"


def _bodies(outgoing: Outgoing) -> Iterator[Body]:
    text = "\n".join(filter(None, [outgoing.text, *map(_mention, outgoing.attachments)]))
    buttons = outgoing.quick_replies
    files = [body for body in map(_file, outgoing.attachments) if body]
    if buttons and not _fit_a_menu(buttons):
        text, buttons = numbered(text, buttons, outgoing.language), ()
    if not buttons:
        yield from map(_text, split(text, MAX_TEXT, Measure.UTF8_BYTES) if text else ())
        yield from files
        return
    if _size(text) > MAX_HEAD or files:
        yield from map(_text, split(text, MAX_TEXT, Measure.UTF8_BYTES) if text else ())
        text = PROMPT.get(outgoing.language or "zh-Hans", PROMPT["en"])
    yield from files
    yield _menu(text, buttons)


def _text(content: str) -> Body:
    return {"msgtype": "text", "text": {"content": content}}


def _menu(head: str, buttons: Sequence[QuickReply]) -> Body:
    listed = [{"type": "click", "click": {"id": b.value or b.label, "content": b.label}} for b in buttons]
    return {"msgtype": "msgmenu", "msgmenu": {**({"head_content": head} if head else {}), "list": listed}}


def _fit_a_menu(buttons: Sequence[QuickReply]) -> bool:
    longest = max(max(_size(b.label), _size(b.value)) for b in buttons)
    return len(buttons) <= MAX_BUTTONS and longest <= MAX_LABEL and all(b.label.strip() for b in buttons)


def _file(attachment: Attachment) -> Body | None:
    """A file we keep: uploaded when it is sent (`upload` names it). A link with a picture is a card."""
    if not attachment.key:
        return None
    if attachment.kind is Kind.LINK and attachment.url:
        card = {"title": attachment.name, "desc": "", "url": attachment.url}
        if card["title"] and all(_size(card[name]) <= most for name, most in LINK_LIMITS):
            return {"msgtype": "link", "link": card, "upload": attachment.key}
        return None
    kind = MEDIA.get(attachment.kind, "file")
    return {"msgtype": kind, kind: {}, "upload": attachment.key}


def _mention(attachment: Attachment) -> str:
    """What cannot go as a file goes as words."""
    if _file(attachment) or not (attachment.url or attachment.name):
        return ""
    return " ".join(filter(None, (attachment.name, attachment.url)))


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
