"""Letters among the messages: what was written over them, and what of them is only fetched when somebody asks.

A message is a letter by what is kept with it (`payload["extra"]`): an incoming one has the digest of its raw bytes, an
outgoing one whom it was sent to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.store.sql import Statement, Tx, p
from bot.tables import Message

M = Message.__table__  # type: ignore[attr-defined]

HEAD = (
    "subject",
    "from",
    "to",
    "cc",
    "reply_to",
    "problems",
    "quarantine",
    "verdict",
    "why_not",
    "folder",
    "placing",
    "authentication",
    "refused",
)
"""What stands over a letter; the whole text and the HTML are long, and asked for by themselves."""
INLINE = re.compile(r' src="([A-Za-z0-9_-]{32})"')
REMOTE = ' data-remote="'
"""How the HTML names an image of the letter itself, and one on somebody's server."""

ONE = Statement(sa.select(M.c.text, M.c.payload).where(M.c.id == p("id"), M.c.audience != "none"))


@dataclass(frozen=True, slots=True)
class Letter:
    """`text`: the whole, with what it quotes. `html`: made safe when it was taken in, "" where there is none."""

    subject: str
    text: str
    html: str


def heading(payload: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a message's view says of it as a letter; None if it is none.

    `mute`: why nothing automatic was said to it. `date`: when it says it was written. `elsewhere`: a person of ours
    wrote it without us; `quiet`: nobody has to see to it. `whole`: there is more text than the message has; `html`,
    `remote`: there is HTML, and it wants images from somebody's server; `inline`: the keys of the files that stand in
    it.
    """
    extra = payload.get("extra")
    if not isinstance(extra, Mapping) or not ("sha256" in extra or "to" in extra):
        return None
    html = str(extra.get("html") or "")
    told = {
        **{name: extra.get(name) for name in HEAD},
        "mute": payload.get("mute"),
        "elsewhere": payload.get("elsewhere"),
        "quiet": payload.get("wakes") is False,
        "date": payload.get("sent_at"),
        "whole": bool(extra.get("body")),
        "html": bool(html),
        "remote": REMOTE in html,
        "inline": list(dict.fromkeys(INLINE.findall(html))),
    }
    return {name: value for name, value in told.items() if value}


def one(tx: Tx, message_id: int) -> Letter:
    """A letter in full. NotFoundError if there is none with this number."""
    row = tx.first(ONE, id=message_id)
    if row is None or heading(row.payload) is None:
        raise NotFoundError("there is no such letter")
    extra = row.payload["extra"]
    return Letter(str(extra.get("subject") or ""), str(extra.get("body") or row.text), str(extra.get("html") or ""))
