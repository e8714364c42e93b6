"""`kefu cases`: the complaint cases that are not closed, what is due first on top."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands import ground
from bot.store import cases

COLUMNS = ("number", "tier", "status", "owner", "due", "conversation")


def listed(config: Path | None, *, as_json: bool) -> None:
    """One line a case, its time in this machine's zone and marked `late` where it has passed; or one JSON line a case,
    with all that was registered."""
    found = ground.with_store(config, lambda store: store.read(cases.alive))
    if as_json:
        for case in found:
            print(json.dumps(case, ensure_ascii=False))
        return
    now = datetime.now(UTC)
    lines = [COLUMNS, *(_line(case, now) for case in found)]
    widths = [max(len(cells) for cells in column) for column in zip(*lines, strict=True)]
    for cells in lines if found else ():
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
    if not found:
        print("no open cases")


def _line(case: Mapping[str, Any], now: datetime) -> Sequence[str]:
    due = datetime.fromisoformat(case["due"])
    late = " late" if due <= now and case["status"] in ("registered", "working") else ""
    owner = case["owner"]["name"] if case["owner"] else "-"
    shown = f"{due.astimezone():%Y-%m-%d %H:%M}{late}"
    return (case["number"], case["tier"], case["status"], owner, shown, str(case["conversation"]))
