"""How fast one process may speak: a message a second in one chat (a few at once are taken), thirty in all.

Source: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. What Telegram itself says (429 and
for how long) goes before. The clock is a parameter.
"""

from __future__ import annotations

from collections import OrderedDict

PER_SECOND = 30
BURST = 3
REMEMBERED = 4096
"""Chats of which is known when they were written to last."""


class Pacing:
    """Tells how long to wait. What it let go counts as sent at that moment."""

    def __init__(self) -> None:
        self._chats: OrderedDict[str, float] = OrderedDict()
        self._quiet: dict[str, float] = {}
        self._line = 0.0

    def wait(self, chat: str, now: float) -> float:
        """Seconds to wait before the next message to this chat; its place in the line is taken."""
        place = max(now, self._line)
        self._line = place + 1 / PER_SECOND  # who waits for his own chat holds up nobody else
        due = max(place, self._chats.get(chat, 0.0) - (BURST - 1), self._quiet.get(chat, 0.0))
        self._chats[chat] = max(self._chats.get(chat, 0.0), due) + 1.0
        self._chats.move_to_end(chat)
        if len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)
        return due - now

    def quiet(self, chat: str, now: float) -> float:
        """Seconds for which Telegram wants no message to this chat."""
        return max(0.0, self._quiet.get(chat, 0.0) - now)

    def hush(self, chat: str, seconds: float, now: float) -> None:
        """Telegram said so."""
        self._quiet = {name: until for name, until in self._quiet.items() if until > now}
        self._quiet[chat] = now + seconds
