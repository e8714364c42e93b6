"""A local server that speaks OpenAI's `/chat/completions` and `/embeddings`, strictly, and fails to order."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "sk-test"
SIZE = 64


def vector(text: str) -> list[float]:
    """Pairs of characters, counted into so many boxes: texts with the same words lie near one another."""
    boxes = [0.0] * SIZE
    text = f" {text.lower()} "
    for start in range(len(text) - 1):
        boxes[zlib.crc32(text[start : start + 2].encode()) % SIZE] += 1.0
    return boxes


@dataclass
class Models:
    """`says`: what the chat model answers to the user's message (parsed). `fault`: a status, "slow", "garbage",
    "cut" or "list" instead of an answer ("slow" until it is told otherwise). `calls`: what was asked, path and body."""

    says: Callable[[dict[str, Any]], str] = lambda _: '{"id": "none"}'
    fault: int | str = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/embeddings", self._embed, methods=["POST"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def count(self, path: str) -> int:
        return sum(one == path for one, _ in self.calls)

    async def _chat(self, request: Request) -> Response:
        body = await self._taken(request, "chat", {"model", "messages"})
        if isinstance(body, Response):
            return body
        roles = [one.get("role") for one in body["messages"]]
        if roles != ["system", "user"] or not all(isinstance(one.get("content"), str) for one in body["messages"]):
            return _refused("messages")
        said = self.says(json.loads(body["messages"][1]["content"]))
        message = {"role": "assistant", "content": said}
        return self._answer(
            {
                "id": "c1", "object": "chat.completion", "model": body["model"],
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 90, "completion_tokens": 10, "total_tokens": 100},
            }
        )  # fmt: skip

    async def _embed(self, request: Request) -> Response:
        body = await self._taken(request, "embeddings", {"model", "input"})
        if isinstance(body, Response):
            return body
        texts = body["input"]
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
            return _refused("input")
        data = [{"object": "embedding", "index": n, "embedding": vector(text)} for n, text in enumerate(texts)]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return self._answer({"object": "list", "data": data[::-1], "model": body["model"], "usage": usage})

    async def _taken(self, request: Request, path: str, needs: set[str]) -> dict[str, Any] | Response:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return JSONResponse({"error": {"message": "no such key", "code": "invalid_api_key"}}, 401)
        body: dict[str, Any] = json.loads(await request.body())
        if not needs <= body.keys():
            return _refused("missing")
        self.calls.append((path, body))
        while self.fault == "slow" and not self._server.should_exit:
            await asyncio.sleep(0.02)
        if isinstance(self.fault, int) and self.fault:
            return JSONResponse({"error": {"message": "no"}}, self.fault)
        return body

    def _answer(self, made: Any) -> Response:
        match self.fault:
            case "garbage":
                return Response(b"<html>\xff not json", media_type="text/html")
            case "cut":
                return Response(json.dumps(made)[:40], media_type="application/json")
            case "list":
                return JSONResponse([made])
        return JSONResponse(made)


def _refused(what: str) -> Response:
    return JSONResponse({"error": {"message": f"bad {what}", "type": "invalid_request_error"}}, 400)
