"""What became of everything that was acknowledged: asked of the database and of upstream, when all is quiet."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from bot.store import health, open_store
from bot.store.runner import Store
from tests.crash.upstream import Upstream
from tests.store.shop import rows

PLACES = ("timers_overdue", "turns", "outbox")


@dataclass
class Verdict:
    """Each list must be empty; what stands in it is a text."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)
    timers_missing: list[str] = field(default_factory=list)
    timers_twice: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)
    sent_twice: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        return {name: found for name, found in vars(self).items() if found}


@dataclass(frozen=True)
class Talk:
    """One customer's conversation as the database has it."""

    written: list[str]
    replies: list[tuple[str, str]]
    """(text, delivery)"""
    seen: list[str]
    """The texts of its turns, as the brain's state has them."""


async def quiet(url: str, patience: float) -> bool:
    """Wait until nothing waits any more; False if that does not come."""
    store = await open_store(url)
    try:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if await _still(store):
                return True
            await asyncio.sleep(0.1)
        return False
    finally:
        await store.close()


async def _still(store: Store) -> bool:
    for place in PLACES * 2:  # twice, the way work flows: what leaves one place is seen in the next
        if await store.read(rows, "SELECT id FROM timer LIMIT 1") or (await store.read(health.waiting))[place]:
            return False
    return True


async def judge(url: str, taken: Mapping[str, Sequence[str]], upstream: Upstream, *, idempotent: bool) -> Verdict:
    """Compare what was acknowledged with what is kept and what upstream heard."""
    verdict = Verdict()
    store = await open_store(url)
    try:
        for sender, texts in taken.items():
            talk = await _talk(store, sender)
            _turns(verdict, list(texts), talk)
            (_repeatable if idempotent else _once)(verdict, sender, talk, upstream)
        verdict.left += await _left(store)
    finally:
        await store.close()
    return verdict


async def _talk(store: Store, sender: str) -> Talk:
    of = f"FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE c.sender = '{sender}'"
    written = await store.read(rows, f"SELECT m.text {of} AND m.author = 'customer' ORDER BY m.seq")
    replies = await store.read(rows, f"SELECT m.text, m.delivery {of} AND m.author = 'bot' ORDER BY m.seq")
    states = await store.read(rows, f"SELECT state FROM conversation WHERE sender = '{sender}'")
    seen = _json(states[0].state).get("seen", []) if states else []
    return Talk([r.text for r in written], [(r.text, r.delivery) for r in replies], seen)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _turns(verdict: Verdict, taken: list[str], talk: Talk) -> None:
    """Every message kept once, in order; had its turn once, in order; and every timer came once."""
    replies = [text for text, _ in talk.replies]
    asked = [t for t in talk.seen if not t.startswith("timer: ")]
    for text in taken:
        if talk.written.count(text) == 0 or asked.count(text) == 0:
            verdict.lost.append(text)
        if talk.written.count(text) > 1 or asked.count(text) > 1 or replies.count(f"re: {text}") > 1:
            verdict.twice.append(text)
        if "timer=" in text:
            name = f"timer: {text.split()[0]}"
            fired = max(talk.seen.count(name), replies.count(name))
            if fired != 1:
                (verdict.timers_missing if fired == 0 else verdict.timers_twice).append(text)
    verdict.disorder += [f"{a} before {b}" for a, b in _crossed(taken, talk.written)]
    verdict.disorder += [f"{a} had its turn before {b}" for a, b in _crossed(talk.written, asked)]
    expected = [reply for text in talk.seen for reply in answers(text)]
    verdict.disorder += [f"{a} was said before {b}" for a, b in _crossed(expected, replies)]
    verdict.lost += [f"the reply {r!r}" for r in (Counter(expected) - Counter(replies))]


def answers(text: str) -> list[str]:
    """What the clerk says to a text."""
    if text.startswith("timer: "):
        return [text]
    if "silent" in text:
        return []
    return [f"re: {text}", f"again: {text}"] if "twice" in text else [f"re: {text}"]


def _crossed(order: Sequence[str], found: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Neighbours in `found` that stand the other way round in `order`."""
    place = {text: n for n, text in enumerate(order)}
    known = [text for text in found if text in place]
    return ((a, b) for a, b in pairwise(known) if place[a] > place[b])


def _repeatable(verdict: Verdict, sender: str, talk: Talk, upstream: Upstream) -> None:
    """Everything arrives, once under its key, in order."""
    replies = [text for text, _ in talk.replies]
    heard = upstream.heard(sender)
    verdict.unsent += list((Counter(replies) - Counter(heard)).elements())
    verdict.unsent += [f"{text} is {delivery}" for text, delivery in talk.replies if delivery != "sent"]
    verdict.sent_twice += list((Counter(heard) - Counter(replies)).elements())
    verdict.disorder += [f"{a} was heard before {b}" for a, b in _crossed(replies, heard)]


def _once(verdict: Verdict, sender: str, talk: Talk, upstream: Upstream) -> None:
    """Nothing is ever sent a second time; what did not arrive says that nobody knows."""
    heard = [m for m in upstream.received if m.to == sender]
    keys = Counter(m.key for m in heard)
    verdict.sent_twice += [m.text for m in heard if keys[m.key] > 1]
    texts = Counter(m.text for m in heard)
    verdict.unsent += [text for text, delivery in talk.replies if delivery == "sent" and not texts[text]]
    verdict.left += [f"{t} is {d}" for t, d in talk.replies if d not in ("sent", "unknown")]
    verdict.disorder += [f"{a} was heard before {b}" for a, b in _crossed(
        [text for text, _ in talk.replies], [m.text for m in heard])]  # fmt: skip


async def _left(store: Store) -> list[str]:
    """What should not be there when all is quiet and everybody has gone home."""
    found = []
    for what, sql in {
        "leased": "SELECT id FROM conversation WHERE leased",
        "awake": "SELECT id FROM conversation WHERE ready_at IS NOT NULL",
        "set aside": "SELECT message_id AS id FROM poison",
        "in the outbox": "SELECT id FROM outbox",
        "a timer": "SELECT id FROM timer",
        "arrivals without a turn": "SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.arrival AND (m.seq > c.turned_seq OR m.decision IS NULL)",
    }.items():
        found += [f"{what}: {row.id}" for row in await store.read(rows, sql)]
    return found
