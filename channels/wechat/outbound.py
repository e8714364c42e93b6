"""What we say, as WeChat's calls. Pure.

A file of ours stands as {"file": key, "as": kind} where WeChat wants a media id; the channel uploads it. Of several
calls that say one message, all but the last have a key that ends in /1, /2, …, so that the channel can skip those
WeChat has already taken when the message is tried again.
Source: developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Call
from channels.wechat.inbound import UNNAMED, text
from channels.wechat.options import Notice

CUSTOM, TEMPLATE, SUBSCRIBE = "custom", "template", "subscribe"
THUMB = "thumb"
"""The picture every video gets: WeChat demands one, and we have none of the video's own."""
MAX_ID = 128
"""Bytes of a menu item's id. The documentation names no limit; this is WeCom's for the same thing."""
EXCERPT = 20
"""Characters a template's thing field may have."""


def calls(outgoing: Outgoing) -> list[Call]:
    """Pictures and files go first: their upload may fail, and what has been said would be said twice."""
    bodies = [_attachment(attachment) for attachment in outgoing.attachments]
    if outgoing.quick_replies:
        bodies.append(_menu(outgoing.text, outgoing.quick_replies))
    elif outgoing.text.strip() or not bodies:
        bodies.append({"msgtype": "text", "text": {"content": outgoing.text}})
    last = len(bodies) - 1
    return [
        Call(
            CUSTOM,
            {"touser": outgoing.recipient, **body},
            outgoing.key if n == last else f"{outgoing.key}/{n + 1}",
        )
        for n, body in enumerate(bodies)
    ]


def _menu(words: str, buttons: Sequence[QuickReply]) -> dict[str, Any]:
    """A tapped item comes back as text (its content) with its id."""
    items: dict[str, str] = {}
    for n, button in enumerate(buttons, 1):
        value = button.value
        unusable = not value or value.startswith(UNNAMED) or len(value.encode("utf-8", "replace")) > MAX_ID
        items[f"{UNNAMED}{n}" if unusable or value in items else value] = button.label
    listed = [{"id": id_, "content": label} for id_, label in items.items()]
    return {"msgtype": "msgmenu", "msgmenu": {"head_content": words, "list": listed, "tail_content": ""}}


def _attachment(attachment: Attachment) -> dict[str, Any]:
    if attachment.kind is Kind.LINK and attachment.url:
        article = {"title": attachment.name or attachment.url, "description": "", "url": attachment.url, "picurl": ""}
        return {"msgtype": "news", "news": {"articles": [article]}}
    kind = attachment.kind.value
    if attachment.key and attachment.kind is Kind.VIDEO:
        media = {"media_id": {"file": attachment.key, "as": kind}, "thumb_media_id": {"file": "", "as": THUMB}}
        return {"msgtype": kind, kind: {**media, "title": attachment.name, "description": ""}}
    if attachment.key and attachment.kind in (Kind.IMAGE, Kind.VOICE):
        return {"msgtype": kind, kind: {"media_id": {"file": attachment.key, "as": kind}}}
    return {"msgtype": "text", "text": {"content": "\n".join(filter(None, (attachment.name, attachment.url)))}}


def passive(answer: Outgoing, push: Mapping[str, Any], at: int) -> dict[str, Any]:
    """The webhook answer that says it: to whoever wrote, from the account he wrote to."""
    return {
        "ToUserName": text(push, "FromUserName"),
        "FromUserName": text(push, "ToUserName"),
        "CreateTime": at,
        "MsgType": "text",
        "Content": answer.text,
    }


def notice(waiting: Outgoing, notice: Notice) -> Call:
    """The call that tells a customer outside the reply window that something waits for him."""
    excerpt = _cut(" ".join(waiting.text.split()) or "…")
    said = {name: words.replace("{text}", excerpt) for name, words in notice.data.items()}
    data = {name: {"value": _cut(words) if name.startswith("thing") else words} for name, words in said.items()}
    params: dict[str, Any] = {"touser": waiting.recipient, "template_id": notice.template_id, "data": data}
    if notice.kind == SUBSCRIBE:
        link = {"page": notice.link} if notice.link else {}
        return Call(SUBSCRIBE, {**params, **link}, waiting.key)
    link = {"url": notice.link} if notice.link else {}
    # WeChat drops a second template message with the same client_msg_id.
    once = hashlib.sha256(waiting.key.encode()).hexdigest()[:32]
    return Call(TEMPLATE, {**params, **link, "client_msg_id": once}, waiting.key)


def _cut(words: str) -> str:
    return words if len(words) <= EXCERPT else words[: EXCERPT - 1] + "…"
