"""How much one visitor or one address may do: rates a minute, and sockets at a time. In memory, one gate an inbox."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from channels.web.options import Options
from channels.web.refusal import Refusal

FRAMES_PER_MINUTE = 240
"""Frames one socket may send: typing and read marks of a busy person are under 60."""


class Gate:
    """Raises Refusal (429, with the time to wait) for what is too much."""

    def __init__(self, options: Options) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._visitors = RateLimitItemPerMinute(options.visitors_per_minute)
        self._messages = RateLimitItemPerMinute(options.messages_per_minute)
        self._connects = RateLimitItemPerMinute(options.connects_per_minute)
        self._suggestions = RateLimitItemPerMinute(options.suggestions_per_minute)
        self._seats = options.sockets_per_visitor
        self._seated: dict[str, set[asyncio.Event]] = {}

    def visitor(self, address: str) -> None:
        """One more visitor from this address."""
        self._hit(self._visitors, "visitor", network(address))

    def message(self, sender: str) -> None:
        """One more message of this visitor."""
        self._hit(self._messages, "message", sender)

    def connect(self, address: str) -> None:
        """One more socket from this address."""
        self._hit(self._connects, "connect", network(address))

    def suggestion(self, address: str) -> None:
        """One more search in the FAQ from this address."""
        self._hit(self._suggestions, "suggestion", network(address))

    def _hit(self, item: RateLimitItemPerMinute, what: str, who: str) -> None:
        if self._limiter.hit(item, what, who):
            return
        wait = max(1, math.ceil(self._limiter.get_window_stats(item, what, who).reset_time - time.time()))
        raise Refusal(429, "rate_limited", f"too many in a short time; try again in {wait} s", retry_after=wait)

    @contextmanager
    def seat(self, sender: str) -> Iterator[asyncio.Event | None]:
        """A listening place for one of the visitor's tabs, or None if all are taken. The event says: leave."""
        seated = self._seated.setdefault(sender, set())
        if len(seated) >= self._seats:
            yield None
            return
        leave = asyncio.Event()
        seated.add(leave)
        try:
            yield leave
        finally:
            seated.discard(leave)
            if not seated and self._seated.get(sender) is seated:
                del self._seated[sender]

    def turn_out(self, sender: str) -> None:
        """Everybody on this visitor's places leaves: his token is gone."""
        for leave in self._seated.get(sender, ()):
            leave.set()


def network(address: str) -> str:
    """What counts as one address: a whole /64 in IPv6, since that is what one subscriber gets."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if ip.version == 4:
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((int(ip) >> 64 << 64, 64)))
