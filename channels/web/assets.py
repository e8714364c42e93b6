"""The chat's own files: read once, put together once, compressed once, and named by their content so that browsers
keep them for ever.

What is served is what is written, less comments and white space, and with the frame's modules in one file: one request,
and a third less to load. `tests/channels/web/test_assets.py` holds what this relies on.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from rjsmin import jsmin
from starlette.datastructures import Headers
from starlette.responses import Response

from channels.web.options import LANGUAGES

FOLDER = Path(__file__).parent / "static"
MODULES = ("dom", "net", "host", "outbox", "wire", "view", "status", "menu", "sound", "composer", "hints", "main")
"""The frame's modules, each after those it imports from."""
JAVASCRIPT, STYLES = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
LOADER_PREFIX, PAGE_PREFIX = "launcher_", "page_"
"""Catalogue keys of the loader, and of the page's HTML; the others belong to the frame's script."""
SEAM = re.compile(r"^import .*?;$|^export ", re.MULTILINE | re.DOTALL)

INDENT = re.compile(r"^\s+", re.MULTILINE)
STYLE_BLANK = re.compile(r"^\s+|^/\*.*?\*/\n|(?<=[:;{,]) | (?=\{)|;\s*(?=\})|\n", re.MULTILINE)
"""What a style sheet means the same without: ours has no strings with such blanks."""


@dataclass(frozen=True)
class Asset:
    """Some bytes to serve, compressed when first asked for."""

    body: bytes
    media_type: str

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.body, 9, mtime=0)

    def answer(self, asked: Headers, headers: Mapping[str, str]) -> Response:
        """200 with the bytes, or 304 when the client has them."""
        tag = f'W/"{self.digest}"'
        sent = {**headers, "ETag": tag, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if tag in [one.strip() for one in asked.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=sent)
        packed = "gzip" in asked.get("accept-encoding", "")
        if packed:
            sent["Content-Encoding"] = "gzip"
        return Response(self.packed if packed else self.body, headers=sent, media_type=self.media_type)


@cache
def frame_files() -> Mapping[str, Asset]:
    """What the frame's page loads, by name."""
    script = jsmin("\n".join(SEAM.sub("", _source(f"frame/{name}.js")) for name in MODULES))
    styles = STYLE_BLANK.sub("", _source("frame/frame.css"))
    return {"frame.js": Asset(script.encode(), JAVASCRIPT), "frame.css": Asset(styles.encode(), STYLES)}


@cache
def frame_digest() -> str:
    """The name of this version of the frame's files."""
    every = "".join(f"{name}:{asset.digest};" for name, asset in frame_files().items())
    return hashlib.sha256(every.encode()).hexdigest()[:12]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """What the chat says in a language."""
    texts: dict[str, str] = json.loads(_source(f"i18n/{language}.json"))
    return texts


def loader(colors: Mapping[str, str]) -> Asset:
    """kefu.js with its texts and the colours of the inboxes that have one of their own."""
    every = [catalogue(language) for language in LANGUAGES]
    texts = {
        key.removeprefix(LOADER_PREFIX): [texts[key] for texts in every]
        for key in every[0]
        if key.startswith(LOADER_PREFIX)
    }
    script = jsmin(INDENT.sub("", _source("kefu.js")))
    for name, value in {"__TEXTS__": texts, "__COLORS__": colors}.items():
        script = script.replace(name, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return Asset(script.encode(), JAVASCRIPT)


def _source(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
