"""Why the bot said something: the message it answered, and what that turn kept of its judgement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.messages import Author
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Conversation, Message

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]

SAID = Statement(
    sa.select(M.c.seq, M.c.author, M.c.kind, M.c.text, M.c.payload, M.c.decision, M.c.at, C.c.language)
    .join_from(M, C, C.c.id == M.c.conversation_id)
    .where(M.c.conversation_id == p("conversation_id"), M.c.seq == p("seq"))
)


HEARD = Statement(
    sa.select(M.c.text)
    .where(
        M.c.conversation_id == p("conversation_id"),
        M.c.author == Author.CUSTOMER.value,
        M.c.kind != "event",
        M.c.seq <= p("upto"),
    )
    .order_by(M.c.seq.desc())
    .limit(p("limit"))
)
MOST_PIECES = 20


def why(tx: Tx, conversation_id: int, seq: int) -> dict[str, Any]:
    """What is known about a message: {"message", "asked", "decision"}.

    `message`: the one at `seq`. `asked`: the arrival it answers (a customer's message, a timer), or the message itself
    if it is one; its text is all that was answered at once, a line a message. `decision`: what that turn kept (rule
    and facts). The last two are None where nothing is known: an agent wrote it, it is older than this record, or its
    customer was forgotten. A view's `mute` is the key of why nothing automatic could be said to a message, `why_not`
    the same in words by language, where its channel left some. NotFoundError if there is none.
    """
    message = tx.first(SAID, conversation_id=conversation_id, seq=seq)
    if message is None:
        raise NotFoundError(f"conversation {conversation_id} has no message {seq}")
    asked = message
    if message.author in (Author.BOT.value, Author.AGENT.value):
        turn = message.payload.get("turn")
        asked = tx.first(SAID, conversation_id=conversation_id, seq=turn) if isinstance(turn, int) else None
    return {
        "message": _view(message),
        "asked": None if asked is None else _view(asked) | {"text": _heard(tx, conversation_id, asked)},
        "decision": None if asked is None else asked.decision,
    }


def _heard(tx: Tx, conversation_id: int, asked: Row) -> str:
    """What the turn was about: of a customer who writes in pieces, all that waited; of a timer of ours, nothing."""
    decision = asked.decision or {}
    pieces = decision.get("pieces", 1)
    ours = asked.author != Author.CUSTOMER.value and str(decision.get("rule", "")).startswith(("timer.", "silent."))
    if ours or not isinstance(pieces, int) or (pieces == 1 and asked.text):
        return str(asked.text)
    rows = tx.all(HEARD, conversation_id=conversation_id, upto=asked.seq, limit=min(max(pieces, 1), MOST_PIECES))
    return "\n".join(row.text for row in reversed(rows))


def _view(m: Row) -> dict[str, Any]:
    return {
        "seq": m.seq,
        "author": m.author,
        "kind": m.kind,
        "text": m.text,
        "at": m.at,
        "language": m.language,
        "script": m.payload.get("script", ""),
        "source": m.payload.get("source", ""),
        "timer": m.payload.get("timer", ""),
        "mute": m.payload.get("mute", ""),
        "why_not": (m.payload.get("extra") or {}).get("why_not"),
    }
