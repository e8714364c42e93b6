"""The address networks call, asked over real connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.commands import reaching


@contextmanager
def answering(status: int, body: bytes, location: str = "") -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/webhooks/shop"
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "location", "ok", "mend"),
    [
        (403, b"refused", "", True, ""),
        (405, b"a webhook is asked by GET or POST", "", True, ""),
        (200, b"<html>Welcome to nginx!</html>", "", False, "something else answers there (HTTP 200)"),
        (404, b"no such inbox", "", False, "something else answers there (HTTP 404)"),
        (403, b"<html>Forbidden</html>", "", False, "something else answers there (HTTP 403)"),
        (502, b"<html>", "", False, "the proxy there does not reach kefu"),
        (301, b"", "https://www.shop.example/", False, "redirects to https://www.shop.example/"),
    ],
)
async def test_who_answers(status: int, body: bytes, location: str, ok: bool, mend: str) -> None:
    with answering(status, body, location) as url:
        found = await reaching.trouble(url)
    assert found[0] is ok
    assert mend in found[1]
    assert bool(mend) == bool(found[1])


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/webhooks/shop", "https://no-such-host.invalid/webhooks/shop"])
async def test_nobody_answers_here(url: str) -> None:
    """A router may not lead its own network's machines back in: that is no proof that the world cannot come."""
    ok, mend = await reaching.trouble(url)
    assert ok
    assert "this machine itself cannot open it" in mend
