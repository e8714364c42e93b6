"""The msgid of what we send, made of the Outgoing.key so that a repeated send is refused and a report finds its way.

WeCom takes 32 bytes of [0-9a-zA-Z_-], unique in the account for ever. A key alone is not: a new database, or an old
one restored, counts from where it stood, and its messages would be refused as sent already and lost without a word.
So a msgid is `tag + check + key`: the tag is the installation's (on the shelf), the check is of what is said.
Pure.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode

LONGEST = 32
TAG = re.compile(r"[0-9a-z]{4}")
CHECK = 4
SAFE = re.compile(r"[^0-9A-Za-z-]")
ESCAPED = re.compile(r"_(?:x([0-9a-f]+)_|p)")
SEALED = re.compile(r"[0-9a-z]{4}[a-z2-7]{4}(?P<key>(?:[0-9A-Za-z-]|_p|_x[0-9a-f]+_)+)(?:_c\d+)?")


def part(key: str, call: int, *said: str) -> str:
    """The msgid without its tag: of the key, of the which-th call for it (from 1), and of what it says."""
    check = _digest("\0".join(said))[:CHECK]
    name = SAFE.sub(_escape, key) + (f"_c{call}" if call > 1 else "")
    if 4 + CHECK + len(name) <= LONGEST:
        return check + name
    return "_h" + _digest("\0".join((check, key, str(call))))[:26]  # cannot be read back, but is as unique


def again(msgid: str) -> str:
    """The msgid under which something goes that WeCom took and did not deliver; it reads back to the same key."""
    tag, rest = msgid[:4], msgid[4:]
    if rest.startswith("_h"):
        return f"{tag}_h{_digest(msgid)[:26]}"
    return tag + _digest(msgid)[:CHECK] + rest[CHECK:]


def key_of(msgid: str, tag: str) -> str | None:
    """The Outgoing.key behind a msgid; None if this installation did not make it, or cannot read it back."""
    match = SEALED.fullmatch(msgid)
    if match is None or not msgid.startswith(tag):
        return None
    try:
        return ESCAPED.sub(_unescape, match["key"])
    except (ValueError, OverflowError):
        return None


def _escape(match: re.Match[str]) -> str:
    return "_p" if match[0] == "#" else f"_x{ord(match[0]):x}_"


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else "#"


def _digest(text: str) -> str:
    return b32encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()).decode().lower()
