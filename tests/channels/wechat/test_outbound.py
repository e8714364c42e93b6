"""What we say, call by call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.messages import Attachment, Kind, Outgoing, QuickReply
from channels.wechat.options import Notice
from channels.wechat.outbound import calls, notice, passive


def bodies(outgoing: Outgoing) -> list[dict[str, Any]]:
    made = calls(outgoing)
    assert all(call.name == "custom" and call.params["touser"] == "o1" for call in made)
    json.dumps([dict(call.params) for call in made])
    return [{k: v for k, v in call.params.items() if k != "touser"} for call in made]


def test_a_text() -> None:
    (call,) = calls(Outgoing("k", "o1", "你好"))
    assert call.params == {"touser": "o1", "msgtype": "text", "text": {"content": "你好"}}
    assert call.key == "k"


def test_buttons_are_a_menu() -> None:
    buttons = (QuickReply("满意", "rate:5"), QuickReply("不满意", "rate:1"))
    assert bodies(Outgoing("k", "o1", "您满意吗？", quick_replies=buttons)) == [
        {
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": "您满意吗？",
                "list": [{"id": "rate:5", "content": "满意"}, {"id": "rate:1", "content": "不满意"}],
                "tail_content": "",
            },
        }
    ]


def test_values_no_menu_can_carry_leave_it_to_the_label() -> None:
    values = ["", "~x", "长" * 43, "a" * 128, "same", "same"]
    (body,) = bodies(Outgoing("k", "o1", "?", quick_replies=tuple(QuickReply(f"L{v[:2]}", v) for v in values)))
    assert [item["id"] for item in body["msgmenu"]["list"]] == ["~1", "~2", "~3", "a" * 128, "same", "~6"]


def file(kind: Kind, **more: Any) -> Attachment:
    return Attachment(kind, "名字", "x/y", **more)


@pytest.mark.parametrize(
    ("attachment", "body"),
    [
        (file(Kind.IMAGE, key="f1"), {"msgtype": "image", "image": {"media_id": {"file": "f1", "as": "image"}}}),
        (file(Kind.VOICE, key="f1"), {"msgtype": "voice", "voice": {"media_id": {"file": "f1", "as": "voice"}}}),
        (
            file(Kind.VIDEO, key="f1"),
            {
                "msgtype": "video",
                "video": {
                    "media_id": {"file": "f1", "as": "video"},
                    "thumb_media_id": {"file": "", "as": "thumb"},
                    "title": "名字",
                    "description": "",
                },
            },
        ),
        (
            file(Kind.LINK, url="https://a.example"),
            {
                "msgtype": "news",
                "news": {"articles": [{"title": "名字", "description": "", "url": "https://a.example", "picurl": ""}]},
            },
        ),
        (
            file(Kind.FILE, url="https://a.example/b.pdf"),
            {"msgtype": "text", "text": {"content": "名字\nhttps://a.example/b.pdf"}},
        ),
        (file(Kind.IMAGE), {"msgtype": "text", "text": {"content": "名字"}}),
    ],
    ids=["image", "voice", "video", "link", "file", "image without a file"],
)
def test_attachments(attachment: Attachment, body: dict[str, Any]) -> None:
    assert bodies(Outgoing("k", "o1", "", attachments=(attachment,))) == [body]


def test_several_calls_have_keys_of_their_own_and_the_words_come_last() -> None:
    made = calls(Outgoing("k", "o1", "看图", attachments=(file(Kind.IMAGE, key="a"), file(Kind.IMAGE, key="b"))))
    assert [(call.key, call.params["msgtype"]) for call in made] == [("k/1", "image"), ("k/2", "image"), ("k", "text")]


def test_the_webhook_answer_goes_back_where_the_push_came_from() -> None:
    told = passive(Outgoing("k", "o1", "好"), {"FromUserName": "o1", "ToUserName": "gh_1"}, 12)
    assert told == {
        "ToUserName": "o1", "FromUserName": "gh_1", "CreateTime": 12, "MsgType": "text", "Content": "好"
    }  # fmt: skip


def test_a_template_notice() -> None:
    told = Notice("T", "template", "https://a.example", {"thing1": "回复：{text}", "time2": "今天"})
    call = notice(Outgoing("k", "o1", "您的\n订单" + "很" * 30), told)
    assert (call.name, call.key) == ("template", "k")
    assert call.params["data"] == {"thing1": {"value": "回复：您的 订单" + "很" * 11 + "…"}, "time2": {"value": "今天"}}
    assert call.params["url"] == "https://a.example"
    assert call.params["client_msg_id"] == notice(Outgoing("k", "o1", ""), told).params["client_msg_id"]


def test_a_subscription_notice() -> None:
    call = notice(Outgoing("k", "o1", ""), Notice("T", "subscribe", "https://a.example", {"thing1": "{text}"}))
    assert call.name == "subscribe"
    assert call.params == {
        "touser": "o1", "template_id": "T", "data": {"thing1": {"value": "…"}}, "page": "https://a.example"
    }  # fmt: skip
