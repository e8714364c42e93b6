"""An SMTP server that keeps what it is given (aiosmtpd), for whoever logs in."""

from __future__ import annotations

import base64
import email
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.peers.process import free_ports


@dataclass(frozen=True)
class Arrived:
    """A mail with its envelope; `at` by this machine's clock."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    at: float

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=policy.default)

    def header(self, name: str) -> str:
        """As it stands there, unfolded; empty if it is not there."""
        return str(email.message_from_bytes(self.raw, policy=policy.compat32)[name] or "").replace("\r\n", "")

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


@dataclass
class Sink:
    """`then` is called with each mail in the server's thread, before it is acknowledged; an answer refuses it.
    `bearer`: whether a login is good with a token of OAuth."""

    port: int
    mails: list[Arrived] = field(default_factory=list)
    then: Callable[[Arrived], str | None] = lambda _: None
    bearer: Callable[[str, str], bool] = lambda login, token: False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        arrived = Arrived(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw, time.time())
        refusal = self.then(arrived)
        if refusal is None:
            with self._lock:
                self.mails.append(arrived)
        return refusal or "250 taken"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802
        """As Google and Microsoft have it: a refusal comes as a question, and is final after the answer to it."""
        told = base64.b64decode(args[1]).decode().split("\1")
        login, token = told[0].removeprefix("user="), told[1].removeprefix("auth=Bearer ")
        if self.bearer(login, token):
            return AuthResult(success=True)
        await server.push("334 " + base64.b64encode(b'{"status":"400"}').decode())
        await server._reader.readline()
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and token not accepted")

    def to(self, address: str) -> list[Arrived]:
        with self._lock:
            return [mail for mail in self.mails if address in mail.recipients]


def _anybody(*_: Any) -> AuthResult:
    return AuthResult(success=True)


@contextmanager
def sink(port: int = 0) -> Iterator[Sink]:
    """One that runs."""
    kept = Sink(port or free_ports(1)[0])
    controller = Controller(
        kept, "127.0.0.1", kept.port, auth_require_tls=False, authenticator=_anybody, data_size_limit=60_000_000
    )
    controller.start()
    try:
        yield kept
    finally:
        controller.stop()
