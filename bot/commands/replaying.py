"""`kefu replay`: recorded payloads again, or a message that was set aside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands import ground
from bot.errors import KefuError, PayloadError, SettingsError
from bot.http import Request
from bot.keepable import keepable
from bot.messages import Attachment, Forget, Heard, Incoming, Kind, Window
from bot.ports import Channel, Rereader
from bot.store import Store, arrivals, poison
from channels import load, reader

RECORD = {f.name for f in fields(Incoming)}
REQUEST = {"method", "path", "query", "headers", "body"}

Read = Callable[[bytes], Sequence[Heard]]
"""What a network told, as `bot.ports.Rereader` reads it, or a webhook."""


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
    heard = [one for path in payloads for one in understood(path, _reader(channel), channel.parse)]
    messages = [keepable(one) for one in heard if isinstance(one, Incoming)]
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
    if own := reader(kind):
        return _told(own, payloads)
    maker = load(kind)
    read = maker.reread if isinstance(maker, Rereader) else _reader(maker("dry-run", {}))
    failed = 0
    for path in payloads:
        line: dict[str, Any]
        try:
            heard = understood(path, read, lambda request: read(request.body))
            line = {"messages": [_shown(one) for one in heard if isinstance(one, Incoming)]}
            if others := [_shown(one) for one in heard if not isinstance(one, Incoming)]:
                line["told"] = others
        except PayloadError as error:
            line, failed = {"error": str(error)}, 1
        print(json.dumps(line, ensure_ascii=False))
    return failed


def _told(read: Callable[[bytes], Mapping[str, Any]], payloads: Sequence[Path]) -> int:
    """The same for a kind with a form of its own. A file that cannot be opened has a line too."""
    failed = 0
    for path in payloads:
        try:
            line = read(path.read_bytes())
        except OSError as error:
            line, failed = {"error": f"{path}: cannot be read: {error.strerror}."}, 1
        print(json.dumps(line, ensure_ascii=False))
    return failed


def _reader(channel: Channel) -> Read:
    """How a bare payload is read: without a signature, where the channel can."""
    return (
        channel.reread if isinstance(channel, Rereader) else lambda body: channel.parse(Request("POST", "/", body=body))
    )


def understood(path: Path, read: Read, parse: Callable[[Request], Sequence[Heard]]) -> Sequence[Heard]:
    """What a payload says: one as the network sent it, a recorded request, or messages as --dry-run prints them."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise KefuError(f"{path}: cannot be read: {error.strerror}.") from error
    data = _json(body)
    if isinstance(data, dict) and "messages" in data and data.keys() <= {"messages", "told"}:
        return [_message(entry) for entry in data["messages"]]
    if isinstance(data, dict) and {"external_id", "sender"} <= data.keys() <= RECORD:
        return [_message(data)]
    if isinstance(data, dict) and {"method", "body"} <= data.keys() <= REQUEST:
        return parse(Request(**{**data, "path": data.get("path", "/"), "body": str(data["body"]).encode()}))
    return read(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _shown(heard: Heard) -> dict[str, Any]:
    """What was heard as JSON, without what it does not say."""
    told = {k: v for k, v in asdict(heard).items() if v not in (None, "", (), {})}
    if not isinstance(heard, Incoming):
        return {"what": type(heard).__name__.lower(), **told}
    if heard.sent_at:
        told["sent_at"] = heard.sent_at.isoformat()
    if heard.window:
        told["window"]["lasts"] = heard.window.lasts.total_seconds()
    return told


def _message(data: Mapping[str, Any]) -> Incoming:
    """The way back from `_shown`."""
    try:
        values = {**data, "kind": Kind(data.get("kind", "text"))}
        if "sent_at" in data:
            values["sent_at"] = datetime.fromisoformat(data["sent_at"])
        if "window" in data:
            values["window"] = Window(**{**data["window"], "lasts": timedelta(seconds=data["window"]["lasts"])})
        if "forget" in data:
            values["forget"] = Forget(data["forget"])
        files = [Attachment(**{**a, "kind": Kind(a["kind"])}) for a in data.get("attachments", ())]
        return Incoming(**{**values, "attachments": tuple(files)})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise PayloadError(f"not a message: {error}") from error
