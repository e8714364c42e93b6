"""A company's web site, as small as it gets: one page with kefu's loader on it, on another site than kefu's own."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from string import Template
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

PAGE = Template(
    """<!doctype html>
<html lang="$lang">
<head><meta charset="utf-8"><title>青禾生活</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1">
$style
</head>
<body>
<main><h1>青禾生活</h1><p>本周新品：亚麻窗帘、台灯、陶瓷花瓶。</p><p><a href="/other?lang=$lang">其他商品</a></p></main>
<script async src="$kefu/kefu.js" data-site="web"></script>
</body>
</html>"""
)
HOSTILE = """<style>
* { all: unset !important; display: none !important; font-size: 40px !important }
body * { transform: scale(3) !important }
html, body, main { display: block !important }
button, iframe, div, kefu-chat { width: 10px !important; height: 10px !important; opacity: 0 !important }
</style>"""
STRICT = (
    "default-src 'self'; script-src $kefu; frame-src $kefu; img-src data:; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)


class Shop:
    """Serves until left. `/?lang=zh-TW` is in another language, `/?hostile=1` has a style sheet that means ill,
    `/?strict=1` a strict content security policy."""

    def __init__(self, kefu: str) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kefu))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def origin(self) -> str:
        """Not 127.0.0.1, so that for the browser it is another site than kefu."""
        return f"http://localhost:{self._server.server_port}"

    @property
    def url(self) -> str:
        return f"{self.origin}/?lang=zh-CN"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(kefu: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            style = HOSTILE if "hostile" in asked else ""
            body = PAGE.substitute(lang=asked.get("lang", "zh-CN"), kefu=kefu, style=style).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if "strict" in asked:
                self.send_header("Content-Security-Policy", Template(STRICT).substitute(kefu=kefu))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – the base class's name
            """Nobody reads it."""

    return Handler
