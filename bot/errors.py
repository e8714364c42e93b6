"""The error tree. Every message says what is wrong and, where a person can act, the mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class KefuError(Exception):
    """Base of everything kefu raises on purpose."""


class SettingsError(KefuError):
    """A setting is missing, unknown or nonsense; the text names the key, the line and the mend."""


class OptionsError(SettingsError):
    """An inbox's options make no sense. `problems`: the option ("" for none), and what is wrong with it in words."""

    def __init__(self, inbox: str, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"inbox {inbox!r}: " + "; ".join(told for _, told in problems))
        self.problems = tuple(problems)


class ContentError(KefuError):
    """A script, FAQ file or catalogue does not hold together; the text names file and line."""


class TakenError(ContentError):
    """A question that is asked by another FAQ entry already: two would make the bot ask back for ever."""

    def __init__(self, question: str, entry: str) -> None:
        super().__init__(f"“{question}” is asked by {entry} already: change that entry, or word it otherwise")
        self.question, self.entry = question, entry


class PayloadError(KefuError):
    """What a network sent cannot be read. Answered with `status` (4xx); nothing is stored."""

    status = 400


class SignatureError(PayloadError):
    """A request that does not prove where it comes from. The answer never says why."""

    status = 403


class TooLargeError(PayloadError):
    """A body or field over its cap."""

    status = 413


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something about an inbox that only a person can mend. `key` names it; `said` is what and how, by language."""

    key: str
    said: Mapping[str, str] = field(default_factory=dict)


class SendError(KefuError):
    """A message could not be handed to its network. The subclass says what to do about it.

    `trouble`: what a person has to mend first.
    """

    def __init__(self, reason: str, *, trouble: Trouble | None = None) -> None:
        super().__init__(reason)
        self.trouble = trouble


class TemporarySendError(SendError):
    """Nothing was sent; try again, after `retry_after` seconds where the network named a time."""

    def __init__(self, reason: str, *, retry_after: float | None = None, trouble: Trouble | None = None) -> None:
        super().__init__(reason, trouble=trouble)
        self.retry_after = retry_after


class WindowClosedError(SendError):
    """Nothing was sent: by the network's count we may not write until the customer acts again.

    `spent`: the time is not over, but the messages are used up.
    """

    def __init__(self, reason: str, *, spent: bool) -> None:
        super().__init__(reason)
        self.spent = spent


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


class StaleCursorError(StoreError):
    """Another process moved the cursor since it was read; what was fetched from there is its business now."""


class StoreInUseError(StoreError):
    """Another process already serves this SQLite file."""


class SchemaError(StoreError):
    """The database is older or newer than this program; the text says which command mends it."""
