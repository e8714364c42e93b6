"""What a visitor's client posts, read into an Incoming. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.errors import PayloadError, TooLargeError
from bot.lent import Visitor
from bot.messages import Incoming

CID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
MAX_VALUE = 200
MAX_SEQ = 2**31 - 1
CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
SURROGATE = re.compile(r"[\ud800-\udfff]")


def message(body: bytes, visitor: Visitor, *, max_text: int = 4000) -> Incoming:
    """The message in a request's body.

    The client's `cid` becomes unique in the inbox by the visitor's id before it, so that nobody can claim the id of
    another visitor's message; the client gets his own back from `extra`.
    """
    data = record(body)
    cid, text, value = data.get("cid"), data.get("text"), data.get("value")
    if not isinstance(cid, str) or not CID.fullmatch(cid):
        raise PayloadError("cid must be 1 to 64 letters, digits, dots, colons, hyphens or underscores")
    if not isinstance(text, str):
        raise PayloadError("text must be a string")
    if value is not None and (not isinstance(value, str) or len(value) > MAX_VALUE):
        raise PayloadError(f"value must be a string of at most {MAX_VALUE} characters, or be left out")
    if not (text := clean(text).strip()):
        raise PayloadError("text is empty")
    if len(text) > max_text:
        raise TooLargeError(f"text has {len(text)} characters; at most {max_text} can be sent at a time")
    return Incoming(
        external_id=f"{visitor.sender}:{cid}",
        sender=visitor.sender,
        text=text,
        language=visitor.language,
        value=None if value is None else clean(value),
        extra={"cid": cid},
    )


def record(body: bytes) -> dict[str, Any]:
    """A JSON object; an empty body is an empty one."""
    try:
        # Not orjson: it refuses what a browser can send, a lone surrogate, together with the whole message.
        data = json.loads(body.decode() or "{}")
    except (ValueError, RecursionError):
        raise PayloadError("the body is not JSON in UTF-8") from None
    if not isinstance(data, dict):
        raise PayloadError("the body must be a JSON object")
    return data


def clean(text: str) -> str:
    """The text without what no store or screen can keep: NUL and other controls, halves of surrogate pairs."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return SURROGATE.sub("\ufffd", lines).translate(CONTROLS)


def cursor(text: str | None, name: str) -> int | None:
    """A log cursor from a query; None where there is none. One beyond any log is as far as one can go."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise PayloadError(f"{name} must be a whole number, 0 or more")
    return min(int(text.lstrip("0")[:11] or 0), MAX_SEQ + 1)


def language(tag: object, offered: tuple[str, ...]) -> str | None:
    """The offered language nearest to a BCP 47 tag; None if it is none of ours."""
    if not isinstance(tag, str):
        return None
    parts = tag.lower().replace("_", "-").split("-")
    if parts[0] == "zh":
        tag = "zh-Hant" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh-Hans"
    elif parts[0] == "en":
        tag = "en"
    if tag in offered:
        return tag
    return next((one for one in offered if one.startswith("zh")), None) if parts[0] == "zh" else None
