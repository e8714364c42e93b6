"""The error tree. Every message says what is wrong and, where a person can act, the mend."""

from __future__ import annotations


class KefuError(Exception):
    """Base of everything kefu raises on purpose."""


class SettingsError(KefuError):
    """A setting is missing, unknown or nonsense; the text names the key, the line and the mend."""


class ContentError(KefuError):
    """A script, FAQ file or catalogue does not hold together; the text names file and line."""


class PayloadError(KefuError):
    """What a network sent cannot be read. Answered with `status` (4xx); nothing is stored."""

    status = 400


class SignatureError(PayloadError):
    """A request that does not prove where it comes from. The answer never says why."""

    status = 403


class TooLargeError(PayloadError):
    """A body or field over its cap."""

    status = 413


class SendError(KefuError):
    """A message could not be handed to its network. The subclass says what to do about it."""


class TemporarySendError(SendError):
    """Nothing was sent; try again, after `retry_after` seconds where the network named a time."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PermanentSendError(SendError):
    """Nothing was sent and trying again will not help; people see the reason."""


class AmbiguousSendError(SendError):
    """It may or may not have been sent (timeout or cut after the request went out)."""


class StoreError(KefuError):
    """The store refused or could not keep something."""


class RefusedError(StoreError):
    """The store will not take this, now or later: what was to be kept is at fault, not the moment."""


class LostLeaseError(StoreError):
    """Somebody else has the conversation now; whatever was decided on the old state is void."""


class NotFoundError(StoreError):
    """No such row, or none that this caller may see."""


class ConflictError(StoreError):
    """The row changed since the caller looked; `current` tells what it is now."""

    def __init__(self, reason: str, *, current: str = "") -> None:
        super().__init__(reason)
        self.current = current


class StoreInUseError(StoreError):
    """Another process already serves this SQLite file."""


class SchemaError(StoreError):
    """The database is older or newer than this program; the text says which command mends it."""
