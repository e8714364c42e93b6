"""How far a folder is taken in: what its cursor holds. Pure.

UIDs are what counts (RFC 3501 2.3.1.1). Dates decide one thing only: what of a folder that we see for the first time,
or whose UIDs became void, is older than our beginning.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime, timedelta

MARGIN = timedelta(days=2)
"""Mails do not come in the order of their dates; what is taken in once more is known by its Message-ID."""
STALE = timedelta(days=1)
"""What was written so long before our beginning is old, whatever the server says when it came: mailboxes are moved."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything up to `uid` is taken in, under this `validity`. Times in epoch seconds.

    `seen`: when the last of it came. `began`: when we first saw the folder; `since`: from when on mails are wanted,
    of those below `bound`, which were there when the UIDs were new to us. `again`: they were new for a second time.
    """

    validity: int
    uid: int
    seen: int
    began: int
    since: int
    bound: int
    again: int = 0

    def __str__(self) -> str:
        return ":".join(map(str, astuple(self)))

    def moved(self, uid: int, arrived: datetime | None = None) -> Mark:
        """Past that mail."""
        return replace(self, uid=uid, seen=max(self.seen, _epoch(arrived) if arrived else 0))

    def wants(self, uid: int, arrived: datetime | None) -> bool:
        """Whether a mail is to be taken in; one of which nobody knows when it came is."""
        return uid >= self.bound or arrived is None or _epoch(arrived) >= self.since

    def history(self, uid: int, arrived: datetime | None, written: datetime | None = None) -> bool:
        """Whether a mail was there before us: somebody has seen to it already."""
        if uid >= self.bound:
            return False
        if not self.again:
            return True
        old = written is not None and _epoch(written) < self.began - STALE.total_seconds()
        return old or (arrived is not None and _epoch(arrived) < self.began)

    def void(self, validity: int, next_: int) -> Mark:
        """The UIDs are others now: everything since shortly before the last mail is looked at again."""
        since = max(self.since, self.seen - int(MARGIN.total_seconds()))
        return Mark(validity, 0, self.seen, self.began, since, next_ or self.bound, 1)


def begun(now: datetime, validity: int, last: int, history: timedelta | None) -> Mark:
    """A folder that is seen for the first time, with `last` its last UID. `history`: how much of it is wanted."""
    at = _epoch(now)
    wanted = history or timedelta()
    uid = last if history is None else 0
    return Mark(validity, uid, at, at, at - int(wanted.total_seconds()), last + 1)


def read(value: str) -> Mark | None:
    """A cursor's value; None for one that is none."""
    parts = value.split(":")
    if len(parts) != len(Mark.__dataclass_fields__) or not all(part.lstrip("-").isdigit() for part in parts):
        return None
    return Mark(*map(int, parts))


def _epoch(at: datetime) -> int:
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
