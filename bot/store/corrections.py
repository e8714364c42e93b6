"""An agent's word on what a conversation is about: it counts at once, and is kept as an example to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.lent import Event
from bot.masking import mask
from bot.store import judging, log
from bot.store.arrivals import NOW
from bot.store.desk import AGENT, Changed
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Conversation, Correction, Message
from bot.tables import Event as EventRow

C = Conversation.__table__  # type: ignore[attr-defined]
L = Correction.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
E = EventRow.__table__  # type: ignore[attr-defined]

LOOKED_AT = 50
"""How many of the customer's last messages are looked through for the one that was judged so."""

_held = sa.select(C.c.id, C.c.contact_id, C.c.language, C.c.category, C.c.tier, C.c.seq).where(C.c.id == p("id"))
HELD = Statement(_held.with_for_update())
LOOKED = Statement(_held)
SAID = Statement(
    sa.select(M.c.id, M.c.seq, M.c.text, M.c.decision)
    .where(
        M.c.conversation_id == p("conversation_id"), M.c.author == "customer", M.c.kind != "event", M.c.seq <= p("upto")
    )
    .order_by(M.c.seq.desc())
    .limit(p("limit"))
)
LAST = Statement(
    sa.select(L.c.message_id, M.c.seq, M.c.text)
    .join_from(L, M, M.c.id == L.c.message_id)
    .where(L.c.conversation_id == p("conversation_id"))
    .order_by(L.c.id.desc())
    .limit(1)
)
TOLD = Statement(
    sa.select(E.c.seq)
    .where(E.c.conversation_id == p("conversation_id"), E.c.type == "judgement")
    .order_by(E.c.seq.desc())
    .limit(1)
)
SET = Statement(sa.update(C).where(C.c.id == p("id")).values(category=p("category"), tier=p("tier")))
KEEP = Statement(
    insert(L).values(
        conversation_id=p("conversation_id"),
        message_id=p("message_id"),
        agent_id=p("agent_id"),
        text=p("text"),
        language=p("language"),
        judged_category=p("judged_category"),
        judged_tier=p("judged_tier"),
        category=p("category"),
        tier=p("tier"),
        at=NOW,
    )
)


def correct(
    tx: Tx, conversation_id: int, agent_id: int, *, category: str, tier: str = "", seq: int | None = None
) -> Changed:  # fmt: skip
    """Put right what a conversation is about; the same as it is held to be changes nothing.

    `tier`: of a complaint, "" of everything else. `seq`: the customer's message it is about; without one, the first
    that was judged so since the last correction, else the one that was about, else his last. NotFoundError if there
    is no such conversation or message.
    """
    assert category in judging.CATEGORIES
    assert (tier in judging.TIERS) == (category == judging.COMPLAINT)
    held = tx.first(HELD, id=conversation_id)
    if held is None:
        raise NotFoundError("there is no such conversation")
    message = _message(tx, held, seq)
    if (held.category, held.tier) == (category, tier):
        return Changed(conversation_id, held.seq)
    tx.count(SET, id=conversation_id, category=category, tier=tier)
    (judging.complained if category == judging.COMPLAINT else judging.withdrawn)(tx, held.contact_id, held.id)
    if message is not None:
        _keep(tx, held, message, agent_id, category, tier)
    return _tell(tx, held, agent_id, {"category": category, "tier": tier})


def _message(tx: Tx, held: Row, seq: int | None) -> Row | None:
    if seq is not None:
        found = tx.first(SAID, conversation_id=held.id, upto=seq, limit=1)
        if found is None or found.seq != seq:
            raise NotFoundError("there is no such message of the customer's")
        return found
    said = [row for row in tx.all(SAID, conversation_id=held.id, upto=held.seq, limit=LOOKED_AT) if row.text]
    told = tx.first(TOLD, conversation_id=held.id)
    since = 0 if told is None else told.seq
    if (found := _decisive(said, held, since)) is not None:
        return found
    last = tx.first(LAST, conversation_id=held.id)
    if last is not None:
        return next((row for row in said if row.id == last.message_id), None)
    return said[0] if said else None


def _decisive(said: Sequence[Row], held: Row, since: int) -> Row | None:
    """The first message of those (newest first) that made the conversation what it is held to be."""
    alike = [row for row in said if row.seq > since and _judged(row) == (held.category, held.tier)]
    return alike[-1] if alike else None


def decisive(tx: Tx, conversation_id: int) -> int | None:
    """The seq of the message that made the conversation what it is held to be; None where an agent said so, or nobody.

    NotFoundError if there is no such conversation.
    """
    held = tx.first(LOOKED, id=conversation_id)
    if held is None:
        raise NotFoundError("there is no such conversation")
    if not held.category:
        return None
    told = tx.first(TOLD, conversation_id=conversation_id)
    said = tx.all(SAID, conversation_id=conversation_id, upto=held.seq, limit=LOOKED_AT)
    found = _decisive(said, held, 0 if told is None else told.seq)
    return None if found is None else int(found.seq)


def _judged(row: Row) -> tuple[str, str]:
    decision = row.decision or {}
    return decision.get("category") or "", decision.get("tier") or ""


def _keep(tx: Tx, held: Row, message: Row, agent_id: int, category: str, tier: str) -> None:
    text = " ".join(mask(message.text).split())
    if text:
        tx.count(
            KEEP,
            conversation_id=held.id,
            message_id=message.id,
            agent_id=agent_id,
            text=text,
            language=held.language,
            judged_category=held.category,
            judged_tier=held.tier,
            category=category,
            tier=tier,
            now=tx.now,
        )


def _tell(tx: Tx, held: Row, agent_id: int, judged: dict[str, Any]) -> Changed:
    agent = tx.first(AGENT, id=agent_id)
    by = {"id": agent_id, "name": agent.name if agent else ""}
    data = {**judged, "was": {"category": held.category, "tier": held.tier}, "by": by}
    seq = log.add(tx, held.id, "judgement", data, audience="desk")
    return Changed(held.id, seq, (Event(seq, "judgement", data),))


# ---- what can be learned ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text. `human`: a person has to be brought in."""

    text: str
    category: str
    tier: str
    human: bool


PAGE = Statement(
    sa.select(L.c.id, L.c.message_id, L.c.text, L.c.category, L.c.tier, M.c.decision)
    .join_from(L, M, M.c.id == L.c.message_id)
    .where(L.c.id > p("after"))
    .order_by(L.c.id)
    .limit(1000)
)


def examples(tx: Tx) -> list[Example]:
    """All corrections as examples, oldest first; of several about one message, the last."""
    last = {row.message_id: row for row in _rows(tx)}
    return [Example(row.text, row.category, row.tier, _human(row)) for row in sorted(last.values(), key=lambda r: r.id)]


def _rows(tx: Tx) -> Iterator[Row]:
    after = 0
    while page := tx.all(PAGE, after=after):
        yield from page
        after = page[-1].id


def _human(row: Row) -> bool:
    """Complaints from moderate on, and whoever asked for a person."""
    asked = ((row.decision or {}).get("rule") or "").startswith("person")
    return asked or row.tier in judging.TIERS[1:]
