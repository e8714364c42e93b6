"""What a channel fetched itself: a page of it and the cursor behind it, in one transaction."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import StaleCursorError
from bot.messages import AgentReply, Heard, Incoming, Recall, Report, SaidElsewhere
from bot.ports import Cursor
from bot.store import arrivals, elsewhere, log, media, notifications, reports, shelf
from bot.store.rows import Arrived, token
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Kept, Message

K = Kept.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
OUR_KEY = re.compile(r"kefu-(\d{1,18})")

MAKE = Statement(
    insert(K)
    .values(inbox_id=p("inbox_id"), name=p("name"), value="", until=None)
    .on_conflict_do_nothing(index_elements=["inbox_id", "name"])
)
HELD = Statement(sa.select(K.c.value).where(K.c.inbox_id == p("inbox_id"), K.c.name == p("name")).with_for_update())
FOUND = Statement(
    sa.select(M.c.id, M.c.conversation_id, M.c.seq, M.c.payload).where(
        M.c.inbox_id == p("inbox_id"), M.c.external_id == p("external_id")
    )
)
RECALLED = Statement(sa.update(M).where(M.c.id == p("id")).values(payload=p("payload")))


@dataclass(slots=True)
class Page:
    """What a page came to: what is new, and the conversations that changed otherwise."""

    arrived: list[tuple[Arrived, Incoming]] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)


def keep(
    tx: Tx, inbox_id: int, heard: Sequence[Heard], cursor: Cursor | None, *, lease: timedelta | None,
    reopen: timedelta, wake: timedelta | None, pulls: Container[int] = (),
) -> Page:  # fmt: skip
    """Keep all of it and move the cursor. What was kept before changes nothing. StaleCursorError if the cursor is no
    longer where it was read. `pulls`: inboxes whose customers read our log themselves."""
    if cursor is not None:
        _move(tx, inbox_id, cursor)
    page = Page()
    more: dict[str, Any] = {"lease": lease, "reopen": reopen, "wake": wake}
    for one in heard:
        match one:
            case Incoming():
                page.arrived += _arrived(tx, inbox_id, one, more)
            case Report():
                page.changed += _report(tx, inbox_id, one)
            case Recall():
                page.changed += _recall(tx, inbox_id, one)
            case AgentReply():
                answered = notifications.answer(tx, one, pulls=pulls)
                page.changed += _answered(tx, one, answered)
                if answered.unproven and one.stranger is not None:
                    page.arrived += _arrived(tx, inbox_id, one.stranger, more)
            case SaidElsewhere():
                page.changed += _some(elsewhere.keep(tx, inbox_id, one))
    return page


def _arrived(tx: Tx, inbox_id: int, one: Incoming, more: Mapping[str, Any]) -> list[tuple[Arrived, Incoming]]:
    """Kept as a customer's, unless it was before."""
    if arrivals.find(tx, inbox_id, one.external_id) is not None:
        return []
    return [(arrivals.accept(tx, inbox_id, one, token=token(), **more), one)]


def _move(tx: Tx, inbox_id: int, cursor: Cursor) -> None:
    # Locked first: two processes that fetched the same page keep it one after the other.
    tx.count(MAKE, inbox_id=inbox_id, name=cursor.name)
    held = tx.first(HELD, inbox_id=inbox_id, name=cursor.name)
    if held is None or held.value != cursor.before:
        raise StaleCursorError(f"the cursor {cursor.name} was moved by another process")
    shelf.put(tx, inbox_id, cursor.name, cursor.after, until=None)


def _report(tx: Tx, inbox_id: int, told: Report) -> list[int]:
    ours = OUR_KEY.match(told.key)
    return _some(reports.report(tx, inbox_id, int(ours[1]), told.delivery, told.error) if ours else None)


def _some(conversation_id: int | None) -> list[int]:
    return [] if conversation_id is None else [conversation_id]


def _answered(tx: Tx, told: AgentReply, answered: notifications.Answered) -> list[int]:
    if answered.changed is None:
        return []
    media.take(tx, answered.changed.conversation_id, told.attachments)
    return [answered.changed.conversation_id]


def _recall(tx: Tx, inbox_id: int, told: Recall) -> list[int]:
    row = tx.first(FOUND, inbox_id=inbox_id, external_id=told.external_id)
    if row is None or row.payload.get("recalled"):
        return []
    log.add(tx, row.conversation_id, "recall", {"seq": row.seq}, audience="desk")
    tx.count(RECALLED, id=row.id, payload={**row.payload, "recalled": True})
    return [int(row.conversation_id)]
