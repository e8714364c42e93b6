"""Address headers, read as people write them. Pure, linear, and not fooled by nesting. After RFC 5322 §3.4, and every
way around it: names with bare commas, addresses without brackets, names that are whole encoded addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from channels.email.charsets import printable
from channels.email.headers import words
from channels.email.mail import Address

MOST = 500
"""Addresses that are read of one header."""
WORD = r"[^\s<>()\[\],;:\"'@＠]"
ADDRESS = re.compile(WORD + "{1,200}[@＠]" + WORD + "{1,255}")
LITERAL = re.compile(r"[^\s<>()\[\],;:\"'@]{1,200}@\[[^\s<>\[\]]{1,80}\]")
ODD_LOCAL = re.compile(r'"[^"]{1,100}"@[^\s<>(),;:"@]{1,255}$')
LOCAL = re.compile(r"[A-Za-z0-9._+-]{1,64}")
LONGEST_NAME = 300
MOST_OPEN = 20
"""Brackets without an end that are looked for to the header's end; each costs a reading of what is left of it."""


def addresses(value: str) -> tuple[Address, ...]:
    """Everybody a header names. `value` is unfolded and not decoded: encoded words may hold commas."""
    found = [one for piece in _pieces(value) if (one := _one(piece))]
    if not any(one.email for one in found) and "=?" in value:
        decoded = words(value)
        inner = [one for piece in _pieces(decoded) if (one := _one(piece))] if "@" in decoded else []
        found = inner if any(one.email for one in inner) else found
    return tuple(found[:MOST])


def normal(email: str) -> str:
    """An address for comparing: lower case, without a tag (`me+tag@`)."""
    local, _, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}" if domain and local else email.strip().lower()


class _Piece:
    """One entry of a list, taken apart."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.angle: str | None = None
        self.comments: list[str] = []
        self.quoted = self.at = False

    def empty(self) -> bool:
        return self.angle is None and not self.comments and not "".join(self.text).strip()


def _pieces(value: str) -> list[_Piece]:
    """The entries. One without any address is the beginning of the next one's name: `Doe, John <j@x>`."""
    out: list[_Piece] = []
    begun: list[str] = []
    last = _Piece()
    for piece in _split(value[:65_536]):
        if piece.empty():
            continue
        if piece.angle is None and not piece.comments and not any("@" in t or "＠" in t for t in piece.text):
            begun += [*piece.text, ", "]
            last = piece
            continue
        piece.text[:0] = begun
        begun = []
        out.append(piece)
    if begun:
        last.text = begun[:-1]
        out.append(last)
    return out


def _split(value: str) -> Iterator[_Piece]:
    piece, at, size, opened = _Piece(), 0, len(value), 0
    while at < size:
        char = value[at]
        if char == '"':
            said, at = _quoted(value, at + 1)
            piece.text.append(said if not value.startswith("@", at) else f'"{said}"')
            piece.quoted = True
        elif char == "(":
            said, at, closed = _comment(value, at + 1, opened < MOST_OPEN)
            opened += not closed
            piece.comments.append(said)
        elif char == "<":
            said, at = _angle(value, at + 1)
            piece.angle = piece.angle or said
        elif char in ",;，；":
            yield piece
            piece, at = _Piece(), at + 1
        elif char == ":" and piece.angle is None and not piece.at and _group(value, at):
            piece, at = _Piece(), at + 1
        else:
            piece.text.append(char)
            piece.at = piece.at or char == "@"
            at += 1
    yield piece


def _group(value: str, at: int) -> bool:
    """Whether the colon ends a group's name (`Team: a@b, c@d;`): what stands before it is none of `mailto`."""
    return not value[max(0, at - 20) : at].rstrip().lower().endswith(("mailto", "smtp", "http", "https"))


def _quoted(value: str, at: int) -> tuple[str, int]:
    out: list[str] = []
    while at < len(value) and value[at] != '"':
        at += value[at] == "\\"
        out.append(value[at : at + 1])
        at += 1
    return "".join(out), at + 1


def _comment(value: str, at: int, looks: bool) -> tuple[str, int, bool]:
    """A comment, nested as deep as it likes, and whether it ends; without its end, only the rest of this entry."""
    depth, start = 1, at
    while looks and at < len(value):
        depth += (value[at] == "(") - (value[at] == ")")
        if not depth:
            return value[start:at], at + 1, True
        at += 1 + (value[at] == "\\")
    end = value.find("<", start)
    end = end if end >= 0 else len(value)
    return value[start:end].strip("( "), end, False


def _angle(value: str, at: int) -> tuple[str, int]:
    while value.startswith("<", at):
        at += 1
    end = min((e for mark in ">,;" if (e := value.find(mark, at)) >= 0), default=len(value))
    if value.startswith('"', at) and (close := value.find('"@', at + 1)) >= 0:
        end = value.find(">", close) if value.find(">", close) >= 0 else len(value)
    after = end
    while value.startswith(">", after):
        after += 1
    return value[at:end], after


def _one(piece: _Piece) -> Address | None:
    said = "".join(piece.text).strip()
    if piece.angle is not None:
        inner = _email(piece.angle)
        email = inner or _email(said)
        said = said if inner or not email else said.replace(email, " ")
        return _address(email or piece.angle.strip(), said or " ".join(piece.comments), piece)
    email = _email(said)
    if not email:
        bare = said if LOCAL.fullmatch(said) and not piece.quoted else ""
        return _address(bare, " ".join(piece.comments) or ("" if bare else said), piece)
    rest = said.replace(email, " ", 1).replace("[mailto:", " ").replace("mailto:", " ").strip("[]> ")
    return _address(email, rest or " ".join(piece.comments), piece)


def _email(said: str) -> str:
    said = said.strip().rstrip(">")
    if match := ODD_LOCAL.search(said) or LITERAL.search(said) or ADDRESS.search(said):
        return match[0].replace("＠", "@").strip(".'")
    return ""


def _address(email: str, name: str, piece: _Piece) -> Address | None:
    name = printable(words(name)) if "=?" in name else printable(name)
    name = " ".join(name.split())
    while len(name) > 1 and name[0] == name[-1] and name[0] in "'\"":
        name = name[1:-1].strip()
    name = name[:LONGEST_NAME]
    email = printable(words(email) if "=?" in email else email).strip()
    if "@" not in email and "@" in name and not piece.quoted and (inner := _email(name)):
        email, name = inner, name.replace(inner, "").strip("<> \"'")
    return Address(email, name) if email or name else None
