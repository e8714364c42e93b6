"""`kefu replay`: recorded payloads again, or a message that was set aside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands import ground
from bot.errors import KefuError, PayloadError, SettingsError
from bot.http import Request
from bot.messages import Attachment, Incoming, Kind
from bot.ports import Channel
from bot.store import Store, arrivals, poison
from channels import load

RECORD = {f.name for f in fields(Incoming)}
REQUEST = {"method", "path", "query", "headers", "body"}


def again(config: Path | None, message: int) -> None:
    """Put a set-aside message at the end of its conversation's line."""
    conversation = ground.with_store(config, lambda store: store.write(poison.replay, message))
    print(f"message {message} gets a new turn in conversation {conversation}")


def feed(config: Path | None, name: str, payloads: Sequence[Path]) -> None:
    """Accept what the payloads say, as if the network had delivered it now; a serving kefu takes it from there."""
    settings = ground.load(config)
    inbox = next((i for i in settings.inboxes if i.name == name), None)
    if inbox is None:
        known = ", ".join(i.name for i in settings.inboxes)
        raise SettingsError(f"there is no inbox {name!r}. Configured are: {known}")
    channel = load(inbox.channel)(inbox.name, inbox.options)
    messages = [message for path in payloads for message in understood(channel, path)]
    reopen = timedelta(hours=settings.engine.reopen_hours)

    async def work(store: Store) -> list[str]:
        inbox_id = await store.write(arrivals.keep_inbox, inbox.name, inbox.channel)
        return [await _accept(store, inbox_id, message, reopen) for message in messages]

    for line in ground.with_store(config, work, fresh=True) or ["no message in it"]:
        print(line)


async def _accept(store: Store, inbox_id: int, message: Incoming, reopen: timedelta) -> str:
    try:
        kept = await store.write(arrivals.accept, inbox_id, message, token=0, lease=None, reopen=reopen)
    except arrivals.DuplicateError:
        return f"{message.external_id}  was there already; nothing changed"
    return f"{message.external_id}  conversation {kept.conversation_id} seq {kept.seq}"


def understand(kind: str, payloads: Sequence[Path]) -> int:
    """Print what each payload is understood as, one JSON line a payload; 1 if one of them makes no sense."""
    channel = load(kind)("dry-run", {})
    failed = 0
    for path in payloads:
        line: dict[str, Any]
        try:
            line = {"messages": [_shown(message) for message in understood(channel, path)]}
        except PayloadError as error:
            line, failed = {"error": str(error)}, 1
        print(json.dumps(line, ensure_ascii=False))
    return failed


def understood(channel: Channel, path: Path) -> Sequence[Incoming]:
    """The messages in a payload: a webhook's body, a recorded request, or messages as --dry-run prints them."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise KefuError(f"{path}: cannot be read: {error.strerror}.") from error
    data = _json(body)
    if isinstance(data, dict) and data.keys() == {"messages"}:
        return [_message(entry) for entry in data["messages"]]
    if isinstance(data, dict) and {"external_id", "sender"} <= data.keys() <= RECORD:
        return [_message(data)]
    if isinstance(data, dict) and {"method", "body"} <= data.keys() <= REQUEST:
        return channel.parse(Request(**{**data, "path": data.get("path", "/"), "body": str(data["body"]).encode()}))
    return channel.parse(Request("POST", "/", body=body))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _shown(message: Incoming) -> dict[str, Any]:
    """A message as JSON, without what it does not say."""
    told = {k: v for k, v in asdict(message).items() if v not in (None, "", (), {})}
    if message.sent_at:
        told["sent_at"] = message.sent_at.isoformat()
    return told


def _message(data: Mapping[str, Any]) -> Incoming:
    """The way back from `_shown`."""
    try:
        values = {**data, "kind": Kind(data.get("kind", "text"))}
        if "sent_at" in data:
            values["sent_at"] = datetime.fromisoformat(data["sent_at"])
        files = [Attachment(**{**a, "kind": Kind(a["kind"])}) for a in data.get("attachments", ())]
        return Incoming(**{**values, "attachments": tuple(files)})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise PayloadError(f"not a message: {error}") from error
