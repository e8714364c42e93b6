"""Mails that call agents: written down with what they are about, gone once, answered once."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.errors import ConflictError
from bot.messages import AgentReply, Notification, Status
from bot.store import desk, log, media
from bot.store.arrivals import NOW, files_of
from bot.store.sql import Row, Statement, Tx, p
from bot.tables import Agent, AgentSession, Contact, Conversation, Handoff, Inbox, UtcTime
from bot.tables import Event as EventRow
from bot.tables import Notification as Row_

N = Row_.__table__  # type: ignore[attr-defined]
A = Agent.__table__  # type: ignore[attr-defined]
S = AgentSession.__table__  # type: ignore[attr-defined]
C = Conversation.__table__  # type: ignore[attr-defined]
K = Contact.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
B = Inbox.__table__  # type: ignore[attr-defined]
E = EventRow.__table__  # type: ignore[attr-defined]

AT_DESK = timedelta(minutes=10)
"""Who was seen so lately needs no mail, if he wants them only when he is away."""
ANSWERABLE = timedelta(days=7)
SHOWN = 20
"""Messages a mail tells."""
GIVE_UP = timedelta(days=1)

# ---- sending ------------------------------------------------------------------------------------------------------

_open = sa.literal_column("state").in_([sa.literal_column("'due'"), sa.literal_column("'sending'")])
_due = sa.select(N.c.id).where(_open, N.c.due_at <= NOW).order_by(N.c.due_at, N.c.id).limit(p("limit"))
CLAIM = Statement(
    sa.update(N)
    .where(N.c.id.in_(_due.with_for_update(skip_locked=True)))
    .values(state="sending", due_at=p("until", UtcTime()), attempts=N.c.attempts + 1)
    .returning(N.c.id, N.c.attempts)
)
SETTLE = Statement(
    sa.update(N).where(N.c.id == p("id"), N.c.state == "sending").values(state=p("state"), error=p("error"))
)
POSTPONE = Statement(
    sa.update(N)
    .where(N.c.id == p("id"), N.c.state == "sending")
    .values(due_at=p("due_at", UtcTime()), error=p("error"))
)
_last = sa.select(sa.func.max(H.c.id)).where(H.c.conversation_id == C.c.id).correlate(C).scalar_subquery()
_seen = sa.select(sa.func.max(S.c.seen_at)).where(S.c.agent_id == A.c.id).correlate(A).scalar_subquery()
LOOK = Statement(
    sa.select(
        N.c.id, N.c.conversation_id, N.c.agent_id, N.c.about, N.c.created_at, N.c.answer,
        A.c.name.label("agent"), A.c.email, A.c.notify, A.c.active, sa.type_coerce(_seen, UtcTime()).label("seen"),
        C.c.status, C.c.assignee_id, C.c.waiting_since, C.c.tier, C.c.language, C.c.current, C.c.sender,
        K.c.name.label("customer"), B.c.id.label("inbox_id"), B.c.name.label("inbox"), B.c.channel,
        H.c.reason, H.c.summary,
    )
    .join_from(N, A, A.c.id == N.c.agent_id)
    .join(C, C.c.id == N.c.conversation_id)
    .join(K, K.c.id == C.c.contact_id)
    .join(B, B.c.id == C.c.inbox_id)
    .outerjoin(H, H.c.id == _last)
    .where(N.c.id == p("id"))
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """One that is ours to send, for the length of the hold."""

    id: int
    attempts: int


def claim(tx: Tx, *, limit: int, hold: timedelta) -> list[Claimed]:
    """Take what is due for so long; whoever dies with it leaves it to the next."""
    return [Claimed(r.id, r.attempts) for r in tx.all(CLAIM, limit=limit, until=tx.now + hold, now=tx.now)]


def look(tx: Tx, notification_id: int) -> Notification | None:
    """What the mail says, as things are now; None if it is no longer needed."""
    row = tx.first(LOOK, id=notification_id)
    if row is None or not _needed(row, tx.now):
        return None
    said = [m for m in log.transcript(tx, row.conversation_id, SHOWN) if m["kind"] != "event" and m["text"]]
    return Notification(
        number=row.id,
        conversation=row.conversation_id,
        inbox=row.inbox,
        channel=row.channel,
        to=row.email,
        agent=row.agent,
        about=row.about,
        customer=row.customer,
        tier=row.tier,
        reason=row.reason or "",
        summary=row.summary or {},
        said=said,
    )


def _needed(row: Row, now: datetime) -> bool:
    mine_or_free = row.assignee_id is None or row.assignee_id == row.agent_id
    # What an agent writes himself calls somebody else: a machine that answers there would be called by its own answers.
    mine = row.email.strip().lower() == row.sender.lower()
    away = row.notify == "always" or row.seen is None or now - row.seen > AT_DESK
    return bool(
        row.active and row.email and not mine and row.notify != "never" and away and mine_or_free
        and row.status == Status.OPEN.value and row.waiting_since is not None
    )  # fmt: skip


def settle(tx: Tx, notification_id: int, state: str, error: str = "") -> None:
    """The last word on one: sent, dropped, failed."""
    tx.count(SETTLE, id=notification_id, state=state, error=error)


def postpone(tx: Tx, claimed: Claimed, until: datetime, error: str) -> bool:
    """Try again then; False (and failed) once it has been tried for a day."""
    row = tx.first(LOOK, id=claimed.id)
    if row is None or tx.now - row.created_at > GIVE_UP:
        settle(tx, claimed.id, "failed", error)
        return False
    tx.count(POSTPONE, id=claimed.id, due_at=until, error=error)
    return True


# ---- answering ----------------------------------------------------------------------------------------------------

ANSWERED = Statement(sa.update(N).where(N.c.id == p("id"), N.c.answer == "").values(answer=p("answer")))
REFUSED = Statement(sa.select(E.c.data).where(E.c.conversation_id == p("conversation_id"), E.c.type == "agent_mail"))
PLACE = Statement(sa.select(C.c.id).where(C.c.id == p("id")).with_for_update())


@dataclass(frozen=True, slots=True)
class Answered:
    """What an agent's mail came to: `changed` is None if there is no such notification, or the same mail was kept
    before. `unproven`: nobody vouches that it is an agent's at all."""

    changed: desk.Changed | None = None
    unproven: bool = False


def answer(tx: Tx, told: AgentReply, *, pulls: Container[int]) -> Answered:
    """An agent answered by mail: said as if he had said it at the desk.

    What may not be said is shown to the desk, with the reason, and never to the customer: `unproven` (nobody vouches
    that it is he), `used` (a notification can be answered once), `late`, `taken` (another agent has it), `former`
    (the customer has begun a new conversation).
    """
    row = tx.first(LOOK, id=told.notification)
    if row is None:
        return Answered(unproven=True)
    tx.first(PLACE, id=row.conversation_id)
    row = tx.first(LOOK, id=told.notification)  # again: two deliveries of one mail come one after the other
    assert row is not None
    if _heard_before(tx, row, told):
        return Answered()
    refused = told.refused or _refusal(row, told, tx.now)
    if not refused:
        tx.count(ANSWERED, id=told.notification, answer=told.external_id)
        try:
            return Answered(_said(tx, row, told, pull=row.inbox_id in pulls))
        except ConflictError as error:
            refused = "former" if error.current == "former" else "taken"
    return Answered(_shown(tx, row, told, refused), refused == "unproven")


def _said(tx: Tx, row: Row, told: AgentReply, *, pull: bool) -> desk.Changed:
    cid, files = _cid(told), files_of(told.attachments)
    said = desk.reply(tx, row.conversation_id, row.agent_id, cid=cid, text=told.text, pull=pull, attachments=files)
    media.take(tx, row.conversation_id, told.attachments)
    return said


def _shown(tx: Tx, row: Row, told: AgentReply, refused: str) -> desk.Changed:
    """To the desk only, with the reason. A stranger's files stand with the mail he is taken to have written."""
    files = () if refused == "unproven" else told.attachments
    data = {
        "id": told.external_id,
        "agent": row.agent,
        "email": told.email,
        "why": refused,
        "text": told.text,
        "attachments": files_of(files),
    }
    media.take(tx, row.conversation_id, files)
    seq = log.add(tx, row.conversation_id, "agent_mail", data, audience="desk")
    return desk.Changed(row.conversation_id, seq)


def _heard_before(tx: Tx, row: Row, told: AgentReply) -> bool:
    if row.answer == told.external_id:
        return True
    return any(r.data.get("id") == told.external_id for r in tx.all(REFUSED, conversation_id=row.conversation_id))


def _refusal(row: Row, told: AgentReply, now: datetime) -> str:
    if not row.active or row.email.strip().lower() != told.email.strip().lower():
        return "unproven"
    if row.answer:
        return "used"
    return "late" if now - row.created_at > ANSWERABLE else ""


def _cid(told: AgentReply) -> str:
    return f"mail:{told.notification}"
