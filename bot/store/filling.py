"""What of a complaint case is known before an agent writes it: nobody is asked what he has said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import sqlalchemy as sa

from bot.cases import FIELDS, LONG
from bot.errors import NotFoundError
from bot.store import judging
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Contact, ContactIdentity, Conversation, Inbox, Message

B = Inbox.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
I = ContactIdentity.__table__  # type: ignore[attr-defined]  # noqa: E741
K = Contact.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]

LOOKED_AT: Final = 50
"""How many of the customer's last messages are read."""
ABOUT = Statement(
    sa.select(C.c.tier, K.c.name, K.c.form).join_from(C, K, K.c.id == C.c.contact_id).where(C.c.id == p("id"))
)
SAID = Statement(
    sa.select(M.c.text, M.c.payload, M.c.decision)
    .where(M.c.conversation_id == p("id"), M.c.author == "customer", M.c.kind != "event")
    .order_by(M.c.seq.desc())
    .limit(LOOKED_AT)
)
RINGS = Statement(
    sa.select(I.c.external_id)
    .join_from(C, I, I.c.contact_id == C.c.contact_id)
    .join(B, B.c.id == I.c.inbox_id)
    .where(C.c.id == p("id"), B.c.name == p("calls"), I.c.external_id.startswith("+"))
    .order_by(I.c.id.desc())
    .limit(1)
)


def known(tx: Tx, conversation_id: int, calls: str) -> dict[str, Any]:
    """What an agent need not type: `fields` that the customer has answered in a register, or told in this conversation
    or on the telephone (in the inbox `calls`); `wishes` that triage heard (refund, replacement …), where he has not
    said it himself; the `tier`. NotFoundError if there is no such conversation.
    """
    about = tx.first(ABOUT, id=conversation_id)
    if about is None:
        raise NotFoundError("there is no such conversation")
    said = tx.all(SAID, id=conversation_id)[::-1]
    ring = tx.first(RINGS, id=conversation_id, calls=calls)
    name, number = _caller(said)
    found = {
        "what": _story(said),
        "order": ", ".join(dict.fromkeys(_facts(said, "orders"))),
        "product": ", ".join(dict.fromkeys(_facts(said, "products"))),
        "amount": next(_facts(said[::-1], "amount"), ""),
        "name": name or about.name,
        "phone": number or ("" if ring is None else ring.external_id),
        **_register(about.form),
    }
    fields = {name: found[name] for name in FIELDS if found.get(name)}
    wishes = [] if "wish" in fields else list(dict.fromkeys(_facts(said, "wishes")))
    return {"fields": fields, "wishes": wishes, "tier": about.tier or judging.TIERS[1]}


def _register(form: Mapping[str, Any]) -> dict[str, str]:
    """What he has answered of the register he has not finished."""
    answers = form.get("answers")
    told = answers.items() if isinstance(answers, Mapping) else ()
    return {name: value for name, value in told if name in FIELDS and isinstance(value, str)}


def _story(said: list[Row]) -> str:
    """His complaints in his own words; his last words where nothing was judged to be one."""
    told = [row.text for row in said if row.text and (row.decision or {}).get("category") == judging.COMPLAINT]
    return "\n".join(dict.fromkeys(told or [row.text for row in said if row.text][-1:]))[: LONG["what"]]


def _facts(said: list[Row], name: str) -> Iterator[str]:
    for row in said:
        found = (row.decision or {}).get(name)
        yield from (one for one in (found if isinstance(found, list) else [found]) if one and isinstance(one, str))


def _caller(said: list[Row]) -> tuple[str, str]:
    """The name and number of the last call."""
    calls = [row.payload.get("extra", {}).get("call") or {} for row in said]
    last: Mapping[str, Any] = next((call for call in reversed(calls) if call), {})
    return str(last.get("name") or ""), str(last.get("number") or "")
