"""The chat's page, `/w/{inbox}`: the same in a frame and on its own."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from functools import cache
from string import Template
from typing import Any

from channels.web import color
from channels.web.assets import FOLDER, LOADER_PREFIX, PAGE_PREFIX, Asset, catalogue, frame_digest
from channels.web.channel import WebChannel
from channels.web.options import LANGUAGES

NATIVE = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}


def page(channel: WebChannel, language: str, wished: str, first_view: Mapping[str, Any]) -> tuple[Asset, str]:
    """The page, and the content security policy that goes with it. `wished`: a colour its embedder asked for."""
    style = f":root{{{_properties(color.parse(wished) or color.parse(channel.options.color))}}}"
    data = _data(channel, language, first_view)
    body = _template().substitute(
        language=language,
        title=html.escape(data["title"]),
        style=style,
        files=f"/w/assets/{frame_digest()}",
        data=_block(data),
        **{key: html.escape(text) for key, text in catalogue(language).items() if key.startswith(PAGE_PREFIX)},
    )
    return Asset(body.encode(), "text/html; charset=utf-8"), policy(style, channel.options.origins)


def policy(style: str, origins: tuple[str, ...]) -> str:
    """Nothing but our own files, this one style block, and only those who may embed the page."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    ancestors = " ".join(["'self'", *origins]) if origins else "*"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{digest}'; img-src 'self' blob: data:; "
        f"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {ancestors}"
    )


@cache
def _template() -> Template:
    return Template((FOLDER / "frame.html").read_text("utf-8"))


def _properties(wanted: color.Rgb | None) -> str:
    assert wanted is not None  # the options were checked
    return ";".join(f"--{name}:{value}" for name, value in color.palette(wanted).items())


def _data(channel: WebChannel, language: str, first_view: Mapping[str, Any]) -> dict[str, Any]:
    options, texts = channel.options, catalogue(language)
    company = options.company or str(first_view.get("company") or "")
    return {
        "inbox": channel.name,
        "language": language,
        "languages": [[code, NATIVE[code]] for code in LANGUAGES if code in options.languages],
        "origins": options.origins,
        "title": options.title.get(language) or company or texts["title"],
        "company": company,
        "greeting": first_view.get("greeting") or texts["greeting"],
        "topics": list(first_view.get("topics") or ()),
        "suggest": bool(first_view.get("suggest")),
        "limit": options.max_text,
        "texts": {k: v for k, v in texts.items() if not k.startswith((LOADER_PREFIX, PAGE_PREFIX))},
    }


def _block(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
