"""Access tokens: who gets which, how often, and how long it holds."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass

LASTS = 7200
OVERLAP = 300
LENGTH = 512
"""As long as a token may become."""
MINUTE, DAY = 60.0, 86400.0


class TooOften(Exception):
    """Wait a little."""


class SpentToday(Exception):
    """No more today."""


class Unknown(Exception):
    """Never issued, or replaced by a later one."""


class Expired(Exception):
    """Was good once."""


@dataclass(slots=True)
class Token:
    value: str
    until: float
    replaced: float = float("inf")
    """When a later one makes it worthless."""


class Rate:
    """So many per so many seconds."""

    def __init__(self, most: int, per: float) -> None:
        self._most, self._per = most, per
        self._taken: deque[float] = deque()

    def take(self, now: float) -> bool:
        while self._taken and now - self._taken[0] >= self._per:
            self._taken.popleft()
        if len(self._taken) >= self._most:
            return False
        self._taken.append(now)
        return True


class Issued:
    """Every token of an account, whatever way it was got."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._tokens: dict[str, Token] = {}

    def new(self, now: float) -> Token:
        head = self._prefix + secrets.token_urlsafe(LENGTH)
        token = Token(head[:LENGTH], now + LASTS)
        self._tokens[token.value] = token
        return token

    def check(self, value: str, now: float) -> None:
        token = self._tokens.get(value)
        if token is None or now >= token.replaced:
            raise Unknown
        if now >= token.until:
            raise Expired

    def expire(self, now: float) -> None:
        """Every token has had its time, as of now."""
        for token in self._tokens.values():
            token.until = min(token.until, now)

    def revoke(self) -> None:
        """Every token is one we never heard of."""
        self._tokens.clear()


class Stable:
    """stable_token: the same one until its last five minutes; `force` gives a new one at once."""

    def __init__(self, issued: Issued, per_minute: int = 10_000, per_day: int = 500_000, forced: int = 20) -> None:
        self._issued = issued
        self._minute, self._day = Rate(per_minute, MINUTE), Rate(per_day, DAY)
        self._forced, self._last_forced = Rate(forced, DAY), float("-inf")
        self._current: Token | None = None

    def get(self, now: float, force: bool) -> tuple[str, int]:
        if not self._minute.take(now):
            raise TooOften
        if not self._day.take(now):
            raise SpentToday
        if force:
            self._force(now)
        if self._current is None or not self._fresh(self._current, now):
            self._current = self._issued.new(now)
        return self._current.value, int(self._current.until - now)

    def _force(self, now: float) -> None:
        if now - self._last_forced < 30:
            raise TooOften
        if not self._forced.take(now):
            raise SpentToday
        self._last_forced = now
        if self._current:
            self._current.replaced = now
        self._current = None

    def _fresh(self, token: Token, now: float) -> bool:
        try:
            self._issued.check(token.value, now)
        except (Unknown, Expired):
            return False
        return token.until - now > OVERLAP


class Classic:
    """token: a new one with every call; the one before holds five minutes more."""

    def __init__(self, issued: Issued, per_day: int = 2000) -> None:
        self._issued, self._day = issued, Rate(per_day, DAY)
        self._current: Token | None = None

    def get(self, now: float) -> tuple[str, int]:
        if not self._day.take(now):
            raise SpentToday
        if self._current:
            self._current.replaced = now + OVERLAP
        self._current = self._issued.new(now)
        return self._current.value, LASTS


class Corporate:
    """gettoken: the same one until it expires."""

    def __init__(self, issued: Issued) -> None:
        self._issued = issued
        self._current: Token | None = None

    def get(self, now: float) -> tuple[str, int]:
        try:
            self._issued.check(self._current.value if self._current else "", now)
        except (Unknown, Expired):
            self._current = self._issued.new(now)
        assert self._current
        return self._current.value, int(self._current.until - now)
