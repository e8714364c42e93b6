"""What `/metrics` tells. Counters live here; how much waits is asked of the store at each scrape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
ACCEPTED = Counter("kefu_accepted", "Messages accepted, by outcome (new, duplicate).", ["outcome"], registry=REGISTRY)
TURNS = Counter("kefu_turns", "Turns, by outcome (done, failed, aside, lost).", ["outcome"], registry=REGISTRY)
SENDS = Counter("kefu_sends", "Attempts to hand a message to its network, by outcome.", ["outcome"], registry=REGISTRY)
FETCHES = Counter("kefu_fetches", "Attempts to fetch a customer's file, by outcome.", ["outcome"], registry=REGISTRY)
TIMERS = Counter("kefu_timers_fired", "Timers that became arrivals.", registry=REGISTRY)
ANSWER_SECONDS = Histogram(
    "kefu_answer_seconds",
    "From accepting a message to the commit of its turn.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60),
    registry=REGISTRY,
)
WAITING = Gauge(
    "kefu_waiting", "What waits: turns, outbox, fetches, poison, open conversations.", ["what"], registry=REGISTRY
)
TROUBLE = Gauge("kefu_inbox_trouble", "What people have to mend, 1 each.", ["inbox", "key"], registry=REGISTRY)

NEW = ACCEPTED.labels("new")
DUPLICATE = ACCEPTED.labels("duplicate")
DONE = TURNS.labels("done")
FAILED = TURNS.labels("failed")
ASIDE = TURNS.labels("aside")
LOST = TURNS.labels("lost")


def troubled(troubles: Iterable[Mapping[str, Any]]) -> None:
    """These are the troubles now; what is mended has no line any more."""
    TROUBLE.clear()
    for trouble in troubles:
        TROUBLE.labels(trouble["inbox"], trouble["key"]).set(1)
