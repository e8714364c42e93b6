"""Where a list was read up to, and how to go on. Pure.

Weibo gives what is newer than `since_id`, newest first, and what is older than `max_id` behind it. A list that could
not be read to its end (a storm, and no calls left) goes on later where it stopped: the cursor says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.weibo.fields import ident
from channels.weibo.statuses import Read

COUNT = 200
"""Items of a page; Weibo gives no more."""
MOST = 10
"""Pages of one reading that are held in memory, to be told oldest first."""


@dataclass(frozen=True, slots=True)
class Place:
    """All up to `since` was read. `low`: of what is newer, all from here up to `top` as well (0: nothing is open).
    `new`: nothing was ever read."""

    since: int = 0
    top: int = 0
    low: int = 0
    new: bool = False


def place(cursor: str) -> Place:
    """From the text on the shelf; whatever makes no sense begins anew."""
    numbers = cursor.split()
    if len(numbers) not in (1, 3) or not all(n.isascii() and n.isdigit() and len(n) <= 19 for n in numbers):
        return Place(new=True)
    since, top, low = (int(n) for n in (*numbers, "0", "0")[:3])
    return Place(since, top, low)


def written(place: Place) -> str:
    return f"{place.since} {place.top} {place.low}" if place.low else str(place.since)


def query(place: Place, low: int) -> dict[str, str]:
    """What to ask for. `low`: the oldest of the page before (0: the first one)."""
    older = {"max_id": str(low - 1)} if low > 1 else {}
    return {"since_id": str(place.since), "count": str(COUNT), **older}


def more(told: Mapping[str, Any], read: Read, place: Place) -> bool:
    """Whether there is another page behind: this one is full, or names the next one."""
    fresh = [one for one in read.ids if one > place.since]
    if not fresh:
        return False
    following = ident(told, "next_cursor")
    return len(read.ids) >= COUNT or (len(following) <= 19 and place.since < int(following or 0) < min(fresh))


def after(place: Place, pages: Sequence[Read], *, whole: bool) -> Place:
    """Where the list stands once these pages are kept; `whole`: the last of them is the end."""
    ids = [one for read in pages for one in read.ids if one > place.since]
    top = max([place.top, place.since, *ids])
    if whole:
        return Place(top)
    return Place(place.since, top, min(ids)) if ids else Place(place.since, place.top, place.low)
