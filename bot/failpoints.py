"""Named places where a test may kill the process, to prove that nothing is lost there.

`KEFU_CRASH_AT=name` or `name:3` (the third time) ends the process at once, as kill -9 would. Unset, it costs a
comparison.
"""

from __future__ import annotations

import os

_name, _, _count = os.environ.get("KEFU_CRASH_AT", "").partition(":")
_left = int(_count) if _count.isdigit() else 1

NAMES = (
    "in_group_commit",
    "after_accept_commit",
    "before_turn_commit",
    "after_turn_commit",
    "before_send",
    "after_send",
    "after_settle",
    "after_timer_fire",
)
"""Places on the way of every message."""
ANSWERED = ("before_answer", "after_answer")
"""Where a webhook carries the answer: with the answer in hand, and when it is out but not settled."""
FETCHED = ("after_page_commit",)
"""Where a channel fetches its messages: before the next page."""
KEPT = ("after_media_save",)
"""Where a customer's file is on disk, and no row names it."""


def reach(name: str) -> None:
    """The process came to the place `name`."""
    if name == _name:
        _crash()


def _crash() -> None:
    global _left
    _left -= 1
    if _left == 0:
        os._exit(9)
