"""How many messages a user's doings allow, and until when."""

from __future__ import annotations

from dataclasses import dataclass

HOUR, MINUTE = 3600.0, 60.0
GRANTS = {
    "message": (5, 48 * HOUR),
    "click": (3, MINUTE),
    "follow": (3, MINUTE),
    "scan": (3, MINUTE),
}
"""What the user did → (messages, for so long); the table of 2023-06-12."""


class Closed(Exception):
    """No window is open."""


class Exhausted(Exception):
    """A window is open, and nothing left in it."""


@dataclass(slots=True)
class Window:
    kind: str
    ends: float
    left: int


class Windows:
    """One user's windows: a doing opens its own kind anew, the other kinds go on beside it."""

    def __init__(self) -> None:
        self._open: dict[str, Window] = {}

    def open(self, kind: str, now: float) -> None:
        granted, lasts = GRANTS[kind]
        self._open[kind] = Window(kind, now + lasts, granted)

    def close(self) -> None:
        self._open.clear()

    def left(self, now: float) -> int:
        """Messages that may still be sent."""
        return sum(window.left for window in self._current(now))

    def spend(self, now: float) -> None:
        """One message, from the window that ends first."""
        current = self._current(now)
        if not current:
            raise Closed
        usable = [window for window in current if window.left]
        if not usable:
            raise Exhausted
        min(usable, key=lambda window: window.ends).left -= 1

    def _current(self, now: float) -> list[Window]:
        return [window for window in self._open.values() if now < window.ends]
