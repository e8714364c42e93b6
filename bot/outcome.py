"""What became of an attempt to send, and when the next one is. Pure, but for the dice that spread the pauses."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import structlog

from bot.errors import AmbiguousSendError, PermanentSendError, TemporarySendError, WindowClosedError
from bot.messages import Delivery
from bot.ports import Capabilities
from bot.store.rows import Due

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. `again`: seconds until the next one, None when this is the last word.

    `parts`: calls that went out. `unsent`: the one after those certainly did not. `waits`: only the customer can help
    (window, quota, passive); `shut`: the network said so. `mends`: only a person can. `extra` is what the receipts say.
    """

    delivery: Delivery
    error: str = ""
    again: float | None = None
    parts: int = 0
    unsent: bool = False
    waits: str = ""
    shut: bool = False
    mends: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


def failure(error: Exception, capabilities: Capabilities, due: Due, sent: int) -> Outcome:
    """What an error of a call means for its message."""
    if isinstance(error, TemporarySendError):
        again = error.retry_after or pause(due.attempts, capabilities.pauses)
        mends = error.trouble is not None
        return Outcome(Delivery.QUEUED, str(error), again=again, parts=sent, unsent=True, mends=mends)
    if isinstance(error, WindowClosedError):
        waits = "quota" if error.spent else "window"
        return Outcome(Delivery.QUEUED, str(error), parts=sent, waits=waits, shut=True)
    if isinstance(error, PermanentSendError):
        return Outcome(Delivery.FAILED, str(error), unsent=True)
    if not isinstance(error, AmbiguousSendError | TimeoutError):
        logger.exception("send.broke", inbox=due.inbox_id, kind=type(error).__name__)
    reason = str(error) or type(error).__name__
    if capabilities.idempotent_send:
        return Outcome(Delivery.QUEUED, reason, again=pause(due.attempts, capabilities.pauses), parts=sent)
    return Outcome(Delivery.UNKNOWN, reason)


def patient(outcome: Outcome, capabilities: Capabilities, age: timedelta) -> Outcome:
    """The outcome, unless it would be tried again for longer than the network's messages are worth it."""
    worth = capabilities.mend_for if outcome.mends and capabilities.mend_for else capabilities.retry_for
    if outcome.again is None or age <= worth:
        return outcome
    words = f"given up after {timedelta(seconds=round(age.total_seconds()))}: {outcome.error}"
    return replace(Outcome(Delivery.FAILED, words), unsent=outcome.unsent)


def pause(attempts: int, pauses: tuple[timedelta, ...] = ()) -> float:
    """Seconds before the next attempt, spread so that not all come at once: the network's own, else doubling from half
    a second to five minutes."""
    if pauses:
        usual = pauses[min(max(attempts, 1), len(pauses)) - 1].total_seconds()
        return usual * random.uniform(1.0, 1.1)  # noqa: S311
    return float(min(300.0, 0.25 * 2.0**attempts) * random.uniform(0.75, 1.25))  # noqa: S311
