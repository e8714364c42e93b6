"""Answers to what everybody reads: said there, or aside to the customer alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError

NEVER = "none"


def aside(body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether a draft for this conversation goes to the customer alone. Where nothing is public, it always does."""
    private = body.get("private", False)
    if not isinstance(private, bool):
        raise RefusedError("bad_private", "`private` must be true or false.")
    return private and bool(found["public"])


def allowed(ground: DeskGround, found: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """What may be written to the author of what is public in private, as `window` in a row has it; None where nothing
    is public. `found`: the conversation (`listing.detail`). Where his network asks for an act of his that allows it and
    he never did any, that is a window of nothing, by "none"."""
    aside: Mapping[str, Any] | None = found["aside"]
    if aside is None:
        return None
    window = aside["window"]
    if window is None and ground.windowed(found["conversation"]["inbox"]):
        window = {"by": NEVER, "granted": 0, "used": 0, "left": 0, "until": now.isoformat()}
    return {**aside, "window": window}


def fits(ground: DeskGround, inbox: str, text: str) -> None:
    """Refuses what is too long to be said where everybody reads it: it is one piece there, or none."""
    most = ground.public_most(inbox)
    if most is not None and ground.public_long(inbox, text) > most:
        raise RefusedError(
            "too_long", f"At most {most} {ground.public_measure(inbox)} fit into one public answer.", 422
        )
