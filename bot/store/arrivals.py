"""Accepting: durable, deduplicated and in order, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.errors import StoreError
from bot.messages import Attachment, Incoming, Kind, Status
from bot.store import calls, erasing, forms, media, windows
from bot.store.opening import CURRENT, NOW, Customer, file_, open_
from bot.store.rows import Arrival, Arrived, lease_of
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Conversation, Inbox, Message, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
PREVIEW = 120
"""Characters of a message that the desk's list shows."""


class DuplicateError(StoreError):
    """This inbox has this external id already. Rolls back everything the script did."""


LEASE_COLUMNS = (
    C.c.id,
    C.c.seq,
    C.c.fence,
    C.c.inbox_id,
    C.c.thread,
    C.c.sender,
    C.c.contact_id,
    C.c.status,
    C.c.language,
    C.c.state,
    C.c.category,
    C.c.tier,
    C.c.complaints,
    C.c.assignee_id,
    C.c.first_seq,
    C.c.turned_seq,
    C.c.public,
    forms.UNFINISHED,
)
_idle = sa.and_(C.c.ready_at.is_(None), p("take", sa.Integer()) == 1)

# The row lock this takes makes seq order the commit order (one customer's messages queue up here). An idle
# conversation is leased on the way: its fence becomes ours.
_next = (
    sa.update(C)
    .where(C.c.inbox_id == p("inbox_id"), C.c.thread == p("thread"), CURRENT)
    .values(
        seq=C.c.seq + 1,
        last_text=p("preview"),
        last_author=p("author"),
        last_at=NOW,
        waiting_since=sa.func.coalesce(C.c.waiting_since, p("waits", UtcTime())),
        fence=sa.case((_idle, p("token")), else_=C.c.fence),
        leased=sa.case((_idle, sa.true()), else_=C.c.leased),
        ready_at=sa.case((_idle, p("until", UtcTime())), else_=sa.func.coalesce(C.c.ready_at, NOW)),
    )
    .returning(*LEASE_COLUMNS)
)
_unresolved = C.c.status != Status.RESOLVED.value
NEXT = Statement(_next.where(_unresolved))
NEXT_OPENING = Statement(_next.where(_unresolved).values(**windows.OPENING))
NEXT_ASLEEP = Statement(_next)
NEXT_ASLEEP_OPENING = Statement(_next.values(**windows.OPENING))
ADD = Statement(
    insert(M)
    .values(
        conversation_id=p("conversation_id"),
        seq=p("seq"),
        inbox_id=p("inbox_id"),
        external_id=p("external_id"),
        arrival=sa.true(),
        author=p("author"),
        audience=p("audience"),
        author_name=p("author_name"),
        kind=p("kind"),
        text=p("text"),
        payload=p("payload"),
        at=NOW,
    )
    .on_conflict_do_nothing(index_elements=["inbox_id", "external_id"], index_where=sa.text("external_id IS NOT NULL"))
    .returning(M.c.id)
)
WAKE = Statement(
    sa.update(C)
    .where(C.c.id == p("conversation_id"))
    .values(seq=C.c.seq + 1, ready_at=sa.func.coalesce(C.c.ready_at, NOW))
    .returning(C.c.seq, C.c.inbox_id)
)
FIND = Statement(
    sa.select(M.c.id, M.c.conversation_id, M.c.seq, M.c.at).where(
        M.c.inbox_id == p("inbox_id"), M.c.external_id == p("external_id")
    )
)


def accept(
    tx: Tx, inbox_id: int, incoming: Incoming, *, token: int, lease: timedelta | None, reopen: timedelta,
    wake: timedelta | None = timedelta(),
) -> Arrived:  # fmt: skip
    """Keep one message of a customer. Raises DuplicateError if the inbox has its external id.

    `lease`: take an idle conversation for that long under `token`; None leaves it to any worker. `reopen`: a
    resolved conversation goes on within this time, after it a new one begins. `wake`: where the message opens a
    reply window, what waits for that goes out so much later; None leaves it to webhook answers.
    """
    payload = payload_of(incoming)
    following = NEXT if incoming.wakes else NEXT_ASLEEP
    values: dict[str, Any] = {
        "inbox_id": inbox_id,
        "thread": incoming.thread or incoming.sender,
        "preview": incoming.text[:PREVIEW] or f"[{incoming.kind}]",
        "author": "customer",
        "now": tx.now,
        # Who only acts asks for no answer, and neither does a machine.
        "waits": None if incoming.kind is Kind.EVENT or not incoming.wakes else tx.now,
        "token": token,
        "take": 0 if lease is None else 1,
        "until": tx.now + (lease or timedelta()),
    }
    if incoming.window is not None:
        following = NEXT_OPENING if incoming.wakes else NEXT_ASLEEP_OPENING
        values |= windows.opened(incoming.window, tx)
    row = tx.first(following, **values)
    if row is None:
        by = Customer(
            incoming.sender, incoming.sender_name, incoming.language, incoming.public, incoming.incident
        )  # fmt: skip
        if incoming.wakes:
            open_(tx, inbox_id, values["thread"], by, reopen)
        else:
            file_(tx, inbox_id, values["thread"], by)
        row = tx.first(following, **values)
        if row is None:
            raise StoreError("the conversation was resolved while a message came in; deliver it again")
    added = tx.first(
        ADD,
        conversation_id=row.id,
        seq=row.seq,
        inbox_id=inbox_id,
        external_id=incoming.external_id,
        author="customer",
        audience="all",
        author_name=incoming.sender_name,
        kind=incoming.kind.value,
        text=incoming.text,
        payload=payload,
        now=tx.now,
    )
    if added is None:
        raise DuplicateError(incoming.external_id)
    if wake is not None and incoming.window is not None and incoming.window.granted != 0:
        windows.wake(tx, row.id, wake)
    if incoming.forget is not None:
        erasing.forget(tx, row.contact_id, incoming.forget)
    if row.assignee_id is not None and row.status == Status.OPEN.value and values["waits"] is not None:
        calls.wrote_on(tx, row.id, row.assignee_id)
    if incoming.attachments:
        media.take(tx, row.id, incoming.attachments)
        media.want(tx, added.id, row.id, inbox_id, incoming.attachments)
    taken = None
    if lease is not None and row.fence == token:
        taken = lease_of(row)
        taken.pending = [
            Arrival(
                added.id, row.seq, "customer", incoming.kind.value, incoming.text, payload, tx.now,
                author_name=incoming.sender_name,
            )
        ]  # fmt: skip
    return Arrived(row.id, row.seq, added.id, tx.now, taken)


def find(tx: Tx, inbox_id: int, external_id: str) -> Arrived | None:
    """The message with this external id, if it was accepted before."""
    row = tx.first(FIND, inbox_id=inbox_id, external_id=external_id)
    return None if row is None else Arrived(row.conversation_id, row.seq, row.id, row.at, None)


def arrive(tx: Tx, conversation_id: int, kind: str, payload: Mapping[str, Any]) -> int:
    """Something of our own that needs a turn (a fired timer, a replay) takes its place in the line; its seq."""
    row = tx.first(WAKE, conversation_id=conversation_id, now=tx.now)
    assert row is not None
    tx.first(
        ADD,
        conversation_id=conversation_id,
        seq=row.seq,
        inbox_id=row.inbox_id,
        external_id=None,
        author="system",
        audience="none",
        author_name="",
        kind=kind,
        text="",
        payload=payload,
        now=tx.now,
    )
    return int(row.seq)


def payload_of(incoming: Incoming) -> dict[str, Any]:
    """What the message row keeps besides the text; empty entries are left out."""
    payload: dict[str, Any] = {}
    if incoming.attachments:
        payload["attachments"] = files_of(incoming.attachments)
    if incoming.value is not None:
        payload["value"] = incoming.value
    if incoming.sent_at is not None:
        payload["sent_at"] = incoming.sent_at.isoformat()
    if incoming.extra:
        payload["extra"] = dict(incoming.extra)
    if incoming.handle:
        payload["handle"] = incoming.handle
    if incoming.mute:
        payload["mute"] = incoming.mute
    if not incoming.wakes:
        payload["wakes"] = False
    return payload


def files_of(attachments: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Attachments as a payload has them."""
    return [{name: value for name, value in asdict(a).items() if name != "sha256" or value} for a in attachments]


# ---- inboxes ------------------------------------------------------------------------------------------------------

B = Inbox.__table__  # type: ignore[attr-defined]
KEEP_INBOX = Statement(
    insert(B)
    .values(name=p("name"), channel=p("channel"))
    .on_conflict_do_update(index_elements=["name"], set_={"channel": p("channel")})
    .returning(B.c.id)
)


def keep_inbox(tx: Tx, name: str, channel: str) -> int:
    """The row of a configured inbox, made or brought up to date; its id."""
    row = tx.first(KEEP_INBOX, name=name, channel=channel)
    assert row is not None
    return int(row.id)


__all__ = [
    "CURRENT",
    "NOW",
    "DuplicateError",
    "accept",
    "arrive",
    "files_of",
    "find",
    "keep_inbox",
    "payload_of",
]
