"""Customers and agents without a browser: they speak HTTP and WebSocket to a kefu that really runs."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.stories.serving import PASSWORD, Kefu, Person

PATIENCE = 120.0
COUNT = itertools.count(1)

Frame = dict[str, Any]
Test = Callable[[Frame], bool]


def plea() -> str:
    """A request for a person unlike any other, so that its conversation can be found."""
    return f"转人工，订单号 {next(COUNT):06}"


class Ear:
    """One WebSocket, and everything it brought that nobody has asked for yet."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Frame] = []
        self._waiting: list[Frame] = []

    async def hears(self, kind: str, test: Test = lambda _: True, within: float = PATIENCE) -> Frame:
        """The first frame of this type that fits, come already or still to come."""
        for known in self._waiting:
            if known["t"] == kind and test(known):
                self._waiting.remove(known)
                return known
        try:
            async with asyncio.timeout(within):
                while True:
                    frame: Frame = json.loads(await self.socket.recv())
                    self.heard.append(frame)
                    if frame["t"] == kind and test(frame):
                        return frame
                    self._waiting.append(frame)
        except TimeoutError:
            raise AssertionError(f"no {kind} came; these did: {self._waiting}") from None

    async def message(self, author: str, text: str = "") -> Frame:
        """A message of this author with this text in it."""
        return await self.hears("message", lambda f: f["d"]["author"] == author and text in f["d"]["text"])

    async def status(self, name: str) -> Frame:
        return await self.hears("status", lambda f: f["d"]["status"] == name)

    async def closed(self, within: float = PATIENCE) -> int:
        """Until the other side hangs up; with which code."""
        try:
            async with asyncio.timeout(within):
                while True:
                    self.heard.append(json.loads(await self.socket.recv()))
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    def messages(self) -> list[str]:
        """The texts of all messages heard so far, in the order they came."""
        return [frame["d"]["text"] for frame in self.heard if frame["t"] == "message"]


@asynccontextmanager
async def line(url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Ear]:
    """An open WebSocket."""
    async with connect(url, additional_headers=headers, proxy=None, max_size=None, close_timeout=2) as socket:
        yield Ear(socket)


class Visitor:
    """Somebody on the shop's page."""

    def __init__(self, kefu: Kefu, *, language: str = "zh-Hans", headers: Mapping[str, str] | None = None) -> None:
        self.kefu, self.language, self.headers = kefu, language, dict(headers or {})
        self.token = ""
        self.http = httpx.AsyncClient(base_url=f"{kefu.url}/api/w/web", trust_env=False, timeout=PATIENCE)

    @classmethod
    async def comes(cls, kefu: Kefu, language: str = "zh-Hans", **headers: str) -> Visitor:
        visitor = cls(kefu, language=language, headers=headers)
        answer = await visitor.ask("POST", "/visitors", {"language": language})
        assert answer.status_code == 201, answer.text
        visitor.token = answer.json()["token"]
        return visitor

    async def goes(self) -> None:
        await self.http.aclose()

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.request(method, path, content=content, headers={**bearer, **self.headers, **headers})

    async def post(self, text: str, cid: str = "", value: str | None = None) -> httpx.Response:
        body = {"cid": cid or f"c{next(COUNT)}", "text": text, **({"value": value} if value else {})}
        return await self.ask("POST", "/messages", body)

    async def says(self, text: str, cid: str = "", value: str | None = None) -> Frame:
        """A message that is taken; its event."""
        answer = await self.post(text, cid, value)
        assert answer.status_code == 200, answer.text
        event: Frame = answer.json()
        return event

    async def log(self, **query: int) -> Frame:
        """A page of the log."""
        answer = await self.ask("GET", "/events?" + "&".join(f"{k}={v}" for k, v in query.items()))
        assert answer.status_code == 200, answer.text
        page: Frame = answer.json()
        return page

    async def texts(self) -> list[str]:
        """What the visitor reads after a reload."""
        return [event["d"]["text"] for event in (await self.log())["events"] if event["t"] == "message"]

    @asynccontextmanager
    async def listening(self, after: int = 0) -> AsyncIterator[Ear]:
        """The open chat, caught up."""
        async with line(f"{self.kefu.ws}/api/w/web/ws", self.headers) as ear:
            await ear.send(t="hello", token=self.token, after=after)
            await ear.hears("ok")
            yield ear


class Agent:
    """Somebody at the desk."""

    def __init__(self, kefu: Kefu, person: Person) -> None:
        self.kefu, self.person = kefu, person
        self.http = httpx.AsyncClient(
            base_url=kefu.url, headers={"Origin": kefu.url}, trust_env=False, timeout=PATIENCE
        )

    async def logs_in(self, password: str = PASSWORD) -> httpx.Response:
        form = {"login": self.person.login, "password": password}
        return await self.http.post("/desk/login", data=form)

    async def goes(self) -> None:
        await self.http.aclose()

    async def get(self, path: str) -> Any:
        answer = await self.http.get(f"/api/desk{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        return await self.http.post(f"/api/desk{path}", json=body or {})

    async def does(self, what: str, conversation: int) -> Frame:
        """claim, resolve or return; the row that came of it."""
        answer = await self.post(f"/conversations/{conversation}/{what}")
        assert answer.status_code == 200, answer.text
        row: Frame = answer.json()["row"]
        return row

    async def replies(self, conversation: int, text: str, **more: Any) -> httpx.Response:
        body = {"cid": f"agent-{next(COUNT):08}", "text": text, **more}
        return await self.post(f"/conversations/{conversation}/messages", body)

    async def notes(self, conversation: int, text: str) -> httpx.Response:
        return await self.post(f"/conversations/{conversation}/notes", {"cid": f"note-{next(COUNT):08}", "text": text})

    async def row(self, conversation: int) -> Frame:
        detail: Frame = await self.get(f"/conversations/{conversation}")
        row: Frame = detail["conversation"]
        return row

    async def finds(self, text: str) -> int:
        """The number of the conversation in which somebody said this."""
        for row in (await self.get("/conversations?tab=all"))["rows"]:
            if text in await self.texts(row["id"]):
                number: int = row["id"]
                return number
        raise AssertionError(f"no conversation has: {text}")

    async def texts(self, conversation: int) -> list[str]:
        page = await self.get(f"/conversations/{conversation}/events")
        return [event["d"]["text"] for event in page["events"] if event["t"] == "message"]

    @asynccontextmanager
    async def at_desk(self, tab: str = "unassigned") -> AsyncIterator[Ear]:
        """The open desk; its first frame told what there is."""
        cookies = "; ".join(f"{c.name}={c.value}" for c in self.http.cookies.jar)
        headers = {"Origin": self.kefu.url, "Cookie": cookies}
        async with line(f"{self.kefu.ws}/api/desk/ws", headers) as ear:
            await ear.send(t="hello", tab=tab)
            await ear.hears("snapshot")
            yield ear

    @staticmethod
    async def opens(ear: Ear, conversation: int) -> None:
        """Look at one conversation from its beginning."""
        await ear.send(t="view", conv=conversation, after=0)
        await ear.hears("ok", lambda f: f["conv"] == conversation)
