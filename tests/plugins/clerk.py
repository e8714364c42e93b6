"""A brain and a desk for proofs: every message gets an answer that names it, and words in it say what else to do."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.dialogue import Decision, HandoffRequest, Question, Reply, TimerRequest
from bot.messages import Status
from bot.ports import HandoffDraft

ORDER = re.compile(r"(slow|fail|timer|cancel|silent|twice|hand)(?:=([^ ]+))?")


class Clerk:
    """Answers "re: TEXT" and keeps a conversation's `n` (turns so far) and `seen` (their texts) in its state.

    Words in a text: `slow=SECONDS` think so long; `fail=N` raise N times, then answer; `timer=SECONDS` ask again
    after so long (the timer is named like the text's first word, and answered "timer: NAME"); `cancel=NAME` forget
    that one; `silent` say nothing; `twice` say it twice; `hand` pass it to people. While people have the
    conversation it is silent.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._failed: Counter[str] = Counter()

    async def decide(self, question: Question) -> Decision:
        text = f"timer: {question.timer}" if question.timer else question.text
        self.asked.append(text)
        orders = {} if question.timer else dict(ORDER.findall(question.text))
        if "slow" in orders:
            await asyncio.sleep(float(orders["slow"]))
        if self._failed[text] < int(orders.get("fail", 0)):
            self._failed[text] += 1
            raise RuntimeError(f"no idea what to say to {text!r}")
        return decision(question, text, orders)


def decision(question: Question, text: str, orders: Mapping[str, str]) -> Decision:
    seen = [*question.state.get("seen", ()), text]
    answer = text if question.timer else f"re: {text}"
    quiet = "silent" in orders or question.status is not Status.PENDING
    replies = () if quiet else (Reply(answer), Reply(f"again: {text}")) if "twice" in orders else (Reply(answer),)
    return Decision(
        rule="clerk",
        replies=replies,
        state={"n": len(seen), "seen": seen},
        handoff=HandoffRequest("asked", "the customer wants a person") if "hand" in orders else None,
        timers=(TimerRequest(text.split()[0], timedelta(seconds=float(orders["timer"]))),) if "timer" in orders else (),
        cancel_timers=(orders["cancel"],) if "cancel" in orders else (),
    )


class Clipboard:
    """A desk that writes down what it was given."""

    def draft(
        self, request: HandoffRequest, question: Question, transcript: Sequence[Mapping[str, Any]]
    ) -> HandoffDraft:
        seqs = tuple(int(line["seq"]) for line in transcript)
        return HandoffDraft(
            request.trigger, request.reason, request.tier, {"wish": request.wish}, seqs, opens=request.opens
        )
