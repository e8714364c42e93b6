"""Reads the body we answer a push with, as strictly as WeChat does before it shows it to the user."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from tests.fakes.wording import Fields, Wording

TEXT_BYTES = 2048
NUMBERS = {"CreateTime", "ArticleCount", "TimeStamp"}
"""Only these may stand outside CDATA."""
COMMON = {"ToUserName", "FromUserName", "CreateTime", "MsgType"}
ARTICLE = {"Title", "Description", "PicUrl", "Url"}


class Fault(AssertionError):
    """The user would read 该公众号提供的服务出现故障; the text says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the user gets at once."""

    kind: str
    fields: Fields

    @property
    def text(self) -> str:
        return str(self.fields.get("Content", ""))


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of reply has below MsgType: the element, and which names stand in it."""

    element: str
    needed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()


MEDIA = frozenset({"MediaId"})
TITLES = frozenset({"Title", "Description"})
PARTS = {
    "image": Part("Image", MEDIA),
    "voice": Part("Voice", MEDIA),
    "video": Part("Video", MEDIA, TITLES),
    "music": Part("Music", frozenset({"ThumbMediaId"}), TITLES | {"MusicUrl", "HQMusicUrl"}),
}


def demand(truth: bool, reason: str) -> None:
    if not truth:
        raise Fault(reason)


def parse(body: bytes, wording: Wording) -> Fields:
    """The fields of a reply or an envelope."""
    return _Reader().read(body) if wording is Wording.XML else _json(body)


def check(fields: Fields, user: str, account: str) -> Reply:
    """A reply from `account` to `user` in one of the documented shapes, or a Fault."""
    kind = fields.get("MsgType")
    demand(set(fields) >= COMMON, f"missing {', '.join(sorted(COMMON - set(fields)))}")
    demand(fields["ToUserName"] == user, f"ToUserName is {fields['ToUserName']!r}, the user is {user!r}")
    demand(fields["FromUserName"] == account, f"FromUserName is {fields['FromUserName']!r}, the account is {account!r}")
    seconds(fields["CreateTime"], "CreateTime")
    own = {name: value for name, value in fields.items() if name not in COMMON}
    if kind == "text":
        _text(own)
    elif kind == "news":
        _news(own)
    elif kind == "transfer_customer_service":
        _transfer(own)
    elif kind in PARTS:
        part = PARTS[kind]
        demand(set(own) == {part.element}, f"a {kind} reply has <{part.element}> and nothing else, not {sorted(own)}")
        _names(own[part.element], part.element, part.needed, part.allowed)
    else:
        raise Fault(f"MsgType {kind!r} is no reply")
    return Reply(str(kind), fields)


def seconds(value: Any, name: str) -> None:
    told = str(value)
    demand(told.isascii() and told.isdigit(), f"{name} is {told!r}, not a number of seconds")
    demand(len(told) <= 10, f"{name} is {told}, which is not in seconds")


def _text(own: Fields) -> None:
    demand(set(own) == {"Content"}, f"a text reply has <Content> and nothing else, not {sorted(own)}")
    content = own["Content"]
    demand(isinstance(content, str) and content.strip() != "", "Content is empty")
    size = len(content.encode())
    demand(size <= TEXT_BYTES, f"Content has {size} bytes; {TEXT_BYTES} is the most")


def _news(own: Fields) -> None:
    demand(set(own) == {"ArticleCount", "Articles"}, f"a news reply has ArticleCount and Articles, not {sorted(own)}")
    demand(str(own["ArticleCount"]) == "1", "a reply to a user's message has one article")
    articles = own["Articles"]
    demand(isinstance(articles, Mapping) and set(articles) == {"item"}, "Articles has one item")
    _names(articles["item"], "item", frozenset(ARTICLE), frozenset())


def _transfer(own: Fields) -> None:
    demand(set(own) <= {"TransInfo"}, f"a transfer has TransInfo or nothing, not {sorted(own)}")
    if "TransInfo" in own:
        _names(own["TransInfo"], "TransInfo", frozenset({"KfAccount"}), frozenset())


def _names(fields: Any, where: str, needed: frozenset[str], allowed: frozenset[str]) -> None:
    demand(isinstance(fields, Mapping), f"<{where}> holds no elements")
    names = set(fields)
    demand(needed <= names, f"<{where}> lacks {', '.join(sorted(needed - names))}")
    demand(names <= needed | allowed, f"<{where}> knows no {', '.join(sorted(names - needed - allowed))}")
    for name in names:
        demand(isinstance(fields[name], str), f"<{name}> in <{where}> is not text")
        demand(name not in needed or fields[name] != "", f"<{name}> in <{where}> is empty")


def _json(body: bytes) -> Fields:
    try:
        fields = json.loads(body.decode("utf-8"))
    except ValueError as error:
        raise Fault(f"the body is not JSON: {error}") from error
    demand(isinstance(fields, dict), "the body is no JSON object")
    return dict(fields)


class _Reader:
    """XML to nested fields; text must be in CDATA, an element may come once."""

    def __init__(self) -> None:
        self._open: list[tuple[str, Fields, list[str]]] = []
        self._in_cdata = False
        self._root: Fields | None = None

    def read(self, body: bytes) -> Fields:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartCdataSectionHandler = lambda: self._cdata(True)
        parser.EndCdataSectionHandler = lambda: self._cdata(False)
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(body, True)
        except expat.ExpatError as error:
            raise Fault(f"the body is not XML: {error}") from error
        demand(self._root is not None, "the body has no root")
        return self._root or {}

    def _doctype(self, name: str, system: str | None, public: str | None, subset: bool) -> None:
        raise Fault("the body has a DOCTYPE")

    def _cdata(self, inside: bool) -> None:
        self._in_cdata = inside

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        demand(bool(self._open) or name == "xml", f"the root is <{name}>, not <xml>")
        demand(not attributes, f"<{name}> has attributes")
        self._open.append((name, {}, []))

    def _characters(self, data: str) -> None:
        name, _, text = self._open[-1]
        demand(self._in_cdata or name in NUMBERS or not data.strip(), f"the text of <{name}> is not in CDATA")
        if self._in_cdata or name in NUMBERS:
            text.append(data)

    def _end(self, name: str) -> None:
        _, below, text = self._open.pop()
        demand(not (below and text), f"<{name}> has elements and text")
        if not self._open:
            self._root = below
            return
        above = self._open[-1][1]
        demand(name not in above, f"<{name}> comes twice")
        above[name] = below or "".join(text)
