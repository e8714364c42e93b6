"""What became of every push and every reply, asked of the database and of the network when all is quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.store import open_store
from bot.store.runner import Store
from tests.crash import heard
from tests.crash.heard import MARK, Seen
from tests.crash.lines import Line, Try
from tests.crash.verdict import Talk, Verdict, _left, _talk, _turns
from tests.crash.wechat_world import Push, World

RESERVED = 1


@dataclass
class WeChatVerdict(Verdict):
    """`unequal`: one push was answered differently; `untrue`: the ledger says what did not happen; `spent`: more was
    sent than the customer's act allowed; `refused`: the network could not read an answer."""

    unequal: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


async def judge(url: str, world: World, *, flying: int = 1) -> WeChatVerdict:
    """Compare. `flying`: calls that may have been counted in the window before and arrive in this one."""
    verdict = WeChatVerdict()
    store = await open_store(url)
    try:
        for sender in dict.fromkeys(push.sender for push in world.pushes):
            pushes = [push for push in world.pushes if push.sender == sender]
            tries = [each for each in world.line.tries(world.api) if each.to == sender]
            await _customer(verdict, store, sender, pushes, tries)
            verdict.spent += _spent(world.line, pushes, tries, flying)
        verdict.left += await _left(store)
    finally:
        await store.close()
    return verdict


async def _customer(
    verdict: WeChatVerdict, store: Store, sender: str, pushes: Sequence[Push], tries: Sequence[Try]
) -> None:
    talk = _plain(await _talk(store, sender))
    kept = [push.text for push in pushes if push.taken or push.text in talk.written]
    place = {text: n for n, text in enumerate(talk.written)}
    _turns(verdict, sorted(kept, key=lambda text: place.get(text, len(place))), talk)
    verdict.disorder += _crossed(pushes, place)
    for push in pushes:
        verdict.unequal += [f"{push.text}: {push.said}"] if len(set(push.said)) > 1 else []
        verdict.refused += [f"{push.text}: {fault}" for fault in push.faults]
    said, seen = await heard.replies(store, sender), _seen(pushes, tries)
    under_way = frozenset(m for p in pushes if not p.shown for words in p.crossed for m in MARK.findall(words))
    verdict.sent_twice += heard.twice(seen)
    verdict.untrue += heard.untrue(said, seen, under_way)
    verdict.disorder += heard.disorder(said, seen, await heard.carried(store, sender))


def _plain(talk: Talk) -> Talk:
    """Replies one by one, though several went into one message."""
    return Talk(talk.written, [(each, d) for text, d in talk.replies for each in text.split("\n\n")], talk.seen)


def _crossed(pushes: Sequence[Push], place: dict[str, int]) -> list[str]:
    """What was written when WeChat had done with the message before it stands behind it."""
    return [
        f"{later.text} before {push.text}"
        for push in pushes
        for later in pushes
        if push.ended < later.begun and place.get(later.text, len(place)) < place.get(push.text, -1)
    ]


def _seen(pushes: Sequence[Push], tries: Sequence[Try]) -> list[Seen]:
    """Everything the customer saw: what the API took, and the first words for each push."""
    passive = [
        Seen(mark, push.shown_at, push.begun, push.ended) for push in pushes for mark in MARK.findall(push.shown)
    ]
    return passive + [Seen(mark, t.at) for t in tries if not t.errcode for mark in MARK.findall(t.text)]


def _spent(line: Line, pushes: Sequence[Push], tries: Sequence[Try], flying: int) -> list[str]:
    """Between the end of one push and the beginning of the next, all calls count on the act behind them: the bot may
    use what that grants, less what is kept for the rating. Calls that were refused are calls, too."""
    if line.grants is None:
        return []
    told = []
    alive = sorted((push.begun, push.ended) for push in pushes)
    for n, (_, ended) in enumerate(alive):
        since = max(end for _, end in alive[: n + 1])
        until = alive[n + 1][0] if n + 1 < len(alive) else float("inf")
        calls = [t for t in tries if max(since, ended) < t.at < until and t.errcode in (0, line.spent)]
        if len(calls) > line.grants - RESERVED + flying:
            told.append(
                f"{len(calls)} calls after {max(since, ended):.3f}: {[(t.text[:20], t.errcode) for t in calls]}"
            )
    return told
