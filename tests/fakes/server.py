"""A fake network: a real HTTP server in a thread of its own, a clock to turn, and faults to order.

`with WeChat() as fake:` serves at `fake.url`. Methods marked `control` change the fake's world; they may be called
from any thread, or over HTTP when it runs as a process of its own: POST /_fake/<method> with the arguments as JSON.
GET /_fake/sent, /_fake/counts and /_fake/refused tell what happened.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import functools
import json
import socket
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.fakes.shapes import Malformed

M = TypeVar("M", bound=Callable[..., Any])
PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"


class Refusal(Exception):
    """What the network answers instead of doing what it was asked."""

    def __init__(self, code: int, hint: str = "") -> None:
        super().__init__(code, hint)
        self.code, self.hint = code, hint


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault to come, on one path. Without `errcode`, `status` and `html` the request is served as usual, and then
    the answer comes `hang` seconds late, or is cut off after its first bytes (`cut`): the caller cannot know.
    """

    errcode: int | None = None
    hint: str = ""
    """What an errmsg names, such as the address of 40164."""
    status: int = 200
    html: bool = False
    hang: float = 0.0
    cut: bool = False
    times: int | None = 1
    """None: for good."""

    @property
    def instead(self) -> bool:
        """The request is not served at all."""
        return self.errcode is not None or self.status != 200 or self.html


@dataclass(frozen=True, slots=True)
class Call:
    """A request, read to its end."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the network took; `body` is what it was told, `at` the fake's time."""

    path: str
    to: str
    kind: str
    body: dict[str, Any]
    at: float

    @property
    def text(self) -> str:
        """What a text says; nothing for other kinds."""
        return str(self.body.get("text", {}).get("content", ""))


Answer = dict[str, Any] | Response
Handler = Callable[[Call], Answer]


def control(method: M) -> M:
    """Marks a method that changes the fake's world: it takes the lock, and may be called over HTTP."""

    @functools.wraps(method)
    def locked(self: Fake, *given: Any, **named: Any) -> Any:
        with self.lock:
            return method(self, *given, **named)

    locked.control = True  # type: ignore[attr-defined]
    return cast(M, locked)


class Cut(Response):
    """Begins to answer and hangs up."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b'{"errcode":', "more_body": True})


class Server(uvicorn.Server):
    """Ends as soon as it is told to, not at the next tick."""

    ready = False

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.ready = True
        await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Without the grace that real callers are given."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()

    def end(self) -> None:
        """From another thread."""
        self._loop.call_soon_threadsafe(self._over.set)


class Fake:
    """What both networks share; a subclass says which paths it has in `handlers`."""

    malformed: int
    """The errcode for a body of the wrong shape."""
    wrong_method: ClassVar = {"GET": 43001, "POST": 43002}
    """The errcode when this method was needed."""
    unknown_path = 40066

    def __init__(self, *, clock: Callable[[], float] = time.time, port: int = 0) -> None:
        self._clock, self._port, self._ahead = clock, port, 0.0
        self.lock = threading.RLock()
        self.url = ""
        self.sent: list[Sent] = []
        self.counts: Counter[str] = Counter()
        self.refused: list[tuple[str, int, str]] = []
        """(path, errcode, errmsg) of everything that was not done."""
        self.troubles: defaultdict[str, deque[Trouble]] = defaultdict(deque)
        self._handlers = self.handlers()

    def handlers(self) -> dict[str, tuple[str, Handler]]:
        """Path → the method it wants, and what serves it."""
        raise NotImplementedError

    def explain(self, code: int, hint: str) -> str:
        """The errmsg."""
        raise NotImplementedError

    def now(self) -> float:
        return self._clock() + self._ahead

    @control
    def advance(self, seconds: float) -> None:
        """Let time pass here, on top of the clock."""
        self._ahead += seconds

    @control
    def trouble(self, path: str, **fault: Any) -> None:
        """Order a Trouble for the next request to `path`; several are taken one after another."""
        self.troubles[path].append(Trouble(**fault))

    @control
    def end_troubles(self) -> None:
        self.troubles.clear()

    def heard(self, user: str) -> list[str]:
        """The texts a user got, in order."""
        with self.lock:
            return [sent.text for sent in self.sent if sent.to == user and sent.kind == "text"]

    # -- serving -------------------------------------------------------------------------------------------------

    @property
    def app(self) -> Starlette:
        control_route = Route("/_fake/{name}", self._controlled, methods=["GET", "POST"])
        return Starlette(routes=[control_route, Route("/{path:path}", self._serve, methods=["GET", "POST"])])

    async def _serve(self, request: Request) -> Response:
        query, headers = dict(request.query_params), dict(request.headers)
        call = Call(request.method, request.url.path, query, headers, await request.body())
        with self.lock:
            self.counts[call.path] += 1
            trouble = self._next_trouble(call.path)
            answer = self._faulty(call, trouble) if trouble.instead else self._answer(call)
        if trouble.hang:
            await asyncio.sleep(trouble.hang)
        return Cut() if trouble.cut else answer

    def _next_trouble(self, path: str) -> Trouble:
        waiting = self.troubles[path]
        if not waiting:
            return Trouble()
        first = waiting[0]
        if first.times is not None:
            waiting.popleft()
            if first.times > 1:
                waiting.appendleft(Trouble(**{**asdict(first), "times": first.times - 1}))
        return first

    def _faulty(self, call: Call, trouble: Trouble) -> Response:
        if trouble.errcode is not None:
            return self._refuse(call, Refusal(trouble.errcode, trouble.hint))
        return HTMLResponse(PAGE, trouble.status)

    def _answer(self, call: Call) -> Response:
        try:
            told = self._handler(call)(call)
        except Refusal as refusal:
            return self._refuse(call, refusal)
        except Malformed as malformed:
            return self._refuse(call, Refusal(self.malformed, str(malformed)))
        return told if isinstance(told, Response) else JSONResponse(told)

    def _handler(self, call: Call) -> Handler:
        for path, (method, handler) in self._handlers.items():
            if call.path == path or (path.endswith("/") and call.path.startswith(path)):
                if call.method != method:
                    raise Refusal(self.wrong_method[method])
                return handler
        raise Refusal(self.unknown_path, call.path)

    def _refuse(self, call: Call, refusal: Refusal) -> Response:
        told = self.explain(refusal.code, refusal.hint)
        self.refused.append((call.path, refusal.code, told))
        return JSONResponse({"errcode": refusal.code, "errmsg": told})

    async def _controlled(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "GET":
            return JSONResponse(self._told(name))
        method = getattr(self, name, None)
        if not getattr(method, "control", False) or method is None:
            return JSONResponse({"error": f"no control {name!r}"}, 404)
        given = json.loads(await request.body() or b"{}")
        if "data" in given:
            given["data"] = base64.b64decode(given["data"])
        return JSONResponse({"result": method(**given)})

    def _told(self, name: str) -> Any:
        with self.lock:
            if name == "sent":
                return [asdict(sent) for sent in self.sent]
            return {"counts": dict(self.counts), "refused": self.refused}[name]

    # -- running -------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_config=None, log_level="critical", access_log=False, lifespan="off")
        self._server = Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        while not self._server.ready:
            time.sleep(0.002)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join()
        self._socket.close()


def serve(kind: Callable[..., Fake], default_port: int) -> None:
    """`python -m`: run until killed; prints the address once it listens."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--port", type=int, default=default_port, help="0 takes a free one")
    with kind(port=parser.parse_args().port) as fake:
        print(fake.url, flush=True)
        threading.Event().wait()
