"""What we sign into mails that go out, and know again when it comes back. Pure.

A token travels in clear and gets forwarded: it lets a mail be added to a conversation, and nothing more. Its form
keeps clear of SpamAssassin's MSGID_RANDY by its dots.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

SIGNED = r"[0-9a-f]{16}"
MESSAGE_ID = re.compile(rf"<kf\.(\d{{1,18}})\.(\d{{1,18}})\.({SIGNED})@[^<>@\s]{{1,255}}>")
ADDRESS = re.compile(rf"[^@+\s]{{1,200}}\+kf(\d{{1,18}})\.({SIGNED})@[^@\s]{{1,255}}", re.IGNORECASE)
MARKER = re.compile(rf"\bref:kf(\d{{1,18}})\.({SIGNED})\b")
NOTIFICATION_ID = re.compile(rf"<kfn\.(\d{{1,18}})\.({SIGNED})@[^<>@\s]{{1,255}}>")
LOOP = re.compile(rf"kf\.(\d{{1,18}})\.(\d{{1,18}})\.({SIGNED})")


class Use(StrEnum):
    """What a signature is good for: one made for one use is worth nothing in another."""

    MESSAGE = "message"
    ADDRESS = "address"
    MARKER = "marker"
    LOOP = "loop"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True)
class Ours:
    """A token that is ours. `out`: the outgoing message it was made for, 0 where it is for the whole conversation."""

    conversation: int
    out: int = 0


def message_id(secret: bytes, conversation: int, out: int, host: str) -> str:
    return f"<kf.{conversation}.{out}.{_sign(secret, Use.MESSAGE, conversation, out)}@{host}>"


def notification_id(secret: bytes, number: int, host: str) -> str:
    """The Message-ID of a mail that calls an agent; it is good for one answer of his (`bot.store.notifications`)."""
    return f"<kfn.{number}.{_sign(secret, Use.NOTIFICATION, number, 0)}@{host}>"


def address(secret: bytes, mailbox: str, conversation: int) -> str:
    """`support@x` → `support+kf1024.…@x`; only for providers that keep what follows the plus."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+kf{conversation}.{_sign(secret, Use.ADDRESS, conversation, 0)}@{domain}"


def marker(secret: bytes, conversation: int) -> str:
    """For the foot of a text: mail programs that drop every header quote it back."""
    return f"ref:kf{conversation}.{_sign(secret, Use.MARKER, conversation, 0)}"


def loop(secret: bytes, conversation: int, out: int) -> str:
    """The value of X-Kefu-Loop."""
    return f"kf.{conversation}.{out}.{_sign(secret, Use.LOOP, conversation, out)}"


def of_message_id(secret: bytes, value: str) -> Ours | None:
    match = MESSAGE_ID.fullmatch(value)
    return _ours(secret, Use.MESSAGE, match[1], match[2], match[3]) if match else None


def of_notification_id(secret: bytes, value: str) -> int | None:
    match = NOTIFICATION_ID.fullmatch(value)
    found = _ours(secret, Use.NOTIFICATION, match[1], "0", match[2]) if match else None
    return found.conversation if found else None


def of_address(secret: bytes, value: str) -> Ours | None:
    match = ADDRESS.fullmatch(value)
    return _ours(secret, Use.ADDRESS, match[1], "0", match[2].lower()) if match else None


def of_loop(secret: bytes, value: str) -> Ours | None:
    match = LOOP.fullmatch(value.strip())
    return _ours(secret, Use.LOOP, match[1], match[2], match[3]) if match else None


def in_text(secret: bytes, text: str) -> Iterator[Ours]:
    """The markers in a text, in its order."""
    for match in MARKER.finditer(text):
        if found := _ours(secret, Use.MARKER, match[1], "0", match[2]):
            yield found


def _ours(secret: bytes, use: Use, conversation: str, out: str, signature: str) -> Ours | None:
    meant = Ours(int(conversation), int(out))
    good = hmac.compare_digest(_sign(secret, use, meant.conversation, meant.out), signature)
    return meant if good and secret else None


def _sign(secret: bytes, use: Use, conversation: int, out: int) -> str:
    return hmac.new(secret, f"{use}:{conversation}.{out}".encode(), hashlib.sha256).hexdigest()[:16]
