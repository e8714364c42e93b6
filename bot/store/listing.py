"""The desk's lists: one row a conversation, and everything about one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.errors import NotFoundError
from bot.messages import Delivery, Status
from bot.store import cases, ratings
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Agent, Contact, Conversation, Handoff, Inbox, Message, Outbox, Poison, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
A = Agent.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]
B = Inbox.__table__  # type: ignore[attr-defined]
P = Poison.__table__  # type: ignore[attr-defined]
O = Outbox.__table__  # type: ignore[attr-defined]  # noqa: E741
UNDELIVERED = frozenset({Delivery.FAILED.value, Delivery.EXPIRED.value, Delivery.UNKNOWN.value})
TAIL = 4
"""Characters of a customer's id by which agents tell those without a name apart."""
_later = H.alias("later")
_unread = (
    sa.select(sa.func.count())
    .select_from(M)
    .where(M.c.conversation_id == C.c.id, M.c.seq > C.c.desk_read_seq, M.c.author == "customer", M.c.kind != "event")
    .correlate(C)
    .scalar_subquery()
)
_parked = (
    sa.select(sa.func.count())
    .select_from(O)
    .where(O.c.conversation_id == C.c.id, O.c.parked != "")
    .correlate(C)
    .scalar_subquery()
)
# What a letter is about stands over it; whatever is said later, the list goes on naming it.
_subjects = (
    sa.select(M.c.payload["extra", "subject"].as_string())
    .where(M.c.conversation_id == C.c.id, M.c.author == "customer", M.c.kind != "event")
    .order_by(M.c.seq.desc())
    .limit(1)
    .correlate(C)
)
# What a machine sent (a bounce, an absence notice) does not change what it is about.
_subject = sa.func.coalesce(
    _subjects.where(M.c.payload["wakes"].as_string().is_(None)).scalar_subquery(), _subjects.scalar_subquery()
)
# How far the last thing a person of ours said got.
_answer = (
    sa.select(M.c.delivery)
    .where(M.c.conversation_id == C.c.id, M.c.author == "agent", M.c.audience == "all")
    .order_by(M.c.seq.desc())
    .limit(1)
    .correlate(C)
    .scalar_subquery()
)
_named = C.c.incident != sa.literal_column("''")
# How many talk about the same. Named on the other's side: so the index of those that have one serves, and a row without
# looks at nothing.
_other = C.alias("other")
_alike = (
    sa.select(sa.func.count())
    .select_from(_other)
    .where(
        _other.c.inbox_id == C.c.inbox_id,
        _other.c.incident == C.c.incident,
        _other.c.incident != sa.literal_column("''"),
    )
    .correlate(C)
    .scalar_subquery()
)
_rows = (
    sa.select(
        C.c.id,
        C.c.contact_id,
        K.c.name.label("contact_name"),
        C.c.sender,
        B.c.name.label("inbox"),
        B.c.channel,
        C.c.status,
        A.c.id.label("agent_id"),
        A.c.name.label("agent_name"),
        A.c.number.label("agent_number"),
        C.c.category,
        C.c.tier,
        C.c.language,
        C.c.last_text,
        C.c.last_author,
        C.c.last_at,
        C.c.waiting_since,
        C.c.seq,
        C.c.customer_read_seq,
        C.c.created_at,
        H.c.status.label("handoff_status"),
        H.c.trigger,
        H.c.reason,
        H.c.offered_at,
        _unread.label("unread"),
        C.c.window_by,
        C.c.window_granted,
        C.c.window_used,
        C.c.window_until,
        _parked.label("parked"),
        _subject.label("subject"),
        _answer.label("answer"),
        C.c.public,
        C.c.incident,
        _alike.label("alike"),
    )
    .join_from(C, K, K.c.id == C.c.contact_id)
    .join(B, B.c.id == C.c.inbox_id)
    .outerjoin(A, A.c.id == C.c.assignee_id)
    .outerjoin(
        H,
        sa.and_(
            H.c.conversation_id == C.c.id,
            ~sa.exists().where(_later.c.conversation_id == H.c.conversation_id, _later.c.id > H.c.id),
        ),
    )
)
_OPEN: sa.ColumnClause[str] = sa.literal_column(f"'{Status.OPEN.value}'")
_RESOLVED: sa.ColumnClause[str] = sa.literal_column(f"'{Status.RESOLVED.value}'")
# What is nothing but abuse lies apart from the work, as long as nobody has taken it up: none has to read it.
_ABUSE = sa.and_(
    C.c.status == sa.literal_column(f"'{Status.PENDING.value}'"), C.c.category == sa.literal_column("'abuse'")
)
TABS = {
    "mine": sa.and_(C.c.status == _OPEN, C.c.assignee_id == p("agent_id")),
    "unassigned": sa.and_(C.c.status == _OPEN, C.c.assignee_id.is_(None)),
    "all": sa.and_(C.c.status != _RESOLVED, ~_ABUSE),
    "resolved": C.c.status == _RESOLVED,
    "abuse": _ABUSE,
}
LISTS = {
    name: Statement(
        _rows.where(where, C.c.last_at < p("before", UtcTime()))
        .order_by(C.c.last_at.desc(), C.c.id.desc())
        .limit(p("limit"))
    )
    for name, where in TABS.items()
}
# Those in danger first; the tiers stand in the row as words.
_critical: sa.ColumnClause[str] = sa.literal_column("'critical'")
_serious: sa.ColumnClause[str] = sa.literal_column("'serious'")
_gravest = sa.case((C.c.tier == _critical, sa.literal_column("0")), else_=sa.literal_column("1"))
GRAVE = Statement(
    _rows.where(C.c.status == _OPEN, C.c.assignee_id.is_(None), C.c.tier.in_([_critical, _serious]))
    .order_by(_gravest, C.c.waiting_since, C.c.id)
    .limit(20)
)
ONE = Statement(_rows.where(C.c.id == p("id")))
WHOSE = Statement(sa.select(C.c.inbox_id, C.c.sender).where(C.c.id == p("id")))
COUNTS = {
    name: Statement(sa.select(sa.func.count().label("n")).select_from(C).where(TABS[name]))
    for name in ("mine", "unassigned", "all", "abuse")
}
HANDOFFS = Statement(
    sa.select(*H.c, A.c.name.label("agent_name"), A.c.number.label("agent_number"))
    .join_from(H, A, A.c.id == H.c.agent_id, isouter=True)
    .where(H.c.conversation_id == p("id"))
    .order_by(H.c.id)
)
OTHERS = Statement(_rows.where(C.c.contact_id == p("contact_id"), C.c.id != p("id")).order_by(C.c.id.desc()).limit(5))
LINKED = Statement(
    _rows.where(C.c.contact_id == p("contact_id"), B.c.name == p("inbox"), C.c.public != p("public"))
    .order_by(C.c.id.desc())
    .limit(5)
)
# The one an answer aside goes into (`bot.store.desk`).
_current: sa.ColumnClause[bool] = sa.literal_column("conversation.current")
PRIVATE = Statement(_rows.where(B.c.name == p("inbox"), C.c.thread == p("thread"), _current))
ALIKE = Statement(
    _rows.where(
        B.c.name == p("inbox"),
        C.c.incident == p("incident"),
        _named,
        C.c.id != p("id"),
    )
    .order_by(C.c.id.desc())
    .limit(20)
)
CONTACT = Statement(sa.select(K).where(K.c.id == p("id")))
POISON = Statement(
    sa.select(P.c.message_id, M.c.seq, P.c.reason, P.c.attempts, P.c.at, P.c.replayed_at)
    .join_from(P, M, M.c.id == P.c.message_id)
    .where(P.c.conversation_id == p("id"))
    .order_by(P.c.message_id)
)


def conversations(
    tx: Tx, *, tab: str, agent_id: int, limit: int = 50, before: datetime | None = None
) -> list[dict[str, Any]]:
    """A page of a tab (one of TABS), latest activity first, with activity before `before`."""
    if tab not in LISTS:
        raise NotFoundError(f"there is no tab {tab!r}")
    cut = before or tx.now.replace(year=tx.now.year + 10, month=1, day=1)
    return [_view(r) for r in tx.all(LISTS[tab], agent_id=agent_id, limit=limit, before=cut)]


def grave(tx: Tx) -> list[dict[str, Any]]:
    """What is critical or serious, open and nobody's: the gravest first, at most 20."""
    return [_view(r) for r in tx.all(GRAVE)]


def row(tx: Tx, conversation_id: int) -> dict[str, Any]:
    """One conversation as its row in the list. NotFoundError if there is none."""
    return _view(_one(tx, conversation_id))


def whose(tx: Tx, conversation_id: int) -> Row | None:
    """(inbox_id, sender) of a conversation."""
    return tx.first(WHOSE, id=conversation_id)


def counts(tx: Tx, agent_id: int) -> dict[str, int]:
    """How many conversations stand in each tab that counts."""
    found = {}
    for name, statement in COUNTS.items():
        n = tx.first(statement, agent_id=agent_id)
        found[name] = int(n.n) if n else 0
    return found


def detail(tx: Tx, conversation_id: int) -> dict[str, Any]:
    """Everything beside the log: the row, the contact, handoffs, other conversations, what may be said aside (`aside`),
    what could not be handled."""
    one = _one(tx, conversation_id)
    contact = tx.first(CONTACT, id=one.contact_id)
    assert contact is not None
    return {
        "conversation": _view(one),
        "contact": {
            "id": contact.id,
            "name": contact.name,
            "tail": one.sender[-TAIL:],
            "address": _address(one.sender),
            "language": contact.language,
            "attributes": contact.attributes,
            "created_at": contact.created_at.isoformat(),
        },
        "handoffs": [_handoff(h) for h in tx.all(HANDOFFS, id=conversation_id)],
        "ratings": ratings.of_contact(tx, one.contact_id),
        "cases": cases.of_contact(tx, one.contact_id),
        "others": [_view(r) for r in tx.all(OTHERS, contact_id=one.contact_id, id=conversation_id)],
        "linked": [_view(r) for r in _linked(tx, one)],
        "aside": _aside(tx, one),
        "incident": [_view(r) for r in tx.all(ALIKE, inbox=one.inbox, incident=one.incident, id=one.id)],
        "poison": [
            {
                "message_id": r.message_id,
                "seq": r.seq,
                "reason": r.reason,
                "attempts": r.attempts,
                "at": r.at.isoformat(),
                "replayed_at": _iso(r.replayed_at),
            }
            for r in tx.all(POISON, id=conversation_id)
        ],
    }


def _linked(tx: Tx, one: Row) -> list[Row]:
    """The other side of what the same customer says: in private, if this is public, and the other way round."""
    return tx.all(LINKED, contact_id=one.contact_id, inbox=one.inbox, public=one.public)


def _aside(tx: Tx, one: Row) -> dict[str, Any] | None:
    """Of what is public: what may be written to its author in private now. None elsewhere."""
    if not one.public:
        return None
    found = tx.first(PRIVATE, inbox=one.inbox, thread=one.sender)
    if found is None:
        return {"conversation": None, "window": None, "parked": 0}
    return {"conversation": found.id, "window": _window(found), "parked": found.parked}


def _one(tx: Tx, conversation_id: int) -> Row:
    found = tx.first(ONE, id=conversation_id)
    if found is None:
        raise NotFoundError("there is no such conversation")
    return found


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _view(r: Row) -> dict[str, Any]:
    return {
        "id": r.id,
        "contact": {
            "id": r.contact_id,
            "name": r.contact_name,
            "tail": r.sender[-TAIL:],
            "address": _address(r.sender),
        },
        "inbox": r.inbox,
        "channel": r.channel,
        "status": r.status,
        "assignee": None if r.agent_id is None else {"id": r.agent_id, "name": r.agent_name, "number": r.agent_number},
        "category": r.category,
        "tier": r.tier,
        "language": r.language,
        "subject": r.subject or "",
        "last": {"text": r.last_text, "author": r.last_author, "at": r.last_at.isoformat()},
        "unread": r.unread,
        "waiting_since": _iso(r.waiting_since),
        "seq": r.seq,
        "customer_read_seq": r.customer_read_seq,
        "handoff": None
        if r.handoff_status is None
        else {
            "status": r.handoff_status,
            "trigger": r.trigger,
            "reason": r.reason,
            "offered_at": r.offered_at.isoformat(),
        },
        "window": _window(r),
        "parked": r.parked,
        "undelivered": r.answer if r.answer in UNDELIVERED else "",
        "public": r.public,
        "incident": {"key": r.incident, "count": r.alike} if r.alike > 1 else None,
        "created_at": r.created_at.isoformat(),
    }


def _address(sender: str) -> str:
    """A customer's id that people can read and write to; an id of a network's is only good for telling apart."""
    return sender if "@" in sender else ""


def _window(r: Row) -> dict[str, Any] | None:
    """What the customer's last act lets us write; `left` None: any number. None: his network knows no such limit."""
    if r.window_until is None:
        return None
    granted, used = r.window_granted, r.window_used
    left = None if granted is None else max(0, granted - used)
    return {"by": r.window_by, "granted": granted, "used": used, "left": left, "until": r.window_until.isoformat()}


def _handoff(h: Row) -> dict[str, Any]:
    return {
        "id": h.id,
        "trigger": h.trigger,
        "reason": h.reason,
        "tier": h.tier,
        "queue": h.queue,
        "summary": h.summary,
        "transcript": h.transcript,
        "status": h.status,
        "agent": None if h.agent_id is None else {"id": h.agent_id, "name": h.agent_name, "number": h.agent_number},
        "offered_at": h.offered_at.isoformat(),
        "accepted_at": _iso(h.accepted_at),
        "ended_at": _iso(h.ended_at),
    }
