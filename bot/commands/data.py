"""`kefu migrate`, `kefu transcript`, `kefu poison`: what is in the store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.store import poison as set_aside
from bot.store import schema
from bot.store import transcript as record
from handoff import transcript as rendering


def migrate(config: Path | None) -> None:
    """Make or change the tables, whichever is needed."""
    url = ground.load(config).store.url
    before = asyncio.run(ground.migrated(url))
    done = {
        schema.State.FRESH: f"made the tables ({schema.HEAD})",
        schema.State.OLDER: f"brought to this version ({schema.HEAD})",
    }
    print(done.get(before, f"nothing to do ({schema.HEAD})"))


def transcript(config: Path | None, conversation: int, form: str) -> None:
    """Print a conversation, its times in this machine's zone."""
    if form not in rendering.FORMATS:
        raise KefuError(f"--format {form}: choose {', '.join(rendering.FORMATS)}.")
    head, messages = ground.with_store(config, lambda store: store.read(record.whole, conversation))
    zone = datetime.now(UTC).astimezone().tzinfo or UTC
    print(rendering.render(head, messages, form=form, language=head["language"], zone=zone), end="")


def poison(config: Path | None) -> None:
    """One line each: the message to replay, its conversation, how often it failed and why."""
    rows = ground.with_store(config, lambda store: store.read(set_aside.listed))
    for row in rows:
        done = f"  replayed {row['replayed_at']}" if row["replayed_at"] else ""
        where = f"conversation {row['conversation_id']} seq {row['seq']}"
        print(f"{row['message_id']}  {row['at']}  {where}  {row['attempts']}×  {row['reason']}{done}")
    if not rows:
        print("nothing was set aside")
