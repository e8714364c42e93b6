"""What channels keep for their inboxes (`bot.ports.Shelf`): small values, names held for a time, and troubles."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.store.arrivals import NOW
from bot.store.sql import Statement, Tx, insert, p
from bot.tables import Inbox, InboxTrouble, Kept, UtcTime

K = Kept.__table__  # type: ignore[attr-defined]
T = InboxTrouble.__table__  # type: ignore[attr-defined]
B = Inbox.__table__  # type: ignore[attr-defined]
_MINE = (K.c.inbox_id == p("inbox_id"), K.c.name == p("name"))
_UNTIL = p("until", UtcTime())

GET = Statement(sa.select(K.c.value).where(*_MINE, sa.or_(K.c.until.is_(None), K.c.until > NOW)))
_KEEP = insert(K).values(inbox_id=p("inbox_id"), name=p("name"), value=p("value"), until=_UNTIL)
_AGAIN: dict[str, Any] = {"index_elements": ["inbox_id", "name"], "set_": {"value": p("value"), "until": _UNTIL}}
PUT = Statement(_KEEP.on_conflict_do_update(**_AGAIN))
# One statement decides who gets the name: two that come at once queue at its row, and the second finds it held.
TAKE = Statement(_KEEP.on_conflict_do_update(**_AGAIN, where=K.c.until <= NOW).returning(K.c.name))
HOLD = Statement(sa.update(K).where(*_MINE, K.c.value == p("value"), K.c.until > NOW).values(until=_UNTIL))
DROP = Statement(sa.delete(K).where(*_MINE))
LET_GO = Statement(sa.delete(K).where(*_MINE, K.c.value == p("value")))
SWEEP = Statement(sa.delete(K).where(K.c.inbox_id == p("inbox_id"), K.c.until <= NOW))


def get(tx: Tx, inbox_id: int, name: str) -> str | None:
    """The value, None if there is none or its time is over."""
    row = tx.first(GET, inbox_id=inbox_id, name=name, now=tx.now)
    return None if row is None else str(row.value)


def put(tx: Tx, inbox_id: int, name: str, value: str, *, until: datetime | None) -> None:
    """Keep a value until then, or for ever."""
    tx.count(PUT, inbox_id=inbox_id, name=name, value=value, until=until)


def take(tx: Tx, inbox_id: int, name: str, *, holder: str, until: datetime) -> bool:
    """Hold a name until then, unless somebody holds it. `holder` is what `let_go` knows the holder by."""
    row = tx.first(TAKE, inbox_id=inbox_id, name=name, value=holder, until=until, now=tx.now)
    return row is not None


def hold(tx: Tx, inbox_id: int, name: str, *, holder: str, until: datetime) -> bool:
    """Hold our name until then; False if our time was over."""
    return tx.count(HOLD, inbox_id=inbox_id, name=name, value=holder, until=until, now=tx.now) > 0


def drop(tx: Tx, inbox_id: int, name: str) -> None:
    """Forget a value, or end a hold, whoever has it."""
    tx.count(DROP, inbox_id=inbox_id, name=name)


def let_go(tx: Tx, inbox_id: int, name: str, *, holder: str) -> None:
    """End our own hold; one that ran out and is another's by now stays his."""
    tx.count(LET_GO, inbox_id=inbox_id, name=name, value=holder)


def sweep(tx: Tx, inbox_id: int) -> int:
    """Throw away what nobody can get any more; how much it was."""
    return tx.count(SWEEP, inbox_id=inbox_id, now=tx.now)


INBOX = Statement(sa.select(B.c.id).where(B.c.name == p("name")))


def inbox_id(tx: Tx, name: str) -> int | None:
    """The row of an inbox, if there was one of this name before."""
    row = tx.first(INBOX, name=name)
    return None if row is None else int(row.id)


# ---- troubles -----------------------------------------------------------------------------------------------------

TELL = Statement(
    insert(T)
    .values(inbox_id=p("inbox_id"), key=p("key"), said=p("said"), since=NOW, seen_at=NOW)
    .on_conflict_do_update(index_elements=["inbox_id", "key"], set_={"said": p("said"), "seen_at": NOW})
)
KEYS = Statement(sa.select(T.c.key).where(T.c.inbox_id == p("inbox_id")))
MENDED = Statement(sa.delete(T).where(T.c.inbox_id == p("inbox_id"), T.c.key == p("key")))
ALL_MENDED = Statement(sa.delete(T).where(T.c.inbox_id == p("inbox_id")))
TROUBLES = Statement(
    sa.select(B.c.name.label("inbox"), B.c.channel, T.c.key, T.c.said, T.c.since)
    .join_from(T, B, B.c.id == T.c.inbox_id)
    .order_by(T.c.since, B.c.name, T.c.key)
)


def tell(tx: Tx, inbox_id: int, key: str, said: Mapping[str, str]) -> None:
    """Something has to be mended; told again, it is the same trouble, since the first time."""
    tx.count(TELL, inbox_id=inbox_id, key=key, said=dict(said), now=tx.now)


def keys(tx: Tx, inbox_id: int) -> list[str]:
    """What an inbox's troubles are called."""
    return [r.key for r in tx.all(KEYS, inbox_id=inbox_id)]


def mended(tx: Tx, inbox_id: int, *names: str) -> int:
    """These troubles (none given: all) are over; how many there were."""
    if not names:
        return tx.count(ALL_MENDED, inbox_id=inbox_id)
    return sum(tx.count(MENDED, inbox_id=inbox_id, key=key) for key in names)


def troubles(tx: Tx, inboxes: Container[str] | None = None) -> list[dict[str, Any]]:
    """The troubles of these inboxes (None: all there are), the oldest first, as {inbox, channel, key, said, since}."""
    return [
        {"inbox": r.inbox, "channel": r.channel, "key": r.key, "said": r.said, "since": r.since.isoformat()}
        for r in tx.all(TROUBLES)
        if inboxes is None or r.inbox in inboxes
    ]
