"""One mailbox: what the ground calls, handed to the parts that do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import PayloadError, SignatureError
from bot.http import Request, Response
from bot.messages import Incoming, Outgoing
from bot.ports import Accept, Shelf
from channels.email import options
from channels.email.admitting import Admitting
from channels.email.listening import Listening
from channels.email.signing import Secret

NO_WEBHOOK = "nobody calls a mailbox: its mail is fetched"


@dataclass(frozen=True, slots=True)
class _Parts:
    """What needs a shelf."""

    listening: Listening


class EmailChannel:
    """A Listener and a Borrower."""

    kind = "email"

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        self.name, self._options = name, options.read(name, given)
        self._lent: _Parts | None = None

    def borrow(self, shelf: Shelf) -> None:
        secret = Secret(shelf, self._options.secret)
        admitting = Admitting(self._options, shelf, secret)
        self._lent = _Parts(Listening(self._options, shelf, admitting, self._token))

    async def _token(self) -> str:
        return ""

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

    async def close(self) -> None:
        """A session ends with its listener."""
