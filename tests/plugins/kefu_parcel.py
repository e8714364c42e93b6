"""A network with files, as a folder: customers' files lie in `files/` to be fetched, what we send goes to `sent/`.

A file that is not there yet will come later; one that is called "gone" never will.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.errors import PermanentSendError, TemporarySendError
from bot.http import Request, Response
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.ports import Call, Capabilities, Finding, Receipt, Stored


class Parcel:
    """One inbox. Options: folder, and the `kinds` of files it takes."""

    kind = "parcel"

    def __init__(self, inbox: str, options: Mapping[str, Any]) -> None:
        self.folder = Path(options["folder"])
        kinds = frozenset(Kind(kind) for kind in options.get("kinds", "image").split())
        self.capabilities = Capabilities(max_text=2000, idempotent_send=True, attachments=kinds)

    def verify(self, request: Request) -> None: ...

    def parse(self, request: Request) -> Sequence[Incoming]:
        return [_incoming(told) for told in json.loads(request.body)]

    def acknowledge(self, request: Request, answer: Outgoing | None = None) -> Response:
        return Response(body=b"taken")

    def render(self, outgoing: Outgoing) -> Sequence[Call]:
        files = [asdict(attachment) for attachment in outgoing.attachments]
        return [Call("say", {"to": outgoing.recipient, "text": outgoing.text, "files": files}, outgoing.key)]

    async def send(self, call: Call) -> Receipt:
        place = self.folder / "sent" / f"{call.key}.json"
        await asyncio.to_thread(place.write_text, json.dumps(dict(call.params)), "utf-8")
        return Receipt()

    async def fetch(self, attachment: Attachment, *, limit: int) -> Stored:
        if attachment.source == "gone":
            raise PermanentSendError("the file is gone")
        try:
            data = await asyncio.to_thread((self.folder / "files" / attachment.source).read_bytes)
        except FileNotFoundError as error:
            raise TemporarySendError("the file is not ready", retry_after=0.2) from error
        return Stored(data, "text/html", "")

    async def check(self) -> Sequence[Finding]:
        return ()

    async def close(self) -> None: ...


def _incoming(told: Mapping[str, Any]) -> Incoming:
    files = tuple(Attachment(Kind(f["kind"]), f["name"], "", source=f["source"]) for f in told.get("files", ()))
    kind = files[0].kind if files else Kind.TEXT
    text, name = told.get("text", ""), told.get("name", "")
    return Incoming(told["id"], told["sender"], text, kind, files, sender_name=name)
