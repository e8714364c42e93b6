"""What is shipped, read once a run: reading it takes longer than most of what is asked of it."""

from __future__ import annotations

from functools import cache

from replies.knowledge import Knowledge, load_knowledge


@cache
def shipped() -> Knowledge:
    """The shipped content, its FAQ found by wording. Nothing changes it: `dataclasses.replace` makes another."""
    return load_knowledge()
