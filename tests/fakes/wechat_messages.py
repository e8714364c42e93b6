"""The shapes of message/custom/send, kind by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fakes.server import Refusal
from tests.fakes.shapes import Malformed, a_list, an_object, names, texts

TEXT_BYTES = 2048
ABOUT = {"title", "description"}

HasMedia = Callable[[Any, frozenset[str]], None]
"""Raises unless there is such a medium, of one of these types."""


def check(told: dict[str, Any], has_media: HasMedia) -> str:
    """The message's kind, when all of it is as documented."""
    kind = told.get("msgtype")
    if not isinstance(kind, str) or kind not in CHECKS:
        raise Refusal(40008, str(kind))
    names(told, "the message", {"touser", "msgtype", kind}, {"customservice"})
    if "customservice" in told:
        texts(told["customservice"], "customservice", {"kf_account"})
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


def _video(told: Any, has_media: HasMedia) -> None:
    texts(told, "video", {"media_id"}, {"thumb_media_id", *ABOUT})
    has_media(told["media_id"], frozenset({"video"}))
    if "thumb_media_id" in told:
        has_media(told["thumb_media_id"], frozenset({"thumb", "image"}))


def _music(told: Any, has_media: HasMedia) -> None:
    texts(told, "music", {"musicurl", "hqmusicurl", "thumb_media_id"}, ABOUT)
    has_media(told["thumb_media_id"], frozenset({"thumb"}))


def _news(told: Any, _: HasMedia) -> None:
    articles = a_list(names(told, "news", {"articles"})["articles"], "articles")
    if len(articles) != 1:
        raise Refusal(45008, f"{len(articles)} articles")
    texts(articles[0], "the article", {"title", "url"}, {"description", "picurl"})


def _menu(told: Any, _: HasMedia) -> None:
    menu = an_object(told, "msgmenu")
    names(menu, "msgmenu", {"list"}, {"head_content", "tail_content"})
    texts({name: menu[name] for name in menu if name != "list"}, "msgmenu", set(), {"head_content", "tail_content"})
    items = a_list(menu["list"], "the menu's list")
    ids = [texts(item, "a menu item", {"id", "content"})["id"] for item in items]
    if not ids or len(set(ids)) != len(ids):
        raise Malformed("a menu has items, each with its own id")


def _mini_program(told: Any, has_media: HasMedia) -> None:
    texts(told, "miniprogrampage", {"title", "appid", "pagepath", "thumb_media_id"})
    has_media(told["thumb_media_id"], frozenset({"thumb", "image"}))


CHECKS: dict[str, Callable[[Any, HasMedia], None]] = {
    "text": _text,
    "image": _medium("image"),
    "voice": _medium("voice"),
    "video": _video,
    "music": _music,
    "news": _news,
    "msgmenu": _menu,
    "miniprogrampage": _mini_program,
}


def check_notice(told: dict[str, Any], allowed: set[str]) -> None:
    """The shape that template/send and subscribe/bizsend share."""
    names(told, "the message", {"touser", "template_id", "data"}, {"miniprogram", *allowed})
    if "miniprogram" in told:
        texts(told["miniprogram"], "miniprogram", {"appid"}, {"pagepath"})
    for key, value in an_object(told["data"], "data").items():
        texts(value, f"data.{key}", {"value"}, {"color"})
