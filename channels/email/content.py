"""What a mail's parts are: text to read, HTML to show, files. Pure."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape

from channels.email import attached, charsets, headers, html, quotes, sealed
from channels.email.mail import File
from channels.email.parts import MESSAGE, PLAIN, Part
from channels.email.reports import STATUSES

LIKE_PLAIN = frozenset({PLAIN, "text/markdown", "text/x-markdown", "text/x-plain"})
LIKE_HTML = frozenset({"text/html", "application/xhtml+xml"})
RICH = frozenset({"text/enriched", "text/richtext"})
META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,3}=\s{0,3}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
PAGE = re.compile(r"\s{0,100}(?:<\?xml[^>]{0,200}>\s{0,20})?<(?:!doctype html|html)[\s>]", re.IGNORECASE)
TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
UUENCODED = re.compile(r"(?m)^begin [0-7]{3,4} (\S.{0,200})\n((?:[!-`]{1,62}\n){1,1000000}`?\n?)end\n?")
EXTENSIONS = {
    **dict.fromkeys((MESSAGE, "message/global"), ".eml"),
    **dict.fromkeys((PLAIN, "text/rfc822-headers", "message/global-headers", *STATUSES), ".txt"),
    "image/jpeg": ".jpg",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of text, in the forms it came in."""

    plain: str = ""
    markup: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What was found, in the sender's order."""

    said: tuple[Said, ...] = ()
    files: tuple[File, ...] = ()
    problems: tuple[str, ...] = field(default=())

    def __add__(self, other: Content) -> Content:
        return Content(self.said + other.said, self.files + other.files, self.problems + other.problems)

    @property
    def markup(self) -> str:
        """The whole as HTML; "" where nothing of it came as that."""
        if not any(one.markup for one in self.said):
            return ""
        return "<hr>".join(one.markup or f"<pre>{escape(one.plain)}</pre>" for one in self.said)


def content(root: Part) -> Content:
    """All of a mail. Where nothing was meant as its text, a text that came as a file is it."""
    found = _content(root, (), root)
    if not found.said:
        found = replace(found, said=tuple(_as_text(root))[:1])
    return found


def _content(part: Part, around: tuple[str, ...], root: Part) -> Content:
    if part.kind == "multipart/alternative":
        return _alternative([_content(child, (*around, part.kind), root) for child in part.children])
    if part.children:
        found = Content()
        for child in part.children:
            found += _content(child, (*around, part.kind), root)
        return found
    return _leaf(part, around, root)


def _alternative(forms: list[Content]) -> Content:
    """One text in several forms: the first plain one, and the last HTML."""
    plain = next((form.said for form in forms if form.said and not any(one.markup for one in form.said)), ())
    marked = next((form.said for form in reversed(forms) if any(one.markup for one in form.said)), ())
    said = (
        (Said("\n".join(one.plain for one in plain), Content(marked).markup),) if plain and marked else plain or marked
    )
    files = tuple(file for form in forms for file in form.files)
    return Content(said, files, tuple(told for form in forms for told in form.problems))


def _leaf(part: Part, around: tuple[str, ...], root: Part) -> Content:
    kind = part.kind
    if kind in sealed.SIGNATURES and around[-1:] == ("multipart/signed",):
        return Content()  # the sender's program sent it, not the sender
    data = part.data
    if kind in TNEF or part.filename.lower() == "winmail.dat":
        return _unwrapped(part, data)
    if kind == "text/calendar":
        told = attached.invitation(data, part.parameters.get("charset", ""))
        said = (Said(told),) if told and "multipart/alternative" not in around else ()
        return Content(said, (_file(part, data, around),))
    meant = part.disposition != "attachment" and (not part.filename or around[-1:] == ("multipart/alternative",))
    if not meant or (around[-1:] == ("multipart/related",) and part.cid and kind not in LIKE_HTML | LIKE_PLAIN):
        return _filed(part, data, around)
    if kind in LIKE_HTML:
        return Content((Said(markup=_marked(part, data)),))
    if kind in RICH:
        return Content((Said(re.sub(r"<[^<>]{0,100}>", "", _decoded(part, data))),))
    if kind in LIKE_PLAIN:
        return _plain(part, data)
    return _filed(part, data, around)


def _plain(part: Part, data: bytes) -> Content:
    told = _decoded(part, data)
    if PAGE.match(told):
        return Content((Said(markup=told),))
    if "format" in part.parameters and part.parameters["format"].lower() == "flowed":
        told = flowed(told, delsp=part.parameters.get("delsp", "").lower() == "yes")
    files: list[File] = []
    if "begin " in told and "\nend" in told:
        told = UUENCODED.sub(lambda match: _inline(match, files), told)
    problems = (sealed.ENCRYPTED,) if told.lstrip().startswith(sealed.ARMOUR) else ()
    return Content((Said(told),) if told.strip() else (), tuple(files), problems)


def _inline(match: re.Match[str], files: list[File]) -> str:
    from channels.email.parts import ENCODINGS

    name = match[1].strip().replace("\\", "/").rpartition("/")[2]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    files.append(File(name, kind, ENCODINGS["uuencode"](match[2].encode("latin-1", "replace"))))
    return ""


def flowed(told: str, *, delsp: bool = False) -> str:
    """Paragraphs of RFC 3676 in one line each."""
    out: list[str] = []
    depth, soft = 0, False
    for line in told.split("\n"):
        bare = line.lstrip(">") if line.startswith(">") else line
        quoted = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if soft and quoted == depth and bare != "-- ":
            out[-1] = (out[-1][:-1] if delsp else out[-1]) + bare
        else:
            out.append(f"{'>' * quoted} {bare}" if quoted else bare)
        depth, soft = quoted, bare.endswith(" ") and bare != "-- "
    return "\n".join(line if line == "-- " else line.rstrip(" ") for line in out)


def _decoded(part: Part, data: bytes) -> str:
    told = charsets.whole(charsets.text(data, part.parameters.get("charset", "")))
    return told.replace("\r\n", "\n").replace("\r", "\n")


def _marked(part: Part, data: bytes) -> str:
    label = part.parameters.get("charset", "")
    meta = META.search(data[:4096])
    if meta and (not label or charsets.strictly(data, (charsets.known(label) or ("utf-8",))[0]) is None):
        label = meta[1].decode("ascii", "replace")
    return charsets.whole(charsets.text(data, label)).replace("\r\n", "\n")


def _as_text(root: Part) -> Iterator[Said]:
    for part in root.leaves():
        if part.kind in LIKE_PLAIN | LIKE_HTML and part.disposition != "attachment":
            told = _decoded(part, part.data)
            yield Said(markup=told) if part.kind in LIKE_HTML else Said(told)


# ---- files ----------------------------------------------------------------------------------------------------------


def _unwrapped(part: Part, data: bytes) -> Content:
    found = attached.unwrap(data)
    if found is None or not (found.files or found.plain.strip() or found.markup.strip()):
        return Content((), (_file(part, data, ()),), ("a winmail.dat that cannot be opened",))
    said = (Said(found.plain, found.markup),) if found.plain.strip() or found.markup.strip() else ()
    return Content(said, found.files)


def _filed(part: Part, data: bytes, around: tuple[str, ...]) -> Content:
    if not data.strip() and not part.filename and part.kind.startswith(("text/", "application/octet")):
        return Content()
    return Content((), (_file(part, data, around),))


def _file(part: Part, data: bytes, around: tuple[str, ...]) -> File:
    inline = part.disposition == "inline" or (bool(part.cid) and part.disposition != "attachment")
    return File(part.filename or _named(part, data), part.kind, data, part.cid, inline)


def _named(part: Part, data: bytes) -> str:
    """A name for what has none: a mail's subject, what it is, and the ending of its type."""
    otherwise = ".txt" if part.kind.startswith("message/") else ".bin"
    ending = EXTENSIONS.get(part.kind) or mimetypes.guess_extension(part.kind) or otherwise
    if part.kind == MESSAGE:
        head = headers.split(data[:65_536].lstrip(b"\r\n"))
        stem = headers.readable(head.first("subject")) or "mail"
    else:
        stem = headers.readable(part.head.first("content-description")) or part.kind.partition("/")[0]
    return re.sub(r'[\\/:*?"<>|]', " ", stem).strip()[:120] + ending


def letters(told: str) -> int:
    return len(re.sub(r"\s+", "", told))


def best(said: Said) -> list[html.Line]:
    """The text of a piece: the plain form unless it says something else than the HTML the sender saw."""
    plain = [html.Line(line.rstrip() if line != "-- " else line) for line in said.plain.split("\n")]
    if not said.markup:
        return plain
    marked = _settled(html.lines(said.markup))
    shown, written = (sum(letters(line.text) for line in form) for form in (marked, plain))
    alike = written and (not shown or 0.85 * shown <= written <= 1.2 * shown)
    # Only the HTML says what is quoted: QQ, NetEase and Outlook put no mark into the plain form.
    tells_more = any(line.depth for line in marked) and not any(line.text.startswith(">") for line in plain)
    return plain if alike and not tells_more else marked


def _settled(lines: list[html.Line]) -> list[html.Line]:
    """What is set in below the head of an older mail is quoted."""
    if not any(line.indent for line in lines):
        return lines
    first = quotes.begins(["> " * line.depth + line.text for line in lines], [line.indent > 0 for line in lines])
    return lines if first is None else [
        replace(line, depth=line.depth + line.indent) if n >= first else line for n, line in enumerate(lines)
    ]  # fmt: skip
