"""Answers to what everybody reads: said there, or aside to the customer alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError


def aside(body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a draft for this conversation goes to the customer alone. Where nothing is public, it always does."""
    private = body.get("private", False)
    if not isinstance(private, bool):
        raise RefusedError("bad_private", "`private` must be true or false.")
    return private and bool(found["public"])


def fits(ground: DeskGround, inbox: str, text: str) -> None:
    """Refuses what is too long to be said where everybody reads it: it is one piece there, or none."""
    most = ground.public_most(inbox)
    if most is not None and ground.public_long(inbox, text) > most:
        raise RefusedError(
            "too_long", f"At most {most} {ground.public_measure(inbox)} fit into one public answer.", 422
        )
