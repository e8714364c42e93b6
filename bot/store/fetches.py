"""Attachments on their way from a network to us: taken by one worker at a time, settled once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.messages import Attachment, Kind
from bot.store import log, media
from bot.store.media import NOW, Kept
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import MediaFetch, Message, UtcTime

M = Message.__table__  # type: ignore[attr-defined]
F = MediaFetch.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attachment a worker holds. `attempts` is the number of this attempt, and names the hold."""

    fetch_id: int
    attempts: int
    message_id: int
    number: int
    conversation_id: int
    inbox_id: int
    created_at: datetime
    attachment: Attachment


WAITING = Statement(
    sa.select(F.c.id).where(F.c.due_at <= NOW).order_by(F.c.due_at).limit(p("limit")).with_for_update(skip_locked=True)
)
HOLD = Statement(
    sa.update(F)
    .where(F.c.id == p("id"))
    .values(attempts=F.c.attempts + 1, due_at=p("until", UtcTime()))
    .returning(F.c.id)
)
LOAD = Statement(
    sa.select(
        F.c.id,
        F.c.attempts,
        F.c.message_id,
        F.c.number,
        F.c.conversation_id,
        F.c.inbox_id,
        F.c.created_at,
        M.c.payload,
    )
    .join_from(F, M, M.c.id == F.c.message_id)
    .where(F.c.id == p("id"))
)
SOONEST = Statement(sa.select(F.c.due_at).order_by(F.c.due_at).limit(1))
TAKE_OUT = Statement(sa.delete(F).where(F.c.id == p("id"), F.c.attempts == p("attempts")).returning(F.c.message_id))
AGAIN = Statement(
    sa.update(F)
    .where(F.c.id == p("id"), F.c.attempts == p("attempts"))
    .values(due_at=p("until", UtcTime()))
    .returning(F.c.id)
)
LOOK = Statement(sa.select(M.c.seq, M.c.payload).where(M.c.id == p("id")))
WRITE = Statement(sa.update(M).where(M.c.id == p("id")).values(payload=p("payload")))


def claim(tx: Tx, *, limit: int, hold: timedelta) -> list[Wanted]:
    """Hold up to `limit` attachments that are due. A hold that ran out is given to the next who asks."""
    held = []
    for row in tx.all(WAITING, now=tx.now, limit=limit):
        tx.first(HOLD, id=row.id, until=tx.now + hold)
        loaded = tx.first(LOAD, id=row.id)
        assert loaded is not None
        if (attachment := _attachment(loaded)) is None:
            tx.first(TAKE_OUT, id=row.id, attempts=loaded.attempts)  # what the message held was erased meanwhile
        else:
            held.append(_wanted(loaded, attachment))
    return held


def soonest(tx: Tx) -> datetime | None:
    """When the next one is due; None when nothing is wanted."""
    row = tx.first(SOONEST)
    return None if row is None else row.due_at


def postpone(tx: Tx, wanted: Wanted, until: datetime) -> bool:
    """Try again at `until`. False if the hold is gone."""
    return tx.first(AGAIN, id=wanted.fetch_id, attempts=wanted.attempts, until=until) is not None


def arrived(tx: Tx, wanted: Wanted, kept: Kept) -> bool:
    """The file is on disk: its row, its place in the message and the event that says so. False if the hold or the
    message is gone: nobody wants the file.
    """
    found = {"key": kept.key, "size": kept.size, "media_type": kept.media_type}
    if not wanted.attachment.name and wanted.attachment.kind is Kind.FILE:
        found["name"] = kept.name
    if not _settle(tx, wanted, found):
        return False
    media.keep(tx, kept)
    return True


def failed(tx: Tx, wanted: Wanted, error: str, reason: str = "") -> bool:
    """It will never come: people see why. `error` names the cause, `reason` is what the network said."""
    return _settle(tx, wanted, {"error": error, "reason": reason})


def _settle(tx: Tx, wanted: Wanted, found: dict[str, Any]) -> bool:
    if tx.first(TAKE_OUT, id=wanted.fetch_id, attempts=wanted.attempts) is None:
        return False
    # The conversation's row before the message's: the order every script locks them in. Two attachments of one
    # message are thereby settled one after the other, and neither overwrites what the other wrote.
    seq = tx.first(log.TAKE_SEQ, conversation_id=wanted.conversation_id, n=1)
    message = tx.first(LOOK, id=wanted.message_id)
    assert seq is not None
    assert message is not None
    attachments = list(message.payload.get("attachments", ()))
    if wanted.number >= len(attachments):
        return False
    attachments[wanted.number] = {**attachments[wanted.number], **found}
    tx.count(WRITE, id=wanted.message_id, payload={**message.payload, "attachments": attachments})
    data = {"seq": message.seq, "attachments": attachments}
    log.append(tx, wanted.conversation_id, seq.seq, "attachment", data, audience="desk")
    return True


def _attachment(row: Row) -> Attachment | None:
    attachments = row.payload.get("attachments", ())
    if row.number >= len(attachments):
        return None
    a = attachments[row.number]
    return Attachment(
        Kind(a["kind"]), a["name"], a["media_type"], a.get("size"), a.get("url"), a.get("key"), a.get("source", "")
    )


def _wanted(row: Row, attachment: Attachment) -> Wanted:
    return Wanted(
        row.id,
        row.attempts,
        row.message_id,
        row.number,
        row.conversation_id,
        row.inbox_id,
        row.created_at,
        attachment,
    )
