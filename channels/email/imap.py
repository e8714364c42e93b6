"""One mailbox over IMAP, for one thread: who we are, where we stand, and the next mails after a UID.

Nothing here relies on \\Seen, on dates, on sequence numbers or on how many mails the server says there are: UIDs above
the last one are what is new (RFC 3501 2.3.1.1). Everything blocks, for `Account.patience` at most.
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from imap_tools.errors import ImapToolsError
from imap_tools.folder import FolderInfo
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from bot.errors import KefuError
from channels.email.smtp import Security, plain, trusting

WINDOW = 500
"""UIDs looked at in one go."""
PAGE, AT_ONCE = 32, 8_000_000
"""Mails, and bytes of mail, fetched with one command (if more than one mail)."""
HEAD = 262_144
"""Bytes of a mail that is too large: its header and, as a rule, its text."""
STRIDE = 50_000
"""UIDs searched at once: the answer to a search is one line, and imaplib reads no line of more than a million bytes."""
ROLES = {"\\sent": "sent", "\\junk": "junk"}
NAMES = {
    "sent": frozenset(
        {"sent", "sent messages", "sent items", "sent mail", "已发送", "已发送邮件", "已傳送", "寄件備份"}
    ),
    "junk": frozenset({"junk", "spam", "junk e-mail", "junk email", "bulk mail", "垃圾邮件", "垃圾郵件", "垃圾箱"}),
}
"""What they are called where the server does not say what they are: QQ and its kind know only XLIST."""
WHO = '("name" "kefu" "vendor" "kefu")'
INTERNAL_DATE = re.compile(
    rb'INTERNALDATE " {0,2}(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"'
)
MONTHS = tuple(b"jan feb mar apr may jun jul aug sep oct nov dec".split())
SERVERS = re.compile(r"received\. Data: \[b?['\"](.{1,2000}?)['\"]\]")
CERTIFICATE, LOGIN, AWAY = "certificate", "login", "away"


class MailboxError(KefuError):
    """The mailbox cannot be read now. `key`: "login" and "certificate" need a person, "away" needs time. `refused`:
    the server said no to one command, and goes on talking."""

    def __init__(self, key: str, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.key, self.refused = key, refused


@dataclass(frozen=True, slots=True)
class Account:
    """`trusted`: certificates to believe besides the machine's own (`smtp.trusting`). `limit`: bytes of a mail that is
    fetched whole. `patience`: seconds a server may be silent, in the middle of a mail too. `token`: of OAuth, in place
    of the password."""

    host: str
    port: int
    login: str
    password: str = field(repr=False)
    security: Security = Security.TLS
    trusted: str = ""
    limit: int = 25_000_000
    patience: float = 60.0
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as the server has it; `whole` False: only its first HEAD bytes. `size` is the server's word."""

    uid: int
    size: int
    arrived: datetime | None
    raw: bytes = field(repr=False)
    whole: bool = True


class Mailbox:
    """A session. Every call raises MailboxError, after which the session is over (unless only that was refused)."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.idles = False
        self.validity = self.next = 0
        self._box: BaseMailBox | None = None
        self._known: dict[int, tuple[int, datetime | None]] = {}

    def open(self) -> None:
        """Log in, and say who we are before anything else: 163, 126 and yeah let nobody read who did not."""
        try:
            with _told(self.account):
                self._box = _connected(self.account)
                self._enter(self._box)
        except MailboxError:
            self.close()
            raise

    def _enter(self, box: BaseMailBox) -> None:
        if self.account.token:
            box.client.authenticate("XOAUTH2", _bearer(self.account))
        else:
            box.login(self.account.login, self.account.password, initial_folder=None)
        with suppress(imaplib.IMAP4.error):  # who does not know ID says BAD
            box.client.xatom("ID", WHO)
        self.idles = "IDLE" in _words(box.client.capability()[1])

    @property
    def _client(self) -> imaplib.IMAP4:
        assert self._box is not None
        return self._box.client

    def folders(self) -> Mapping[str, str]:
        """The names of the folders for sent mail and junk: those the server says are (RFC 6154), else by their name."""
        with _told(self.account):
            assert self._box is not None
            found = self._box.folder.list()
        told = {ROLES[flag.lower()]: one.name for one in found for flag in one.flags if flag.lower() in ROLES}
        return {role: one.name for one in found for role in ROLES.values() if _last(one) in NAMES[role]} | told

    def select(self, folder: str = "INBOX") -> None:
        """Go into a folder, read-only; `validity` and `next` are its UIDVALIDITY and UIDNEXT (0 if not told)."""
        with _told(self.account):
            assert self._box is not None
            self._box.folder.set(folder, readonly=True)
            self._known = {}
            self.validity, self.next = (_number(self._client, name) for name in ("UIDVALIDITY", "UIDNEXT"))
            self._client.response("EXISTS")  # from here on, one says that something came

    def after(self, last: int) -> list[int]:
        """The next UIDs above `last`, WINDOW of them at most. Of the folder as it is now."""
        with _told(self.account):
            first, stride = last + 1, STRIDE
            while self.next and first + stride < self.next:
                if found := self._search(f"{first}:{first + stride - 1}", last):
                    return found
                first, stride = first + stride, stride * 2
            return self._search(f"{first}:*", last)

    def _search(self, uids: str, last: int) -> list[int]:
        """`n:*` always has the last mail in it, new or not."""
        told = self._asked("SEARCH", "UID", uids)
        return sorted(uid for uid in map(int, _words(told)) if uid > last)[:WINDOW]

    def fetch(self, uids: Sequence[int]) -> Iterator[Fetched]:
        """The mails, in the order of their UIDs; those that are gone by now are left out. \\Seen stays as it is."""
        return (one for page in self.pages(uids) for one in page)

    def pages(self, uids: Sequence[int]) -> Iterator[list[Fetched]]:
        """The same, as many at a time as one command fetches."""
        with _told(self.account):
            sizes = self._known if all(uid in self._known for uid in uids) else dict(self._sizes(uids))
            for group in _groups([uid for uid in uids if uid in sizes], sizes, self.account.limit):
                whole = sizes[group[0]][0] <= self.account.limit
                part = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{HEAD}>"
                bodies = dict(_bodies(self._asked("FETCH", _listed(group), f"(UID {part})")))
                yield [Fetched(uid, *sizes[uid], bodies[uid], whole) for uid in group if uid in bodies]

    def _sizes(self, uids: Sequence[int]) -> Iterator[tuple[int, tuple[int, datetime | None]]]:
        if uids:
            for line in self._asked("FETCH", _listed(uids), "(UID RFC822.SIZE INTERNALDATE)"):
                if isinstance(line, bytes) and (uid := _field(line, rb"UID")):
                    yield uid, (_field(line, rb"RFC822\.SIZE"), _date(line))

    def _asked(self, *command: str) -> Sequence[object]:
        """What a UID command is answered. A no is no answer: what it holds back would look as if it were not there."""
        answer, told = self._client.uid(*command)
        if answer != "OK":
            raise imaplib.IMAP4.error(f"{command[0]} was refused: {_words(told)}"[:400])
        return told

    def arrived(self, uids: Sequence[int]) -> Mapping[int, datetime | None]:
        """When mails came in, by UID, without their bodies; those that are gone are left out."""
        with _told(self.account):
            self._known = dict(self._sizes(uids))
            return {uid: at for uid, (_, at) in self._known.items()}

    def wait(self, seconds: float) -> bool:
        """Until something happens in the folder (True), or the time is over. Only where `idles`; at most nine minutes,
        for what lies longer is cut off on the way."""
        with _told(self.account):
            assert self._box is not None
            # What came since `select` is told together with the "+" that begins the waiting: it lies in a buffer then,
            # and imap_tools, which looks at the socket, would not see it before the time is over.
            self._client.noop()
            if "EXISTS" in self._client.untagged_responses:
                return True
            told = self._box.idle.wait(timeout=min(seconds, 540.0))
            return bool(told) or "EXISTS" in self._client.untagged_responses

    def put(self, folder: str, raw: bytes) -> None:
        """Add a mail of our own to a folder, as one that was read."""
        with _told(self.account):
            assert self._box is not None
            self._box.append(raw, folder, flag_set=[r"\Seen"])

    def remove(self, folder: str, uid: int) -> None:
        """Throw a mail away, and no other: only where the server can do that (RFC 4315)."""
        with _told(self.account):
            assert self._box is not None
            if "UIDPLUS" in _words(self._client.capability()[1]):
                self._box.folder.set(folder)
                self._client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
                self._client.uid("EXPUNGE", str(uid))

    def abort(self) -> None:
        """For another thread: whatever waits in here ends at once, with a MailboxError. `close` would wait for it."""
        box = self._box
        if box is not None:
            with suppress(OSError):  # of the bare socket, for TLS would want to say good-bye
                socket.socket.shutdown(box.client.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        if self._box is not None:
            with suppress(imaplib.IMAP4.error, OSError):
                self._client.shutdown()
            self._box = None


class _told:  # noqa: N801
    """Whatever goes wrong inside, in words a person can do something with."""

    def __init__(self, account: Account) -> None:
        self._place = f"{account.host}:{account.port}"

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ssl.SSLCertVerificationError):
            raise MailboxError(CERTIFICATE, f"{self._place}: {error.verify_message}") from None
        if isinstance(error, TimeoutError):
            raise MailboxError(AWAY, f"{self._place} stopped in the middle of an answer") from None
        if isinstance(error, imaplib.IMAP4.abort | OSError):
            raise MailboxError(AWAY, f"{self._place}: {_line(error)}") from None
        if isinstance(error, imaplib.IMAP4.error | ImapToolsError | ValueError):
            refused = re.search(r"AUTHENTICAT|MailboxLogin|LOGIN", f"{type(error).__name__} {error}")
            no = isinstance(error, ImapToolsError)
            raise MailboxError(LOGIN if refused else AWAY, f"{self._place}: {_line(error)}", refused=no) from None


def _connected(account: Account) -> BaseMailBox:
    place = {"host": account.host, "port": account.port, "timeout": account.patience}
    if account.security is Security.NONE:
        return MailBoxUnencrypted(**place)
    context = trusting(account.trusted)
    kind = MailBox if account.security is Security.TLS else MailBoxStartTls
    return kind(**place, ssl_context=context)


def _bearer(account: Account) -> Callable[[bytes], bytes]:
    """The token; a second question is the server's reason for refusing it, and wants an empty answer."""
    answers = iter([f"user={account.login}\1auth=Bearer {account.token}\1\1".encode()])
    return lambda _: next(answers, b"")


def _groups(uids: Sequence[int], sizes: Mapping[int, tuple[int, object]], limit: int) -> Iterator[list[int]]:
    """UIDs to be fetched with one command: PAGE of them and AT_ONCE bytes at most; one by one those too large."""
    group: list[int] = []
    weight = 0
    for uid in uids:
        size = sizes[uid][0]
        if group and (len(group) == PAGE or weight + size > AT_ONCE or size > limit):
            yield group
            group, weight = [], 0
        group.append(uid)
        weight += size
        if size > limit:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _bodies(told: Sequence[object]) -> Iterator[tuple[int, bytes]]:
    """imaplib's answer to a FETCH: pairs of what stands before a literal and the literal, and what stands behind."""
    for n, item in enumerate(told):
        if isinstance(item, tuple):
            behind = told[n + 1] if n + 1 < len(told) else b""
            uid = _field(item[0], rb"UID") or _field(behind if isinstance(behind, bytes) else b"", rb"UID")
            if uid:
                yield uid, item[1]


def _field(line: bytes, name: bytes) -> int:
    found = re.search(rb"\b" + name + rb" (\d{1,18})\b", line)
    return int(found[1]) if found else 0


def _date(line: bytes) -> datetime | None:
    """INTERNALDATE (RFC 3501 date-time): "17-Jul-1996 02:44:25 -0700"."""
    found = INTERNAL_DATE.search(line)
    if found is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    with suppress(ValueError, OverflowError):  # a month or a day that is none
        away = timedelta(hours=int(sign + hours), minutes=int(sign + minutes))
        at = (int(year), MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), int(second))
        return datetime(*at, tzinfo=UTC) - away
    return None


def _last(folder: FolderInfo) -> str:
    """The last part of its name, for comparing."""
    return folder.name.rpartition(folder.delim)[2].casefold() if folder.delim else folder.name.casefold()


def _number(client: imaplib.IMAP4, name: str) -> int:
    told = client.response(name)[1]
    return int(told[0]) if told and isinstance(told[0], bytes) and told[0].isdigit() else 0


def _words(told: Sequence[object]) -> list[str]:
    return [word for line in told if isinstance(line, bytes) for word in line.decode("ascii", "replace").split()]


def _listed(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _line(error: BaseException) -> str:
    """What the server said, of what imap_tools says about it."""
    told = SERVERS.search(str(error))
    return plain(told[1] if told else error)
