"""Every message and event we know of, as WeChat writes it, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PayloadError
from bot.messages import Attachment, Forget, Incoming, Kind, Window
from channels.wechat.codec import read
from channels.wechat.inbound import FOLLOW, LEFT, MENU, MESSAGE, SCAN, messages

PAYLOADS = Path(__file__).parent / "payloads"
USER = "oQ8sX5kfR2mVw7nTb3LpYc9dHe0A"
AT = datetime(2025, 11, 25, 12, tzinfo=UTC)
ID = "24837261530019347"


def said(text: str, kind: Kind = Kind.TEXT, *, id: str = ID, **more: Any) -> Incoming:  # noqa: A002
    basis = Incoming(f"m:{USER}:{id}", USER, text, kind, sent_at=AT, window=MESSAGE)
    return replace(basis, **more)


def did(name: str, value: str, text: str, key: str, window: Window | None = None, **more: Any) -> Incoming:
    basis = Incoming(f"e:{USER}:1764072000:{name}:{key}", USER, text, Kind.EVENT, value=value, sent_at=AT)
    return replace(basis, window=window, **more)


def media(kind: Kind, name: str, media_type: str, source: str, url: str | None = None) -> tuple[Attachment, ...]:
    return (Attachment(kind, name, media_type, source=source, url=url),)


WANTED: dict[str, Incoming | None] = {
    "text.xml": said("  你好，我的订单还没到😀\n单号 <b>&12</b> "),
    "text.json": said(" 你好 ", id="49d72d67b16d115e7935ac386f2f0fa41535298877_1555684067"),
    "text_from_article.xml": said("这个怎么卖"),
    "text_menu.xml": said("满意", value="rate:5", window=MENU),
    "text_menu.json": said("满意", value="101", window=MENU),
    "text_menu_unnamed.xml": said("退货政策", window=MENU),
    "text_empty.xml": said(""),
    "image.xml": said(
        "",
        Kind.IMAGE,
        attachments=media(Kind.IMAGE, "image.jpg", "image/jpeg", "Xk3f_media", "http://mmbiz.qpic.cn/mmbiz_jpg/abc/0"),
    ),
    "voice.xml": said("", Kind.VOICE, attachments=media(Kind.VOICE, "voice.amr", "audio/amr", "Vk3f_media")),
    "voice_heard.xml": said(
        "运费多少。", Kind.VOICE, attachments=media(Kind.VOICE, "voice.speex", "audio/speex", "Vk3f_media")
    ),
    "video.xml": said("", Kind.VIDEO, attachments=media(Kind.VIDEO, "video.mp4", "video/mp4", "M_media")),
    "shortvideo.xml": said("", Kind.VIDEO, attachments=media(Kind.VIDEO, "video.mp4", "video/mp4", "M_media")),
    "location.xml": said("[位置] 广州市海珠区客村艺苑路 12 号（23.134521, 113.358803）", Kind.LOCATION),
    "location.json": said("[位置] 客村（23.134521, 113.358803）", Kind.LOCATION),
    "link.xml": said("双十一活动\n全场包邮\nhttps://shop.example/11?a=1&b=2", Kind.LINK),
    "miniprogrampage.xml": said("", Kind.OTHER),
    "file.xml": said("", Kind.OTHER),
    "unknown.xml": said("", Kind.OTHER),
    "subscribe.xml": did("subscribe", "follow", "关注了公众号", "", FOLLOW),
    "subscribe_scene.xml": did("subscribe", "follow", "扫描二维码「store-7」关注了公众号", "qrscene_store-7", FOLLOW),
    "unsubscribe.xml": did("unsubscribe", "unfollow", "取消关注了公众号", "", LEFT, forget=Forget.PROFILE),
    "scan.xml": did("scan", "scan", "扫描了二维码「store-7」", "store-7", SCAN),
    "position.xml": None,
    "click.xml": did("click", "MENU_ORDERS", "点击了菜单「MENU_ORDERS」", "MENU_ORDERS", MENU),
    "view.xml": did("view", "view", "打开了菜单链接 https://shop.example/", "https://shop.example/"),
    "view_miniprogram.xml": did("view_miniprogram", "view_miniprogram", "打开了菜单小程序 pages/index", "pages/index"),
    "scancode_waitmsg.xml": did(
        "scancode_waitmsg", "SCAN_CODE", "从菜单「SCAN_CODE」扫码：EAN_13,6901234567892", "SCAN_CODE", MENU
    ),
    "pic_weixin.xml": did("pic_weixin", "SEND_PICS", "从菜单「SEND_PICS」发送了 2 张图片", "SEND_PICS"),
    "location_select.xml": did("location_select", "PLACE", "选择了位置：[位置] 客村（23.1, 113.3）", "PLACE"),
    "template_blocked.xml": did("templatesendjobfinish", "notice_result", "通知未送达：failed:user block", "200163836"),
    "notice_popup.xml": did("subscribe_msg_popup_event", "notice_accepted", "同意接收订阅通知", ""),
    "notice_change.json": did("subscribe_msg_change_event", "notice_rejected", "拒绝接收订阅通知", ""),
    "notice_sent.xml": did("subscribe_msg_sent_event", "notice_result", "通知已送达", "1700827132819554304"),
    "kf_switch_session.xml": did("kf_switch_session", "desk_switch", "微信客服 test1@test 把会话转给了 test2@test", ""),
    "mass_finished.xml": None,
    "authorization_revoked.xml": did(
        "user_authorization_revoke", "profile_revoked", "撤回了微信资料的授权", "", forget=Forget.PROFILE
    ),
    "unknown_event.xml": did("hologram_opened", "hologram_opened", "公众号事件：hologram_opened", "H1"),
}


def load(name: str) -> list[Incoming]:
    return messages(read((PAYLOADS / name).read_bytes()))


def test_every_payload_has_its_result() -> None:
    assert {path.name for path in PAYLOADS.iterdir()} == set(WANTED)


@pytest.mark.parametrize("name", WANTED)
def test_payloads(name: str) -> None:
    wanted = WANTED[name]
    assert [replace(got, extra={}) for got in load(name)] == ([] if wanted is None else [wanted])


def test_windows_are_those_of_the_documentation() -> None:
    told = {w.by: (w.lasts.total_seconds(), w.granted) for w in (MESSAGE, MENU, FOLLOW, SCAN, LEFT)}
    assert told == {"message": (172800, 5), "menu": (60, 3), "follow": (60, 3), "scan": (60, 3), "unfollow": (0, 0)}


def test_extra_keeps_what_is_nowhere_else() -> None:
    assert load("text.xml")[0].extra == {}
    assert load("text_from_article.xml")[0].extra == {"MsgDataId": "2247483661_1", "Idx": "1"}
    assert load("voice.xml")[0].extra["MediaId16K"] == "V16_media"
    assert load("scancode_waitmsg.xml")[0].extra["ScanCodeInfo"] == {
        "ScanType": "barcode", "ScanResult": "EAN_13,6901234567892"
    }  # fmt: skip
    pictures = load("pic_weixin.xml")[0].extra["SendPicsInfo"]
    assert pictures["PicList"]["item"] == [{"PicMd5Sum": "5a75"}, {"PicMd5Sum": "6b86"}]
    raw = load("file.xml")[0].extra
    assert (raw["Title"], raw["MsgType"], raw["MsgId"]) == ("发票.pdf", "file", ID)


BASIS = {"FromUserName": "o1", "ToUserName": "gh", "CreateTime": "1764072000", "MsgType": "text", "MsgId": "7"}


def one(**change: Any) -> Incoming:
    (got,) = messages({**BASIS, **change})
    return got


def test_everything_may_be_forgotten() -> None:
    left = {**BASIS, "MsgType": "event", "Event": "unsubscribe"}
    assert messages(left, on_unfollow=Forget.EVERYTHING)[0].forget is Forget.EVERYTHING


@pytest.mark.parametrize(
    "at", ["-5", "", "x", "1764072000000", "99999999999999999999", "0", "4102444800", None, "１２"]
)
def test_times_that_are_none(at: Any) -> None:
    assert one(CreateTime=at).sent_at is None


def test_ids_of_messages() -> None:
    assert one(MsgId=2**62).external_id == f"m:o1:{2**62}"
    assert one(FromUserName="o2").external_id != one().external_id
    nameless = one(MsgId="", Content="a")
    assert nameless.external_id == one(MsgId="", Content="a", Encrypt="sealed anew").external_id
    assert nameless.external_id != one(MsgId="", Content="b").external_id


def test_ids_of_events() -> None:
    event = {"MsgType": "event", "Event": "CLICK", "EventKey": "A"}
    first = one(**event)
    assert first.external_id == "e:o1:1764072000:click:A" == one(**event).external_id
    others = [{"Event": "VIEW"}, {"EventKey": "B"}, {"CreateTime": "1764072001"}, {"FromUserName": "o2"}]
    assert len({first.external_id, *(one(**{**event, **other}).external_id for other in others)}) == 5


@pytest.mark.parametrize("missing", ["FromUserName", "MsgType"])
def test_a_push_from_nobody_makes_no_sense(missing: str) -> None:
    nothings: tuple[Any, ...] = ("", None, {}, ["a"], True)
    for nothing in nothings:
        with pytest.raises(PayloadError):
            messages({**BASIS, missing: nothing})


def test_odd_openids_stay_as_they_are() -> None:
    assert one(FromUserName=" o:1/#😀 ").sender == " o:1/#😀 "


def test_only_a_scene_is_a_qr_code() -> None:
    assert one(MsgType="event", Event="subscribe", EventKey="last_trade_no_42").text == "关注了公众号"


def test_an_event_without_a_name() -> None:
    assert one(MsgType="event").value is None
    assert one(MsgType="EVENT", Event=" Subscribe ").value == "follow"


NAMES = st.sampled_from(
    ["FromUserName", "CreateTime", "MsgId", "Event", "EventKey", "SendPicsInfo", "SubscribeMsgPopupEvent", "Content"]
)
TYPES = ["text", "image", "voice", "location", "link", "event", "new"]
EVENTS = ["subscribe", "SCAN", "pic_weixin", "location_select", "subscribe_msg_popup_event", "subscribe_msg_sent_event"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["List", "item", "Count"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(NAMES, VALUES), st.sampled_from(TYPES), st.sampled_from(EVENTS))
def test_no_fields_crash_the_reader(fields: dict[str, Any], kind: str, event: str) -> None:
    try:
        told = messages({"FromUserName": "o1", "MsgType": kind, "Event": event, **fields})
    except PayloadError:
        assert not isinstance(fields["FromUserName"], str) or not fields["FromUserName"]
        return
    assert all(got.sender and got.external_id.startswith(("m:", "e:")) for got in told)
