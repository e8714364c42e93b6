"""Files at the desk: what an agent attaches, and what he may look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse

from bot.filetypes import SHOWN, kind_of, media_type
from bot.messages import Kind
from bot.store.media import Kept
from handoff.desk.ground import DeskGround
from handoff.desk.guard import RefusedError

MOST_FILES = 9
"""In one message; the desk's page has room for so many."""
POLITE = 4
"""Times the cap that we read and throw away, so that the browser hears why its file is refused."""
HEADERS = {
    # It may be a web page or hold one: whatever the browser makes of it, it gets no origin and runs nothing. The styles
    # are the browser's own, when it shows a picture alone.
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
}


def carried(ground: DeskGround, inbox: str, public: bool) -> dict[str, Any]:
    """What the page has to know before it offers to attach anything."""
    return {"attachments": sorted(ground.carries(inbox, public)), "attachment_bytes": ground.files.most}


def keys(body: Mapping[str, Any]) -> list[str]:
    """The files a reply names."""
    found = body.get("attachments", [])
    if not isinstance(found, list) or not all(isinstance(key, str) and len(key) <= 64 for key in found):
        raise RefusedError("bad_attachments", "`attachments` must be a list of keys.")
    if len(found) > MOST_FILES or len(set(found)) < len(found):
        raise RefusedError("bad_attachments", f"At most {MOST_FILES} different files fit into one message.", 422)
    return found


def attachment(ground: DeskGround, inbox: str, kept: Kept, *, public: bool = False) -> dict[str, Any]:
    """A kept file as a message names it, under the kind its network takes it as."""
    kind = _kind(ground, inbox, kept.media_type, public=public)
    return {
        "kind": kind.value, "name": kept.name, "media_type": kept.media_type, "size": kept.size, "url": None,
        "key": kept.key, "source": "",
    }  # fmt: skip


def _kind(ground: DeskGround, inbox: str, found: str, *, public: bool) -> Kind:
    can = ground.carries(inbox, public)
    for kind in (kind_of(found), Kind.FILE):
        if kind in can:
            return kind
    raise RefusedError("kind", "This channel cannot carry a file of this kind.", 422)


async def upload(ground: DeskGround, row: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """Keep the body as a file of the conversation."""
    if not ground.carries(row["inbox"], row["public"]):
        raise RefusedError("kind", "This channel carries no files.", 422)
    data = await _whole(request, ground.files.most)
    if not data:
        raise RefusedError("empty", "The file is empty.", 422)
    _kind(ground, row["inbox"], media_type(data), public=row["public"])  # refused before it is kept
    kept = await ground.files.keep(row["id"], request.query_params.get("name", ""), data)
    found = attachment(ground, row["inbox"], kept)
    return {name: found[name] for name in ("key", "name", "media_type", "size", "kind")}


async def _whole(request: Request, most: int) -> bytes:
    data, seen = bytearray(), 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= most:
            data += chunk
        else:
            data.clear()
        if seen > most * POLITE:
            break
    if seen > most:
        raise RefusedError("too_large", f"A file may have at most {most} bytes.", 413)
    return bytes(data)


async def download(ground: DeskGround, key: str) -> FileResponse:
    """The file as it may be shown: what a browser can draw or play in place, anything else for download only."""
    kept, path = await ground.files.find(key)
    shown = kept.media_type in SHOWN
    return FileResponse(
        path,
        media_type=kept.media_type,
        filename=kept.name,
        content_disposition_type="inline" if shown else "attachment",
        headers=HEADERS,
    )


__all__ = ["MOST_FILES", "attachment", "carried", "download", "keys", "upload"]
