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


def reach(name: str) -> None:
    """The process came to the place `name`."""
    if name == _name:
        _crash()


def _crash() -> None:
    global _left
    _left -= 1
    if _left == 0:
        os._exit(9)
