"""What `kefu check` says about a mailbox: it logs in, looks round, writes to itself and looks whether that came."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import SendError, TemporarySendError
from bot.ports import Finding, Shelf
from channels.email import headers, mending, smtp, tokens
from channels.email.imap import CERTIFICATE, LOGIN, Mailbox, MailboxError
from channels.email.mail import Address
from channels.email.mending import CODES
from channels.email.mime import Sheet, written
from channels.email.oauth import Access
from channels.email.options import Options
from channels.email.providers import Code
from channels.email.signing import Secret
from channels.email.smtp import AwayError, CertificateError, Letter, LoginRefusedError, SenderRefusedError

PATIENCE = 60.0
"""Seconds a mail to ourselves may take."""
LOOK_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A mailbox from inside. `folders`: names by role, `shut` those that were asked for and cannot be opened; `next`:
    the UID after the last mail's."""

    idles: bool
    folders: Mapping[str, str]
    next: int
    shut: frozenset[str] = frozenset()


async def findings(options: Options, shelf: Shelf, access: Access, *, patience: float = PATIENCE) -> Sequence[Finding]:
    """Everything that can be tried, one after the other; what hangs on what failed is left out."""
    return [one async for one in _Check(options, shelf, access, patience).all()]


class _Check:
    def __init__(self, options: Options, shelf: Shelf, access: Access, patience: float) -> None:
        self._options, self._shelf, self._access, self._patience = options, shelf, access, patience
        self._secret = Secret(shelf, options.secret)
        self._in, self._out = (f"{place.host}:{place.port}" for place in (options.server_in, options.server_out))

    async def all(self) -> AsyncIterator[Finding]:
        try:
            token = await self._access.token()
        except TemporarySendError as error:
            yield Finding("OAuth", False, error.trouble.said["en"] if error.trouble else f"{error}. Try again later.")
            return
        seen = None
        what = f"incoming mail, {self._in}"
        try:
            chosen = [name for name in (self._options.junk, self._options.sent) if name]
            seen = await asyncio.to_thread(_looked, Mailbox(self._options.imap(token)), chosen)
            yield Finding(what, True, "" if seen.idles else self._slow())
        except MailboxError as error:
            yield Finding(what, False, self._mend(error))
        if seen is not None:
            for finding in self._folders(seen):
                yield finding
        async for finding in self._outgoing(token, seen):
            yield finding

    def _slow(self) -> str:
        return (
            f"the server does not tell when mail comes (no IDLE): it is looked for every {self._options.poll_seconds} s"
        )

    def _mend(self, error: MailboxError) -> str:
        known, told = self._options.provider, str(error).removeprefix(f"{self._in}: ").rstrip(".")
        code, where = (CODES[known.code]["en"], known.where) if known else (CODES[Code.PASSWORD]["en"], "")
        if error.key == LOGIN:
            place = f" ({where})" if where else ""
            return f"{told}. Check login and password: it wants {code}{place}, and IMAP has to be switched on there"
        if error.key == CERTIFICATE:
            return f"{told}. Check imap_host; for a server of your own, set trusted_certificate"
        return f"{told}. Check imap_host, imap_port and imap_security, this machine's network, DNS and firewall"

    def _folders(self, seen: Seen) -> Iterator[Finding]:
        """Those for junk and for what was sent, as set or as the server says."""
        for role, chosen in (("junk", self._options.junk), ("sent", self._options.sent)):
            name = chosen or seen.folders.get(role, "")
            if name in seen.shut:
                mend = f"it cannot be opened. Compare {role}_folder with the mailbox, or leave it out"
            elif not name:
                mend = f"the server names none, and none is looked into. If there is one, set {role}_folder to its name"
            else:
                mend = ""
            yield Finding(f"{role} folder {name}".strip(), name not in seen.shut, mend)

    async def _outgoing(self, token: str, seen: Seen | None) -> AsyncIterator[Finding]:
        what = f"outgoing mail, {self._out}"
        relay = self._options.relay(token)
        try:
            await smtp.knock(relay)
        except SendError as error:
            yield Finding(what, False, self._unsent(error))
            return
        yield Finding(what, True)
        if seen is None:
            return
        name = f"<kefu-check.{secrets.token_hex(8)}@{self._options.domain}>"
        what = "a mail to ourselves"
        try:
            await smtp.hand_over(relay, self._letter(name, await self._secret.get()))
        except SendError as error:
            yield Finding(what, False, self._unsent(error))
            return
        try:
            folders = ["INBOX", *filter(None, [self._options.junk or seen.folders.get("junk", "")])]
            mailbox = Mailbox(self._options.imap(token))
            found = await asyncio.to_thread(_found, mailbox, folders, name, seen.next, self._patience)
            yield self._arrived(what, found)
        except MailboxError as error:
            yield Finding(what, False, self._mend(error))

    def _arrived(self, what: str, folder: str) -> Finding:
        if folder == "INBOX":
            return Finding(what, True)
        if folder:
            return Finding(
                what,
                True,
                f"it came into {folder}: mails of ours may be taken for junk. Have SPF, DKIM and "
                f"DMARC set up for {self._options.domain}",
            )
        return Finding(
            what,
            False,
            f"it was handed in and did not come within {self._patience:.0f} s. Look for it in the "
            "mailbox: is login the mailbox of address? Some servers are slow; then try again",
        )

    def _letter(self, name: str, secret: bytes) -> Letter:
        """From us to us, signed: kefu, at work on the same mailbox, knows it for its own and keeps nothing of it."""
        me = self._options.address
        text = "kefu check wrote this mail to see whether mail goes out and comes in. It may be deleted.\n"
        sheet = Sheet(
            Address(me, "kefu check"),
            [Address(me)],
            "kefu check",
            name,
            self._shelf.now(),
            text,
            more=[
                ("Auto-Submitted", "auto-generated"),
                ("X-Auto-Response-Suppress", "All"),
                ("X-Kefu-Loop", tokens.loop(secret, 0, 0)),
            ],
        )
        return Letter(self._options.envelope, [me], written(sheet))

    def _unsent(self, error: SendError) -> str:
        if error.trouble is not None:
            return error.trouble.said["en"]
        for kind, key in (
            (LoginRefusedError, mending.LOGIN),
            (CertificateError, mending.CERTIFICATE),
            (SenderRefusedError, mending.SENDER),
        ):
            if isinstance(error, kind):
                return mending.trouble(key, self._options, str(error)).said["en"]
        away = "Check smtp_host, smtp_port and smtp_security, this machine's network, DNS and firewall"
        told = str(error).removeprefix(f"{self._out} ")
        return f"{told}. {away}" if isinstance(error, AwayError) else told


# ---- in a thread ----------------------------------------------------------------------------------------------------


def _looked(box: Mailbox, chosen: Sequence[str]) -> Seen:
    try:
        box.open()
        folders = box.folders()
        box.select()
        seen = Seen(box.idles, folders, box.next)
        return replace(seen, shut=frozenset(name for name in chosen if not _opens(box, name)))
    finally:
        box.close()


def _opens(box: Mailbox, name: str) -> bool:
    try:
        box.select(name)
    except MailboxError:
        return False
    return True


def _found(box: Mailbox, folders: Sequence[str], name: str, after: int, patience: float) -> str:
    """The folder a mail came into, "" for none; it is thrown away there."""
    end = time.monotonic() + patience
    try:
        box.open()
        while True:
            for folder in folders:
                box.select(folder)
                last = (after if folder == "INBOX" else box.next - 20) - 1
                if uid := _uid(box, name, max(last, 0)):
                    box.remove(folder, uid)
                    return folder
            if time.monotonic() > end:
                return ""
            time.sleep(LOOK_EVERY)
    finally:
        box.close()


def _uid(box: Mailbox, name: str, last: int) -> int:
    for mail in box.fetch(box.after(last)[-50:]):
        if headers.split(mail.raw).first("message-id").decode("ascii", "replace").strip() == name:
            return mail.uid
    return 0
