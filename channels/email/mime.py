"""A mail as bytes. Pure.

Written by hand, header by header: what the standard library writes breaks the ids that threads hang on (long ones
become encoded words, cpython#100991), and the forms below are those that Outlook, QQ and NetEase read right. The same
sheet gives the same bytes. Nothing a customer or a file name says can begin a header of its own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.quoprimime import body_encode
from email.utils import format_datetime
from urllib.parse import quote

from channels.email.charsets import printable
from channels.email.mail import Address, File

CRLF = b"\r\n"
LINE = 76
LONGEST = 900
"""Characters of a header's value; a line of a mail has 998 bytes at most (RFC 5322 2.1.1)."""
ID = re.compile(r"<[!-;=?-~]{1,900}>")
TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9.+-]{0,80}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
SPEAKABLE = re.compile(r"[^\s<>()\[\],;:\\\"\x00-\x1f\x7f@]{1,64}@[^\s<>()\[\],;:\\\"\x00-\x1f\x7f@]{1,253}")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOSTLY_ASCII = 6
"""With less than one byte in so many beyond ASCII, quoted-printable is shorter and can be read."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands in a mail. Ids have their brackets; `more` are further headers, of ASCII."""

    sender: Address
    to: Sequence[Address]
    subject: str
    message_id: str
    date: datetime
    text: str
    html: str = ""
    cc: Sequence[Address] = ()
    reply_to: Address | None = None
    in_reply_to: str = ""
    references: Sequence[str] = ()
    files: Sequence[File] = ()
    more: Sequence[tuple[str, str]] = field(default=())


def written(sheet: Sheet) -> bytes:
    """The mail, with CRLF."""
    mark = "=_" + hashlib.sha256(sheet.message_id.encode()).hexdigest()[:24]
    return CRLF.join([*_head(sheet), *_content(sheet, mark)])


def speakable(address: str) -> bool:
    """Whether an address can be written into a header and an envelope as it is."""
    return bool(SPEAKABLE.fullmatch(address)) and address.isprintable()


# ---- headers --------------------------------------------------------------------------------------------------------


def _head(sheet: Sheet) -> Iterator[bytes]:
    yield people("From", [sheet.sender])
    for name, persons in (("To", sheet.to), ("Cc", sheet.cc), ("Reply-To", [sheet.reply_to] if sheet.reply_to else [])):
        if persons:
            yield people(name, persons)
    yield words("Subject", sheet.subject)
    yield f"Date: {format_datetime(sheet.date)}".encode()
    yield ids("Message-ID", [sheet.message_id])
    if sheet.in_reply_to:
        yield ids("In-Reply-To", [sheet.in_reply_to])
    if sheet.references:
        yield ids("References", sheet.references)
    yield b"MIME-Version: 1.0"
    for name, value in sheet.more:
        assert NAME.fullmatch(name), name
        yield words(name, value)


def words(name: str, value: str) -> bytes:
    """A header of free text: as it is where it is ASCII and has no long words, else in encoded words of 75 at most."""
    value = _one_line(value)[:LONGEST]
    plain = value.isascii() and "=?" not in value and all(len(word) < LINE - 2 for word in value.split(" "))
    coded = Header(value, "us-ascii" if plain else "utf-8", maxlinelen=LINE, header_name=name)
    return b"%s: %s" % (name.encode(), coded.encode(linesep="\r\n").encode()) if value else f"{name}:".encode()


def people(name: str, persons: Sequence[Address]) -> bytes:
    return f"{name}: ".encode() + ",\r\n ".join(map(_person, persons)).encode()


def ids(name: str, values: Sequence[str]) -> bytes:
    """Verbatim, one a line."""
    good = [value for value in values if ID.fullmatch(value)]
    return f"{name}: ".encode() + "\r\n ".join(good).encode()


def _person(one: Address) -> str:
    name = _one_line(one.name)[:200]
    assert speakable(one.email), one.email
    if not name:
        return f"<{one.email}>"
    if name.isascii() and "=?" not in name and len(name) < 60:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{one.email}>'
    coded = Header(name, "utf-8", maxlinelen=LINE, header_name="Reply-To").encode(linesep="\r\n")
    return f"{coded}\r\n <{one.email}>"


def _one_line(value: str) -> str:
    return " ".join(printable(value).encode("utf-8", "replace").decode().split())


# ---- what stands below ----------------------------------------------------------------------------------------------


def _content(sheet: Sheet, mark: str) -> Iterator[bytes]:
    text = _leaf(sheet.text, "plain")
    parts = [text, _leaf(sheet.html, "html")] if sheet.html else [text]
    said = _multipart("alternative", f"{mark}.a", parts) if sheet.html else text
    if sheet.files:
        said = _multipart("mixed", f"{mark}.m", [said, *map(_file, sheet.files)])
    yield said


def _multipart(kind: str, mark: str, parts: Sequence[bytes]) -> bytes:
    begin, end = f"--{mark}".encode(), f"--{mark}--".encode()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{mark}"'.encode()
    return CRLF.join([head, b"", *(line for part in parts for line in (begin, part)), end, b""])


def _leaf(text: str, kind: str) -> bytes:
    how, data = _coded(CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {how}'
    return head.encode() + CRLF * 2 + data


def _coded(text: str) -> tuple[str, bytes]:
    """How, and the text so: as it is where no server between can harm it."""
    text = text if text.endswith("\n") else text + "\n"
    data = text.encode("utf-8", "replace")
    lines = text.split("\n")
    harmless = all(len(line) <= LINE and line == line.rstrip() and not line.startswith("From ") for line in lines)
    if text.isascii() and harmless:
        return "7bit", data.replace(b"\n", CRLF)
    beyond = sum(byte > 127 for byte in data)
    if beyond * MOSTLY_ASCII < len(data) and not any(line.startswith("From ") for line in lines):
        return "quoted-printable", body_encode(data.decode("latin-1"), LINE, "\r\n").encode("ascii")
    return "base64", _base64(data.replace(b"\n", CRLF))


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", CRLF)


def _file(file: File) -> bytes:
    """As Thunderbird writes it: the name for Content-Type in encoded words, which Outlook, QQ and NetEase read, and
    for Content-Disposition after RFC 2231."""
    kind = file.media_type.lower()
    if not TOKEN.fullmatch(kind) or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"  # neither may be in base64 (RFC 2046 5.2)
    name = file_name(file.name)
    return CRLF.join([
        f"Content-Type: {kind};\r\n name={_quoted(name)}".encode(),
        b"Content-Transfer-Encoding: base64",
        f"Content-Disposition: attachment;\r\n {_rfc2231(name)}".encode(),
        b"",
        _base64(file.data),
    ])  # fmt: skip


def file_name(name: str) -> str:
    """A name every system takes, and no path."""
    last = re.split(r"[/\\]", _one_line(name))[-1].replace('"', "'").strip(". ")
    stem, dot, kind = last.rpartition(".")
    return (f"{stem[:120]}.{kind[:20]}" if dot else last[:120]) or "file"


def _quoted(name: str) -> str:
    if name.isascii() and "=?" not in name:
        return f'"{name}"'
    coded = Header(name, "utf-8", maxlinelen=LINE, header_name="").encode(linesep="\r\n")
    return f'"{coded}"'


def _rfc2231(name: str) -> str:
    if name.isascii() and "=?" not in name and len(name) < LINE - 20:
        return f'filename="{name}"'
    coded = quote(name, safe="", encoding="utf-8", errors="replace")
    pieces = re.findall(r"(?:%[0-9A-F]{2}|[^%]){1,18}", coded)
    if len(pieces) == 1:
        return f"filename*=utf-8''{pieces[0]}"
    begin = [f"filename*0*=utf-8''{pieces[0]}"]
    return ";\r\n ".join([*begin, *(f"filename*{n}*={piece}" for n, piece in enumerate(pieces[1:], 1))])
