"""A kefu that serves WeChat and WeCom: the strict fakes on the other side, the customers there, and what agents see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.fakes import inbound
from tests.fakes.passive import Reply
from tests.fakes.pusher import Delivery, Pusher
from tests.fakes.pushes import Account, Mode, Pushes, WeComPushes, Wording, kf_event
from tests.fakes.wechat import SECRET, WeChat
from tests.fakes.wecom import CORPID, OPEN_KFID, WeCom
from tests.fakes.wecom import SECRET as KF_SECRET
from tests.fakes.wording import Fields
from tests.stories.people import COUNT, PATIENCE, Agent, Frame
from tests.stories.serving import Kefu

T = TypeVar("T")
ACCOUNT = Account()
KF_ACCOUNT = Account(receiver=CORPID)
MODES = {f"oa-{mode}-{wording}": (mode, wording) for mode in Mode for wording in Wording}
"""An inbox for each way a console may be set: 消息加解密方式 × 数据格式."""
OA, SMALL, KF = "oa-safe-xml", "small", "kf"
"""The inboxes most stories are about: a certified account, one that is not, and one of WeCom."""

Known = Callable[[], Awaitable[T | None]]


async def until(look: Known[T], what: str, within: float = PATIENCE) -> T:
    """What `look` finds, once it finds anything."""
    try:
        async with asyncio.timeout(within):
            while not (found := await look()):
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"this never came about: {what}") from None


async def shown(look: Callable[[], T | None], what: str, within: float = PATIENCE) -> T:
    """The same for what can be seen without asking anybody."""

    async def seen() -> T | None:
        return look()

    return await until(seen, what, within)


def inbox(name: str, channel: str, **options: Any) -> str:
    """The block of a settings file."""
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in options.items()]
    return "\n".join(["[[inbox]]", f'name = "{name}"', f'channel = "{channel}"', *lines, ""])


def oa(name: str, api: str, mode: Mode = Mode.SAFE, **options: Any) -> str:
    """The block of an Official Account."""
    sealed = {} if mode is Mode.PLAIN else {"aes_key": ACCOUNT.aes_key, "mode": mode.value}
    basis = {"app_id": ACCOUNT.receiver, "app_secret": SECRET, "token": ACCOUNT.token, "api_base": api}
    return inbox(name, "wechat", **basis, **sealed, **options)


def kf(name: str, api: str, **options: Any) -> str:
    """The block of a WeCom account."""
    basis = {
        "corp_id": CORPID, "open_kfid": OPEN_KFID, "secret": KF_SECRET, "token": KF_ACCOUNT.token,
        "aes_key": KF_ACCOUNT.aes_key, "api_base": api,
    }  # fmt: skip
    return inbox(name, "wecom", **basis, **options)


@dataclass(frozen=True, slots=True)
class Networks:
    """One kefu and the networks it speaks to: `wechat` a certified account, `small` one that is not, `wecom`."""

    kefu: Kefu
    wechat: WeChat
    small: WeChat
    wecom: WeCom


@contextmanager
def networks(folder: Path, **options: Any) -> Iterator[Networks]:
    """The fakes at work, and a kefu that is set up for them by its kefu.toml; not started yet."""
    with ExitStack() as running:
        wechat, small = running.enter_context(WeChat()), running.enter_context(WeChat(certified=False))
        wecom = running.enter_context(WeCom(tokenless_per_minute=10_000))
        blocks = [inbox("web", "web")]
        blocks += [oa(name, wechat.url, mode) for name, (mode, _) in MODES.items()]
        blocks += [oa(SMALL, small.url, certified=False), kf(KF, wecom.url)]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kefu.toml").write_text("\n".join(blocks), "utf-8")
        made = Kefu(folder, **options)
        running.callback(made.kill)
        yield Networks(made, wechat, small, wecom)


class Follower:
    """A user of WeChat who writes to an Official Account. What he does opens a window there, and is pushed to us."""

    def __init__(
        self, kefu: Kefu, network: WeChat, inbox: str = OA, *, attempts: int = 3, patience: float = PATIENCE
    ) -> None:
        mode, wording = MODES.get(inbox, (Mode.SAFE, Wording.XML))
        self.kefu, self.network, self.inbox = kefu, network, inbox
        self.openid = f"o{next(COUNT):06}-follower"
        self.http = httpx.AsyncClient(trust_env=False, timeout=None)
        self.pusher = Pusher(
            self.http,
            f"{kefu.url}/webhooks/{inbox}",
            Pushes(ACCOUNT, mode, wording),
            attempts=attempts,
            patience=patience,
        )

    async def goes(self) -> None:
        await self.http.aclose()

    async def tells(self, fields: Fields) -> Delivery:
        """Anything, delivered as WeChat does; whatever comes of it must be fit to be seen."""
        delivery = await self.pusher.deliver(fields)
        delivery.seen()
        return delivery

    async def writes(self, fields: Fields) -> Reply | None:
        """A message of his, and what he reads at once."""
        self.network.write(self.openid)
        return (await self.tells(fields)).reply

    async def says(self, text: str) -> str:
        """A text, and the text he reads at once ("" for none)."""
        reply = await self.writes(inbound.text(self.openid, text))
        return "" if reply is None else reply.text

    async def taps(self, item: Mapping[str, str]) -> str:
        """An item of a menu he was sent."""
        self.network.click(self.openid)
        reply = (await self.tells(inbound.text(self.openid, item["content"], menu_id=item["id"]))).reply
        return "" if reply is None else reply.text

    def records(self, sound: bytes, **more: Any) -> Fields:
        """A voice message."""
        return inbound.voice(self.openid, self.network.user_media("voice", sound), **more)

    def got(self, *kinds: str) -> list[dict[str, Any]]:
        """What he was sent of our own accord, in order; of these kinds."""
        with self.network.lock:
            mine = [sent for sent in self.network.sent if sent.to == self.openid]
            return [sent.body for sent in mine if not kinds or sent.kind in kinds]

    async def reads(self, text: str) -> list[str]:
        """The texts he was sent, once one has this in it."""

        def look() -> list[str] | None:
            found = self.texts()
            return found if any(text in t for t in found) else None

        return await shown(look, text)

    def texts(self) -> list[str]:
        """The texts he was sent of our own accord."""
        return self.network.heard(self.openid)

    async def menu(self) -> dict[str, Any]:
        """The last menu he was sent, once there is one."""
        return (await shown(lambda: self.got("msgmenu"), "a menu"))[-1]["msgmenu"]  # type: ignore[no-any-return]


class Customer:
    """A user of WeChat who writes to a WeCom account. kefu hears of it by a callback, and fetches it."""

    def __init__(self, kefu: Kefu, network: WeCom, inbox: str = KF) -> None:
        self.kefu, self.network = kefu, network
        self.id = f"wm{next(COUNT):06}"
        self.http = httpx.AsyncClient(trust_env=False, timeout=None)
        self.pusher = Pusher(
            self.http, f"{kefu.url}/webhooks/{inbox}", WeComPushes(KF_ACCOUNT), attempts=1, patience=PATIENCE
        )

    async def goes(self) -> None:
        await self.http.aclose()

    async def rings(self) -> None:
        """The callback that says there is something to fetch."""
        (await self.pusher.deliver(kf_event(**self.network.callback()))).seen()

    async def says(self, text: str) -> str:
        """A text; its msgid."""
        msgid = self.network.say(self.id, text)
        await self.rings()
        return msgid

    async def taps(self, item: Mapping[str, Any]) -> None:
        self.network.tap(self.id, item["click"]["id"], item["click"]["content"])
        await self.rings()

    def got(self, *kinds: str) -> list[dict[str, Any]]:
        """What he was sent, in order; of these kinds."""
        with self.network.lock:
            mine = [sent for sent in self.network.sent if sent.to == self.id]
            return [sent.body for sent in mine if not kinds or sent.kind in kinds]

    def texts(self) -> list[str]:
        """Whatever he can read of what he was sent, menus too."""
        return [body.get("text", {}).get("content") or body.get("msgmenu", {}).get("head_content", "")
                for body in self.got("text", "msgmenu")]  # fmt: skip

    async def reads(self, text: str, times: int = 1) -> list[str]:
        """What he was sent, once so many have this in them."""

        def look() -> list[str] | None:
            found = self.texts()
            return found if sum(text in t for t in found) >= times else None

        return await shown(look, f"{text!r} in {self.texts()}")


async def messages(agent: Agent, conversation: int) -> list[Frame]:
    """All messages of a conversation as agents see them, and as they are now."""
    found: list[Frame] = []
    before = 0
    while True:
        page = await agent.get(f"/conversations/{conversation}/events" + (f"?before={before}" if before else ""))
        found[:0] = [event["d"] for event in page["events"] if event["t"] == "message"]
        if not page["earlier"] or not page["events"]:
            return found
        before = page["events"][0]["seq"]


async def message(agent: Agent, conversation: int, text: str, test: Callable[[Frame], bool] = bool) -> Frame:
    """The last message with this text, once it is as wanted."""
    last: list[Frame] = []

    async def look() -> Frame | None:
        found = [m for m in await messages(agent, conversation) if m["text"] == text]
        last[:] = found[-1:]
        return found[-1] if found and test(found[-1]) else None

    try:
        return await until(look, text)
    except AssertionError:
        raise AssertionError(f"the message {text!r} is not as wanted: {last}") from None


def delivered(how: str, error: str = "") -> Callable[[Frame], bool]:
    """Whether a message stands so at the desk."""
    return lambda m: bool(m["delivery"] == how and error in m["error"])


async def row(agent: Agent, conversation: int, test: Callable[[Frame], bool]) -> Frame:
    """The conversation's row, once it is as wanted."""
    last: list[Frame] = []

    async def look() -> Frame | None:
        last[:] = [await agent.row(conversation)]
        return last[0] if test(last[0]) else None

    try:
        return await until(look, "a row")
    except AssertionError:
        raise AssertionError(f"the row is not as wanted: {last}") from None


async def has(agent: Agent, inbox: str, text: str) -> int:
    """The number of the conversation in this inbox in which somebody said this."""

    async def look() -> int | None:
        for tab in ("all", "resolved"):
            for one in (await agent.get(f"/conversations?tab={tab}"))["rows"]:
                if one["inbox"] == inbox and text in [m["text"] for m in await messages(agent, one["id"])]:
                    return int(one["id"])
        return None

    return await until(look, f"a conversation in {inbox} with {text!r}")


async def attach(agent: Agent, conversation: int, name: str, data: bytes) -> str:
    """Upload a file for a reply; its key."""
    path = f"/api/desk/conversations/{conversation}/files?name={name}"
    answer = await agent.http.post(path, content=data)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])


def say(replies: Sequence[httpx.Response]) -> None:
    """All of them were taken."""
    assert [answer.status_code for answer in replies] == [200] * len(replies), [a.text for a in replies]
