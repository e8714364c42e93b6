"""Mails for tests, of few words."""

from __future__ import annotations

from channels.email.mail import Mail
from channels.email.reading import read


def raw(body: bytes | str | None = "Hello", **fields: str | None) -> bytes:
    """A plain mail; `Content_Type="…"` sets a header, None leaves one out."""
    head = {"From": "Wang <wang@example.com>", "To": "help@shop.example", "Subject": "Question", **fields}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body.encode() if isinstance(body, str) else body or b"")


def mail(body: bytes | str | None = "Hello", **fields: str | None) -> Mail:
    return read(raw(body, **fields))
