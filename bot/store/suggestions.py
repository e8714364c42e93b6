"""Questions the FAQ lacks: counted as they are asked, and looked through by whoever writes the FAQ."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa

from bot.dialogue import Gap
from bot.errors import ConflictError, NotFoundError
from bot.masking import mask
from bot.store.sql import Row, Statement, Tx, among, insert, p
from bot.tables import Suggestion, SuggestionPlace, UtcTime

S = Suggestion.__table__  # type: ignore[attr-defined]
P = SuggestionPlace.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())

SHOWN = 300
"""Characters of a question that are kept."""
KEY = 200
PLACES = 20
"""Conversations that are kept as examples of one question."""
LOOKED_AT = 3
"""Those that are shown: the last ones."""
STATES = ("open", "done", "dismissed")

NOTE = Statement(
    insert(S)
    .values(
        key=p("key"),
        text=p("text"),
        language=p("language"),
        near=p("near"),
        misses=p("misses", sa.Integer()),
        unsolved=p("unsolved", sa.Integer()),
        first_at=NOW,
        last_at=NOW,
        state="open",
    )
    .on_conflict_do_update(
        index_elements=["key"],
        set_={
            "misses": S.c.misses + p("misses", sa.Integer()),
            "unsolved": S.c.unsolved + p("unsolved", sa.Integer()),
            "near": sa.case((p("near", sa.Text()) != "", p("near", sa.Text())), else_=S.c.near),
            "last_at": NOW,
            "state": sa.case((S.c.state == "done", "open"), else_=S.c.state),
        },
    )
    .returning(S.c.id, S.c.misses, S.c.unsolved)
)
PLACE = Statement(
    insert(P)
    .values(suggestion_id=p("suggestion_id"), conversation_id=p("conversation_id"))
    .on_conflict_do_nothing(index_elements=["suggestion_id", "conversation_id"])
)


def key(text: str) -> str:
    """One for all ways to write the same words: width, case, spaces, punctuation and emoji make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())[:KEY]


def note(tx: Tx, conversation_id: int, gap: Gap, language: str) -> None:
    """Count a question the FAQ lacks; one without a word in it is none."""
    text = " ".join(mask(gap.text).split())
    if not (folded := key(text)):
        return
    unsolved = gap.why == "unsolved"
    row = tx.first(
        NOTE,
        key=folded,
        text=text[:SHOWN],
        language=language,
        near=gap.near,
        misses=0 if unsolved else 1,
        unsolved=1 if unsolved else 0,
        now=tx.now,
    )
    assert row is not None
    if row.misses + row.unsolved <= PLACES:
        tx.count(PLACE, suggestion_id=row.id, conversation_id=conversation_id)


# ---- for those who write the FAQ ----------------------------------------------------------------------------------

_all = sa.select(S)
LISTED = Statement(
    _all.where(S.c.state == p("state"))
    .order_by((S.c.misses + S.c.unsolved).desc(), S.c.last_at.desc(), S.c.id.desc())
    .limit(p("limit"))
)
COUNT = Statement(sa.select(S.c.state, sa.func.count().label("n")).group_by(S.c.state))
ONE = Statement(_all.where(S.c.id == p("id")).with_for_update())
WHERE = Statement(
    sa.select(P.c.suggestion_id, P.c.conversation_id)
    .where(among(P.c.suggestion_id, "ids"))
    .order_by(P.c.conversation_id.desc())
)
SETTLE = Statement(
    sa.update(S)
    .where(S.c.id == p("id"))
    .values(state=p("state"), entry=p("entry"), agent_id=p("agent_id", sa.BigInteger()))
)


def listed(tx: Tx, state: str = "open", limit: int = 200) -> list[dict[str, Any]]:
    """Those of a state, most asked first, each with the last conversations it was asked in."""
    rows = tx.all(LISTED, state=state, limit=limit)
    places: dict[int, list[int]] = {row.id: [] for row in rows}
    for place in tx.all(WHERE, ids=list(places)) if rows else ():
        places[place.suggestion_id].append(place.conversation_id)
    return [_view(row, places[row.id][:LOOKED_AT]) for row in rows]


def counts(tx: Tx) -> dict[str, int]:
    """How many there are of each state."""
    found = {row.state: int(row.n) for row in tx.all(COUNT)}
    return {state: found.get(state, 0) for state in STATES}


def one(tx: Tx, suggestion_id: int) -> dict[str, Any]:
    """NotFoundError if there is none (any more)."""
    row = _one(tx, suggestion_id)
    return _view(row, [place.conversation_id for place in tx.all(WHERE, ids=[row.id])][:LOOKED_AT])


def settle(tx: Tx, suggestion_id: int, state: str, agent_id: int, entry: str = "") -> None:
    """Done (with the FAQ entry that has the answer now), dismissed, or open again. ConflictError if somebody else
    has settled it meanwhile."""
    row = _one(tx, suggestion_id)
    if row.state == state:
        return
    if "open" not in (row.state, state):
        raise ConflictError("somebody else has settled this question", current=row.state)
    tx.count(SETTLE, id=suggestion_id, state=state, entry=entry, agent_id=agent_id)


def _one(tx: Tx, suggestion_id: int) -> Row:
    row = tx.first(ONE, id=suggestion_id)
    if row is None:
        raise NotFoundError("there is no such question")
    return row


def _view(r: Row, conversations: list[int]) -> dict[str, Any]:
    return {
        "id": r.id,
        "text": r.text,
        "language": r.language,
        "near": r.near,
        "misses": r.misses,
        "unsolved": r.unsolved,
        "count": r.misses + r.unsolved,
        "first_at": r.first_at,
        "last_at": r.last_at,
        "state": r.state,
        "entry": r.entry,
        "conversations": conversations,
    }
