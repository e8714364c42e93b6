"""Networks that push to us what customers write, and take what we send them: each around the servers under test."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol
from urllib.parse import parse_qs

from tests.crash.inboxes import ACCOUNTS, CERTIFIED, PRIVATE, UNCERTIFIED
from tests.fakes import inbound, weibo_pushes
from tests.fakes.pushes import Pushes, Sender
from tests.fakes.server import Answer, Call, Fake, Refusal
from tests.fakes.wechat import SEND, WeChat
from tests.fakes.weibo import REPLY, SECRET, UID, Weibo
from tests.fakes.wording import Fields

Moods = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Try:
    """A call that would say something: when it came, and `errcode` 0 if the network took it."""

    to: str
    text: str
    at: float
    errcode: int = 0


class Line(Protocol):
    """A network: its name (`tests.crash.inboxes`) and its inboxes, of which the first may write of its own accord.

    `grants`: how many messages of ours a customer's act allows, None for any number; `spent` is how it refuses more.
    """

    name: str
    inboxes: Sequence[str]
    grants: int | None
    spent: int

    def api(self) -> Fake: ...
    def customer(self, inbox: str, n: int) -> str: ...
    def pushes(self, inbox: str) -> Sender: ...
    def text(self, sender: str, words: str) -> Fields: ...
    def acts(self, api: Any, inbox: str, sender: str) -> None:
        """He writes: the API knows that he may be answered."""

    def tries(self, api: Any) -> Sequence[Try]:
        """Every message the API was asked to send, and answered by its own rules."""

    def mood(self, api: Any, random: Random) -> None:
        """Something goes wrong once."""


async def moody(line: Line, api: Fake, random: Random, until: asyncio.Event) -> None:
    """Until the event, one call in a while goes wrong."""
    while not until.is_set():
        await asyncio.sleep(random.uniform(0.05, 0.5))
        line.mood(api, random)
    api.end_troubles()


# ---- WeChat ---------------------------------------------------------------------------------------------------------


class WeChatApi(WeChat):
    """The strict fake, which remembers what it was asked."""

    def __init__(self, **options: Any) -> None:
        self.tries: list[Try] = []
        super().__init__(**options)

    def _send(self, call: Call) -> Answer:
        told = json.loads(call.body)
        to, text = told["touser"], told.get("text", {}).get("content", "")
        try:
            answer = super()._send(call)
        except Refusal as refusal:
            self.tries.append(Try(to, text, time.time(), refusal.code))
            raise
        self.tries.append(Try(to, text, time.time()))
        return answer


class OnWeChat:
    """Two accounts: one may write of its own accord, the other only answers. Tokens die now and then."""

    name = "wechat"
    inboxes: Sequence[str] = (CERTIFIED, UNCERTIFIED)
    grants: int | None = 5
    spent = 45047
    moods: Moods = (
        {"errcode": -1}, {"errcode": 45015}, {"errcode": 45047}, {"status": 500}, {"hang": 1.5}, {"cut": True},
    )  # fmt: skip

    def api(self) -> WeChatApi:
        return WeChatApi()

    def customer(self, inbox: str, n: int) -> str:
        return f"{inbox}-{n}"

    def pushes(self, inbox: str) -> Sender:
        return Pushes(ACCOUNTS[inbox])

    def text(self, sender: str, words: str) -> Fields:
        return inbound.text(sender, words)

    def acts(self, api: WeChatApi, inbox: str, sender: str) -> None:
        if inbox == CERTIFIED:
            api.write(sender)

    def tries(self, api: WeChatApi) -> Sequence[Try]:
        return api.tries

    def mood(self, api: WeChatApi, random: Random) -> None:
        if random.random() < 0.15:
            random.choice((api.expire_tokens, api.revoke_tokens))()
        else:
            api.trouble(SEND, **random.choice(self.moods))


# ---- Weibo ----------------------------------------------------------------------------------------------------------


class WeiboApi(Weibo):
    """The strict fake, which remembers what it was asked."""

    def __init__(self, **options: Any) -> None:
        self.tries: list[Try] = []
        super().__init__(**options)

    def _reply(self, call: Call) -> Answer:
        told = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        to, text = told["receiver_id"], json.loads(told["data"])["text"]
        try:
            answer = super()._reply(call)
        except Refusal as refusal:
            self.tries.append(Try(to, text, time.time(), refusal.code))
            raise
        self.tries.append(Try(to, text, time.time()))
        return answer


class OnWeibo:
    """Private messages of one account: pushes without an id, and any number of answers for two days."""

    name = "weibo-private"
    inboxes: Sequence[str] = (PRIVATE,)
    grants: int | None = None
    spent = 26403
    moods: Moods = (
        {"errcode": 10009}, {"errcode": 10001}, {"errcode": 26403}, {"status": 500}, {"hang": 1.5},
        {"cut": True},
    )  # fmt: skip

    def api(self) -> WeiboApi:
        return WeiboApi()

    def customer(self, inbox: str, n: int) -> str:
        return str(2_000_000_001 + n)

    def pushes(self, inbox: str) -> Sender:
        return weibo_pushes.WeiboPushes(UID, SECRET)

    def text(self, sender: str, words: str) -> Fields:
        return weibo_pushes.text(sender, words)

    def acts(self, api: WeiboApi, inbox: str, sender: str) -> None:
        api.act(sender)

    def tries(self, api: WeiboApi) -> Sequence[Try]:
        return api.tries

    def mood(self, api: WeiboApi, random: Random) -> None:
        api.trouble(REPLY, **random.choice(self.moods))
