"""The talking half of a mailbox: an Outgoing becomes a mail and is handed over, once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import AmbiguousSendError, NotFoundError, PermanentSendError, StoreError, TemporarySendError
from bot.messages import Kind, Notification, Outgoing, Thread
from bot.ports import Call, Capabilities, Receipt, Shelf
from channels.email import calling, mending
from channels.email.filing import Filing
from channels.email.gate import Gate
from channels.email.mail import File
from channels.email.oauth import Access
from channels.email.options import Options
from channels.email.outbound import Composed, House, composed, heading
from channels.email.signing import Secret
from channels.email.smtp import (
    AwayError,
    CertificateError,
    Letter,
    LoginRefusedError,
    Now,
    SenderRefusedError,
    hand_over,
)
from channels.email.tally import Tally

logger = structlog.get_logger(__name__)

MINUTE = timedelta(minutes=1)
CAPABILITIES = Capabilities(
    max_text=1_000_000,
    attachments=frozenset({Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.LINK}),
    letters=True,
    webhook=False,
    retry_for=timedelta(hours=24),
    mend_for=timedelta(days=14),
    pauses=(MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE),
    send_within=30 * MINUTE,
    remembers=True,
    send_mends=mending.ON_SEND,
)
REMEMBERED = timedelta(days=60)
"""How long it is known that a mail may have gone out."""
AT_ONCE = 3
"""Connections to one server; providers count them."""
WAIT = 300.0
"""Seconds to wait for one of them."""
REFUSED_FOR, AWAY_FOR = 5 * MINUTE, timedelta(seconds=20)
"""How long a server is left alone."""
PATIENT = 3
"""Failures in a row that are only tried again: lines break, and servers start anew."""
MAIL = "mail"
Refusal = TemporarySendError | PermanentSendError


def render(outgoing: Outgoing) -> Sequence[Call]:
    """One mail. What it says besides its words is only known when it is sent: the thread goes on meanwhile."""
    return (Call(MAIL, {"outgoing": outgoing}, outgoing.key),)


class Sender:
    """Sends for one mailbox."""

    def __init__(self, options: Options, shelf: Shelf, secret: Secret, access: Access, filing: Filing) -> None:
        self._options, self._shelf, self._secret = options, shelf, secret
        self._access, self._filing = access, filing
        self._tally, self._gate = Tally(shelf), Gate(shelf.now)
        self._lines = asyncio.Semaphore(AT_ONCE)
        self._away = 0

    async def send(self, call: Call) -> Receipt:
        """Raises a SendError that is true of what became of it."""
        outgoing: Outgoing = call.params["outgoing"]
        try:
            mail = await self._composed(outgoing)
        except StoreError as error:
            raise TemporarySendError(f"the store is away: {error}") from error
        async with self._line():
            self._gate.enter()
            refused = await self._handed(_mark(outgoing, mail), mail)
        self._filing.file(mail.letter.raw)
        if mail.automatic:
            await self._count(mail.letter.recipients)
        problem = "; ".join(f"{who}: {why}" for who, why in refused.items())
        return Receipt(mail.message_id, {**mail.extra, **({"refused": dict(refused)} if refused else {})}, problem)

    async def notify(self, told: Notification) -> None:
        """Call an agent. That he may be called twice by one number is nothing to remember. Raises SendError."""
        try:
            mail = calling.letter(told, await self._house(), self._shelf.now())
        except StoreError as error:
            raise TemporarySendError(f"the store is away: {error}") from error
        async with self._line():
            self._gate.enter()
            try:
                await self._with(await self._access.token(), mail, _nothing)
            except (TemporarySendError, PermanentSendError) as error:
                raise await self._told(error) from None
            await self._fine()

    async def heading(self, outgoing: Outgoing) -> Mapping[str, Any]:
        """See `bot.ports.Correspondent`."""
        return heading(outgoing, await self._thread(outgoing), await self._house())

    async def _count(self, recipients: Sequence[str]) -> None:
        """For the circuit breakers. It has gone out, whatever becomes of this."""
        with contextlib.suppress(StoreError):
            for one in recipients:
                await self._tally.sent(one)

    async def close(self) -> None:
        await self._filing.close()

    @contextlib.asynccontextmanager
    async def _line(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAIT):
                await self._lines.acquire()
        except TimeoutError:
            raise TemporarySendError("the mail server is slow, and other mails are being handed to it") from None
        try:
            yield
        finally:
            self._lines.release()

    # ---- the mail ----

    async def _composed(self, outgoing: Outgoing) -> Composed:
        thread = await self._thread(outgoing)
        files = [await self._file(one.key, one.name) for one in outgoing.attachments if one.key]
        return composed(outgoing, thread, await self._house(), files)

    async def _thread(self, outgoing: Outgoing) -> Thread:
        found = await self._shelf.threads(conversations=[outgoing.conversation])
        return next(iter(found), Thread(outgoing.conversation, "", outgoing.recipient, self._shelf.now()))

    async def _house(self) -> House:
        return House(self._options, await self._secret.get(), self._shelf.zone)

    async def _file(self, key: str, name: str) -> File:
        try:
            kept = await self._shelf.file(key)
        except NotFoundError:
            raise PermanentSendError(f"the file {name!r} is no longer kept: attach it again") from None
        return File(name or kept.name, kept.media_type, kept.data)

    # ---- handing it over ----

    async def _handed(self, mark: str, mail: Composed) -> Mapping[str, str]:
        """Why it was refused, by recipient, where others were not."""
        begun = False

        async def now() -> None:
            nonlocal begun
            await self._begin(mark)
            begun = True

        try:
            token = await self._access.token()
            refused = await self._with(token, mail.letter, now)
        except AmbiguousSendError:
            await self._fine()  # it was there, and listened
            raise
        except (TemporarySendError, PermanentSendError) as error:
            if begun:
                await self._forget(mark)
            raise await self._told(error) from None
        await self._fine()
        return refused

    async def _with(self, token: str, letter: Letter, now: Now) -> Mapping[str, str]:
        """A token that is refused may have ended before its time: once more with another one."""
        try:
            return await hand_over(self._options.relay(token), letter, now)
        except LoginRefusedError:
            if not token:
                raise
        token = await self._access.token(refused=token)
        return await hand_over(self._options.relay(token), letter, now)

    async def _begin(self, mark: str) -> None:
        """From here on it may have gone out, and nobody else begins it."""
        try:
            if await self._shelf.take(mark, lasts=REMEMBERED):
                return
        except StoreError as error:
            raise TemporarySendError(f"the store is away: {error}") from error
        raise AmbiguousSendError("it was being handed over when something ended it, and may have gone out")

    async def _forget(self, mark: str) -> None:
        with contextlib.suppress(StoreError):  # it stays, and the next attempt is told to be unclear
            await self._shelf.drop(mark)

    async def _told(self, error: Refusal) -> Refusal:
        """The error, with what a person has to mend; and the server is left alone for a while."""
        key = next((key for kind, key in MENDS.items() if isinstance(error, kind)), "")
        if isinstance(error, LoginRefusedError) and not error.final:
            key = ""
        if key:
            error.trouble = error.trouble or mending.trouble(key, self._options, str(error))
        if isinstance(error, AwayError):
            await self._nobody(error)
        elif isinstance(error, TemporarySendError) and (error.trouble or isinstance(error, LoginRefusedError)):
            error.retry_after = error.retry_after or REFUSED_FOR.total_seconds()
            self._gate.shut(error, REFUSED_FOR)
        else:
            await self._fine()
        return error

    async def _nobody(self, error: AwayError) -> None:
        """Nobody answers there: it may come back by itself, so it is not for a person to mend before all else."""
        self._gate.shut(error, AWAY_FOR)
        self._away += 1
        if self._away >= PATIENT:
            with contextlib.suppress(StoreError):
                await self._shelf.tell(mending.trouble(mending.AWAY, self._options, str(error)))

    async def _fine(self) -> None:
        """The server is there."""
        self._gate.open()
        if self._away >= PATIENT:
            with contextlib.suppress(StoreError):
                await self._shelf.mended(mending.AWAY)
        self._away = 0


async def _nothing() -> None: ...


MENDS: Mapping[type[Exception], str] = {
    LoginRefusedError: mending.LOGIN,
    CertificateError: mending.CERTIFICATE,
    SenderRefusedError: mending.SENDER,
}


def _mark(outgoing: Outgoing, mail: Composed) -> str:
    """Under what it is known that a mail may have gone out. People may send theirs once more; what the machine said
    goes out once at most, whoever asks."""
    again = "" if mail.automatic or outgoing.queued_at is None else f":{outgoing.queued_at.timestamp():.6f}"
    return f"sent:{outgoing.key}{again}"
