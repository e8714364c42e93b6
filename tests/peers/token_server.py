"""What gives access tokens for a refresh token (RFC 6749 6) and says whether one is good (RFC 7662), on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class TokenServer:
    """`refresh`: the only refresh token that is good ("": an application's own); it changes with each use if it
    `rotates`. `answer`: what it says instead, with a status. `asked`: the forms that came."""

    port: int = 0
    email: str = "support@shop.example"
    refresh: str = "refresh-0-secret"
    seconds: int = 3600
    rotates: bool = False
    answer: tuple[int, Any] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    challenges: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    @property
    def introspection(self) -> str:
        return f"http://127.0.0.1:{self.port}/introspect?token="

    def good(self, login: str, token: str) -> bool:
        return login == self.email and token in self.given and token not in self.revoked

    def give(self, form: dict[str, str]) -> tuple[int, Any]:
        self.asked.append(form)
        if self.answer is not None:
            return self.answer
        if form.get("grant_type") == "authorization_code":
            return self._exchange(form)
        if form.get("refresh_token", "") != self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "AADSTS70008: it has expired.\r\nTrace ID: 1"}
        token = f"access-{len(self.given)}-secret"
        self.given.append(token)
        told = {"access_token": token, "expires_in": self.seconds, "token_type": "Bearer"}
        if self.rotates:
            self.refresh = f"refresh-{len(self.given)}-secret"
            told["refresh_token"] = self.refresh
        return 200, told

    def agree(self, question: str) -> str:
        """What a person's browser is sent to who agrees to it."""
        told = {name: values[0] for name, values in parse_qs(urlsplit(question).query).items()}
        self.challenges["code-of-his"] = told["code_challenge"]
        return f"{told['redirect_uri']}/?{urlencode({'code': 'code-of-his', 'state': told['state']})}"

    def _exchange(self, form: dict[str, str]) -> tuple[int, Any]:
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if self.challenges.pop(form["code"], "") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            return 400, {"error": "invalid_grant", "error_description": "the code is not good"}
        return 200, {"access_token": "a", "refresh_token": self.refresh}


@contextmanager
def token_server(**known: Any) -> Iterator[TokenServer]:
    """One that runs."""
    server = TokenServer(**known)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*server.give({name: values[0] for name, values in parse_qs(body).items()}))

        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            self._say(200, {"active": server.good(server.email, token), "email": server.email})

        def _say(self, status: int, told: Any) -> None:
            data = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.port = int(http.server_address[1])
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
