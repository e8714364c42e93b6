"""What a request's body looks like, checked without mercy: JSON, its fields, and multipart forms."""

from __future__ import annotations

import email.message
import email.parser
import email.policy
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

ESCAPED = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])[0-9a-fA-F]{4}")
"""A \\uXXXX that stands for something outside ASCII, and is no escaped backslash followed by a u."""


class Malformed(Exception):
    """The body has not the documented shape; the text says where."""


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in a body that must be UTF-8."""
    try:
        told = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except ValueError as error:
        raise Malformed(f"no JSON: {error}") from error
    return an_object(told, "the body")


def _no_constant(name: str) -> NoReturn:
    raise Malformed(f"{name} is no JSON")


def an_object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{where} is no object")
    return value


def a_list(value: Any, where: str, most: int | None = None) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{where} is no list")
    if most is not None and len(value) > most:
        raise Malformed(f"{where} has {len(value)} items, {most} is the most")
    return value


def an_integer(value: Any, where: str, choice: Collection[int]) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in choice:
        raise Malformed(f"{where} is {value!r}")
    return value


def names(value: Any, where: str, needed: Collection[str], allowed: Collection[str] = ()) -> dict[str, Any]:
    """An object with these names and no others."""
    told = an_object(value, where)
    if lacking := set(needed) - set(told):
        raise Malformed(f"{where} lacks {', '.join(sorted(lacking))}")
    if strange := set(told) - set(needed) - set(allowed):
        raise Malformed(f"{where} knows no {', '.join(sorted(strange))}")
    return told


def texts(value: Any, where: str, needed: Collection[str], allowed: Collection[str] = ()) -> dict[str, str]:
    """An object whose values are all text; the needed ones say something."""
    told = names(value, where, needed, allowed)
    for name, each in told.items():
        if not isinstance(each, str):
            raise Malformed(f"{name} in {where} is no text")
        if name in needed and not each:
            raise Malformed(f"{name} in {where} is empty")
    return told


def within(told: Mapping[str, str], limits: Mapping[str, int], where: str) -> None:
    """No text is longer than so many bytes of UTF-8."""
    for name, most in limits.items():
        size = len(told.get(name, "").encode())
        if size > most:
            raise Malformed(f"{name} in {where} has {size} bytes, {most} is the most")


@dataclass(frozen=True, slots=True)
class Upload:
    """The one file of a form."""

    field: str
    filename: str
    data: bytes


def read_upload(content_type: str, body: bytes) -> Upload:
    """The file in a multipart/form-data body."""
    around = _headers(b"Content-Type: " + content_type.encode("latin-1"))
    boundary = around.get_param("boundary")
    if around.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise Malformed(f"Content-Type is {content_type!r}, not multipart/form-data with a boundary")
    files = [upload for part in _parts(boundary.encode(), body) if (upload := _file(part))]
    if len(files) != 1:
        raise Malformed(f"{len(files)} parts of the form have a filename; one should")
    return files[0]


def _parts(boundary: bytes, body: bytes) -> list[bytes]:
    """What stands between the boundaries, byte for byte."""
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if before or not parts or not parts[-1].startswith(b"--"):
        raise Malformed("the form does not begin and end with its boundary")
    return parts[:-1]


def _file(part: bytes) -> Upload | None:
    """None for a field that is no file."""
    head, gap, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    if not gap:
        raise Malformed("a part of the form has no end of its headers")
    headers = _headers(head)
    if not (filename := headers.get_filename()):
        return None
    return Upload(str(headers.get_param("name", header="content-disposition")), filename, data)


def _headers(head: bytes) -> email.message.Message:
    return email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + b"\r\n\r\n", headersonly=True)
