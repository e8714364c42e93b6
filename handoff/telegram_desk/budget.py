"""Telegram takes twenty messages a minute into one group. They are shared out, what matters most first. Pure."""

from __future__ import annotations

from collections import deque
from enum import IntEnum

SPAN = 60.0
"""Seconds that Telegram counts over."""


class Rank(IntEnum):
    """What a message is for; the later ones leave room for the earlier ones."""

    URGENT = 0
    CARD = 1
    WORDS = 2
    TIDY = 3


SHARE = {Rank.URGENT: 1.0, Rank.CARD: 0.7, Rank.WORDS: 0.6, Rank.TIDY: 0.5}
"""Of a minute's messages, how many may be used up when one of this rank still goes out: a
critical matter needs four at once (topic, call, card, words), however much else goes on."""


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
