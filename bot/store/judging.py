"""What conversations are about: raised by the bot's judgements, set by agents' corrections, counted for the contact."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from bot.store.rows import Lease
from bot.store.sql import Statement, Tx, p
from bot.tables import Contact, Conversation, Json

C = Conversation.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]

COMPLAINT: Final = "complaint"
CATEGORIES: Final = (COMPLAINT, "inquiry", "suggestion", "business", "praise", "chitchat", "abuse")
TIERS: Final = ("minor", "moderate", "serious", "critical")
"""Of complaints, the gravest last."""
WITHIN: Final = timedelta(days=30)
KEPT: Final = 10
"""Complaint conversations that a contact's row remembers."""

_rank = sa.case({tier: number for number, tier in enumerate(TIERS, 1)}, value=C.c.tier, else_=0)
_category = p("category", sa.Text())
RAISED: Final[dict[str, Any]] = {
    # On the row as it is when the turn is kept: an agent may have put it right meanwhile.
    "tier": sa.case((p("rank", sa.Integer()) > _rank, p("tier", sa.Text())), else_=C.c.tier),
    "category": sa.case(
        (sa.or_(_category == "", C.c.category == COMPLAINT), C.c.category),
        (sa.and_(_category == "chitchat", C.c.category != ""), C.c.category),
        else_=_category,
    ),
}
"""Columns of a turn's commit: a complaint stays one, its tier never falls; small talk is no matter of its own."""


def judged(category: str | None, *tiers: str | None) -> dict[str, Any]:
    """The parameters of `RAISED`; the gravest of the tiers counts, and only a complaint has one."""
    rank = max((TIERS.index(tier) + 1 for tier in tiers if tier in TIERS), default=0)
    known = COMPLAINT if rank else category if category in CATEGORIES else ""
    return {"category": known, "rank": rank, "tier": TIERS[rank - 1] if rank else ""}


def settled(payload: Mapping[str, Any]) -> bool:
    """An agent wrote down himself how grave it is (a logged call): his word stands."""
    return bool((payload.get("extra", {}).get("call") or {}).get("tier"))


def raises(held: Lease, judged: Mapping[str, Any]) -> bool:
    """The judgement may change what the conversation is held to be: most do not, and cost nothing."""
    if judged["rank"]:
        return held.category != COMPLAINT or held.tier != judged["tier"]
    return judged["category"] not in ("", held.category)


# ---- how often a customer has complained --------------------------------------------------------------------------

COMPLAINTS = Statement(sa.select(K.c.complaints).where(K.c.id == p("contact_id")).with_for_update())
REMEMBER = Statement(sa.update(K).where(K.c.id == p("contact_id")).values(complaints=p("complaints", Json)))


def complained(tx: Tx, contact_id: int, conversation_id: int) -> None:
    """A conversation has become a complaint: the customer's next ones begin with the knowledge."""
    row = tx.first(COMPLAINTS, contact_id=contact_id)
    if row is not None and str(conversation_id) not in row.complaints:
        latest = sorted({**row.complaints, str(conversation_id): int(tx.now.timestamp())}.items(), key=lambda c: c[1])
        tx.count(REMEMBER, contact_id=contact_id, complaints=dict(latest[-KEPT:]))


def withdrawn(tx: Tx, contact_id: int, conversation_id: int) -> None:
    """It was none after all."""
    row = tx.first(COMPLAINTS, contact_id=contact_id)
    if row is not None and str(conversation_id) in row.complaints:
        rest = {id_: at for id_, at in row.complaints.items() if id_ != str(conversation_id)}
        tx.count(REMEMBER, contact_id=contact_id, complaints=rest)


def recent(complaints: dict[str, int], now: datetime) -> int:
    """How many of a contact's complaint conversations are of the last 30 days."""
    since = (now - WITHIN).timestamp()
    return sum(at > since for at in complaints.values())
