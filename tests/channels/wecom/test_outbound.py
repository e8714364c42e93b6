from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from bot.ports import Call
from channels.fit import fit
from channels.wecom.channel import WeComChannel
from channels.wecom.outbound import render
from tests.fakes import wecom_messages

YES, NO = QuickReply("满意", "rate:5"), QuickReply("不满意", "rate:1")
CAPABILITIES = WeComChannel.capabilities


def out(text: str = "您好", **changes: Any) -> Outgoing:
    return Outgoing("kefu-7", "wm1", text, **changes)


def bodies(calls: list[Call]) -> list[dict[str, Any]]:
    return [{k: v for k, v in call.params.items() if k != "touser"} for call in calls]


def test_a_text() -> None:
    [call] = render(out())
    assert (call.name, call.params) == ("message", {"touser": "wm1", "msgtype": "text", "text": {"content": "您好"}})
    assert render(out()) == [call]


def test_buttons_are_a_menu() -> None:
    [body] = bodies(render(out("满意吗？", quick_replies=(YES, NO))))
    items = [{"type": "click", "click": {"id": q.value, "content": q.label}} for q in (YES, NO)]
    assert body == {"msgtype": "msgmenu", "msgmenu": {"head_content": "满意吗？", "list": items}}


def test_a_long_text_goes_before_its_menu() -> None:
    first, second = bodies(render(out("好" * 600, quick_replies=(YES, NO))))
    assert first == {"msgtype": "text", "text": {"content": "好" * 600}}
    assert second["msgmenu"]["head_content"] == "请选择："


def test_buttons_no_menu_takes_are_numbered() -> None:
    [body] = bodies(render(out("哪个？", quick_replies=(YES, QuickReply("好" * 50, "x")))))
    assert body["text"]["content"].startswith("哪个？\n\n请回复序号或文字：\n1. 满意\n2. 好")


def test_files_go_by_media_id_and_others_as_words() -> None:
    image = Attachment(Kind.IMAGE, "a.png", "image/png", key="k1")
    sheet = Attachment(Kind.FILE, "b.xlsx", "application/x", key="k2")
    away = Attachment(Kind.FILE, "c.pdf", "application/pdf", url="https://x.example/c.pdf")
    text, first, second = bodies(render(out("请看", attachments=(image, sheet, away))))
    assert text["text"]["content"] == "请看\nc.pdf https://x.example/c.pdf"
    assert first == {"msgtype": "image", "image": {}, "upload": "k1"}
    assert second == {"msgtype": "file", "file": {}, "upload": "k2"}


def test_a_link_with_a_picture_is_a_card() -> None:
    link = Attachment(Kind.LINK, "订单", "text/html", url="https://x.example/1", key="thumb")
    [body] = bodies(render(out("", attachments=(link,))))
    assert (body["msgtype"], body["link"]["url"], body["upload"]) == ("link", "https://x.example/1", "thumb")
    bare = Attachment(Kind.LINK, "订单", "text/html", url="https://x.example/1")
    assert bodies(render(out("", attachments=(bare,))))[0]["text"]["content"] == "订单 https://x.example/1"


def test_the_welcome_code_is_for_the_first_text() -> None:
    [call] = render(out(handle="CODE"))
    assert (call.name, call.params["code"]) == ("welcome", "CODE")
    first, second = render(out("好" * 600, quick_replies=(YES, NO), handle="CODE"))
    assert (first.name, second.name) == ("welcome", "message")
    assert "code" not in second.params
    [later] = render(Outgoing("kefu-7#2", "wm1", "再见", handle="CODE"))
    assert later.name == "message"
    [image] = render(out("", attachments=(Attachment(Kind.IMAGE, "a", "image/png", key="k"),), handle="CODE"))
    assert image.name == "message"


def test_nothing_is_nothing() -> None:
    assert render(out("")) == []


buttons = st.builds(QuickReply, st.text(max_size=60), st.text(max_size=60))
files = st.builds(
    Attachment,
    st.sampled_from([Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.LINK, Kind.STICKER]),
    st.text(max_size=20),
    st.just("x/y"),
    url=st.none() | st.just("https://x.example"),
    key=st.none() | st.just("k"),
)


@given(
    st.text(max_size=40) | st.text("好a\n。", min_size=300, max_size=1200),
    st.lists(buttons, max_size=12).map(tuple),
    st.lists(files, max_size=3).map(tuple),
    st.sampled_from(["", "CODE"]),
)
def test_the_strict_fake_takes_whatever_fits(
    text: str, quick_replies: tuple[QuickReply, ...], attachments: tuple[Attachment, ...], handle: str
) -> None:
    told = out(text, quick_replies=quick_replies, attachments=attachments, handle=handle)
    keys: list[str] = []
    for piece in fit(told, CAPABILITIES):
        for call in render(piece):
            keys.append(call.key)
            body = {k: v for k, v in call.params.items() if k not in ("touser", "code")}
            kind = body["msgtype"]
            if kind in ("image", "voice", "video", "file", "link"):
                name = "thumb_media_id" if kind == "link" else "media_id"
                assert body.pop("upload") == "k"
                body = {**body, kind: {**body[kind], name: "M"}}
            if kind == "text" and not body["text"]["content"].strip():
                continue
            wecom_messages.check({"msgid": "ab12" + call.key, **body}, set(), lambda *_: None)
    assert len(set(keys)) == len(keys)
