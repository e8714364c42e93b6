"""One mailbox: what the ground calls, handed to the parts that do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import PayloadError, SignatureError
from bot.http import Request, Response
from bot.messages import Heard, Incoming, Notification, Outgoing
from bot.ports import Accept, Call, Finding, Receipt, Shelf
from channels.email import inbound, options, sending
from channels.email.admitting import Admitting
from channels.email.checking import findings
from channels.email.filing import Filing
from channels.email.listening import Listening
from channels.email.oauth import Access
from channels.email.reading import read
from channels.email.sending import Sender
from channels.email.signing import Secret

NO_WEBHOOK = "nobody calls a mailbox: its mail is fetched"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs a shelf."""

    shelf: Shelf
    access: Access
    listening: Listening
    sender: Sender


class EmailChannel:
    """A Channel, and a Listener, Borrower, Rereader, AgentMailer and Correspondent."""

    kind = "email"
    capabilities = sending.CAPABILITIES

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        self.name, self._options = name, options.read(name, given)
        self._lent: _Parts | None = None

    def borrow(self, shelf: Shelf) -> None:
        secret = Secret(shelf, self._options.secret)
        access = Access(self._options, shelf)
        filing = Filing(self._options, access.token)
        listening = Listening(self._options, shelf, Admitting(self._options, shelf, secret), access.token)
        self._lent = _Parts(shelf, access, listening, Sender(self._options, shelf, secret, access, filing))

    @property
    def _parts(self) -> _Parts:
        if self._lent is None:
            raise RuntimeError("a mailbox needs a shelf before anything else")
        return self._lent

    def verify(self, request: Request) -> None:
        raise SignatureError(NO_WEBHOOK)

    def parse(self, request: Request) -> Sequence[Incoming]:
        raise PayloadError(NO_WEBHOOK)

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        raise PayloadError(NO_WEBHOOK)

    def ring(self, request: Request) -> None:
        """Nothing rings here."""

    async def listen(self, accept: Accept) -> None:
        await self._parts.listening.run(accept)

    @staticmethod
    def reread(payload: bytes) -> Sequence[Heard]:
        """A mail from a file; its files are in it and nowhere else."""
        mail = read(payload)
        return (inbound.incoming(mail, [inbound.attachment(file) for file in mail.files]),)

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        return sending.render(outgoing)

    async def send(self, call: Call) -> Receipt:
        return await self._parts.sender.send(call)

    async def heading(self, outgoing: Outgoing) -> Mapping[str, Any]:
        return await self._parts.sender.heading(outgoing)

    async def notify(self, notification: Notification) -> None:
        await self._parts.sender.notify(notification)

    async def check(self) -> Sequence[Finding]:
        return await findings(self._options, self._parts.shelf, self._parts.access)

    async def close(self) -> None:
        """The mailbox's session ends with its listener."""
        if self._lent is not None:
            await self._lent.sender.close()
