"""Rows about kept files, and the wish for those that still have to be fetched (`bot.store.fetches` takes it up)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.messages import Attachment
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Media, MediaFetch, UtcTime

K = Media.__table__  # type: ignore[attr-defined]
F = MediaFetch.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on disk: whose it is, what it is called, what it is by its content, its bytes and their SHA-256."""

    key: str
    conversation_id: int
    name: str
    media_type: str
    size: int
    digest: bytes


KEEP = Statement(
    insert(K).values(
        key=p("key"),
        conversation_id=p("conversation_id"),
        name=p("name"),
        media_type=p("media_type"),
        size=p("size"),
        digest=p("digest"),
        created_at=NOW,
    )
)
TAKE = Statement(
    insert(K)
    .values(
        key=p("key"),
        conversation_id=p("conversation_id"),
        name=p("name"),
        media_type=p("media_type"),
        size=p("size"),
        digest=p("digest"),
        created_at=NOW,
    )
    .on_conflict_do_nothing(index_elements=["key"])
)
FIND = Statement(
    sa.select(K.c.key, K.c.conversation_id, K.c.name, K.c.media_type, K.c.size, K.c.digest).where(K.c.key == p("key"))
)
WANT = Statement(
    insert(F).values(
        message_id=p("message_id"),
        number=p("number"),
        conversation_id=p("conversation_id"),
        inbox_id=p("inbox_id"),
        due_at=NOW,
        created_at=NOW,
    )
)


def keep(tx: Tx, kept: Kept) -> None:
    """A row for a file that is on disk."""
    tx.count(
        KEEP,
        key=kept.key,
        conversation_id=kept.conversation_id,
        name=kept.name,
        media_type=kept.media_type,
        size=kept.size,
        digest=kept.digest,
        now=tx.now,
    )


def find(tx: Tx, key: str) -> Kept:
    """What is known about a file. NotFoundError if there is none."""
    row = tx.first(FIND, key=key)
    if row is None:
        raise NotFoundError("there is no such file")
    return _kept(row)


def named(tx: Tx, key: str) -> bool:
    """Whether a row names this file."""
    return tx.first(FIND, key=key) is not None


def of_conversation(tx: Tx, conversation_id: int, keys: Sequence[str]) -> list[Kept]:
    """These files, in this order. NotFoundError if one does not belong to the conversation."""
    found = [find(tx, key) for key in keys]
    if any(kept.conversation_id != conversation_id for kept in found):
        raise NotFoundError("there is no such file in this conversation")
    return found


def take(tx: Tx, conversation_id: int, attachments: Sequence[Attachment]) -> None:
    """Rows for the files that were kept before their message was (`bot.ports.Shelf.keep`)."""
    for a in attachments:
        if a.key and a.sha256:
            values = {"key": a.key, "name": a.name, "media_type": a.media_type, "size": a.size or 0}
            tx.count(TAKE, conversation_id=conversation_id, digest=bytes.fromhex(a.sha256), now=tx.now, **values)


def want(tx: Tx, message_id: int, conversation_id: int, inbox_id: int, attachments: Sequence[Attachment]) -> None:
    """Note which attachments of a message have to be fetched from its network."""
    for number, attachment in enumerate(attachments):
        if attachment.key is None and (attachment.source or attachment.url):
            tx.count(
                WANT,
                message_id=message_id,
                number=number,
                conversation_id=conversation_id,
                inbox_id=inbox_id,
                now=tx.now,
            )


def _kept(row: Row) -> Kept:
    return Kept(row.key, row.conversation_id, row.name, row.media_type, row.size, bytes(row.digest))
