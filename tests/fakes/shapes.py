"""What a request's body looks like, checked without mercy: JSON, its fields, and multipart forms."""

from __future__ import annotations

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
    if not content_type.lower().startswith("multipart/form-data"):
        raise Malformed(f"Content-Type is {content_type!r}, not multipart/form-data")
    whole = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(whole)
    files = [part for part in message.iter_parts() if part.get_param("filename", header="content-disposition")]
    if len(files) != 1:
        raise Malformed(f"{len(files)} parts of the form have a filename; one should")
    part = files[0]
    field = str(part.get_param("name", header="content-disposition"))
    data = part.get_payload(decode=True)
    return Upload(field, str(part.get_filename()), data if isinstance(data, bytes) else b"")
