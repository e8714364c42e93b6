"""What we say, as Weibo's calls. Pure.

Source: open.weibo.com/wiki: Send_Passive_Response_Message, Send_Customer_Service_Message, 2/comments/create,
2/comments/reply.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.messages import Outgoing
from bot.ports import Call

PRIVATE, PUBLIC = "private", "public"
MAX_TEXT, MAX_COMMENT = 299, 280
"""Characters: a private message must have fewer than 300. Half-widths: a comment has at most 140 汉字."""


def calls(outgoing: Outgoing) -> list[Call]:
    """The one call that says it."""
    if outgoing.public:
        said = {
            "thread": outgoing.thread or "",
            "to": outgoing.recipient,
            "comment": outgoing.text,
            "handle": outgoing.handle,
            "again": "" if outgoing.queued_at is None else outgoing.queued_at.isoformat(),
        }
        return [Call(PUBLIC, said, outgoing.key)]
    form = {"receiver_id": outgoing.recipient, "type": "text", "data": _data(outgoing.text)}
    return [Call(PRIVATE, form, outgoing.key)]


def passive(answer: Outgoing, push: Mapping[str, Any], sender: str, receiver: str) -> bytes:
    """The webhook answer that says it: to whoever wrote, from the account. `data` is URL-encoded JSON, in JSON."""
    told = {
        "result": True,
        "receiver_id": sender,
        "sender_id": receiver,
        "type": "text",
        "data": quote(_data(answer.text), safe=""),
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _data(text: str) -> str:
    return json.dumps({"text": text}, ensure_ascii=False)
