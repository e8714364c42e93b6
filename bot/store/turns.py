"""Turns: taking a conversation, keeping what was decided, giving it back. Every change is fenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.cases import WITHIN
from bot.dialogue import Decision
from bot.errors import LostLeaseError
from bot.messages import Status
from bot.ports import HandoffDraft
from bot.store import answers, calls, cases, forms, judging, log, ratings, saying, suggestions, timers
from bot.store.arrivals import LEASE_COLUMNS, NOW, PREVIEW
from bot.store.rows import Arrival, Due, Lease, lease_of, token
from bot.store.sql import Statement, Tx, among, insert, p
from bot.tables import Conversation, Handoff, Message, Poison, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]

ABANDONED_MAX = 15
"""Leases lost with their process before an arrival counts as what kills it. Generous: a crash has many reasons."""

READY = Statement(
    sa.select(C.c.id, C.c.leased)
    .where(C.c.ready_at <= NOW)
    .order_by(C.c.ready_at)
    .limit(p("limit"))
    .with_for_update(skip_locked=True)
)
TAKE = Statement(
    sa.update(C)
    .where(C.c.id == p("id"))
    .values(fence=p("token"), leased=sa.true(), ready_at=p("until", UtcTime()))
    .returning(*LEASE_COLUMNS)
)
PENDING = Statement(
    sa.select(M.c.id, M.c.seq, M.c.author, M.c.kind, M.c.text, M.c.payload, M.c.at, M.c.attempts, M.c.author_name)
    .where(M.c.conversation_id == p("conversation_id"), M.c.seq > p("after"), M.c.arrival == sa.true())
    .order_by(M.c.seq)
    .limit(20)
)
RELEASE = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.fence == p("fence"))
    .values(ready_at=p("ready_at", UtcTime()), leased=sa.false())
)
EXTEND = Statement(
    sa.update(C)
    .where(among(C.c.id, "ids"), among(C.c.fence, "fences"), C.c.leased == sa.true())
    .values(ready_at=p("until", UtcTime()))
)


def claim(tx: Tx, *, limit: int, lease: timedelta) -> list[Lease]:
    """Take up to `limit` conversations that wait; each comes with its pending arrivals."""
    leases = []
    for found in tx.all(READY, now=tx.now, limit=limit):
        row = tx.first(TAKE, id=found.id, token=token(), until=tx.now + lease)
        taken = lease_of(row)
        taken.pending = pending(tx, taken.conversation_id, taken.turned_seq)
        if found.leased and taken.pending:
            _abandoned(tx, taken)
        if taken.pending:
            leases.append(taken)
        else:
            tx.count(RELEASE, id=taken.conversation_id, fence=taken.fence, ready_at=None)
    return leases


def pending(tx: Tx, conversation_id: int, after: int) -> list[Arrival]:
    """The arrivals after `after` (the turned seq), in order, at most 20."""
    rows = tx.all(PENDING, conversation_id=conversation_id, after=after)
    return [Arrival(r.id, r.seq, r.author, r.kind, r.text, r.payload, r.at, r.attempts, r.author_name) for r in rows]


def extend(tx: Tx, leases: Sequence[tuple[int, int]], lease: timedelta) -> None:
    """Keep (conversation, fence) pairs from running out while their turns take long."""
    tx.count(EXTEND, ids=[c for c, _ in leases], fences=[f for _, f in leases], until=tx.now + lease)


def hand_back(tx: Tx, leases: Sequence[tuple[int, int]]) -> None:
    """Give leases back untouched; whoever comes next may take them at once."""
    for conversation_id, fence in leases:
        tx.count(RELEASE, id=conversation_id, fence=fence, ready_at=tx.now)


@dataclass(frozen=True, slots=True)
class Turned:
    """What a committed turn left to do: `lease` to go on with (without anything pending: it is released), `due` to
    be sent now by us; `queued` says that something waits for any deliverer; `answer` is for the webhook."""

    lease: Lease
    due: list[Due]
    queued: bool
    answer: answers.Answer | None = None


_still = C.c.seq == p("arrival_seq")
_said = p("said", sa.Integer()) == 1
_commit = (
    sa.update(C)
    .where(C.c.id == p("id"), C.c.fence == p("fence"), C.c.turned_seq < p("arrival_seq"))
    .values(
        # Own columns only: PostgreSQL evaluates them on the newest version of the row, so that nothing that
        # arrived meanwhile is overlooked and a lone message costs no second statement to release.
        ready_at=sa.case((_still, sa.null()), else_=p("until", UtcTime())),
        leased=sa.case((_still, sa.false()), else_=sa.true()),
        seq=C.c.seq + p("n", sa.Integer()),
        turned_seq=p("arrival_seq"),
        state=p("state"),
        language=p("language"),
        status=sa.case((p("opens", sa.Integer()) == 1, Status.OPEN.value), else_=C.c.status),
        last_text=sa.case((_said, p("preview", sa.Text())), else_=C.c.last_text),
        last_author=sa.case((_said, "bot"), else_=C.c.last_author),
        last_at=sa.case((_said, NOW), else_=C.c.last_at),
        # A tap in a menu may be what asks for a person: from there on he waits.
        waiting_since=sa.case(
            (p("answered", sa.Integer()) == 1, sa.null()),
            (p("opens", sa.Integer()) == 1, sa.func.coalesce(C.c.waiting_since, NOW)),
            else_=C.c.waiting_since,
        ),
    )
    .returning(C.c.seq, C.c.category, C.c.tier)
)
COMMIT = Statement(_commit)
COMMIT_RAISING = Statement(_commit.values(**judging.RAISED))
DECIDED = Statement(sa.update(M).where(M.c.id == p("id")).values(decision=p("decision")))
REMINDED = Statement(
    sa.update(C).where(C.c.id == p("id")).values(last_at=NOW, waiting_since=sa.func.coalesce(C.c.waiting_since, NOW))
)
HAND_OFF = Statement(
    insert(Handoff.__table__).values(  # type: ignore[attr-defined]
        conversation_id=p("conversation_id"),
        trigger=p("trigger"),
        reason=p("reason"),
        tier=p("tier"),
        queue=p("queue"),
        summary=p("summary"),
        transcript=p("transcript"),
        status=p("status"),
        offered_at=NOW,
    )
)


def commit(
    tx: Tx, held: Lease, arrival: Arrival, decision: Decision, *, draft: HandoffDraft | None, bot_name: str,
    pull: bool, hold: timedelta | None, lease: timedelta, terms: answers.Terms | None = None,
    within: Mapping[str, timedelta] = WITHIN,
) -> Turned:  # fmt: skip
    """Everything one turn did, or nothing: raises LostLeaseError when the fence is gone.

    `pull`: the customer's client reads the log, so a committed reply is sent. `hold`: take the first reply for
    delivery at once, for that long (only for networks that drop a repeated key). `terms`: the webhook that brought
    the arrival waits for an answer. `within`: by when a case of each tier is answered.
    """
    opens = draft is not None and draft.opens and held.status != Status.OPEN.value
    told = opens or (draft is not None and not draft.opens)
    filed = draft is not None and not told
    replies = decision.replies
    status = Status.OPEN.value if opens else held.status
    language = decision.language or held.language
    n = len(replies) + opens + told + filed
    judged = judging.judged(decision.category, decision.tier, draft.tier if draft else None)
    if judging.settled(arrival.payload):
        judged = judging.judged(None)
    row = tx.first(
        COMMIT_RAISING if judging.raises(held, judged) else COMMIT,
        id=held.conversation_id,
        fence=held.fence,
        arrival_seq=arrival.seq,
        until=tx.now + lease,
        n=n,
        state=dict(decision.state),
        language=language,
        opens=1 if opens else 0,
        said=1 if replies else 0,
        preview=replies[-1].text[:PREVIEW] if replies else "",
        answered=1 if replies and status == Status.PENDING.value else 0,
        now=tx.now,
        **judged,
    )
    if row is None:
        raise LostLeaseError("the conversation was taken over while its turn was decided")
    seq = row.seq - n
    due, queued, answer = saying.out(
        tx, held, arrival, decision, language, seq, bot_name, pull=pull, hold=hold, terms=terms
    )
    tx.count(DECIDED, id=arrival.message_id, decision=_noted(decision, judged, answer))
    if decision.gap is not None:
        suggestions.note(tx, held.conversation_id, decision.gap, language)
    if judged["category"] == judging.COMPLAINT and held.category != judging.COMPLAINT:
        judging.complained(tx, held.contact_id, held.conversation_id)
    if told and draft is not None:
        _hand_off(tx, held, draft, seq + len(replies), opens=opens)
    elif draft is not None:
        forms.file(tx, held.conversation_id, draft)
        filed_as = {"status": "filed", "trigger": draft.trigger, "reason": draft.reason}
        log.append(tx, held.conversation_id, seq + len(replies) + 1, "handoff", filed_as, audience="desk")
        if arrival.payload.get("timer") and held.assignee_id is not None:
            _reminded(tx, held.conversation_id, held.assignee_id)
    if decision.form is not None:
        forms.keep(tx, held.contact_id, decision.form)
    if decision.case is not None:
        cases.file(tx, held, arrival.message_id, decision.case, row.tier, within)
    for name in decision.cancel_timers:
        timers.cancel(tx, held.conversation_id, name)
    for timer in decision.timers:
        timers.set_(tx, held.conversation_id, timer.name, tx.now + timer.after, timer.data)
    if decision.rating is not None:
        ratings.keep(tx, held.conversation_id, decision.rating)
    left: list[Arrival] = []
    if seq != arrival.seq:
        left = pending(tx, held.conversation_id, arrival.seq)
        if not left:
            tx.count(RELEASE, id=held.conversation_id, fence=held.fence, ready_at=None)
    after = replace(
        held,
        state=decision.state,
        status=status,
        language=language,
        turned_seq=arrival.seq,
        pending=left,
        category=row.category,
        tier=row.tier,
        form=held.form if decision.form is None else decision.form,
    )  # a new one: a script that is repeated must find what it was given
    return Turned(after, due, queued, answer)


def _reminded(tx: Tx, conversation_id: int, agent_id: int) -> None:
    """Something is due in a conversation an agent has: it rises in his list, and the customer waits."""
    tx.count(REMINDED, id=conversation_id, now=tx.now)
    calls.wrote_on(tx, conversation_id, agent_id)


def _noted(decision: Decision, judged: Mapping[str, Any], answer: answers.Answer | None) -> dict[str, Any]:
    """What the arrival's row remembers: the rule, what it saw, and what the message was judged to be."""
    noted = {"rule": decision.rule, **decision.facts}
    if decision.category is not None:
        noted |= {"category": decision.category, "tier": decision.tier}
    elif judged["category"]:
        noted |= {"category": judged["category"], "tier": judged["tier"] or None}
    return noted if answer is None else {**noted, "answer": answers.note(answer)}


def _hand_off(tx: Tx, held: Lease, draft: HandoffDraft, seq: int, *, opens: bool) -> None:
    """The record; one that opens nothing is only noted: nobody is asked to take the conversation."""
    status = "offered" if opens else "noted"
    tx.count(
        HAND_OFF,
        conversation_id=held.conversation_id,
        trigger=draft.trigger,
        reason=draft.reason,
        tier=draft.tier or "",
        queue=draft.queue,
        summary=dict(draft.summary),
        transcript=list(draft.transcript),
        status=status,
        now=tx.now,
    )
    if opens:
        seq += 1
        calls.handed_off(tx, held.conversation_id)
        log.append(tx, held.conversation_id, seq, "status", {"status": Status.OPEN.value, "agent": None})
    data = {"status": status, "trigger": draft.trigger, "reason": draft.reason}
    log.append(tx, held.conversation_id, seq + 1, "handoff", data, audience="desk")


# ---- poison -------------------------------------------------------------------------------------------------------

TRIED = Statement(sa.update(M).where(M.c.id == p("id")).values(attempts=M.c.attempts + 1, error=p("error")))
ABANDONED = Statement(
    sa.update(M).where(M.c.id == p("id")).values(abandoned=M.c.abandoned + 1, error=p("error")).returning(M.c.abandoned)
)
FENCED = Statement(
    sa.update(C)
    .where(C.c.id == p("id"), C.c.fence == p("fence"), C.c.turned_seq < p("arrival_seq"))
    .values(ready_at=p("ready_at", UtcTime()), leased=sa.false())
    .returning(C.c.id)
)
PASS_OVER = Statement(sa.update(C).where(C.c.id == p("id")).values(turned_seq=p("seq")))
SET_ASIDE = Statement(
    insert(Poison.__table__).values(  # type: ignore[attr-defined]
        message_id=p("message_id"),
        conversation_id=p("conversation_id"),
        reason=p("reason"),
        attempts=p("attempts"),
        at=NOW,
    )
)


def fail(tx: Tx, held: Lease, arrival: Arrival, reason: str, *, most: int) -> bool:
    """A turn failed: try again later, or after `most` attempts set the arrival aside; True if it was set aside."""
    attempts = arrival.attempts + 1
    aside = attempts >= most
    again = tx.now if aside else tx.now + timedelta(seconds=min(60.0, 0.2 * 4.0**attempts))
    if tx.first(FENCED, id=held.conversation_id, fence=held.fence, arrival_seq=arrival.seq, ready_at=again) is None:
        raise LostLeaseError("the conversation was taken over while its turn failed")
    tx.count(TRIED, id=arrival.message_id, error=reason)
    if aside:
        _set_aside(tx, held, arrival, reason, attempts)
    return aside


def _set_aside(tx: Tx, held: Lease, arrival: Arrival, reason: str, attempts: int) -> None:
    tx.count(PASS_OVER, id=held.conversation_id, seq=arrival.seq)
    tx.count(
        SET_ASIDE,
        message_id=arrival.message_id,
        conversation_id=held.conversation_id,
        reason=reason,
        attempts=attempts,
        now=tx.now,
    )
    log.add(tx, held.conversation_id, "poison", {"seq": arrival.seq, "reason": reason}, audience="desk")


def _abandoned(tx: Tx, held: Lease) -> None:
    # Counted apart from failures: a process that dies takes many innocent turns with it.
    head = held.pending[0]
    row = tx.first(ABANDONED, id=head.message_id, error="a worker stopped during its turn")
    assert row is not None
    if row.abandoned >= ABANDONED_MAX:
        _set_aside(tx, held, head, "its turn took the process down, again and again", head.attempts + row.abandoned)
        held.turned_seq = head.seq
        held.pending = held.pending[1:]
