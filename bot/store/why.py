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


def why(tx: Tx, conversation_id: int, seq: int) -> dict[str, Any]:
    """What is known about a message: {"message", "asked", "decision"}.

    `message`: the one at `seq`. `asked`: the arrival it answers (a customer's message, a timer), or the message itself
    if it is one. `decision`: what that turn kept (rule and facts). The last two are None where nothing is known: an
    agent wrote it, it is older than this record, or its customer was forgotten. NotFoundError if there is none.
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
        "asked": None if asked is None else _view(asked),
        "decision": None if asked is None else asked.decision,
    }


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
    }
