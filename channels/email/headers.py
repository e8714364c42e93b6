"""The head of a mail or of one of its parts: lines to fields, RFC 2047 words and RFC 2231 parameters to text. Pure.

Lenient where people are: junk before the first header, continuation lines somebody unfolded, raw 8-bit bytes, words
cut within a character or by a fold, missing padding.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from channels.email import charsets

LONGEST = 65_536
"""Bytes of a header that are read."""
NAME = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,120})[ \t]*:")
EARLY = re.compile(rb"[\r\n]{1,8}[Cc]ontent-")
MBOX = re.compile(rb">?From [^\n]{1,500}\n")
FAMILIAR = re.compile(
    rb"(?i)(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|received|return-path|"
    rb"delivered-to|mime-version|content-[a-z-]{1,30}|x-[a-z0-9-]{1,60}|list-[a-z-]{1,30}|dkim-signature|"
    rb"authentication-results|arc-[a-z-]{1,40}|auto-submitted|precedence|thread-[a-z]{1,10}|importance|user-agent)"
    rb"[ \t]*:"
)
WORD = re.compile(r"=\?([^\s?=]{1,60})\?([bBqQ])\?(.{0,4000}?)\?=", re.DOTALL)
HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


@dataclass(frozen=True, slots=True)
class Head:
    """Raw fields, top to bottom: lower-case name, unfolded bytes. `body`: where the rest begins."""

    fields: tuple[tuple[str, bytes], ...] = ()
    body: int = 0
    problems: tuple[str, ...] = field(default=())

    def first(self, name: str) -> bytes:
        return next(self.each(name), b"")

    def each(self, name: str) -> Iterator[bytes]:
        return (value for known, value in self.fields if known == name)


def split(raw: bytes, *, part: bool = False) -> Head:
    """The head of raw bytes that begin with it. `part`: one of a multipart; an empty first line says it has none."""
    at = _beginning(raw) if not part or EARLY.match(raw) else 0
    fields: list[tuple[str, list[bytes]]] = []
    problems: list[str] = []
    while at < len(raw):
        end = raw.find(b"\n", at) + 1 or len(raw)
        line = raw[at:end].rstrip(b"\r\n")
        if not line:
            at = end
            break
        if match := NAME.match(line):
            fields.append((match[1].decode("ascii").lower(), [line[match.end() :].strip(b" \t")]))
        elif line[:1] in b" \t" and fields and (line.strip() or _continues(raw, end)):
            fields[-1][1].append(b" " + line.strip(b" \t") if line.strip() else b"")
        elif not (fields and line.startswith(b"--")) and _continues(raw, end):
            problems.append("a line among the headers is none")
            if fields:
                fields[-1][1].append(b" " + line.strip(b" \t"))
        else:
            problems += ["the headers end without an empty line"] if fields else ["there are no headers"]
            at = end if not line.strip() else at
            break
        at = end
    joined = tuple((name, b"".join(lines)[:LONGEST]) for name, lines in fields)
    return Head(joined, min(at, len(raw)), tuple(dict.fromkeys(problems)))


def _beginning(raw: bytes) -> int:
    """After a BOM, empty lines and what mbox files put before a mail."""
    at = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw[at : at + 1] in (b"\r", b"\n"):
        at += 1
    match = MBOX.match(raw, at)
    return match.end() if match and not NAME.match(raw, at) else at


def _continues(raw: bytes, at: int) -> bool:
    """Whether a familiar header comes before the next empty line or boundary, and before long."""
    for _ in range(20):
        end = raw.find(b"\n", at) + 1 or len(raw)
        line = raw[at : min(end, at + 1000)]
        if not line.strip(b"\r\n") or line.startswith(b"--"):
            return False
        if FAMILIAR.match(line):
            return True
        at = end
    return False


# ---- encoded words --------------------------------------------------------------------------------------------------


def readable(value: bytes, hint: str = "") -> str:
    """A header's value as people read it: on one line, encoded words decoded. `hint`: the charset of raw bytes."""
    told = _raw(value, hint)
    return charsets.printable(words(told) if "=?" in told else told)


def _raw(value: bytes, hint: str) -> str:
    if value.isascii() and b"\x1b$" not in value:
        return value.decode("ascii")
    return charsets.text(value, "", hint)


def words(told: str) -> str:
    """A text with its encoded words decoded. Neighbours of one charset are one run of bytes: many programs cut
    within a character."""
    out: list[str] = []
    run: list[bytes] = []
    label, at = "", 0
    for match in WORD.finditer(told):
        between = told[at : match.start()]
        name = match[1].partition("*")[0].lower()
        if run and (between.strip() or name != label):
            out.append(charsets.text(b"".join(run), label))
            run = []
        if between.strip() or not at:
            out.append(between)
        label, at = name, match.end()
        run.append(_bytes(match[2], match[3]))
    if run:
        out.append(charsets.text(b"".join(run), label))
    return "".join([*out, told[at:]])


def _bytes(how: str, said: str) -> bytes:
    data = said.encode("utf-8", "replace")
    return base64(data) if how in "bB" else HEX.sub(_byte, data.replace(b"_", b" "))


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))


def base64(data: bytes) -> bytes:
    """Base64 with whatever people put between: rubbish, line ends, padding in the middle or none at the end."""
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except ValueError:
        pieces = data.split(b"=") if b"=" in data.rstrip(b"=\r\n \t") else [data]
    return b"".join(_loose(NOT_BASE64.sub(b"", piece)) for piece in pieces)


def _loose(piece: bytes) -> bytes:
    over = len(piece) % 4
    padded = piece[:-1] if over == 1 else piece + b"=" * (-over % 4)
    return binascii.a2b_base64(padded)


# ---- parameters -----------------------------------------------------------------------------------------------------

PARAMETER = re.compile(rb';\s{0,20}([^\s=;"]{1,80})\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
PIECE = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """A structured header as (value in lower case, parameters): RFC 2231 pieces joined, encoded words decoded too."""
    value = value[:LONGEST]
    main = value.partition(b";")[0].strip().lower().decode("latin-1")
    plain: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, bytes]]] = {}
    for name, quoted, bare in PARAMETER.findall(value):
        match = PIECE.match(name.decode("latin-1").lower())
        said = re.sub(rb"\\(.)", rb"\1", quoted) if quoted and b'\\"' in quoted else quoted or bare.strip()
        if match and (match[2] or match[3]):
            pieces.setdefault(match[1], []).append((int(match[2] or 0), bool(match[3]), said))
        elif match:
            plain.setdefault(match[1], readable(said))
    return main, {**plain, **{name: _joined(found) for name, found in pieces.items()}}


def _joined(pieces: list[tuple[int, bool, bytes]]) -> str:
    label, data = "", b""
    for index, (_, extended, said) in enumerate(sorted(pieces, key=lambda p: p[0])):
        if extended and not index and said.count(b"'") >= 2:
            head, _, said = said.split(b"'", 2)
            label = head.decode("latin-1")
        data += unquote_to_bytes(said) if extended else said
    told = charsets.printable(charsets.text(data, label))
    return charsets.printable(words(told)) if "=?" in told else told
