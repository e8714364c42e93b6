"""What a mail says, as records: what everything else of this folder works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody a header names. `email` as written, "" where there is only a name."""

    email: str
    name: str = ""

    @property
    def local(self) -> str:
        return self.email.rpartition("@")[0].lower()

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class File:
    """Something attached, unpacked from its transfer encoding and no further.

    `cid`: what the HTML calls it, without brackets. `inline`: the sender shows it within the text.
    """

    name: str
    media_type: str
    data: bytes
    cid: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Headers:
    """A mail's headers, top to bottom: lower-case names, values unfolded and readable, encoded words decoded."""

    fields: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The top-most value, "" if there is none."""
        return next(self.each(name), "")

    def each(self, name: str) -> Iterator[str]:
        return (value for known, value in self.fields if known == name)

    def has(self, *names: str) -> bool:
        return any(known in names for known, _ in self.fields)


class About(StrEnum):
    """What a machine's report is about."""

    DELIVERY = "delivery"
    DISPOSITION = "disposition"
    ABUSE = "abuse"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail for one recipient. `action`: failed, delayed, delivered, relayed, expanded (RFC 3464), or
    an MDN's disposition (displayed, deleted …)."""

    recipient: str
    action: str
    status: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report (DSN), a receipt (MDN) or a complaint (ARF).

    `ids`: the Message-IDs of the mail it is about, with brackets; empty if the report does not say.
    """

    about: About
    fates: tuple[Fate, ...] = ()
    ids: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Fate, ...]:
        return tuple(fate for fate in self.fates if fate.action == "failed")

    @property
    def delayed(self) -> bool:
        """Not given up yet: nobody has failed, and somebody waits."""
        return not self.failed and any(fate.action == "delayed" for fate in self.fates)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as its sender meant it.

    `message_id`, `in_reply_to`, `references` with their brackets, as written; "" and () where there are none.
    `sender` is who wrote it (From; without one Reply-To, Sender, Return-Path); `envelope` the Return-Path, None where
    there is no such header, "" for `<>`. `delivered_to` are the addresses the mailbox's server noted.
    `body` is the whole text, `new_text` that without quotes and signature, and the body where nothing else is left.
    `markup` is the HTML as sent: it must not be shown but through `html.safe`.
    `sha256` (hex) of the raw bytes. `problems` are the things that were not as they should be, in words;
    `quarantine` why the mail could not be read as a whole ("" if it could).
    """

    sha256: str
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sender: Address = Address("")
    reply_to: tuple[Address, ...] = ()
    envelope: str | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    date: datetime | None = None
    body: str = ""
    new_text: str = ""
    markup: str = ""
    files: tuple[File, ...] = ()
    report: Report | None = None
    headers: Headers = field(default_factory=Headers)
    problems: tuple[str, ...] = ()
    quarantine: str = ""
