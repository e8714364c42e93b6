"""Telegram takes twenty messages a minute into one group. They are shared out, what matters most first. Pure."""

from __future__ import annotations

from collections import deque
from enum import IntEnum

SPAN = 60.0
"""Seconds that Telegram counts over."""


class Rank(IntEnum):
    """What a message is for; the later ones leave room for the earlier ones."""

    CRITICAL = 0
    URGENT = 1
    CARD = 2
    WORDS = 3
    TIDY = 4


SHARE = {Rank.CRITICAL: 1.0, Rank.URGENT: 0.8, Rank.CARD: 0.62, Rank.WORDS: 0.5, Rank.TIDY: 0.4}
"""Of a minute's messages, how many may be used up when one of this rank still goes out. However much else goes on, of
eighteen a serious matter finds the three it needs at once (topic, card, words), and after it a critical one its four
(a call to supervisors, too)."""


class Budget:
    """At most `most` messages in any 60 seconds. Times are seconds of any clock that only goes forward."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spent: deque[float] = deque()
        self._paused = 0.0

    def wait(self, now: float, rank: Rank, n: int = 1) -> float:
        """Seconds until `n` messages of this rank may go out together; 0.0 if they may now."""
        self._forget(now)
        allowed = max(n, int(self._most * SHARE[rank]))
        over = len(self._spent) + n - allowed
        free = 0.0 if over <= 0 else self._spent[over - 1] + SPAN - now
        return max(0.0, free, self._paused - now)

    def spend(self, now: float, n: int = 1) -> None:
        """So many went out."""
        self._spent.extend([now] * n)

    def pause(self, until: float) -> None:
        """Telegram itself said when to come again."""
        self._paused = max(self._paused, until)

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0] <= now - SPAN:
            self._spent.popleft()
