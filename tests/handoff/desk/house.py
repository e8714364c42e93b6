"""A desk on a real SQLite store, with two agents and browsers to sit at it with.

Browsers and sockets talk ASGI to the desk's routes on one loop, which turns only while a test waits for something.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.applications import Starlette

from bot.live import Live
from bot.media import KeptFiles, MediaFolder
from bot.messages import Kind
from bot.ports import Library, Measure, Wording
from bot.store import agents
from bot.store.runner import Store
from handoff.desk import DeskGround, routes
from handoff.desk.accounts import Passwords
from handoff.desk.ground import Heading
from handoff.desk.limits import LoginLimits
from tests.store.shop import Shop

URL = "http://desk.test"
PASSWORD = "correct horse"
QUICK = Passwords(memory=8, rounds=1)
OURS = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
SOON = 3.0


class Watchful:
    """Finds every “你”, and says whom it was asked for."""

    def wordings(self, text: str, language: str | None, *, grave: bool, public: bool = False) -> list[Wording]:
        return [
            Wording("familiar", "你", place, f"{language} {grave}{' public' if public else ''}", "您", "您")
            for place, c in enumerate(text)
            if c == "你"
        ]


class Lending:
    """Words of the scripts: what was asked for."""

    def offer(self, situation: str, language: str | None, nth: int = 0) -> str:
        return f"{situation} {language} {nth}"


@dataclass
class House:
    """`rung`: which doorbells rang, in order. What is set before `browser()` counts for it."""

    loop: asyncio.Runner
    store: Store
    shop: Shop
    live: Live = field(default_factory=Live)
    rung: list[str] = field(default_factory=list)
    typed: list[int] = field(default_factory=list)
    pull: bool = False
    url: str = URL
    near: str = "5/minute"
    inboxes: frozenset[str] | None = None
    carries: frozenset[Kind] = frozenset()
    letters: bool = False
    speaks: bool = True
    public_most: int | None = None
    windowed: bool = False
    public_halves: bool = False
    heading: Heading | None = None
    most: int = 1000
    mails: bool = False
    telegram: bool = False
    folder: Path = Path()
    library: Library | None = None
    hide: Callable[[str, bool], str] = lambda text, order: text
    _app: Starlette | None = None

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(work)

    def write(self, script: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.run(self.store.write(script, *args, **kwargs))

    @property
    def app(self) -> Starlette:
        """The process all browsers talk to."""
        if self._app is None:
            ground = DeskGround(
                store=self.store,
                live=self.live,
                ring_turn=lambda: self.rung.append("turn"),
                ring_delivery=lambda: self.rung.append("delivery"),
                typing=self.typed.append,
                pull=lambda inbox: self.pull,
                public_url=self.url,
                inboxes=self.inboxes,
                files=KeptFiles(self.store, MediaFolder(self.folder), self.most),
                carries=lambda inbox, public: self.carries,
                letters=lambda inbox: self.letters,
                speaks=lambda inbox: self.speaks,
                public_most=lambda inbox: self.public_most,
                windowed=lambda inbox: self.windowed,
                public_measure=lambda inbox: Measure.HALF_WIDTHS if self.public_halves else Measure.CHARACTERS,
                public_long=lambda inbox, text: len(text) * (2 if self.public_halves else 1),
                phrases=Lending(),
                mails=self.mails,
                telegram=self.telegram,
                library=self.library,
                hide=self.hide,
                etiquette=Watchful(),
                passwords=QUICK,
                limits=LoginLimits(near=self.near),
            )
            if self.heading:
                ground = replace(ground, heading=self.heading)
            self._app = Starlette(routes=routes(ground))
        return self._app

    def browser(self) -> Browser:
        """A browser nobody has logged in with yet."""
        return Browser(self)

    def agent(self, login: str = "mei", browser: Browser | None = None) -> Browser:
        """A browser with a logged-in agent."""
        browser = browser or self.browser()
        answer = browser.post("/desk/login", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def conversation(self, *texts: str, sender: str = "li") -> int:
        """A customer wrote; the conversation's id."""
        arrived = [self.run(self.shop.accept(text, sender=sender)) for text in texts or ("你好",)]
        return int(arrived[-1].conversation_id)

    def says(self, text: str, sender: str = "li") -> int:
        """The same, and the doorbell rings."""
        place = self.conversation(text, sender=sender)
        self.live.changed(place)
        return place


class Browser:
    """Keeps its cookies; follows no redirect by itself."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=house.url, headers=OURS)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self._house.run(self._client.get(path, **more))
        return answer

    def post(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self._house.run(self._client.post(path, **more))
        return answer

    def socket(self, *, origin: str = URL) -> Socket:
        """The desk's socket, as a page from `origin` opens it."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return Socket(self._house, {"host": "desk.test", "origin": origin, "cookie": cookies})


class Socket:
    """A WebSocket's browser end."""

    def __init__(self, house: House, headers: dict[str, str]) -> None:
        self._house = house
        self._scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws",
            "path": "/api/desk/ws", "raw_path": b"/api/desk/ws", "query_string": b"", "root_path": "",
            "headers": [(n.encode(), v.encode()) for n, v in headers.items()], "client": ("10.0.0.1", 1),
            "server": None, "subprotocols": [], "state": {}, "extensions": {},
        }  # fmt: skip
        self._up: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._down: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.reading = asyncio.Event()
        self.reading.set()

    def __enter__(self) -> Self:
        self._house.run(self._open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._house.run(self._leave())

    async def _open(self) -> None:
        self._up.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._house.app(self._scope, self._up.get, self._take_in))
        first = await asyncio.wait_for(self._down.get(), SOON)
        assert first["type"] == "websocket.accept", first

    async def _take_in(self, message: Any) -> None:
        await self.reading.wait()
        self._down.put_nowait(message)

    async def _leave(self) -> None:
        self.reading.set()
        self._up.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self._task, SOON)

    def say(self, **frame: Any) -> None:
        self.say_raw(json.dumps(frame))

    def say_raw(self, text: str) -> None:
        self._up.put_nowait({"type": "websocket.receive", "text": text})

    def hears(self, *kinds: str) -> dict[str, Any]:
        """The next frame of one of these types (of any, if none is named); others are passed over."""
        frame: dict[str, Any] = self._house.run(self._next(kinds))
        return frame

    async def _next(self, kinds: tuple[str, ...]) -> dict[str, Any]:
        async with asyncio.timeout(SOON):
            while True:
                message = await self._down.get()
                assert message["type"] == "websocket.send", message
                frame: dict[str, Any] = json.loads(message["text"])
                if not kinds or frame["t"] in kinds:
                    return frame

    def silent(self, *kinds: str, within: float = 0.4) -> bool:
        """Nothing of these types comes for a while."""

        async def listen() -> bool:
            try:
                async with asyncio.timeout(within):
                    await self._next(kinds)
            except TimeoutError:
                return True
            return False

        return bool(self._house.run(listen()))

    def ended(self, within: float = SOON) -> int:
        """The code the server closes with; what it says before is passed over."""

        async def wait() -> int:
            async with asyncio.timeout(within):
                while (message := await self._down.get())["type"] != "websocket.close":
                    pass
            return int(message["code"])

        return int(self._house.run(wait()))


async def furnish(loop: asyncio.Runner, store: Store, folder: Path) -> House:
    shop = await Shop.open(store)
    hashed = await QUICK.hash(PASSWORD)
    for agent in (shop.agent, shop.other):
        await store.write(agents.set_password, agent, hashed, must_change=False)
    return House(loop, store, shop, folder=folder)
