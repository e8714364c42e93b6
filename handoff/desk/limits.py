"""How often somebody may try to log in."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class LoginLimits:
    """Few tries a minute for one address and account, few an hour for one account from anywhere.

    The counts live in this process: with several processes an attacker gets as many times more, still few.
    """

    def __init__(self, near: str = "5/minute", far: str = "20/hour") -> None:
        self._near, self._far = parse(near), parse(far)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, address: str, login: str) -> int:
        """Count a try; 0 if it may go on, else the seconds until the next one may."""
        near, far = (self._near, ("near", address, login)), (self._far, ("far", login))
        for item, key in (near, far):
            if not self._limiter.test(item, *key):
                return self._until(item, key)
        for item, key in (near, far):
            self._limiter.hit(item, *key)
        return 0

    def forget(self, address: str, login: str) -> None:
        """The right password came from this address: the tries before it were slips of the hand."""
        self._limiter.clear(self._near, "near", address, login)

    def _until(self, item: RateLimitItem, key: tuple[str, ...]) -> int:
        stats = self._limiter.get_window_stats(item, *key)
        return max(1, math.ceil(stats.reset_time - time.time()))
