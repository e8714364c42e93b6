"""How the Bot API refuses, beyond what `bot.errors` has words for. None of them ever holds the token."""

from __future__ import annotations

from bot.errors import PermanentSendError, SendError, TemporarySendError


class RefusedCallError(PermanentSendError):
    """Telegram did not do it and never will; `said` is its own description."""

    def __init__(self, said: str) -> None:
        super().__init__(f"Telegram refused it: {said}")
        self.said = said


class BlockedError(PermanentSendError):
    """The customer has stopped the bot, or his account is gone."""


class MovedError(SendError):
    """The chat has another id now; nothing was done."""

    def __init__(self, to: str) -> None:
        super().__init__(f"the chat has moved to {to}")
        self.to = to


class SomebodyElseError(TemporarySendError):
    """The bot's updates go elsewhere: a webhook is set (`webhook`), or another program fetches them."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.webhook = "webhook" in said.lower()
