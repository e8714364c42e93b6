"""Handing a mail to a server: one connection a mail, and an outcome that is true of the phase it came to.

Whatever goes wrong before the text is on its way sent nothing. From then on only the server's answer says what became
of it: without one the outcome is unknown, and whoever repeats it may send it twice.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot.errors import AmbiguousSendError, PermanentSendError, SendError, TemporarySendError

NUMBERS = re.compile(
    r"\[(?:Errno -?\d{1,9}|SSL: \w{1,99})\] ?| \(_ssl\.c:\d{1,9}\)"
    r"|Error connecting to \S{1,255} on port \d{1,5}: |(?<=Connect call failed) \([^)]{1,99}\)"
)
NO_TLS = "wrong version number", "no TLS is spoken at this port"
"""What OpenSSL says of it, and what it means."""
REASON = 400
"""Characters of a server's answer that people see."""
ROUNDS = 5
"""Everything before the text has so many times the patience for one answer."""
NOT_OURS = (501, 553)
"""QQ and 163 to a sender that is not the account that logged in."""


PASSING = re.compile(
    r"frequency.{0,30}(?:limit|exceed)|too frequent|too many (?:connections|messages|mails|e-?mails|logins|errors)|"
    r"rate.?limit|throttl|(?:system|server) (?:is )?busy|try (?:again|it) later|频率|繁忙",
    re.IGNORECASE,
)
"""What comes to an end by itself, although the code says for good: QQ, NetEase and Microsoft count what we send."""
UNSPEAKABLE = re.compile(r"[\s<>\x00-\x1f\x7f]")
"""What would end an address, or the command it stands in, and begin another."""


class Security(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class LoginRefusedError(TemporarySendError):
    """The server does not take the password: no mail goes out until a person has mended it, and none is lost.
    `final` False: it said so for now only."""

    def __init__(self, reason: str, *, final: bool = True) -> None:
        super().__init__(reason)
        self.final = final


class CertificateError(TemporarySendError):
    """Whoever answered is not the server, as far as its certificate tells."""


class AwayError(TemporarySendError):
    """Nobody answers there, or not in time."""


class SenderRefusedError(PermanentSendError):
    """The server does not take mail from this address of us."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where mail is handed in. No login is tried without a name. `trusted`: certificates to believe besides the
    machine's own (`trusting`). `token`: of OAuth, in place of the password. Seconds: `patience` for each answer,
    `final` for the one after the text (RFC 5321 4.5.3.2.6)."""

    host: str
    port: int
    security: Security = Security.TLS
    login: str = ""
    password: str = field(default="", repr=False)
    trusted: str = ""
    patience: float = 60.0
    final: float = 600.0
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with its envelope; `raw` with CRLF at the ends of its lines."""

    sender: str
    recipients: Sequence[str]
    raw: bytes = field(repr=False)


Now = Callable[[], Awaitable[None]]


async def hand_over(relay: Relay, letter: Letter, now: Now | None = None) -> Mapping[str, str]:
    """Why it was refused, by recipient, where it was taken for others; empty when it was taken for all.

    `now` is called when everything but the text is said: from its return on, nobody but the server knows. Raises
    TemporarySendError (LoginRefusedError among them) and PermanentSendError when nothing was sent, AmbiguousSendError
    when nobody can tell.
    """
    if bad := [one for one in (letter.sender, *letter.recipients) if UNSPEAKABLE.search(one)]:
        raise PermanentSendError(f"no mail can go to an address like {plain(bad[0])}")
    client = _client(relay)
    try:
        refused = await _in_time(client, relay, letter)
        if now is not None:
            await now()
        await _text(client, relay, letter)
        with suppress(SMTPException, OSError):  # it is sent, whatever becomes of the farewell
            await client.quit(timeout=min(5.0, relay.patience))
        return refused
    finally:
        client.close()


def _context(relay: Relay) -> ssl.SSLContext | None:
    return None if relay.security is Security.NONE else trusting(relay.trusted)


@lru_cache(maxsize=16)
def trusting(trusted: str) -> ssl.SSLContext:
    """Believes the machine's certificates, and those in `trusted`: PEM itself, or a file of it. Read once: that takes
    longer than a mail."""
    context = ssl.create_default_context()
    if "-----BEGIN" in trusted:
        context.load_verify_locations(cadata=trusted)
    elif trusted:
        context.load_verify_locations(trusted)
    return context


async def knock(relay: Relay) -> None:
    """Log in and go again; raises what `hand_over` would."""
    client = _client(relay)
    try:
        async with asyncio.timeout(relay.patience * ROUNDS):
            await _enter(client, relay)
        with suppress(SMTPException, OSError):
            await client.quit(timeout=min(5.0, relay.patience))
    except TimeoutError:
        raise AwayError(f"{relay.host}:{relay.port} took too long over the login") from None
    finally:
        client.close()


def _client(relay: Relay) -> SMTP:
    return SMTP(
        hostname=relay.host, port=relay.port, timeout=relay.patience, use_tls=relay.security is Security.TLS,
        start_tls=relay.security is Security.STARTTLS, tls_context=_context(relay),
    )  # fmt: skip


async def _in_time(client: SMTP, relay: Relay, letter: Letter) -> Mapping[str, str]:
    try:
        async with asyncio.timeout(relay.patience * ROUNDS):
            return await _envelope(client, relay, letter)
    except TimeoutError:
        raise AwayError(f"{relay.host}:{relay.port} took too long over everything before the text") from None


async def _envelope(client: SMTP, relay: Relay, letter: Letter) -> Mapping[str, str]:
    """Everything before the text."""
    await _enter(client, relay)
    with _told(relay):
        await client.mail(letter.sender, options=_options(client, letter), encoding="utf-8")
        return await _recipients(client, letter)


async def _enter(client: SMTP, relay: Relay) -> None:
    with _told(relay):
        await client.connect()
        if relay.token:
            await client.auth_xoauth2(relay.login, relay.token)
        elif relay.login:
            await client.login(relay.login, relay.password)
        await client.ehlo()


@contextmanager
def _told(relay: Relay) -> Iterator[None]:
    """Whatever goes wrong inside, as an error of ours."""
    try:
        yield
    except SMTPAuthenticationError as error:
        final = error.code >= 500 and not PASSING.search(_said(error))
        raise LoginRefusedError(f"the mail server refused the login: {_said(error)}", final=final) from None
    except SMTPSenderRefused as error:
        raise _refusal(error, SenderRefusedError) from None
    except SMTPResponseException as error:
        raise _refusal(error) from None
    except SMTPNotSupported as error:
        raise PermanentSendError(f"{relay.host} cannot do what is asked of it: {error}") from None
    except (SMTPException, OSError) as error:
        if bad := _distrust(error):
            raise CertificateError(f"the certificate of {relay.host} cannot be trusted: {bad}") from None
        raise AwayError(f"{relay.host}:{relay.port} could not be asked: {plain(error)}") from None


def _distrust(error: BaseException | None) -> str:
    """What is wrong with the certificate, if that is at the bottom of it: aiosmtplib wraps it."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""


def _options(client: SMTP, letter: Letter) -> list[str]:
    """What has to be said with the sender. Raises PermanentSendError for what the server said it will not take."""
    most = client.esmtp_extensions.get("size", "")
    if most.isdigit() and 0 < int(most) < len(letter.raw):
        raise PermanentSendError(f"the mail has {len(letter.raw)} bytes; the server takes {most} at most")
    options = [f"SIZE={len(letter.raw)}"] if client.supports_extension("size") else []
    if not "".join((letter.sender, *letter.recipients)).isascii():
        if not client.supports_extension("smtputf8"):
            raise PermanentSendError("the server takes no address with other letters than a to z")
        options.append("SMTPUTF8")
    eight = any(byte > 127 for byte in letter.raw) and client.supports_extension("8bitmime")
    return [*options, "BODY=8BITMIME"] if eight else options


async def _recipients(client: SMTP, letter: Letter) -> Mapping[str, str]:
    refused: dict[str, SMTPRecipientRefused] = {}
    for recipient in letter.recipients:
        try:
            await client.rcpt(recipient, encoding="utf-8")
        except SMTPRecipientRefused as error:
            refused[recipient] = error
    if len(refused) == len(letter.recipients):
        raise _refusal(min(refused.values(), key=lambda error: error.code))
    return {recipient: _said(error) for recipient, error in refused.items()}


async def _text(client: SMTP, relay: Relay, letter: Letter) -> None:
    try:
        await client.data(letter.raw, timeout=relay.final)
    except SMTPResponseException as error:
        raise _refusal(error) from None
    except (SMTPException, OSError) as error:
        raise AmbiguousSendError(f"no word came whether the mail was taken: {plain(error)}") from None


def _refusal(error: SMTPResponseException, kind: type[PermanentSendError] = PermanentSendError) -> SendError:
    """4xx comes to an end by itself; anything else does not, as a rule."""
    if 400 <= error.code < 500 or error.code <= 0 or PASSING.search(_said(error)):
        return TemporarySendError(_said(error))
    ours = " (is the sender the address that logged in?)" if error.code in NOT_OURS else ""
    return kind(_said(error) + ours)


def _said(error: SMTPResponseException) -> str:
    return f"{error.code} {plain(error.message)}"


def plain(words: object) -> str:
    """One line of it, without what only programmers read."""
    told = NUMBERS.sub("", " ".join(str(words).split())).replace(*NO_TLS) or type(words).__name__
    return told[:REASON]
