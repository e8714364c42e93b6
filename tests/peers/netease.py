"""A mailbox like those of 163, 126 and yeah: no IDLE, no MOVE, and `Unsafe Login` to whoever did not say who he is.

pymap behind a proxy: what it says of itself is changed on the way, and SELECT is refused until ID was sent.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.peers.lines import Hangup, Line, line_server
from tests.peers.process import Server, answers, free_ports, open_folder

USER, PASSWORD = "kefu_test@163.example", "authorisation-code"
UNKNOWN = (b" IDLE", b" MOVE", b" CONDSTORE", b" ENABLE")


@dataclass
class NetEase:
    """`port`: where clients go. `refused`: how often SELECT was. `commands`: what was heard, by name."""

    port: int = 0
    inner: int = 0
    refused: int = 0
    commands: list[str] = field(default_factory=list)

    def talk(self, line: Line) -> None:
        known = False
        with socket.create_connection(("127.0.0.1", self.inner)) as server:
            threading.Thread(target=_pass_on, args=(server, line.connection), daemon=True).start()
            while True:
                raw = line.read.readline()
                if not raw:
                    raise Hangup
                tag, name = [*raw.split(b" ", 2), b"", b""][:2]
                command = name.strip().upper().decode("ascii", "replace")
                self.commands.append(command)
                known = known or command == "ID"
                if command in ("SELECT", "EXAMINE") and not known:
                    self.refused += 1
                    line.say(tag + b" NO " + name + b" Unsafe Login. Please contact kefu@188.com for help")
                elif command in ("IDLE", "MOVE"):
                    line.say(tag + b" BAD command not support")
                else:
                    server.sendall(raw)


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    try:
        while data := server.recv(65536):
            for word in UNKNOWN:
                data = data.replace(word, b"") if b"CAPABILITY" in data else data
            client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


@contextmanager
def netease() -> Iterator[NetEase]:
    """One with an empty INBOX and its own demonstration mails in other folders."""
    peer = NetEase(inner=free_ports(1)[0])
    with open_folder("pymap") as folder:
        command = [sys.executable, "-W", "ignore", "-c", "from pymap.main import main; main()", "--no-tls",
                   "--host", "127.0.0.1", "--port", str(peer.inner),
                   "dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]  # fmt: skip
        server = Server(command, folder / "pymap.log")
        server.start(lambda: answers(peer.inner))
        try:
            with line_server(peer.talk) as peer.port:
                yield peer
        finally:
            server.stop()
