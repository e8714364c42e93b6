from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.keepable import keepable
from bot.messages import Attachment, Delivery, Incoming, Kind, Recall, Report, Window
from channels.wecom import inbound, msgid
from channels.wecom.events import FAILED

ACCOUNT, TAG = "wkAJ", "ab12"
WINDOW = Window("message", timedelta(hours=48), 5)


def entry(kind: str, content: Any = None, **changes: Any) -> dict[str, Any]:
    told = {"msgid": "m1", "open_kfid": ACCOUNT, "external_userid": "wm1", "send_time": 1615478585, "origin": 3}
    return {**told, "msgtype": kind, **({kind: content} if content is not None else {}), **changes}


def event(name: str, **fields: Any) -> dict[str, Any]:
    inside = {"event_type": name, "open_kfid": ACCOUNT, "external_userid": "wm1", **fields}
    return {"msgid": "e1", "send_time": 1615478585, "origin": 4, "msgtype": "event", "event": inside}


def read(*entries: Any, **options: Any) -> list[Any]:
    return list(inbound.read(list(entries), account=ACCOUNT, tag=TAG, **options))


def test_a_text() -> None:
    raw = entry("text", {"content": "  hi \n"})
    assert read(raw) == [
        Incoming(
            f"{ACCOUNT}:m1",
            "wm1",
            "  hi \n",
            sent_at=datetime(2021, 3, 11, 16, 3, 5, tzinfo=UTC),
            window=WINDOW,
            extra={"wecom": raw},
        )
    ]


def test_a_tapped_button_has_its_value() -> None:
    [told] = read(entry("text", {"content": "满意", "menu_id": "rate:5"}))
    assert (told.text, told.value, told.window) == ("满意", "rate:5", WINDOW)


@pytest.mark.parametrize("kind", ["image", "voice", "video", "file"])
def test_files_are_fetched_by_their_media_id(kind: str) -> None:
    [told] = read(entry(kind, {"media_id": "M-1"}))
    assert (told.kind, told.text) == (Kind(kind), "")
    [attachment] = told.attachments
    assert isinstance(attachment, Attachment)
    assert (attachment.kind, attachment.source, attachment.key) == (Kind(kind), "M-1", None)


@pytest.mark.parametrize(
    ("kind", "content", "known", "text"),
    [
        (
            "location",
            {"latitude": 23.1, "longitude": 113.3, "name": "广州塔", "address": "阅江西路"},
            Kind.LOCATION,
            "[位置] 广州塔 阅江西路 (23.1, 113.3)",
        ),
        (
            "link",
            {"title": "标题", "desc": "描述", "url": "https://x.example"},
            Kind.LINK,
            "[链接] 标题\n描述\nhttps://x.example",
        ),
        ("business_card", {"userid": "zhangsan"}, Kind.OTHER, "[名片] zhangsan"),
        ("miniprogram", {"title": "商城", "appid": "wx1", "pagepath": "p"}, Kind.OTHER, "[小程序] 商城"),
        (
            "msgmenu",
            {
                "head_content": "请选",
                "list": [{"type": "click", "click": {"id": "1", "content": "甲"}}],
                "tail_content": "谢谢",
            },
            Kind.OTHER,
            "[菜单] 请选\n- 甲\n谢谢",
        ),
        ("channels_shop_product", {"title": "鞋", "sales_price": "100"}, Kind.OTHER, "[视频号商品] 鞋 100"),
        ("channels_shop_order", {"order_id": "37", "state": "待付款"}, Kind.OTHER, "[视频号订单] 37 待付款"),
        ("channels", {"nickname": "店", "title": "直播"}, Kind.OTHER, "[视频号] 店 直播"),
        ("note", {}, Kind.OTHER, "[笔记]"),
        ("hologram", {"x": 1}, Kind.OTHER, inbound.UNREADABLE),
        (
            "merged_msg",
            {
                "title": "张三的聊天记录",
                "item": [
                    {"sender_name": "张三", "msgtype": "text", "msg_content": '{"text": {"content": "坏了"}}'},
                    {"sender_name": "李四", "msgtype": "image", "msg_content": "no json"},
                ],
            },
            Kind.OTHER,
            "[聊天记录] 张三的聊天记录\n张三: 坏了\n李四: [image]",
        ),
    ],
)
def test_the_rest_is_readable(kind: str, content: Any, known: Kind, text: str) -> None:
    raw = entry(kind, content)
    [told] = read(raw)
    assert (told.kind, told.text, told.window, told.extra) == (known, text, WINDOW, {"wecom": raw})


def test_what_an_agent_wrote_in_wecom_s_own_client_is_for_the_desk() -> None:
    [told] = read(entry("text", {"content": "我来处理"}, origin=5, servicer_userid="zhangsan"))
    assert (told.kind, told.text, told.sender) == (Kind.EVENT, "企业微信坐席 zhangsan：我来处理", "wm1")
    assert (told.window, told.value) == (None, None)


def test_who_enters_may_be_greeted_for_twenty_seconds() -> None:
    [told] = read(event("enter_session", scene="web", welcome_code="CODE"))
    assert (told.kind, told.value, told.handle) == (Kind.EVENT, "enter", "CODE")
    assert told.window == Window("enter", timedelta(seconds=20), 1)
    assert told.external_id == f"{ACCOUNT}:e1"
    assert told.sent_at is not None


def test_without_a_code_there_is_nothing_to_greet_with() -> None:
    [told] = read(event("enter_session", scene="web"))
    assert (told.value, told.handle, told.window) == ("enter", "", None)
    [told] = read(event("enter_session", welcome_code="CODE"), welcome=False)
    assert (told.handle, told.window) == ("", None)


@pytest.mark.parametrize("kind", sorted(FAILED))
def test_kf_05_a_failed_message_is_reported_with_its_reason(kind: int) -> None:
    sealed = TAG + msgid.part("kefu-12#2", 1, "x")
    [told] = read(event("msg_send_fail", fail_msgid=sealed, fail_type=kind))
    assert told == Report("kefu-12#2", Delivery.FAILED, FAILED[kind])


def test_kf_05_what_others_sent_and_reasons_to_come() -> None:
    assert read(event("msg_send_fail", fail_msgid="msg_of_somebody_else", fail_type=6)) == []
    [told] = read(event("msg_send_fail", fail_msgid=TAG + msgid.part("kefu-1", 1, "x"), fail_type=99))
    assert "99" in told.error
    assert "5 条" in FAILED[6]


def test_what_is_taken_back() -> None:
    assert read(event("user_recall_msg", recall_msgid="m1")) == [Recall(f"{ACCOUNT}:m1")]


REFUSED = "企业微信坐席 li 拒收该客户的消息"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (event("session_status_change", change_type=1, new_servicer_userid="li"), "企业微信坐席 li 从接待池接入了会话"),
        (
            event("session_status_change", change_type=2, old_servicer_userid="li", new_servicer_userid="wu"),
            "会话由企业微信坐席 li 转给 wu",
        ),
        (event("session_status_change", change_type=3, old_servicer_userid="li"), "企业微信坐席 li 结束了会话"),
        (event("something_new", x=1), "微信客服事件：something_new"),
        (event("servicer_recall_msg", servicer_userid="li"), "企业微信坐席 li 撤回了一条消息"),
        (
            event("reject_customer_msg_switch_change", servicer_userid="li", reject_switch=1),
            "企业微信坐席 li 拒收该客户的消息",
        ),
    ],
)
def test_what_happens_in_wecom_is_told_to_the_desk(raw: dict[str, Any], text: str) -> None:
    [told] = read(raw)
    assert (told.kind, told.text, told.value, told.window) == (Kind.EVENT, text, None, None)


@pytest.mark.parametrize(
    "raw",
    [
        event("servicer_status_change", external_userid="", status=1),
        event("servicer_status_change", status=1),
        event("session_status_change", change_type=9),
        event("new", external_userid=""),
        event(""),
    ],
)
def test_noise_is_not(raw: dict[str, Any]) -> None:
    assert read(raw) == []


def test_names_are_put_in() -> None:
    heard = read(entry("text", {"content": "a"}), entry("text", {"content": "b"}, external_userid="wm2"), "x")
    assert [h.sender_name for h in inbound.named(heard, {"wm1": "张三"}) if isinstance(h, Incoming)] == ["张三", ""]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["text", "event", *inbound.MEDIA, *inbound.OTHERS, "new"]
NAMES = ["content", "menu_id", "media_id", "title", "list", "item", "type", "event_type", "fail_msgid", "msg_content"]
EVENTS = ["enter_session", "msg_send_fail", "user_recall_msg", "session_status_change", "servicer_recall_msg"]
bodies = st.dictionaries(st.sampled_from([*NAMES, "external_userid", "welcome_code"]), json_values, max_size=4)


@st.composite
def entries(draw: st.DrawFn) -> Any:
    """Entries that are nearly right, where the trouble is."""
    kind = draw(st.sampled_from(KINDS) | json_values)
    told = {
        "msgid": draw(st.text(max_size=5) | json_values),
        "external_userid": draw(st.just("wm1") | json_values),
        "origin": draw(st.sampled_from([3, 4, 5]) | json_values),
        "send_time": draw(st.integers() | json_values),
        "msgtype": kind,
        str(kind): draw(bodies | json_values),
    }
    if kind == "event":
        inside = draw(bodies)
        told["event"] = {**inside, "event_type": draw(st.sampled_from(EVENTS) | json_values)}
    for name in draw(st.lists(st.sampled_from(list(told)), max_size=2)):
        told.pop(name, None)
    return told


@given(json_values | st.lists(entries() | json_values, max_size=4))
def test_no_page_stops_the_next_one(page: Any) -> None:
    heard = inbound.read(page, account=ACCOUNT, tag=TAG)
    for one in heard:
        if isinstance(one, Incoming):
            assert one.sender
            assert one.external_id.startswith(f"{ACCOUNT}:")
            json.dumps(dict(keepable(one).extra))


@given(entries())
def test_what_a_customer_sent_is_never_lost(raw: Any) -> None:
    sender = raw.get("external_userid")
    if raw.get("origin") == 3 and isinstance(sender, str) and sender and raw.get("msgtype") != "event":
        assert len(inbound.read([raw], account=ACCOUNT)) == 1


def test_a_poisoned_entry_is_kept_raw(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(inbound, "_said", broken)
    [told] = read(entry("text", {"content": "您好"}))
    assert (told.kind, told.external_id, told.window) == (Kind.OTHER, f"{ACCOUNT}:m1", WINDOW)
    assert json.loads(told.extra["raw"])["text"] == {"content": "您好"}


def test_depth_is_no_trouble() -> None:
    content: Any = {"text": {"content": "x"}}
    for _ in range(6):
        content = {"merged_msg": {"item": [{"msgtype": "merged_msg", "msg_content": json.dumps(content)}]}}
    assert len(read(entry("merged_msg", content["merged_msg"]))) == 1
