"""What customers saw, message by message: each reply has marks of its own, in whatever call or answer it came."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.store.runner import Store
from tests.store.shop import rows

MARK = re.compile(r"(?:re|again|timer): \S+|~\S+")
LONG = "长长长长长长长。" * 150
"""With it a reply is longer than one message may be."""


def long(name: str) -> str:
    """What a customer writes who wants a long reply: the end of it has a mark of its own."""
    return f"{name} {LONG} ~{name}"


@dataclass(frozen=True, slots=True)
class Seen:
    """A mark that came to the customer. `until`: for a passive answer, when WeChat had done with its push."""

    mark: str
    at: float
    begun: float = 0.0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A message of ours as the store has it."""

    seq: int
    text: str
    delivery: str
    error: str

    @property
    def marks(self) -> list[str]:
        return MARK.findall(self.text)


async def replies(store: Store, sender: str) -> list[Reply]:
    found = await store.read(
        rows,
        "SELECT m.seq, m.text, m.delivery, m.error FROM message m JOIN conversation c ON c.id = m.conversation_id"
        f" WHERE c.sender = '{sender}' AND m.author = 'bot' ORDER BY m.seq",
    )
    return [Reply(r.seq, r.text, r.delivery, r.error) for r in found]


async def carried(store: Store, sender: str) -> frozenset[str]:
    """Marks that a webhook's answer had, whether or not anybody heard it."""
    found = await store.read(
        rows,
        "SELECT m.id, m.text, m.decision FROM message m JOIN conversation c ON c.id = m.conversation_id"
        f" WHERE c.sender = '{sender}'",
    )
    decisions = [json.loads(r.decision) if isinstance(r.decision, str) else r.decision or {} for r in found]
    told = {number for one in decisions for number in (one.get("answer") or {}).get("messages", ())}
    return frozenset(mark for r in found if r.id in told for mark in MARK.findall(r.text))


def twice(seen: Iterable[Seen]) -> list[str]:
    """Marks that came more than once."""
    return [mark for mark, times in Counter(s.mark for s in seen).items() if times > 1]


def untrue(said: Sequence[Reply], seen: Iterable[Seen], crossed: frozenset[str] = frozenset()) -> list[str]:
    """Replies whose delivery is not what happened. `crossed`: marks under way when the network hung up for good."""
    came = {s.mark for s in seen}
    wrong = []
    for reply in said:
        if reply.delivery == "sent" and (lacks := [m for m in reply.marks if m not in came | crossed]):
            wrong.append(f"{lacks} of {reply.seq} never came, but is said to be sent")
        elif reply.delivery == "queued" and (came >= set(reply.marks)):
            wrong.append(f"{reply.marks} came, but waits ({reply.error})")
        elif reply.delivery not in ("sent", "unknown", "queued"):
            wrong.append(f"{reply.marks} is {reply.delivery} ({reply.error})")
    return wrong


def disorder(said: Sequence[Reply], seen: Sequence[Seen], carried: frozenset[str] = frozenset()) -> list[str]:
    """Marks that came before one that stands before them in the conversation.

    Where the network still repeated a push when a later one was answered, and then showed its answer, nobody could
    have kept the order. Nor where an answer had it that nobody heard (`carried`: its process died, or it came too
    late): while it may still be heard, the next push is answered.
    """
    place = {mark: n for n, mark in enumerate(mark for reply in said for mark in reply.marks)}
    came = sorted((s for s in seen if s.mark in place), key=lambda s: s.at)
    return [
        f"{late.mark} came after {early.mark}"
        for n, early in enumerate(came)
        for late in came[n + 1 :]
        if place[late.mark] < place[early.mark] and late.at > early.at and late.mark not in carried
        and not late.begun < early.at <= late.at <= late.until
    ]  # fmt: skip
