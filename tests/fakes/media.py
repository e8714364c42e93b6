"""Temporary media: what may be uploaded, and for how long it is kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

KEPT = 3 * 86400
KB, MB = 1024, 1024 * 1024

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(32) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
GIF = b"GIF89a" + bytes(32)
AMR = b"#!AMR\n" + bytes(32)
MP3 = b"ID3\x03" + bytes(32)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(32)
"""Enough of each to be taken for one."""

TYPES = {
    "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "amr": "audio/amr", "mp3": "audio/mp3",
    "mp4": "video/mpeg4",
}  # fmt: skip
ENDINGS = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "gif": "gif", "amr": "amr", "mp3": "mp3", "mp4": "mp4"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one type of media may be; no formats: anything."""

    most: int
    formats: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Medium:
    media_id: str
    kind: str
    filename: str
    data: bytes
    created: float


class TooBig(Exception):
    """Over the limit of its type."""


class Empty(Exception):
    """No bytes."""


class WrongFormat(Exception):
    """The bytes or the file name are of another format than the type wants."""


def format_of(data: bytes) -> str:
    """jpg, png, …; nothing if it is none we know."""
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return "mp3"
    heads = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n": "png", b"GIF8": "gif", b"#!AMR": "amr", b"ID3": "mp3"}
    return next((name for head, name in heads.items() if data.startswith(head)), "")


def check(rule: Rule, filename: str, data: bytes) -> None:
    if not data:
        raise Empty
    if len(data) > rule.most:
        raise TooBig(f"{len(data)} bytes, {rule.most} is the most")
    if rule.formats:
        ending = ENDINGS.get(filename.rsplit(".", 1)[-1].lower(), "")
        if ending not in rule.formats or format_of(data) != ending:
            raise WrongFormat(f"{filename!r} holds {format_of(data) or 'nothing known'}")


class Shelf:
    """All media of an account, ours and the users'."""

    def __init__(self) -> None:
        self._media: dict[str, Medium] = {}

    def put(self, kind: str, filename: str, data: bytes, now: float) -> Medium:
        medium = Medium(secrets.token_urlsafe(48), kind, filename, data, now)
        self._media[medium.media_id] = medium
        return medium

    def get(self, media_id: str, now: float) -> Medium | None:
        """None if it was never there, or is there no more."""
        medium = self._media.get(media_id)
        return medium if medium and now - medium.created < KEPT else None

    def expire(self, media_id: str) -> None:
        self._media[media_id] = replace(self._media[media_id], created=float("-inf"))


def headers(medium: Medium) -> Mapping[str, str]:
    """How a download names itself."""
    ending = format_of(medium.data)
    name = medium.filename.encode("ascii", "replace").decode().replace('"', "")
    return {
        "Content-Type": TYPES.get(ending, "application/octet-stream"),
        "Content-Disposition": f'attachment; filename="{name or medium.media_id}"',
    }
