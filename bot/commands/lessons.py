"""`kefu triage corrections`, `kefu faq suggestions`: what the desk has learned, for whoever teaches the bot."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.store import corrections as corrected
from bot.store import suggestions as asked
from bot.store.corrections import Example

COLUMNS = ("text", "category", "tier", "human")
MOST = 10_000


def corrections(config: Path | None, form: str) -> None:
    """Print every correction as an example, oldest first; personal numbers were hidden when it was kept."""
    if form not in ("tsv", "jsonl"):
        raise KefuError(f"--format {form}: choose tsv or jsonl.")
    examples = ground.with_store(config, lambda store: store.read(corrected.examples))
    if form == "tsv":
        print("\t".join(COLUMNS))
    for example in examples:
        print(_tsv(example) if form == "tsv" else _json(example))


def _tsv(example: Example) -> str:
    # Line breaks and tabs went when the text was kept; a line that begins with # would be a remark.
    return "\t".join((example.text.lstrip("# "), example.category, example.tier, "yes" if example.human else "no"))


def _json(example: Example) -> str:
    return json.dumps({**asdict(example), "tier": example.tier or None}, ensure_ascii=False)


def suggestions(config: Path | None, table: bool) -> None:
    """Print what is open: how often, what, in which language, nearest entry."""
    rows = ground.with_store(config, lambda store: store.read(asked.listed, "open", MOST))
    if table:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(("count", "misses", "unsolved", "question", "language", "near", "first_at", "last_at"))
        writer.writerows(
            (r["count"], r["misses"], r["unsolved"], _plain(r["text"]), r["language"], _plain(r["near"]),
             r["first_at"].isoformat(), r["last_at"].isoformat())
            for r in rows
        )  # fmt: skip
        return
    for row in rows:
        near = f"  (near {row['near']})" if row["near"] else ""
        print(f"{row['count']:>5}×  {row['text']}{near}")
    if not rows:
        print("nothing is open: whatever customers asked was answered")


def _plain(text: str) -> str:
    """A customer's words are no formula, whatever they begin with."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
