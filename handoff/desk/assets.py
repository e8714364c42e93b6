"""The desk's static files, read and compressed once, under a path that names their content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
FOREVER = "public, max-age=31536000, immutable"
NEEDED = ("preact.js", "hooks.js", "signals-core.js", "signals.js", "htm.js")


@dataclass(frozen=True, slots=True)
class Asset:
    plain: bytes
    packed: bytes
    media_type: str


class Assets:
    """All files of a folder. `base` is the path they are served under; it changes when any of them does."""

    def __init__(self, folder: Path = STATIC) -> None:
        found = sorted(f for f in folder.rglob("*") if f.is_file() and f.suffix in TYPES)
        self._files: Mapping[str, Asset] = {f.relative_to(folder).as_posix(): _read(f) for f in found}
        seen = hashlib.sha256()
        for name, asset in self._files.items():
            seen.update(name.encode() + b"\0" + asset.plain + b"\0")
        self.hash = seen.hexdigest()[:12]
        self.base = f"/desk/assets/{self.hash}"
        self.missing = [name for name in NEEDED if f"vendor/{name}" not in self._files]

    @property
    def modules(self) -> list[str]:
        """Every script, so that a page can have them all fetched at once instead of import by import."""
        return [name for name in self._files if name.endswith(".js")]

    def size(self) -> int:
        """Bytes on the wire of all scripts and styles."""
        return sum(len(a.packed) for name, a in self._files.items() if name.endswith((".js", ".css")))

    async def serve(self, request: Request) -> Response:
        """A page from before an update may still ask under its old hash: it gets the new file, uncached."""
        asset = self._files.get(request.path_params["path"])
        if asset is None:
            return Response("there is no such file", 404, media_type="text/plain")
        current = request.path_params["hash"] == self.hash
        headers = {"Cache-Control": FOREVER if current else "no-cache", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(asset.packed, headers=headers, media_type=asset.media_type)
        return Response(asset.plain, headers=headers, media_type=asset.media_type)


def _read(file: Path) -> Asset:
    plain = file.read_bytes()
    return Asset(plain, gzip.compress(plain, 9, mtime=0), TYPES[file.suffix])
