"""A whole conversation, for whoever prints or keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.lent import Event
from bot.store import cases, listing, log
from bot.store.sql import Tx

PIECE = 500


def whole(tx: Tx, conversation_id: int) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    """The conversation's row as the desk lists it, with the complaint `cases` registered in it, and all its messages as
    agents see them, oldest first.

    NotFoundError if there is no such conversation.
    """
    row = listing.row(tx, conversation_id)
    row["cases"] = [one for one in cases.of_contact(tx, row["contact"]["id"]) if one["conversation"] == conversation_id]
    before = row["seq"] + 1
    pieces: list[tuple[Event, ...]] = []
    earlier = True
    while earlier:
        page = log.desk_earlier(tx, conversation_id, before=before, limit=PIECE)
        pieces.append(page.events)
        earlier, before = page.earlier, min((e.seq for e in page.events), default=0)
    return row, [e.d for piece in reversed(pieces) for e in piece if e.t == "message"]
