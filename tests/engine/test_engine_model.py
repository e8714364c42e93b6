"""Hypothesis against the whole engine: whatever fails, repeats and dies, each customer reads one answer a message,
in the order he wrote.
"""

from __future__ import annotations

import asyncio
import shutil
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from bot.errors import AmbiguousSendError, TemporarySendError
from tests.engine.test_delivery import die
from tests.engine.works import QUICK, HastyClock, Network, works
from tests.plugins.clerk import Clerk

PACE = replace(QUICK, lease=timedelta(hours=50), max_attempts=50)
SENDERS = ("li", "wang")
posts = st.tuples(
    st.just("post"),
    st.sampled_from(SENDERS),
    st.sampled_from(["", "", "fail=1", "fail=2", "twice", "silent", "slow=0.01"]),
    st.sampled_from(["", "", "", "busy", "busy twice", "unclear", "refused"]),
)
plans = st.lists(
    st.one_of(
        posts,
        posts,
        posts,
        st.tuples(st.just("again"), st.integers(0, 30)),
        st.tuples(st.just("breathe"), st.integers(0, 3)),
        st.tuples(st.just("die")),
        st.tuples(st.just("stop")),
    ),
    min_size=3,
    max_size=25,
)


class Expected:
    """What each customer must read."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str]] = []
        self.heard: dict[str, list[str]] = defaultdict(list)

    def post(self, sender: str, orders: str, trouble: str, network: Network) -> str:
        text = f"{len(self.posts)} {orders}".strip()
        self.posts.append((sender, text))
        if "silent" in orders:
            return text
        reply = f"re: {text}"
        match trouble:
            case "busy":
                network.troubles[reply].append(TemporarySendError("busy"))
            case "busy twice":
                network.troubles[reply].extend([TemporarySendError("busy"), TemporarySendError("busy")])
            case "unclear":
                network.after[reply].append(AmbiguousSendError("cut"))
            case "refused":
                network.refused.add(reply)
        if trouble != "refused":
            self.heard[sender].append(reply)
        if "twice" in orders:
            self.heard[sender].append(f"again: {text}")
        return text


async def live_through(plan: list[tuple[object, ...]], url: str) -> None:
    network, brain, clock, expected = Network(), Clerk(), HastyClock(200), Expected()
    steps = iter([*plan, ("end",)])
    over = False
    while not over:
        async with works(url, network=network, brain=brain, clock=clock, pace=PACE) as shop:
            for what, *how in steps:
                match what, how:
                    case "post", [str(sender), str(orders), str(trouble)]:
                        text = expected.post(sender, orders, trouble, network)
                        await shop.say(text, sender=sender, key=text)
                    case "again", [int(n)] if expected.posts:
                        sender, text = expected.posts[n % len(expected.posts)]
                        assert (await shop.say("other words", sender=sender, key=text)).duplicate
                    case "breathe", [int(n)]:
                        await asyncio.sleep(0.005 * n)
                    case "die", _:
                        await die(shop)
                        break
                    case "stop", _:
                        break
                    case "end", _:
                        over = True
            if over:
                await shop.quiet()
                for sender in SENDERS:
                    assert network.heard(sender) == expected.heard[sender]
                    posted = [text for author, text in await shop.told(sender) if author == "customer"]
                    assert posted == [text for name, text in expected.posts if name == sender]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(plan=plans)
def test_everybody_reads_one_answer_a_message_in_order(
    plan: list[tuple[object, ...]], sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "kefu.db"
    for old in tmp_path.glob("kefu.db*"):
        old.unlink()
    shutil.copy(sqlite_template, path)
    asyncio.run(live_through(plan, f"sqlite:///{path}"))
