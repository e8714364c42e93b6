"""What Weibo's 粉丝服务 pushes to our webhook, signed, and what the customer sees of our answer.

Shares no line with the product. `Pusher` delivers them: five seconds, three times.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote

from tests.fakes.passive import Fault, Reply, demand
from tests.fakes.pushes import Push
from tests.fakes.wording import Fields

CHINA = timezone(timedelta(hours=8))
SAFE = re.compile(r"(?:[A-Za-z0-9_.~*+-]|%[0-9A-Fa-f]{2})*")
ANSWER = {"result", "receiver_id", "sender_id", "type", "data"}


class WeiboPushes:
    """The account `uid` of an app with this secret. `seconds`: the timestamp counts seconds, not milliseconds."""

    def __init__(self, uid: str, secret: str, clock: Callable[[], float] = time.time, *, seconds: bool = False) -> None:
        self.uid, self.secret, self._clock, self._seconds = uid, secret, clock, seconds

    def verification(self, echo: str | None = None) -> tuple[Push, str]:
        told = secrets.token_hex(5) if echo is None else echo
        return Push({**self.signed(), "echostr": told}, b"", {}), told

    def complete(self, fields: Fields) -> Fields:
        at = datetime.fromtimestamp(self._clock(), CHINA).strftime("%a %b %d %H:%M:%S %z %Y")
        return {"receiver_id": int(self.uid), "created_at": at, "data": {}, **fields}

    def push(self, fields: Fields) -> Push:
        body = json.dumps(self.complete(fields), ensure_ascii=False).encode()
        return Push(self.signed(), body, {"Content-Type": "application/json"})

    def read(self, fields: Fields, status: int, body: bytes) -> Reply | None:
        """A Reply, or None if there is nothing to see; a Fault for what Weibo would not understand."""
        demand(status == 200, f"HTTP {status}")
        if not body:
            return None
        told = json.loads(body)
        demand(set(told) == ANSWER, f"the answer has {sorted(told)}")
        demand(told["result"] is True and told["type"] == "text", f"the answer is {told}")
        demand(told["receiver_id"] == str(fields["sender_id"]), "the receiver is not who wrote")
        demand(told["sender_id"] == str(fields.get("receiver_id", self.uid)), "the sender is not the account")
        demand(bool(SAFE.fullmatch(told["data"])), "data is not URL-encoded")
        data = json.loads(unquote(told["data"], errors="strict"))
        demand(set(data) == {"text"} and 0 < len(data["text"]) < 300, f"data is {data}")
        return Reply("text", {"Content": data["text"]})

    def signed(self) -> dict[str, str]:
        stamp = str(int(self._clock() * (1 if self._seconds else 1000)))
        nonce = str(secrets.randbelow(10**8))
        joined = "".join(sorted((self.secret, stamp, nonce))).encode()
        return {"signature": hashlib.sha1(joined).hexdigest(), "timestamp": stamp, "nonce": nonce}


def message(sender: str, kind: str, text: str, **data: Any) -> Fields:
    return {"type": kind, "sender_id": int(sender), "text": text, "data": data}


def text(sender: str, words: str) -> Fields:
    return message(sender, "text", words)


def image(sender: str, fid: str) -> Fields:
    return message(sender, "image", "发了一张图片", vfid=int(fid) - 10, tovfid=int(fid))


def voice(sender: str, fid: str) -> Fields:
    return message(sender, "voice", "发了一个语音消息", vfid=int(fid) - 10, tovfid=int(fid))


def event(sender: str, subtype: str, words: str = "关注事件消息", **data: Any) -> Fields:
    return message(sender, "event", words, subtype=subtype, **data)


def mention(sender: str, what: str, number: str, words: str) -> Fields:
    """`what`: status or comment; `number`: its id."""
    return message(sender, "mention", words, subtype=what, key=number)


__all__ = ["Fault", "WeiboPushes", "event", "image", "mention", "message", "text", "voice"]
