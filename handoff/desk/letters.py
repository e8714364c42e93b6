"""A letter at the desk: its whole text, and its HTML as a page of its own for a frame of the desk's.

The HTML was made safe when it was taken in. That nothing in it runs, sends or leaves is the page's policy all the same:
no script, no form, no frame; links only into a window of their own; images from somebody's server only when they are
asked for. The page keeps our origin, so that the images kept with us come with the agent's login, and the desk can
measure it; without scripts it can do nothing with that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from bot.errors import SendError
from bot.messages import Author, Outgoing
from bot.store.agents import Account
from bot.store.letters import Letter
from handoff.desk.ground import DeskGround

POLICY = (
    "default-src 'none'; img-src {images}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
OURS, ALL = "'self'", "'self' https: http:"
PAGE = """<!doctype html>
<html lang="{language}" data-letter>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="referrer" content="no-referrer">
<title>{subject}</title>
<style>
html {{ color-scheme: light; background: #fff; color: #1a2030; }}
body {{ margin: 0; padding: 12px 14px; font: 14px/1.6 system-ui, "PingFang SC", "PingFang TC", "Microsoft YaHei",
  "Microsoft JhengHei", "Noto Sans CJK SC", sans-serif; overflow-wrap: anywhere; overflow-x: auto; }}
img {{ max-width: 100%; height: auto; }}
img:not([src]) {{ display: inline-block; min-width: 24px; min-height: 24px; border: 1px dashed #868fa0; }}
table {{ max-width: 100%; }}
blockquote {{ margin: 8px 0; padding-left: 12px; border-left: 3px solid #d5dae3; color: #586174; }}
pre {{ white-space: pre-wrap; }}
</style>
</head>
<body>{body}</body>
</html>
"""
IMAGE = re.compile(r'<img((?: [a-z-]{1,30}="[^"]*")*)>')
ATTRIBUTE = re.compile(r' ([a-z-]{1,30})="([^"]*)"')
LATEST = f"kefu-{10**17}"
"""A letter that is not written yet comes after all that are."""
KEY = re.compile(r"[A-Za-z0-9_-]{32}")


def page(letter: Letter, language: str, *, images: bool) -> HTMLResponse:
    """`images`: those of other servers, too, which lets their owners know that it is being read."""
    body = IMAGE.sub(lambda match: _image(match[1], images=images), letter.html)
    made = PAGE.format(language=language, subject=html.escape(letter.subject), body=body)
    headers = {
        "Content-Security-Policy": POLICY.format(images=ALL if images else OURS),
        "Referrer-Policy": "no-referrer",
        "X-Frame-Options": "SAMEORIGIN",
    }
    return HTMLResponse(made, headers=headers)


def _image(attributes: str, *, images: bool) -> str:
    told = dict(ATTRIBUTE.findall(attributes))
    source, remote = told.pop("src", ""), html.unescape(told.get("data-remote", ""))
    if KEY.fullmatch(source):
        told["src"] = f"/api/desk/media/{source}"
    elif images and _scheme(remote) in ("http", "https"):
        told["src"] = html.escape(remote)
    return "<img" + "".join(f' {name}="{value}"' for name, value in told.items()) + ">"


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:  # an address nobody can read
        return ""


async def answer(ground: DeskGround, about: Mapping[str, Any], agent: Account) -> Mapping[str, Any] | None:
    """What a letter of this agent's would stand between: `to`, `cc`, `subject`, `signature`; or a `problem`. `about`:
    the conversation's row. None where no letters are written."""
    if not ground.letters(about["inbox"]):
        return None
    outgoing = Outgoing(
        LATEST,
        about["contact"]["address"],
        "",
        author=Author.AGENT,
        author_name=agent.name,
        author_number=agent.number,
        language=about["language"] or None,
        conversation=about["id"],
        queued_at=ground.store.now(),
    )
    try:
        return await ground.heading(about["inbox"], outgoing)
    except SendError as error:
        return {"problem": str(error)}


__all__ = ["answer", "page"]
