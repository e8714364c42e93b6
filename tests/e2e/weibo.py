"""A Weibo user and the account he writes to and about: the strict fake, and pushes to a real kefu."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import httpx

from channels.weibo.signing import signature
from tests.fakes.weibo import REPLY, SECRET, UID, Weibo
from tests.stories.serving import Kefu

NUMBERS = itertools.count(5_012_345_678_901_234)


def settings(fake: Weibo, **more: Any) -> dict[str, str]:
    """An inbox `weibo` of this account, beside the web chat."""
    told = {name.upper(): json.dumps(value) if not isinstance(value, str) else value
            for name, value in fake.options(**more).items()}  # fmt: skip
    return {"KEFU_INBOX_WEB_CHANNEL": "web", "KEFU_INBOX_WEIBO_CHANNEL": "weibo"} | {
        f"KEFU_INBOX_WEIBO_{name}": value for name, value in told.items()
    }


class Blogger:
    """Somebody on Weibo."""

    def __init__(self, kefu: Kefu, fake: Weibo, uid: str) -> None:
        self.fake, self.uid = fake, uid
        self._url = f"{kefu.url}/webhooks/weibo"

    def posts(self, text: str, passes_on: str = "0", **extra: Any) -> str:
        """He names the account in a post of his own, or passes one on; the post's number."""
        number = str(self.fake.post(self.uid, text, int(passes_on), **extra))
        return self._names("status", number, text)

    def comments(self, under: str, text: str, answers: str = "0") -> str:
        """He names it under somebody's post; the comment's number."""
        return self._names("comment", str(self.fake.comment(self.uid, int(under), text, int(answers))), text)

    def _names(self, what: str, number: str, text: str) -> str:
        self.fake.mention(self.uid)
        self.pushes("mention", text, {"subtype": what, "key": number})
        return number

    def says(self, text: str) -> None:
        """A private message."""
        self.fake.act(self.uid)
        self.pushes("text", text, {})

    def heard(self) -> list[str]:
        """What was said to him in private."""
        return [sent.text for sent in self.fake.sent if sent.to == self.uid and sent.path == REPLY]

    def pushes(self, kind: str, text: str, data: dict[str, str]) -> httpx.Response:
        stamp, nonce = str(int(time.time() * 1000)), str(next(NUMBERS))
        created = time.strftime("%a %b %d %H:%M:%S +0000 %Y", time.gmtime())
        body = {"type": kind, "receiver_id": int(UID), "sender_id": int(self.uid), "created_at": created, "text": text,
                "data": data}  # fmt: skip
        query = {"signature": signature(SECRET, stamp, nonce), "timestamp": stamp, "nonce": nonce}
        answer = httpx.post(self._url, params=query, content=json.dumps(body), timeout=20, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer
