"""A conversation's forum topic, and how far the log has been shown there. Everything the Telegram desk does is here
before it is done: whoever takes over from a dead process goes on from these rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from bot.lent import Event
from bot.messages import Status
from bot.store import listing, log, shelf
from bot.store.rows import token as fresh_token
from bot.store.sql import Row, Statement, Tx, insert, p
from bot.tables import Conversation, Handoff, Message, Topic, TopicNotice, UtcTime

C = Conversation.__table__  # type: ignore[attr-defined]
T = Topic.__table__  # type: ignore[attr-defined]
N = TopicNotice.__table__  # type: ignore[attr-defined]
H = Handoff.__table__  # type: ignore[attr-defined]
M = Message.__table__  # type: ignore[attr-defined]
NOW = p("now", UtcTime())
REMEMBERED = timedelta(days=2)
"""Telegram keeps what it could not deliver for a day; an act is known for two."""
FIRST, WHOLE = 80, 400
"""Events a topic begins with, and events it is brought up to date with; what is older stands in the web desk."""

_open = C.c.status == sa.literal_column(f"'{Status.OPEN.value}'")
_topic = T.alias("topic_there")
NEW = Statement(sa.select(C.c.id).where(_open, ~sa.exists().where(_topic.c.conversation_id == C.c.id)).limit(1))
SEE = Statement(
    insert(T)
    .from_select(
        ["conversation_id", "created_at"],
        sa.select(C.c.id, sa.type_coerce(NOW, UtcTime())).where(
            _open, ~sa.exists().where(_topic.c.conversation_id == C.c.id)
        ),
    )
    .on_conflict_do_nothing(index_elements=["conversation_id"])
)
_state = T.c.state
WORK = Statement(
    sa.select(
        T.c.id,
        T.c.conversation_id,
        T.c.state,
        T.c.chat,
        T.c.thread,
        T.c.until,
        T.c.shown,
        T.c.card,
        T.c.alerted,
        C.c.status,
        C.c.tier,
        C.c.seq,
        C.c.last_at,
        C.c.waiting_since,
    )
    .join_from(T, C, C.c.id == T.c.conversation_id)
    .where(
        sa.or_(
            sa.and_(_open, sa.or_(_state != sa.literal_column("'open'"), C.c.seq > T.c.shown, T.c.said == "")),
            sa.and_(~_open, _state == sa.literal_column("'open'")),
        )
    )
    .order_by(T.c.id)
)
ONE = Statement(sa.select(*T.c).where(T.c.id == p("id")))
OF = Statement(sa.select(*T.c).where(T.c.conversation_id == p("conversation_id")))
AT = Statement(sa.select(*T.c).where(T.c.chat == p("chat"), T.c.thread == p("thread")))
CLAIM = Statement(
    sa.update(T)
    .where(
        T.c.id == p("id"),
        sa.or_(
            _state == sa.literal_column("'due'"),
            sa.and_(_state == sa.literal_column("'opening'"), T.c.until <= NOW),
        ),
    )
    .values(
        strays=T.c.strays + sa.case((_state == sa.literal_column("'opening'"), 1), else_=0),
        state="opening",
        token=p("token", sa.BigInteger()),
        until=p("until", UtcTime()),
    )
    .returning(T.c.id, T.c.strays)
)
_mine = (T.c.id == p("id"), _state == sa.literal_column("'opening'"), T.c.token == p("token", sa.BigInteger()))
OPENED = Statement(
    sa.update(T)
    .where(*_mine)
    .values(
        state="open", chat=p("chat"), thread=p("thread"), name=p("name"), until=None, card=0, said="", shown=0
    )
)  # fmt: skip
DOUBTED = Statement(sa.update(T).where(*_mine).values(until=p("until", UtcTime())))
ADOPT = Statement(
    sa.update(T)
    .where(T.c.conversation_id == p("conversation_id"), _state == sa.literal_column("'opening'"))
    .values(
        state="open", chat=p("chat"), thread=p("thread"), name=p("name"), until=None, card=0, said="", shown=0
    )
)  # fmt: skip
NOT_OPENED = Statement(sa.update(T).where(*_mine).values(state="due", until=None))
TURNED = Statement(
    sa.update(T).where(T.c.id == p("id"), T.c.thread == p("thread")).values(state=p("state"))
)  # fmt: skip
GONE = Statement(
    sa.update(T)
    .where(T.c.id == p("id"), T.c.thread == p("thread"))
    .values(state="due", thread=sa.null(), card=0, said="", shown=0, name="")
)
CARDED = Statement(
    sa.update(T)
    .where(T.c.id == p("id"), T.c.thread == p("thread"))
    .values(card=p("card"), said=p("said"), name=p("name"))
)
SHOWED = Statement(
    sa.update(T).where(T.c.id == p("id"), T.c.thread == p("thread"), T.c.shown < p("upto")).values(shown=p("upto"))
)
ALERTED = Statement(
    sa.update(T).where(T.c.id == p("id"), T.c.alerted != p("tier")).values(alerted=p("tier")).returning(T.c.id)
)
MOVED = Statement(sa.update(T).where(T.c.chat == p("old")).values(chat=p("new")))
LAST_HANDOFF = Statement(
    sa.select(H.c.trigger, H.c.reason, H.c.summary, H.c.status)
    .where(H.c.conversation_id == p("conversation_id"), H.c.status != "noted")
    .order_by(H.c.id.desc())
    .limit(1)
)
SAID = Statement(
    sa.select(*log.MESSAGE_COLUMNS).where(M.c.conversation_id == p("conversation_id"), M.c.seq == p("seq"))
)


@dataclass(frozen=True, slots=True)
class View:
    """Everything that decides what is said in a topic now: its row, the conversation's, the record of the handoff,
    what happened after `shown` (`cut`: some of it is left out), and the messages that reports are about, by seq."""

    topic: Row
    head: Mapping[str, Any]
    handoff: Mapping[str, Any]
    events: tuple[Event, ...]
    seq: int
    cut: bool
    about: Mapping[int, Mapping[str, Any]]
    public: Mapping[str, Any]
    """Who said the last of it before everybody, and where (`extra["public"]` of a message); empty in private."""


def see(tx: Tx) -> int:
    """Every conversation that people have gets its topic's row; how many were new."""
    return tx.count(SEE, now=tx.now)


def unseen(tx: Tx) -> bool:
    """People have a conversation that has no row here yet."""
    return tx.first(NEW) is not None


def work(tx: Tx) -> list[Row]:
    """Topics that are not as their conversation is."""
    return tx.all(WORK)


def view(tx: Tx, topic_id: int) -> View | None:
    """What a topic has to show, read in one look."""
    topic = tx.first(ONE, id=topic_id)
    if topic is None:
        return None
    head = listing.row(tx, topic.conversation_id)
    limit = WHOLE if topic.shown else FIRST
    page = log.desk_events(tx, topic.conversation_id, after=topic.shown, limit=limit)
    cut = page.reset or (topic.shown == 0 and page.earlier)
    if page.reset:
        page = log.desk_events(tx, topic.conversation_id, after=0, limit=FIRST)
    row = tx.first(LAST_HANDOFF, conversation_id=topic.conversation_id)
    handoff = {} if row is None else {"trigger": row.trigger, "reason": row.reason, "summary": row.summary}
    about = {e.d["seq"]: _said(tx, topic.conversation_id, e.d["seq"]) for e in page.events if "seq" in e.d}
    found = {seq: said for seq, said in about.items() if said is not None}
    return View(topic, head, handoff, page.events, page.seq, cut, found, _public(tx, head))


PUBLIC = Statement(
    sa.select(M.c.payload)
    .where(M.c.conversation_id == p("conversation_id"), M.c.author == "customer")
    .order_by(M.c.seq.desc())
    .limit(1)
)


def _public(tx: Tx, head: Mapping[str, Any]) -> Mapping[str, Any]:
    row = tx.first(PUBLIC, conversation_id=head["id"]) if head["public"] else None
    found = {} if row is None else (row.payload or {}).get("extra", {}).get("public")
    return found or {}


def _said(tx: Tx, conversation_id: int, seq: int) -> Mapping[str, Any] | None:
    row = tx.first(SAID, conversation_id=conversation_id, seq=seq)
    return None if row is None else log.desk_message(row)


def at(tx: Tx, chat: int, thread: int) -> Row | None:
    """The topic that is there."""
    return tx.first(AT, chat=chat, thread=thread)


def of(tx: Tx, conversation_id: int) -> Row | None:
    """The conversation's topic."""
    return tx.first(OF, conversation_id=conversation_id)


# ---- what people do there, once ------------------------------------------------------------------------------------

P = ParamSpec("P")
R = TypeVar("R")


def once(
    tx: Tx, inbox_id: int, act: str, told: str, script: Callable[Concatenate[Tx, P], R], /, *args: P.args,
    **kwargs: P.kwargs,
) -> R | None:  # fmt: skip
    """Do it, and note in the same breath that it is done and what its doer is told; None if it was done before."""
    if not shelf.take(tx, inbox_id, f"did:{act}", holder=told, until=tx.now + REMEMBERED):
        return None
    return script(tx, *args, **kwargs)


def did(tx: Tx, inbox_id: int, act: str) -> str | None:
    """What the doer of this act was told, if it is done."""
    return shelf.get(tx, inbox_id, f"did:{act}")


def nothing(tx: Tx) -> None:
    """What is done with an act that was refused."""


# ---- what became of it --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claimed:
    """The topic is ours to make. `stray`: somebody was about to, and nobody can say whether he did."""

    token: int
    stray: bool


def claim(tx: Tx, topic_id: int, *, hold: timedelta) -> Claimed | None:
    """Take on to make the topic, for so long; None if it is there, or another makes it."""
    token = fresh_token()
    before = tx.first(ONE, id=topic_id)
    row = tx.first(CLAIM, id=topic_id, token=token, until=tx.now + hold, now=tx.now)
    if row is None or before is None:
        return None
    return Claimed(token, row.strays > before.strays)


def opened(tx: Tx, topic_id: int, token: int, *, chat: int, thread: int, name: str) -> bool:
    """It is made; False if our time was over, and the conversation has another one."""
    if tx.count(OPENED, id=topic_id, token=token, chat=chat, thread=thread, name=name):
        return True
    return _there(at(tx, chat, thread), topic_id)


def _there(found: Row | None, topic_id: int) -> bool:
    return found is not None and found.id == topic_id


def doubted(tx: Tx, topic_id: int, token: int, *, hold: timedelta) -> None:
    """The call is over, and nobody can say whether it was made; for so long it may still turn up."""
    tx.count(DOUBTED, id=topic_id, token=token, until=tx.now + hold)


def adopt(tx: Tx, conversation_id: int, *, chat: int, thread: int, name: str) -> bool:
    """A topic of ours turned up: it is the conversation's if that waits for one. False for one too many."""
    if at(tx, chat, thread) is not None:
        return True
    return tx.count(ADOPT, conversation_id=conversation_id, chat=chat, thread=thread, name=name) > 0


def not_opened(tx: Tx, topic_id: int, token: int) -> None:
    """It certainly was not made: it is due again."""
    tx.count(NOT_OPENED, id=topic_id, token=token)


def turned(tx: Tx, topic_id: int, thread: int, *, open: bool) -> None:  # noqa: A002
    """It is open, or closed."""
    tx.count(TURNED, id=topic_id, thread=thread, state="open" if open else "closed")


def gone(tx: Tx, topic_id: int, thread: int) -> None:
    """Somebody deleted it: it is made anew, with all that stood in it."""
    tx.count(GONE, id=topic_id, thread=thread)


def carded(tx: Tx, topic_id: int, thread: int, *, card: int, said: str, name: str) -> None:
    """Its card stands there, and says so; nothing said: it has to be brought up to date."""
    tx.count(CARDED, id=topic_id, thread=thread, card=card, said=said, name=name)


def showed(tx: Tx, topic_id: int, thread: int, *, upto: int) -> None:
    """The log stands there up to this seq."""
    tx.count(SHOWED, id=topic_id, thread=thread, upto=upto)


def moved(tx: Tx, old: int, new: int) -> int:
    """The group has another number now."""
    return tx.count(MOVED, old=old, new=new)


# ---- what the desk itself has to say ------------------------------------------------------------------------------

NOTE = Statement(
    insert(N)
    .values(
        key=p("key"), conversation_id=p("conversation_id"), reply_to=p("reply_to"), text=p("text"), extra=p("extra"),
        created_at=NOW,
    )
    .on_conflict_do_nothing(index_elements=["key"])
)  # fmt: skip
NOTICES = Statement(
    sa.select(N.c.id, N.c.conversation_id, N.c.reply_to, N.c.text, N.c.extra, N.c.created_at)
    .order_by(N.c.id)
    .limit(p("limit"))
)
TOLD = Statement(sa.delete(N).where(N.c.id == p("id")))


def notice(
    tx: Tx, key: str, text: str, *, conversation_id: int | None = None, reply_to: int = 0,
    extra: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Something to be said; while it waits, the same `key` again changes nothing."""
    tx.count(
        NOTE, key=key, text=text, conversation_id=conversation_id, reply_to=reply_to, extra=dict(extra or {}),
        now=tx.now,
    )  # fmt: skip


def notices(tx: Tx, limit: int = 20) -> list[Row]:
    """What is still to be said, the oldest first."""
    return tx.all(NOTICES, limit=limit)


def told(tx: Tx, notice_id: int) -> None:
    """It is said."""
    tx.count(TOLD, id=notice_id)


def alert(tx: Tx, topic_id: int, tier: str, key: str, text: str, extra: Mapping[str, Any]) -> bool:
    """Call supervisors, once a tier; False if they were called."""
    if tx.first(ALERTED, id=topic_id, tier=tier) is None:
        return False
    notice(tx, key, text, extra=extra)
    return True


UNDELIVERED = Statement(
    sa.select(M.c.id)
    .where(
        M.c.conversation_id == p("conversation_id"),
        M.c.delivery.in_([sa.literal_column(f"'{name}'") for name in sorted(listing.UNDELIVERED)]),
    )
    .order_by(M.c.seq.desc())
    .limit(1)
)


def undelivered(tx: Tx, conversation_id: int) -> int | None:
    """The last message of a conversation that did not arrive, if one did not."""
    row = tx.first(UNDELIVERED, conversation_id=conversation_id)
    return None if row is None else int(row.id)
