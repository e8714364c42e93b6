"""What custom/send takes, from whom, and how often."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes import media
from tests.fakes.conftest import Caller, Clock, renew
from tests.fakes.wechat import NOTICE, SEND, TEMPLATE, TYPING, UPLOAD, WeChat

USER = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
ARTICLE = {"title": "t", "description": "d", "url": "u", "picurl": "p"}
ITEMS = [{"id": "101", "content": "满意"}, {"id": "102", "content": "不满意"}]


def text(content: Any = "你好", to: Any = USER, **more: Any) -> dict[str, Any]:
    return {"touser": to, "msgtype": "text", "text": {"content": content}, **more}


def of(kind: str, **own: Any) -> dict[str, Any]:
    return {"touser": USER, "msgtype": kind, kind: own}


@pytest.fixture(autouse=True)
def somebody(wechat: WeChat) -> None:
    wechat.write(USER)


def send(oa: Caller, body: dict[str, Any]) -> int:
    return int(oa.post(SEND, body)["errcode"])


def test_a_text_arrives(oa: Caller, wechat: WeChat) -> None:
    assert oa.post(SEND, text(customservice={"kf_account": "a@b"})) == {"errcode": 0, "errmsg": "ok"}
    assert wechat.heard(USER) == ["你好"]
    assert (wechat.sent[0].to, wechat.sent[0].kind, wechat.sent[0].path) == (USER, "text", SEND)
    assert wechat.counts[SEND] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (text(""), 44004),
        ({"touser": USER, "msgtype": "text", "text": {}}, 44004),
        (text("啊" * 682 + "ab"), 0),
        (text("啊" * 683), 45002),
        (text(5), 47001),
        (text(to="o-nobody"), 40003),
        (text(to=""), 40003),
        (text(to=[USER]), 40003),
        (text(colour="red"), 47001),
        ({"touser": USER, "msgtype": "text"}, 47001),
        ({"touser": USER, "msgtype": "text", "text": "你好"}, 47001),
        (of("markdown", content="a"), 40008),
        ({"touser": USER, "text": {"content": "a"}}, 40008),
        (of("image", media_id="M"), 40007),
        (of("image"), 40007),
        (of("image", media_id=7), 40007),
        (of("voice", media_id="M"), 40007),
        (of("video", media_id="M", title="t", description="d"), 40007),
        (of("music", title="t", musicurl="u", thumb_media_id="M"), 47001),
        (of("music", title="t", musicurl="u", hqmusicurl="u", thumb_media_id="M"), 40007),
        (of("news", articles=[ARTICLE]), 0),
        (of("news", articles=[ARTICLE, ARTICLE]), 45008),
        (of("news", articles=[]), 45008),
        (of("news", articles=[{"title": "t"}]), 47001),
        (of("msgmenu", head_content="满意吗?", list=ITEMS, tail_content="再见"), 0),
        (of("msgmenu", head_content="满意吗?", list=[]), 47001),
        (of("msgmenu", head_content="满意吗?"), 47001),
        (of("msgmenu", head_content=None, list=ITEMS), 47001),
        (of("msgmenu", list=[{"id": 101, "content": "满意"}]), 47001),
        (of("msgmenu", list=[{"id": "101"}]), 47001),
        (of("msgmenu", list=[ITEMS[0], ITEMS[0]]), 47001),
        (of("msgmenu", list=["满意"]), 47001),
        (of("miniprogrampage", title="t", appid="a", pagepath="p"), 47001),
        (of("miniprogrampage", title="t", appid="a", pagepath="p", thumb_media_id="M"), 40007),
    ],
)
def test_shapes(oa: Caller, wechat: WeChat, body: dict[str, Any], code: int) -> None:
    assert send(oa, body) == code
    assert len(wechat.sent) == (code == 0)
    assert wechat.left(USER) == (4 if code == 0 else 5), "a refused message costs nothing"


def test_escaped_chinese_is_refused(oa: Caller) -> None:
    assert oa.raw(SEND, json.dumps(text()).encode())["errcode"] == 40033
    assert send(oa, text("a\\u4f60")) == 0, "a backslash and a u are letters like others"
    assert oa.raw(SEND, json.dumps(text("a\x0b")).encode())["errcode"] == 0, "JSON has no other way for these"


@pytest.mark.parametrize("body", [b"", b"[]", b'{"touser"', "你".encode("gbk"), b'{"touser": NaN}'])
def test_what_is_no_json(oa: Caller, body: bytes) -> None:
    assert oa.raw(SEND, body)["errcode"] == 47001


def test_media_of_every_kind(oa: Caller, wechat: WeChat) -> None:
    ids = {
        kind: next(v for k, v in oa.upload(UPLOAD, kind, f"a.{end}", data).items() if k.endswith("media_id"))
        for kind, end, data in (
            ("image", "png", media.PNG), ("voice", "amr", media.AMR), ("video", "mp4", media.MP4),
            ("thumb", "jpg", media.JPEG),
        )
    }  # fmt: skip
    page = {"title": "t", "appid": "a", "pagepath": "p", "thumb_media_id": ids["thumb"]}
    music = {"title": "t", "description": "d", "musicurl": "u", "hqmusicurl": "u", "thumb_media_id": ids["thumb"]}
    assert send(oa, of("image", media_id=ids["image"])) == 0
    assert send(oa, of("voice", media_id=ids["voice"])) == 0
    assert send(oa, of("video", media_id=ids["video"], thumb_media_id=ids["thumb"], title="t", description="d")) == 0
    assert send(oa, of("music", **music)) == 0
    assert send(oa, of("miniprogrampage", **page)) == 0
    wechat.write(USER)
    assert send(oa, of("image", media_id=ids["voice"])) == 40007, "a voice is no image"
    wechat.expire_media(ids["image"])
    assert send(oa, of("image", media_id=ids["image"])) == 40007


def test_five_in_48_hours_after_a_message(oa: Caller, wechat: WeChat, clock: Clock) -> None:
    assert [send(oa, text()) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    wechat.write(USER)
    assert send(oa, text()) == 0
    clock.time += 48 * 3600 - 1
    renew(oa)
    assert send(oa, text()) == 0
    clock.time += 1
    told = oa.post(SEND, text())
    assert told["errcode"] == 45015
    assert told["errmsg"].startswith("response out of time limit or subscription is canceled rid: ")


@pytest.mark.parametrize("doing", ["click", "follow", "scan"])
def test_three_in_a_minute_after_anything_else(oa: Caller, wechat: WeChat, clock: Clock, doing: str) -> None:
    getattr(wechat, doing)("o-new")
    assert [send(oa, text(to="o-new")) for _ in range(4)] == [0, 0, 0, 45047]
    getattr(wechat, doing)("o-new")
    clock.time += 59
    assert send(oa, text(to="o-new")) == 0
    clock.time += 1
    assert send(oa, text(to="o-new")) == 45015


def test_windows_stand_side_by_side(oa: Caller, wechat: WeChat, clock: Clock) -> None:
    wechat.click(USER)
    assert wechat.left(USER) == 8
    assert send(oa, text()) == 0
    clock.time += 60
    assert wechat.left(USER) == 5, "the message came out of the shorter window"


def test_who_left_gets_nothing(oa: Caller, wechat: WeChat) -> None:
    wechat.unfollow(USER)
    assert send(oa, text()) == 45015
    wechat.follow(USER)
    assert send(oa, text()) == 0


def test_an_uncertified_account_may_not(oa: Caller, wechat: WeChat) -> None:
    wechat.certify(False)
    assert send(oa, text()) == 48001
    assert oa.post(TYPING, {"touser": USER, "command": "Typing"})["errcode"] == 48001


def test_typing(oa: Caller, wechat: WeChat, clock: Clock) -> None:
    def typing(command: str = "Typing") -> int:
        return int(oa.post(TYPING, {"touser": USER, "command": command})["errcode"])

    assert typing("typing") == 45072
    assert [typing(), typing()] == [0, 45081]
    clock.time += 15
    assert typing() == 0
    assert typing("CancelTyping") == 0
    assert typing() == 0
    assert send(oa, text()) == 0
    assert typing() == 0, "a message ends the state"
    clock.time += 16
    assert typing() == 45080
    assert oa.post(TYPING, {"touser": "o-nobody", "command": "Typing"})["errcode"] == 40003
    assert not [sent for sent in wechat.sent if sent.path == TYPING]


def test_template_messages(oa: Caller, wechat: WeChat) -> None:
    body = {"touser": USER, "template_id": "TEMPLATE-1", "data": {"first": {"value": "好了"}}, "client_msg_id": "c1"}
    told = oa.post(TEMPLATE, body)
    assert told["errcode"] == 0
    assert oa.post(TEMPLATE, body)["msgid"] == told["msgid"]
    assert len(wechat.sent) == 1, "the same client_msg_id is one message"
    assert oa.post(TEMPLATE, {**body, "template_id": "T"})["errcode"] == 40037
    assert oa.post(TEMPLATE, {**body, "data": {"first": "好了"}})["errcode"] == 47001
    wechat.unfollow(USER)
    assert oa.post(TEMPLATE, body)["errcode"] == 43004


def test_a_notice_needs_a_yes_each(oa: Caller, wechat: WeChat) -> None:
    body = {"touser": USER, "template_id": "TEMPLATE-1", "page": "u", "data": {"thing1": {"value": "好了"}}}
    assert oa.post(NOTICE, body)["errcode"] == 43101
    wechat.grant(USER, "TEMPLATE-1")
    assert [oa.post(NOTICE, body)["errcode"] for _ in range(2)] == [0, 43101]
