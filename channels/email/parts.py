"""A mail taken apart: multiparts to a tree, transfer encodings undone. Pure, and as fast for a bomb as for a mail.

Splitting from the outside in by boundary lines needs no recursion in the depth of what a sender nested, so 3,000
levels cost what `DEEPEST` cost; what lies deeper is kept whole, as a file. Nothing that is compressed is unpacked.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from channels.email import headers, sealed
from channels.email.headers import Head

DEEPEST = 50
MOST = 1000
"""Parts of one multipart; the rest stays in the last one."""
DELIMITER = re.compile(rb"(?m)^--([!-~][ -~]{0,198})[ \t]*\r?\n(?=[Cc]ontent-[A-Za-z-]{1,30}[ \t]*:)")
AFTER = re.compile(rb"(--)?[ \t]*(?:\r*\n|\r*\Z)")
PLAIN = "text/plain"
MESSAGE = "message/rfc822"
EMPTY = b"multipart/alternative"
FORMS = frozenset({PLAIN, "text/html"})


@dataclass(frozen=True, slots=True)
class Part:
    """A multipart with its children, or a leaf with its bytes as they travelled. `kind` is the media type."""

    head: Head
    kind: str
    parameters: dict[str, str]
    body: bytes = b""
    children: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def data(self) -> bytes:
        """The bytes the sender meant."""
        how = _first_word(self.head.first("content-transfer-encoding"))
        return ENCODINGS.get(how, bytes)(self.body)

    @property
    def disposition(self) -> str:
        return _first_word(self.head.first("content-disposition"))

    @property
    def filename(self) -> str:
        """What the sender calls it, without a path; "" if he does not."""
        _, named = headers.parameters(b";" + self.head.first("content-disposition").partition(b";")[2])
        name = named.get("filename") or named.get("name") or self.parameters.get("name", "")
        return name.replace("\\", "/").rpartition("/")[2].strip()[:200]

    @property
    def cid(self) -> str:
        return headers.readable(self.head.first("content-id")).strip().strip("<>").strip()

    def leaves(self) -> Iterator[Part]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def everything(self) -> Iterator[Part]:
        yield self
        for child in self.children:
            yield from child.everything()


def take_apart(raw: bytes, otherwise: str = PLAIN, depth: int = 0) -> Part:
    """The tree of a mail, or of a part. `otherwise`: its type where it names none."""
    head = headers.split(raw, part=depth > 0)
    kind, parameters = headers.parameters(head.first("content-type"))
    kind = _kind(kind, parameters, otherwise)
    part = Part(head, kind, parameters, raw[head.body :], problems=head.problems if not depth else ())
    if sealed.is_container(kind, part.filename):
        return _unsealed(part, depth)
    if not kind.startswith("multipart/"):
        return part
    if depth >= DEEPEST:
        told = f"parts are nested deeper than {DEEPEST} levels; what lies deeper is kept as one file"
        return replace(part, kind="application/octet-stream", problems=(*part.problems, told))
    return _opened(part, depth)


def _kind(kind: str, parameters: dict[str, str], otherwise: str) -> str:
    kind = kind.strip("\"' ")
    if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind):
        return kind
    return "multipart/mixed" if "boundary" in parameters else otherwise


def _unsealed(part: Part, depth: int) -> Part:
    """What a container holds in its place, where that is a mail's part; a signed document stays the file it is."""
    data = part.data
    if sealed.is_encrypted(data):
        return replace(part, problems=(*part.problems, sealed.ENCRYPTED))
    try:
        inner = sealed.content(data)
    except ValueError:
        return replace(part, problems=(*part.problems, sealed.UNREADABLE))
    if inner is None or depth >= DEEPEST or not headers.FAMILIAR.match(inner.lstrip(b"\r\n")):
        return part
    child = take_apart(inner.lstrip(b"\r\n"), depth=depth + 1)
    return replace(part, kind="multipart/signed", body=b"", children=(child,), problems=part.problems + child.problems)


def _opened(part: Part, depth: int) -> Part:
    boundary = part.parameters.get("boundary", "").rstrip().encode("latin-1", "replace")
    found = pieces(part.body, boundary) if boundary else []
    if not found and boundary and _first_word(part.head.first("content-transfer-encoding")) in ENCODINGS:
        found = pieces(part.data, boundary)  # against the rules, and seen
    problems = part.problems
    if not found:
        problems = (*problems, "a multipart without its boundary")
        guess = DELIMITER.search(part.body[:65_536])
        found = pieces(part.body, guess[1].rstrip()) if guess else []
    if not found:
        return replace(part, kind=PLAIN, problems=problems)
    inner = MESSAGE if part.kind == "multipart/digest" else PLAIN
    children = tuple(_adopted([take_apart(piece, inner, depth + 1) for piece in found]))
    inside = tuple(told for child in children for told in child.problems)
    if part.kind == "multipart/encrypted":
        inside = (sealed.ENCRYPTED, *inside)
    return replace(part, body=b"", children=children, problems=tuple(dict.fromkeys((*problems, *inside))))


def _adopted(parts: list[Part]) -> Iterator[Part]:
    """The parts; forms of one text that stand after their multipart/alternative, under its parent's boundary, are
    put into it."""
    at = 0
    while at < len(parts):
        part, at = parts[at], at + 1
        if part.kind == PLAIN and not part.body.strip() and part.head.first("content-type").lower().startswith(EMPTY):
            forms: dict[str, Part] = {}
            while at < len(parts) and parts[at].kind in FORMS - forms.keys() and parts[at].disposition != "attachment":
                forms[parts[at].kind], at = parts[at], at + 1
            part = replace(part, kind="multipart/alternative", children=tuple(forms.values())) if forms else part
        yield part


def pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """What stands between the boundary lines; without what comes before the first and after the last."""
    out: list[bytes] = []
    mark, start, at, closed = b"--" + boundary, -1, 0, False
    while len(out) < MOST and (at := body.find(mark, at)) >= 0:
        after = AFTER.match(body, at + len(mark))
        if not after or (at and body[at - 1 : at] not in (b"\n", b"\r")):
            at += len(mark)
            continue
        if start >= 0 and not (closed and not body[start:at].strip()):
            out.append(_before(body, start, at))
        closed = bool(after[1])
        start = at = after.end()
    if start >= 0 and not closed and (rest := body[start:]).strip():
        out.append(rest)
    return out


def _before(body: bytes, start: int, end: int) -> bytes:
    """Without the line end that belongs to the boundary."""
    piece = body[start:end]
    return piece[:-2] if piece.endswith(b"\r\n") else piece[:-1] if piece.endswith(b"\n") else piece


def _first_word(value: bytes) -> str:
    return value.partition(b";")[0].strip(b" \t\"'").partition(b" ")[0].decode("latin-1").lower()


# ---- transfer encodings ---------------------------------------------------------------------------------------------

SPACE = b"\r\n \t"
ENCODED_LINE = re.compile(rb"[A-Za-z0-9+/]{1,1000}={0,2}[ \t]*\r*")


def _base64(data: bytes) -> bytes:
    try:
        return binascii.a2b_base64(data.translate(None, SPACE), strict_mode=True)
    except ValueError:
        pass
    encoded, rest = _with_footer(data)
    if not encoded.strip():
        return data if b" " in data.strip() else headers.base64(data)
    return headers.base64(encoded.translate(None, SPACE)) + (b"\n" + rest if rest.strip() else b"")


def _with_footer(data: bytes) -> tuple[bytes, bytes]:
    """Base64, and the plain text a mailing list or a scanner wrote below it."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at) + 1 or len(data)
        line = data[at:end].strip()
        if line and not ENCODED_LINE.fullmatch(line):
            rest = [one for one in data[at:].split(b"\n") if one.strip()]
            encoded = sum(bool(ENCODED_LINE.fullmatch(one.strip())) for one in rest)
            return (data[:at], data[at:]) if _complete(data[:at]) and encoded * 2 < len(rest) else (data, b"")
        at = end
    return data, b""


def _complete(encoded: bytes) -> bool:
    return len(encoded.translate(None, SPACE)) % 4 == 0


def _uuencoded(data: bytes) -> bytes:
    out: list[bytes] = []
    for line in data.split(b"\n"):
        line = line.rstrip(b"\r")
        if line.startswith(b"begin ") and not out:
            continue
        if line in (b"end", b"`", b""):
            continue
        out.append(_uu_line(line))
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        size = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:size])
        except binascii.Error:
            return b""


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _base64,
    "quoted-printable": binascii.a2b_qp,
    **dict.fromkeys(("x-uuencode", "uuencode", "x-uue", "uue"), _uuencoded),
}
