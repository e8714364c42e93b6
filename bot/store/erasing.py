"""Forgetting a customer, as his network's rules or he himself demand."""

from __future__ import annotations

import sqlalchemy as sa

from bot.cases import PERSONAL
from bot.messages import Forget
from bot.store.sql import Statement, Tx, among, p
from bot.tables import (
    Case,
    CaseChange,
    Contact,
    Conversation,
    Correction,
    Handoff,
    Json,
    Media,
    MediaFetch,
    Message,
    Suggestion,
    SuggestionPlace,
    Timer,
)

C = Conversation.__table__  # type: ignore[attr-defined]
D = Media.__table__  # type: ignore[attr-defined]
F = MediaFetch.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]
L = Correction.__table__  # type: ignore[attr-defined]
S = Suggestion.__table__  # type: ignore[attr-defined]
P = SuggestionPlace.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
_theirs = sa.select(C.c.id).where(C.c.contact_id == p("contact_id"))
_his = M.c.conversation_id.in_(_theirs)

PROFILE = Statement(sa.update(K).where(K.c.id == p("contact_id")).values(name="", attributes=p("nothing", Json)))
NAMES = Statement(sa.update(M).where(_his, M.c.author == "customer").values(author_name=""))
WORDS = Statement(sa.update(M).where(_his).values(text="", payload=p("nothing", Json), decision=None))
PREVIEWS = Statement(
    sa.update(C).where(C.c.contact_id == p("contact_id")).values(last_text="", state=p("nothing", Json))
)
SUMMARIES = Statement(
    sa.update(H).where(H.c.conversation_id.in_(_theirs)).values(summary=p("nothing", Json), reason="")
)
T = Timer.__table__  # type: ignore[attr-defined]
# What is to be said when somebody is called back.
PROMISES = Statement(sa.update(T).where(T.c.conversation_id.in_(_theirs)).values(data=p("nothing", Json)))
WISHES = Statement(sa.delete(F).where(F.c.conversation_id.in_(_theirs)))
EXAMPLES = Statement(sa.delete(L).where(L.c.conversation_id.in_(_theirs)))
ASKED = Statement(
    sa.select(P.c.suggestion_id)
    .join_from(P, C, C.c.id == P.c.conversation_id)
    .where(C.c.contact_id == p("contact_id"))
    .distinct()
)
PLACES = Statement(sa.delete(P).where(P.c.conversation_id.in_(_theirs)))
QUESTIONS = Statement(sa.delete(S).where(among(S.c.id, "ids"), ~sa.exists().where(P.c.suggestion_id == S.c.id)))
COMPLAINTS = Statement(
    sa.update(K).where(K.c.id == p("contact_id")).values(complaints=p("nothing", Json), form=p("nothing", Json))
)
G = Case.__table__  # type: ignore[attr-defined]
J = CaseChange.__table__  # type: ignore[attr-defined]
CASES = Statement(sa.select(G.c.id, G.c.fields).where(G.c.contact_id == p("contact_id")))
BARE = Statement(sa.update(G).where(G.c.id == p("case_id")).values(fields=p("fields"), others=p("others")))
ENTRIES = Statement(
    sa.select(J.c.id, J.c.changes).join_from(J, G, G.c.id == J.c.case_id).where(G.c.contact_id == p("contact_id"))
)
STRIP = Statement(sa.update(J).where(J.c.id == p("entry_id")).values(changes=p("changes")))
FILES = Statement(sa.delete(D).where(D.c.conversation_id.in_(_theirs)))


def forget(tx: Tx, contact_id: int, what: Forget) -> None:
    """Erase the customer's name and attributes, or also everything that was said in his conversations.

    The messages' rows stay, empty: order, dedupe and counts rest on them. Files go with the next tidying of their
    folder (`bot.media.KeptFiles.tidy`).
    """
    tx.count(PROFILE, contact_id=contact_id, nothing={})
    tx.count(NAMES, contact_id=contact_id)
    _cases(tx, contact_id, everything=what is Forget.EVERYTHING)
    if what is Forget.EVERYTHING:
        tx.count(WORDS, contact_id=contact_id, nothing={})
        tx.count(PREVIEWS, contact_id=contact_id, nothing={})
        tx.count(SUMMARIES, contact_id=contact_id, nothing={})
        tx.count(WISHES, contact_id=contact_id)
        tx.count(PROMISES, contact_id=contact_id, nothing={})
        tx.count(FILES, contact_id=contact_id)
        tx.count(COMPLAINTS, contact_id=contact_id, nothing={})
        _lessons(tx, contact_id)


def _cases(tx: Tx, contact_id: int, *, everything: bool) -> None:
    """His complaint cases stay, to be counted, without who he is or without all he said. An operator's own questions
    may have asked for anything: their answers always go."""
    for case in tx.all(CASES, contact_id=contact_id):
        fields = {} if everything else {name: told for name, told in case.fields.items() if name not in PERSONAL}
        tx.count(BARE, case_id=case.id, fields=fields, others=[])
    for entry in tx.all(ENTRIES, contact_id=contact_id):
        rest = {name: both for name, both in entry.changes.items() if name != "fields"}
        if rest != entry.changes:
            tx.count(STRIP, entry_id=entry.id, changes=rest)


def _lessons(tx: Tx, contact_id: int) -> None:
    """His words as examples; a question that others asked as well stays, since it is theirs too."""
    tx.count(EXAMPLES, contact_id=contact_id)
    asked = [row.suggestion_id for row in tx.all(ASKED, contact_id=contact_id)]
    if asked:
        tx.count(PLACES, contact_id=contact_id)
        tx.count(QUESTIONS, ids=asked)
