"""HTML of strangers: to text for reading and judging, and made harmless for showing. Pure, in bounded time.

lxml parses, one walk over its events writes the text (no recursion, so nesting costs nothing); nh3 makes it safe.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import nh3

MOST = 1_000_000
"""Characters that are read with a parser; longer ones lose their tags in the plainest way."""
MOST_SHOWN = 1_000_000
DEEPEST = 250
"""Levels that are shown: sanitizers and browsers take quadratic time for more."""


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


BLOCKS = _names(
    """
    address article aside blockquote body center dd details dir div dl dt fieldset figcaption figure footer form h1 h2
    h3 h4 h5 h6 header hr html legend li main menu nav ol p pre section summary table tbody tfoot thead tr ul
    """
)
SPACED = frozenset(("p", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"))
"""Blocks with an empty line round them."""
DROPPED = frozenset(("head", "script", "style", "title", "noscript", "template", "object", "iframe", "svg", "select"))
HIDDEN = re.compile(r"display\s{0,9}:\s{0,9}none|mso-hide\s{0,9}:\s{0,9}all", re.IGNORECASE)
BLANK = re.compile(r"[ \t\r\n\f\u200b\u200c\u2007\u034f\ufeff]+")
TOO_DEEP = "depth"
"""libxml2 stops there, and says so."""
SCRIPT = re.compile(r"<(script|style)\b")
ROW = re.compile(r"<(?:br|/?p|/?div|/tr|/li|/table|/h\d)(?=[\s/>])[^<>]{0,20000}>", re.IGNORECASE)
TAG = re.compile(r"<[a-zA-Z/!?][^<>]{0,20000}>")
QUOTING = re.compile(
    r"border-left|gmail_quote|isReplyContent|ntes|cite|yahoo_quoted|protonmail_quote|moz-", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, and how deep it is quoted. `indent`: how often it is set in, which may be a quote or not."""

    text: str
    depth: int = 0
    indent: int = 0


@dataclass(slots=True)
class _Page:
    """Lines in the making."""

    lines: list[Line] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    depth: int = 0
    indent: int = 0
    kept: int = 0
    skip: int = 0

    def write(self, told: str | None) -> None:
        if not told or self.skip:
            return
        if self.kept:
            first, *others = told.replace("\r\n", "\n").split("\n")
            self.open.append(first)
            for other in others:
                self.end()
                self.open.append(other)
            return
        told = BLANK.sub(" ", told)
        if told == " " and (not self.open or self.open[-1].endswith(" ")):
            return
        self.open.append(told)

    def end(self, *, always: bool = True) -> None:
        """End the line; not `always`: only if something is on it."""
        told = "".join(self.open)
        told = told.rstrip() if self.kept else re.sub(" {2,}", " ", told).strip(" ")
        if always or told:
            self.lines.append(Line(told.replace("\xa0", " ").rstrip(), self.depth, self.indent))
        self.open = []

    def gap(self) -> None:
        self.end(always=False)
        if self.lines and self.lines[-1].text:
            self.lines.append(Line("", self.depth, self.indent))


def lines(markup: str) -> list[Line]:
    """What is to be read, without what is hidden."""
    if len(markup) > MOST:
        return [Line(told) for told in _bare(markup)]
    root = _parsed(markup)
    if root is None:
        return [Line(told) for told in _bare(markup)] if "<" in markup else [Line(markup.strip())]
    return _tidy(_walked(root).lines)


def text(markup: str) -> str:
    return "\n".join(line.text for line in lines(markup))


def _parsed(markup: str) -> Any:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(markup.replace("\0", "").encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return None
    return None if any(TOO_DEEP in told.message for told in parser.error_log) else root


def _walked(root: Any) -> _Page:
    from lxml import etree

    page = _Page()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if not isinstance(tag, str):
            page.write(element.tail if event == "end" else None)
        elif event == "start":
            _starts(page, tag, element)
            page.write(element.text)
        else:
            _ends(page, tag, element)
            page.write(element.tail)
    page.end(always=False)
    return page


def _starts(page: _Page, tag: str, element: Any) -> None:
    if page.skip or tag in DROPPED or _hidden(element):
        page.skip += 1
        return
    if tag in BLOCKS:
        page.gap() if tag in SPACED and not _tight(element) else page.end(always=False)
    _quotes(page, tag, element, 1)
    page.kept += tag in ("pre", "textarea")
    if tag == "br":
        page.end()
    elif tag == "li":
        page.write("* ")
    elif tag in ("td", "th") and page.open:
        page.write(" ")


def _ends(page: _Page, tag: str, element: Any) -> None:
    if page.skip:
        page.skip -= 1
        return
    if tag in BLOCKS:
        page.gap() if tag in SPACED and not _tight(element) else page.end(always=False)
    _quotes(page, tag, element, -1)
    page.kept -= tag in ("pre", "textarea")


def _hidden(element: Any) -> bool:
    style = element.get("style")
    return bool(style and HIDDEN.search(style[:2000])) or element.get("hidden") is not None


def _tight(element: Any) -> bool:
    """Outlook writes every line as a paragraph without margin."""
    return "MsoNormal" in (element.get("class") or "")


def _quotes(page: _Page, tag: str, element: Any, deeper: int) -> None:
    if tag != "blockquote":
        return
    if _quoting(element):
        page.depth += deeper
    else:
        page.indent += deeper


def _quoting(element: Any) -> bool:
    """Whether a blockquote says that it is a quote of a mail; people also indent with it, and so do Foxmail, DingTalk
    and NetEase, whose quotes are known by what stands above them."""
    told = " ".join(element.get(name) or "" for name in ("type", "class", "id", "style", "cite"))
    return element.get("cite") is not None or bool(QUOTING.search(told[:2000]))


def _tidy(found: list[Line]) -> list[Line]:
    """Without empty lines at both ends, and never two of them together."""
    out: list[Line] = []
    for line in found:
        if line.text.strip() or (out and out[-1].text):
            out.append(line)
    while out and not out[-1].text.strip():
        out.pop()
    return out


def _bare(markup: str) -> Iterator[str]:
    """The text of what is too large or too deep to be parsed: every tag is dropped. Linear, whatever is in it."""
    for row in TAG.sub("", ROW.sub("\n", _without(markup))).splitlines():
        if line := BLANK.sub(" ", html.unescape(row)).strip():
            yield line


def _without(markup: str) -> str:
    """Without scripts and style sheets; one that never ends is kept."""
    out: list[str] = []
    lowered, at = markup.lower(), 0
    for match in SCRIPT.finditer(lowered):
        if match.start() < at:
            continue
        end = lowered.find(f"</{match[1]}", match.end())
        if end < 0:
            break
        out.append(markup[at : match.start()])
        at = end
    return "".join([*out, markup[at:]])


# ---- for showing ----------------------------------------------------------------------------------------------------

TAGS = _names(
    """
    a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img
    ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul
    """
)
STYLES = _names(
    """
    background-color border border-bottom border-collapse border-left border-right border-top color display font-family
    font-size font-style font-weight height line-height list-style-type margin margin-bottom margin-left margin-right
    margin-top padding padding-bottom padding-left padding-right padding-top text-align text-decoration text-indent
    vertical-align white-space width word-break
    """
)
IMAGE = re.compile(r'<img((?: [a-z-]{1,30}="[^"]*")*)>')
ATTRIBUTE = re.compile(r' ([a-z-]{1,30})="([^"]*)"')
TINY = re.compile(r"(?:width|height)\s{0,3}:\s{0,3}[01](?:px)?\s{0,3}(?:;|$)", re.IGNORECASE)


def safe(markup: str, files: Mapping[str, str] | None = None) -> str:
    """HTML that may be shown within a page of ours; "" if it is too large or too deep to be made safe in time.

    Nothing in it is loaded from outside: a remote image's address is in `data-remote`, for who asks to see it; a
    tracking pixel is gone. `files`: what the mail's Content-IDs are shown from, by id.
    """
    if len(markup) > MOST_SHOWN or _too_deep(markup):
        return ""
    clean = _cleaner().clean(markup)
    return IMAGE.sub(lambda match: _image(match[1], files or {}), clean)


@cache
def _cleaner() -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title", "noscript", "template", "iframe", "object"},
        attributes={
            "*": {"align", "bgcolor", "border", "cellpadding", "cellspacing", "color", "dir", "height", "lang", "style"}
            | {"title", "valign", "width"},
            "a": {"href", "name"},
            "font": {"face", "size"},
            "img": {"alt", "src"},
            "ol": {"start", "type"},
            **{tag: {"colspan", "rowspan", "nowrap"} for tag in ("td", "th")},
        },
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        filter_style_properties=set(STYLES),
    )


def _too_deep(markup: str) -> bool:
    """Counted without a parser: tags opened and not closed, and those that are never closed do not count."""
    depth = most = 0
    for closing, name in re.findall(r"<(/?)([a-zA-Z]{1,20})", markup):
        if name.lower() not in ("br", "img", "hr", "meta", "link", "input", "col", "p", "li", "td", "tr", "th"):
            depth += -1 if closing else 1
            most = max(most, depth)
    return most > DEEPEST


def _image(attributes: str, files: Mapping[str, str]) -> str:
    told = dict(ATTRIBUTE.findall(attributes))
    source = html.unescape(told.pop("src", ""))
    if any(told.get(side) in ("0", "1") for side in ("width", "height")) or TINY.search(told.get("style", "")):
        return ""
    if source.lower().startswith("cid:"):
        cid = source[4:]
        told["src" if cid in files else "data-cid"] = html.escape(files.get(cid, cid))
    elif source:
        told["data-remote"] = html.escape(source)
    return "<img" + "".join(f' {name}="{value}"' for name, value in told.items()) + ">"
