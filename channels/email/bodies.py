"""The text and the HTML of a mail, from the templates. Pure: what was said, the signature, the foot, older mails."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup, escape

URL = re.compile(r"https?://[!-;=?-~]{1,2000}")
TRAILING = ".,;:!?)]}'\""


@dataclass(frozen=True, slots=True)
class Quote:
    """An older mail: who wrote it when, and its lines."""

    wrote: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Body:
    """`marker` is the signed mark that leads an answer back to its conversation. Everything is plain text."""

    said: str
    signature: Sequence[str]
    foot: str
    marker: str
    language: str
    history: Sequence[Quote] = ()


def text(body: Body) -> str:
    return _template("letter.txt").render(_values(body))


def html(body: Body) -> str:
    paragraphs = [part.split("\n") for part in re.split(r"\n{2,}", body.said.strip("\n")) if part.strip()]
    return _template("letter.html").render(_values(body), paragraphs=paragraphs)


def _values(body: Body) -> dict[str, object]:
    return {
        "said": body.said,
        "signature": body.signature,
        "foot": body.foot,
        "marker": body.marker,
        "language": body.language,
        "history": body.history,
    }


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("channels.email"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["linked"] = linked
    return made


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


def linked(line: str) -> Markup:
    """A line with its addresses of pages made clickable, and everything else escaped."""
    out, at = Markup(), 0
    for match in URL.finditer(line):
        url = match[0].rstrip(TRAILING)
        out += escape(line[at : match.start()]) + Markup('<a href="{0}">{0}</a>').format(url)
        at = match.start() + len(url)
    return out + escape(line[at:])
