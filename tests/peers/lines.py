"""A line server for peers that lie: one thread a connection, each told by a function how to talk."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO


class Hangup(Exception):
    """The peer closes the connection, without a word."""


class Line:
    """One connection: lines in, lines out."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self.connection, self._over = connection, over
        self.read: BinaryIO = connection.makefile("rb")

    def hear(self) -> bytes:
        """The next line, without its end."""
        line = self.read.readline(1_000_000)
        if not line:
            raise Hangup
        return line.rstrip(b"\r\n")

    def say(self, *lines: str | bytes) -> None:
        for line in lines:
            self.connection.sendall((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    def hang(self) -> None:
        """Say nothing more, and keep the line open until the test is over."""
        self._over.wait()
        raise Hangup


@contextmanager
def line_server(talk: Callable[[Line], None], tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Listens on the port given back; `talk` has each connection in a thread of its own."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                connection = tls.wrap_socket(self.request, server_side=True) if tls else self.request
                with connection:
                    talk(Line(connection, over))
            except (Hangup, OSError):
                pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.block_on_close = True, False
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            over.set()
            server.shutdown()
            thread.join()
