"""A server that refused us, or was not there, is left alone for a while: then one knocks, and the others after him."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import TemporarySendError

KNOCKING = timedelta(minutes=2)


class Gate:
    """Of one process. `now`: the clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._error: TemporarySendError | None = None
        self._until = now()

    def enter(self) -> None:
        """Raises the error that shut it, unless its time is over and nobody else knocks."""
        if self._error is None:
            return
        left = (self._until - self._now()).total_seconds()
        if left > 0:
            raise TemporarySendError(str(self._error), retry_after=left + 1, trouble=self._error.trouble)
        self._until = self._now() + KNOCKING

    def shut(self, error: TemporarySendError, lasts: timedelta) -> None:
        self._error, self._until = error, self._now() + lasts

    def open(self) -> None:
        self._error = None
