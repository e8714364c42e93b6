"""`kefu migrate`, `kefu transcript`, `kefu why`, `kefu poison`: what is in the store."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot.commands import ground
from bot.errors import KefuError
from bot.store import log, schema
from bot.store import poison as set_aside
from bot.store import transcript as record
from bot.store import why as reasons
from handoff import transcript as rendering
from handoff import why as explaining


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


def why(config: Path | None, conversation: int, seq: int | None, language: str | None) -> None:
    """Say why the bot wrote a message, or what it made of a customer's; times in this machine's zone."""
    from handoff.desk import words

    if seq is None:
        _numbered(config, conversation)
        return
    spoken = _language(language, words.LANGUAGES)
    found = ground.with_store(config, lambda store: store.read(reasons.why, conversation, seq))
    zone = datetime.now(UTC).astimezone().tzinfo or UTC
    told = explaining.explain(found, words.explaining(spoken), zone)
    if found["message"]["author"] != "customer":
        print(found["message"]["text"])
    if told.quote:
        print("> " + "\n> ".join(_marked(told.quote, told.marks).splitlines()))
    print(told.because)
    for label, value in told.lines:
        print(f"  {label}: {value}")


def _numbered(config: Path | None, conversation: int) -> None:
    """The conversation's last messages with the numbers `why` takes."""
    page = ground.with_store(config, lambda store: store.read(log.desk_events, conversation, after=0, limit=200))
    if page.reset:
        raise KefuError(f"there is no conversation {conversation}. The desk's address ends with its number: /desk/c/3.")
    for event in page.events:
        if event.t == "message":
            text = " ".join(event.d["text"].split())
            print(f"{event.seq:>5}  {event.d['author']:<8}  {text[:60]}{'…' if len(text) > 60 else ''}")


def _language(named: str | None, known: Iterable[str]) -> str:
    """--language, else the locale's, else English."""
    from handoff.desk.words import written

    if named is not None:
        if (found := written(named)) is None:
            raise KefuError(f"--language {named}: choose {', '.join(known)}.")
        return found
    tags = (os.environ.get(name, "").partition(".")[0] for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((found for tag in tags if tag and (found := written(tag))), "en")


def _marked(text: str, marks: Iterable[tuple[int, int]]) -> str:
    """The text with what decided in brackets."""
    out, at = "", 0
    for start, end in marks:
        out += f"{text[at:start]}【{text[start:end]}】"
        at = end
    return out + text[at:]


def poison(config: Path | None) -> None:
    """One line each: the message to replay, its conversation, how often it failed and why."""
    rows = ground.with_store(config, lambda store: store.read(set_aside.listed))
    for row in rows:
        done = f"  replayed {row['replayed_at']}" if row["replayed_at"] else ""
        where = f"conversation {row['conversation_id']} seq {row['seq']}"
        print(f"{row['message_id']}  {row['at']}  {where}  {row['attempts']}×  {row['reason']}{done}")
    if not rows:
        print("nothing was set aside")
