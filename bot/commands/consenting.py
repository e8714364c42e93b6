"""`kefu mail-consent`: lets kefu into a mailbox of Microsoft or Google; the refresh token goes into a file."""

from __future__ import annotations

import asyncio
import os
import secrets
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from bot.errors import KefuError
from channels.email.consent import KINDS, Application, answered, exchanged, question

THANKS = "好了，可以关闭这个页面。 You may close this page.".encode()


def consent(application: Application, out: Path, *, port: int, paste: bool) -> None:
    """Show the page, wait for the answer, keep the token. `paste`: the browser is on another machine."""
    if application.kind not in KINDS:
        raise KefuError(f"{application.kind}: choose {' or '.join(KINDS)}.")
    if out.exists():
        raise KefuError(f"{out} is there already. Choose another file with --out, or delete it.")
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    with _Answer(port) as listening:
        redirect = f"http://localhost:{listening.server_port}"
        print("用要授权的邮箱登录并同意 log in with the mailbox and agree:\n")
        print(question(application, redirect, state, verifier), flush=True)
        address = _pasted() if paste else listening.wait()
    token = asyncio.run(exchanged(application, answered(address, state), redirect, verifier))
    keep(out, token)
    print(f'好了 done. [inbox.oauth] refresh_token = "file:{out}"')


def keep(out: Path, token: str) -> None:
    """For nobody's eyes but ours."""
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")


def _pasted() -> str:
    print("浏览器打不开最后那一页没有关系：把地址栏里的网址整个粘贴到这里。")
    return input("The last page need not open: paste its whole address here: ")


class _Answer(HTTPServer):
    """Listens on loopback for the browser to come back."""

    def __init__(self, port: int) -> None:
        self.address = ""
        super().__init__(("127.0.0.1", port), _Page)

    def wait(self) -> str:
        print(f"等待浏览器返回 waiting on port {self.server_port} (Ctrl-C: stop)", flush=True)
        while not self.address:
            self.handle_request()
        return self.address


class _Page(BaseHTTPRequestHandler):
    server: _Answer

    def do_GET(self) -> None:
        found = "code=" in self.path or "error=" in self.path
        self.server.address = self.path if found else self.server.address
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(THANKS if found else b"")

    def log_message(self, *_: object) -> None:
        """The code is in the address: nothing is written down."""
