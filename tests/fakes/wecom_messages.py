"""The shapes of kf/send_msg and kf/send_msg_on_event, kind by kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.fakes.server import Refusal
from tests.fakes.shapes import Malformed, a_list, an_integer, names, texts, within

TEXT_BYTES = 2048
MENU_ITEMS = 10
MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")

HasMedia = Callable[[Any, frozenset[str]], None]


def check(told: dict[str, Any], around: set[str], has_media: HasMedia, kinds: frozenset[str] | None = None) -> str:
    """The message's kind, when all of it is as documented; `around` are the names beside msgid and msgtype."""
    kind = told.get("msgtype")
    if not isinstance(kind, str) or kind not in (CHECKS if kinds is None else kinds):
        raise Refusal(40008, str(kind))
    names(told, "the message", {*around, "msgtype", kind}, {"msgid"})
    if "msgid" in told and not (isinstance(told["msgid"], str) and MSGID.fullmatch(told["msgid"])):
        raise Malformed(f"msgid is {told['msgid']!r}")
    CHECKS[kind](told[kind], has_media)
    return kind


def _text(told: Any, _: HasMedia) -> None:
    content = names(told, "text", set(), {"content"}).get("content", "")
    if content == "":
        raise Refusal(44004)
    if not isinstance(content, str):
        raise Malformed("content in text is no text")
    if len(content.encode()) > TEXT_BYTES:
        raise Refusal(45002)


def _medium(kind: str) -> Callable[[Any, HasMedia], None]:
    def check_medium(told: Any, has_media: HasMedia) -> None:
        has_media(names(told, kind, set(), {"media_id"}).get("media_id"), frozenset({kind}))

    return check_medium


def _link(told: Any, has_media: HasMedia) -> None:
    link = texts(told, "link", {"title", "url", "thumb_media_id"}, {"desc"})
    within(link, {"title": 128, "desc": 512, "url": 2048}, "link")
    has_media(link["thumb_media_id"], frozenset({"image"}))


def _menu(told: Any, _: HasMedia) -> None:
    names(told, "msgmenu", set(), {"head_content", "list", "tail_content"})
    around = texts({k: v for k, v in told.items() if k != "list"}, "msgmenu", set(), {"head_content", "tail_content"})
    within(around, {"head_content": 1024, "tail_content": 1024}, "msgmenu")
    items = a_list(told.get("list", []), "the menu's list", MENU_ITEMS)
    if not items and not any(around.values()):
        raise Malformed("the menu is empty")
    for item in items:
        _item(item)


ITEMS: dict[str, tuple[set[str], set[str], dict[str, int]]] = {
    "click": ({"content"}, {"id"}, {"id": 128, "content": 128}),
    "view": ({"url", "content"}, set(), {"url": 2048, "content": 1024}),
    "miniprogram": ({"appid", "pagepath", "content"}, set(), {"pagepath": 1024, "content": 1024}),
    "text": ({"content"}, {"no_newline"}, {"content": 256}),
}
"""Type of a menu item → the names it needs, those it may have, and their bytes."""


def _item(item: Any) -> None:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind not in ITEMS:
        raise Malformed(f"a menu item is of type {kind!r}")
    needed, allowed, limits = ITEMS[kind]
    own = dict(names(names(item, "a menu item", {"type", kind})[kind], kind, needed, allowed))
    if "no_newline" in own:
        an_integer(own.pop("no_newline"), "no_newline", (0, 1))
    within(texts(own, kind, needed, allowed), limits, kind)


CHECKS: dict[str, Callable[[Any, HasMedia], None]] = {
    "text": _text,
    "image": _medium("image"),
    "voice": _medium("voice"),
    "video": _medium("video"),
    "file": _medium("file"),
    "link": _link,
    "msgmenu": _menu,
}
