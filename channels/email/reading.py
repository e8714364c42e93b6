"""A mail's raw bytes, read as its sender meant them. Pure; whatever the bytes are, a Mail comes out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from channels.email import charsets, headers, html, quotes, subjects
from channels.email.addresses import addresses
from channels.email.content import best, content
from channels.email.mail import Address, Headers, Mail
from channels.email.parts import Part, take_apart
from channels.email.reports import ids, report

T = TypeVar("T")

MOST_IDS = 100
DELIVERED = ("delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to", "x-forwarded-to")
STRUCTURED = frozenset({"from", "to", "cc", "sender", "reply-to", "return-path", *DELIVERED})
SALVAGED = 100_000
"""Characters of a mail nobody can read that are shown all the same."""


def read(raw: bytes) -> Mail:
    """What the mail says. Of one that cannot be read comes what could be saved; `quarantine` says why.

    Whoever keeps it keeps the raw bytes beside it.
    """
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _read(_unified(raw), digest)
    except Exception as error:  # the next mail must not wait for what is wrong with this one
        return _salvaged(raw, digest, error)


def _unified(raw: bytes) -> bytes:
    """Line ends of a Mac of old, or doubled by a careless gateway."""
    if b"\n" not in raw:
        return raw.replace(b"\r", b"\n")
    return raw.replace(b"\r\r\n", b"\r\n") if b"\r\r\n" in raw[:10_000] else raw


def _read(raw: bytes, digest: str) -> Mail:
    root = take_apart(raw)
    head, found = _Heading(root), content(root)
    lines = [line for n, said in enumerate(found.said) for line in ([html.Line("")] if n else []) + best(said)]
    subject = head.told("subject")
    marked = ["> " * line.depth + line.text for line in lines]
    return Mail(
        sha256=digest,
        message_id=head.id("message-id"),
        in_reply_to=head.id("in-reply-to"),
        references=head.ids("references"),
        sender=head.sender(),
        reply_to=head.people("reply-to"),
        envelope=head.envelope(),
        to=head.people("to"),
        cc=head.people("cc"),
        delivered_to=tuple(one.email for name in DELIVERED for one in head.people(name)),
        subject=subject,
        date=head.date(),
        body="\n".join(line.text for line in lines).strip("\n").rstrip(),
        new_text=quotes.new_text(marked, forwards=subjects.taken_apart(subject).forward),
        markup=found.markup,
        files=found.files,
        report=report(root),
        headers=head.all(),
        problems=tuple(dict.fromkeys((*root.problems, *found.problems))),
        quarantine="" if raw.strip() else "the mail is empty",
    )


class _Heading:
    """The head of a mail, as text. Raw bytes without a label are in the charset of the mail's text."""

    def __init__(self, root: Part) -> None:
        self._head = root.head
        labels = (leaf.parameters.get("charset", "") for leaf in root.leaves() if leaf.kind.startswith("text/"))
        self._hint = next((label for label in labels if label), "")

    def told(self, name: str) -> str:
        return headers.readable(self._head.first(name), self._hint).strip()

    def people(self, name: str) -> tuple[Address, ...]:
        return tuple(one for value in self._head.each(name) for one in addresses(self._undecoded(value)))

    def _undecoded(self, value: bytes) -> str:
        return charsets.printable(charsets.text(value, "", self._hint))

    def sender(self) -> Address:
        """The first who has an address, in the order of who may be meant."""
        written = self.people("from")
        others = (
            one for name in ("reply-to", "sender", "return-path") for one in self.people(name) if "@" in one.email
        )
        addressed = [one for one in written if "@" in one.email] or [one for one in written if one.email]
        return next(iter(addressed), None) or next(others, None) or next(iter(written), Address(""))

    def envelope(self) -> str | None:
        value = self._head.first("return-path").strip()
        return next((one.email for one in self.people("return-path")), "") if value else None

    def ids(self, name: str) -> tuple[str, ...]:
        found = ids(" ".join(headers.readable(value) for value in self._head.each(name)))
        return found if len(found) <= MOST_IDS else (found[0], *found[-MOST_IDS + 1 :])

    def id(self, name: str) -> str:
        return next(iter(self.ids(name)), "") or self._odd(name)

    def _odd(self, name: str) -> str:
        """An id that has no form: as it stands, if it is one word."""
        value = headers.readable(self._head.first(name)).strip()
        return value if value and " " not in value and len(value) < 900 else ""

    def date(self) -> datetime | None:
        try:
            at = parsedate_to_datetime(headers.readable(self._head.first("date")).strip())
            return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            return None

    def all(self) -> Headers:
        return Headers(tuple((name, headers.readable(value, self._hint)) for name, value in self._head.fields))


def _salvaged(raw: bytes, digest: str, error: Exception) -> Mail:
    """What can be known of a mail that could not be read: each piece by itself."""
    head = _attempt(lambda: _Heading(Part(headers.split(raw[:1_000_000]), "", {})), None)
    told = _attempt(lambda: charsets.whole(charsets.text(raw[:SALVAGED])), "")
    known = Mail(sha256=digest, body=told, new_text=told, quarantine=f"could not be read: {type(error).__name__}")
    if head is None:
        return known
    return Mail(
        sha256=digest,
        message_id=_attempt(lambda: head.id("message-id"), ""),
        in_reply_to=_attempt(lambda: head.id("in-reply-to"), ""),
        references=_attempt(lambda: head.ids("references"), ()),
        sender=_attempt(head.sender, Address("")),
        to=_attempt(lambda: head.people("to"), ()),
        subject=_attempt(lambda: head.told("subject"), ""),
        date=_attempt(head.date, None),
        headers=_attempt(head.all, Headers()),
        body=told,
        new_text=told,
        quarantine=known.quarantine,
    )


def _attempt(doing: Callable[[], T], otherwise: T) -> T:
    try:
        return doing()
    except Exception:  # one piece less is known
        return otherwise
