"""What came of a run with the agents in a Telegram group: what customers, agents and colleagues see in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.store import log, topics
from bot.store.runner import Store
from tests.crash.verdict import _crossed, _talk
from tests.store.shop import rows

if TYPE_CHECKING:
    from tests.crash.desk_ordeal import Scene


@dataclass
class DeskVerdict:
    """Each list must be empty but `repeated`: lines that stand in their topic more than once."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    disorder: list[str] = field(default_factory=list)
    answers_lost: list[str] = field(default_factory=list)
    answers_twice: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    pressed_twice: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        return {name: found for name, found in vars(self).items() if found and name != "repeated"}


async def judge(store: Store, scene: Scene) -> DeskVerdict:
    verdict = DeskVerdict()
    for sender, texts in scene.load.taken.items():
        await _customer(verdict, store, scene, sender, texts)
    for query, act, _ in scene.taps:
        if query not in scene.api.alerts:
            verdict.unanswered.append(f"{act} {query}")
    return verdict


async def _customer(verdict: DeskVerdict, store: Store, scene: Scene, sender: str, texts: Sequence[str]) -> None:
    kept = Counter((await _talk(store, sender)).written)
    verdict.lost += [text for text in texts if not kept[text]]
    verdict.twice += [text for text in texts if kept[text] > 1]
    found = await store.read(rows, f"SELECT id FROM conversation WHERE sender = '{sender}'")
    for row in found:
        await _topic(verdict, store, scene, row.id, texts)
        _answers(verdict, scene, sender, row.id)
        await _buttons(verdict, store, scene, row.id)


async def _topic(verdict: DeskVerdict, store: Store, scene: Scene, conversation: int, texts: Sequence[str]) -> None:
    """One topic, in which everything stands that the customer wrote, in order."""
    topic = await store.read(topics.of, conversation)
    if topic is None or topic.thread is None:
        verdict.topics.append(f"{conversation} has none")
        return
    for other in scene.api.topics():
        spare = other.name.endswith(f" #{conversation}") and other.id != topic.thread
        if spare and not (other.closed or other.name in scene.api.said(None)):
            verdict.topics.append(f"{other.name} is a second one, and nobody says so")
    lines = scene.api.said(topic.thread).split("\n")
    times = Counter(lines)
    verdict.missing += [text for text in texts if not times[text]]
    verdict.repeated += [text for text in texts if times[text] > 1]
    first = list(dict.fromkeys(line for line in lines if line in set(texts)))
    verdict.disorder += [f"{a} stands before {b}" for a, b in _crossed(texts, first)]


def _answers(verdict: DeskVerdict, scene: Scene, sender: str, conversation: int) -> None:
    """What the agent wrote came to the customer once, in order; what others wrote never did."""
    heard = scene.upstream.heard(sender)
    wrote = [text for place, text in scene.written if place == conversation]
    times = Counter(heard)
    verdict.answers_lost += [text for text in wrote if not times[text]]
    verdict.answers_twice += [text for text in wrote if times[text] > 1]
    verdict.disorder += [f"{a} was heard before {b}" for a, b in _crossed(wrote, heard)]
    verdict.foreign += [text for text in heard if text in scene.foreign]


MADE = {"back": "pending", "resolve": "resolved"}


async def _buttons(verdict: DeskVerdict, store: Store, scene: Scene, conversation: int) -> None:
    """A button acts once: nothing happened oftener than it was pressed."""
    page = await store.read(log.desk_events, conversation, after=0, limit=5000)
    happened = Counter(e.d["status"] for e in page.events if e.t == "status" and e.d.get("by"))
    for act, status in MADE.items():
        pressed = sum(1 for _, name, place in scene.taps if (name, place) == (act, conversation))
        if happened[status] > pressed:
            verdict.pressed_twice.append(f"{act} in {conversation}: {happened[status]} times, pressed {pressed}")
