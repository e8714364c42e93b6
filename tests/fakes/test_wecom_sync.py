"""Tokens, and what sync_msg reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import media
from tests.fakes.conftest import Caller, Clock, renew_kf
from tests.fakes.wecom import ACCOUNTS, CORPID, CUSTOMERS, DOWNLOAD, OPEN_KFID, SECRET, SYNC, TOKEN, UPLOAD, WeCom

LI = "wmLi"


def sync(kf: Caller, wecom: WeCom, **more: Any) -> dict[str, Any]:
    return kf.post(SYNC, {"open_kfid": OPEN_KFID, "token": wecom.callback()["Token"], **more})


def test_gettoken_gives_the_same_one_until_it_expires(kf: Caller, clock: Clock) -> None:
    told = kf.get(TOKEN, corpid=CORPID, corpsecret=SECRET)
    assert told == {"errcode": 0, "errmsg": "ok", "access_token": kf.token, "expires_in": 7200}
    clock.time += 7199
    assert kf.get(TOKEN, corpid=CORPID, corpsecret=SECRET)["access_token"] == kf.token
    clock.time += 1
    assert kf.post(ACCOUNTS, {})["errcode"] == 42001
    assert kf.get(TOKEN, corpid=CORPID, corpsecret=SECRET)["access_token"] != kf.token


def test_bad_credentials_and_tokens(kf: Caller, wecom: WeCom) -> None:
    assert kf.get(TOKEN, corpid="ww0", corpsecret=SECRET)["errcode"] == 40013
    assert kf.get(TOKEN, corpid=CORPID, corpsecret="guess")["errcode"] == 40001
    assert kf.get(TOKEN, corpid=CORPID)["errcode"] == 41004
    assert kf.post(ACCOUNTS, {}, access_token="")["errcode"] == 41001
    assert kf.post(ACCOUNTS, {}, access_token="guess")["errcode"] == 40014
    wecom.block_ip("198.51.100.7")
    told = kf.post(ACCOUNTS, {})
    assert told["errcode"] == 60020
    assert "from ip: 198.51.100.7" in told["errmsg"]
    wecom.block_ip("")
    wecom.expire_tokens()
    assert kf.post(ACCOUNTS, {})["errcode"] == 42001
    renew_kf(kf)
    assert kf.post(ACCOUNTS, {})["errcode"] == 0
    wecom.revoke_tokens()
    assert kf.post(ACCOUNTS, {})["errcode"] == 40014


def test_pages_and_cursors(kf: Caller, wecom: WeCom) -> None:
    ids = [wecom.say(LI, f"{n}") for n in range(5)]
    first = sync(kf, wecom, limit=2)
    assert [item["msgid"] for item in first["msg_list"]] == ids[:2]
    assert first["has_more"] == 1
    assert len(first["next_cursor"]) <= 64
    wecom.empty_pages(1)
    empty = sync(kf, wecom, limit=2, cursor=first["next_cursor"])
    assert (empty["msg_list"], empty["has_more"]) == ([], 1)
    rest = sync(kf, wecom, cursor=empty["next_cursor"])
    assert [item["text"]["content"] for item in rest["msg_list"]] == ["2", "3", "4"]
    assert rest["has_more"] == 0
    assert sync(kf, wecom, cursor=rest["next_cursor"])["msg_list"] == []
    assert len(sync(kf, wecom)["msg_list"]) == 5, "no cursor: from the beginning again"


def test_a_message_has_its_documented_fields(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    wecom.tap(LI, "101", "满意")
    (item,) = sync(kf, wecom)["msg_list"]
    assert item == {
        "msgid": item["msgid"], "open_kfid": OPEN_KFID, "external_userid": LI, "send_time": int(clock.time),
        "origin": 3, "msgtype": "text", "text": {"content": "满意", "menu_id": "101"},
    }  # fmt: skip


def test_every_kind_of_item(kf: Caller, wecom: WeCom) -> None:
    media_id = wecom.user_media("image", media.JPEG, "a.jpg")
    wecom.give(LI, "image", {"media_id": media_id})
    msgid = wecom.say(LI, "哦")
    wecom.recall(LI, msgid)
    wecom.reject(LI)
    wecom.servicer_says("zhangsan", LI, "您好")
    wecom.set_servicer("zhangsan", False)
    wecom.enter("wmNew", scene="web")
    wecom.set_state(LI, 2)
    wecom.servicer_takes("zhangsan", LI)
    wecom.servicer_ends(LI)
    items = sync(kf, wecom)["msg_list"]
    told = [item["event"]["event_type"] if item["msgtype"] == "event" else item["msgtype"] for item in items]
    assert told == [
        "image", "text", "user_recall_msg", "reject_customer_msg_switch_change", "text", "servicer_status_change",
        "enter_session", "session_status_change", "session_status_change",
    ]  # fmt: skip
    assert [item["origin"] for item in items] == [3, 3, 4, 4, 5, 4, 4, 4, 4]
    assert [item["event"].get("change_type") for item in items[-2:]] == [1, 3]
    assert kf.download(DOWNLOAD, media_id).content == media.JPEG


def test_only_three_days_are_kept(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    wecom.say(LI, "old")
    clock.time += 86400
    wecom.say(LI, "new")
    clock.time += 2 * 86400
    renew_kf(kf)
    assert [item["text"]["content"] for item in sync(kf, wecom)["msg_list"]] == ["new"]


def test_a_callbacks_token_holds_ten_minutes(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    token = wecom.callback()["Token"]
    clock.time += 599
    assert sync(kf, wecom, token=token)["errcode"] == 0
    clock.time += 1
    assert sync(kf, wecom, token=token)["errcode"] == 95007
    assert sync(kf, wecom, token="guess")["errcode"] == 95007


def test_without_a_token_the_calls_are_few(kf: Caller, clock: Clock) -> None:
    asked = {"open_kfid": OPEN_KFID}
    assert [kf.post(SYNC, asked)["errcode"] for _ in range(11)] == [0] * 10 + [45009]
    clock.time += 60
    assert kf.post(SYNC, asked)["errcode"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"open_kfid": "wk0"}, 95000),
        ({"open_kfid": None}, 95000),
        ({"cursor": "guess"}, 40058),
        ({"cursor": 1}, 40058),
        ({"limit": 0}, 40058),
        ({"limit": 1001}, 40058),
        ({"limit": "10"}, 40058),
        ({"voice_format": 2}, 40058),
        ({"colour": "red"}, 40058),
    ],
)
def test_what_sync_refuses(kf: Caller, wecom: WeCom, change: dict[str, Any], code: int) -> None:
    assert sync(kf, wecom, **change)["errcode"] == code


def test_a_cursor_belongs_to_its_account(clock: Clock) -> None:
    with WeCom(clock=clock, accounts={OPEN_KFID: "售后", "wk2": "售前"}) as wecom, Caller(wecom) as kf:
        renew_kf(kf)
        wecom.say(LI, "a")
        wecom.say(LI, "b", "wk2")
        cursor = sync(kf, wecom)["next_cursor"]
        assert sync(kf, wecom, open_kfid="wk2", cursor=cursor)["errcode"] == 40058
        assert [item["text"]["content"] for item in sync(kf, wecom, open_kfid="wk2")["msg_list"]] == ["b"]


def test_customers_and_accounts(kf: Caller, wecom: WeCom) -> None:
    wecom.say(LI, "在吗")
    told = kf.post(CUSTOMERS, {"external_userid_list": [LI, "wm0"], "need_enter_session_context": 0})
    assert told["customer_list"][0]["nickname"] == "张三"
    assert told["invalid_external_userid"] == ["wm0"]
    assert kf.post(CUSTOMERS, {"external_userid_list": ["a"] * 101})["errcode"] == 40058
    assert kf.post(CUSTOMERS, {"external_userid_list": []})["errcode"] == 40058
    assert kf.post(CUSTOMERS, {})["errcode"] == 40058
    assert [a["open_kfid"] for a in kf.post(ACCOUNTS, {"offset": 0, "limit": 100})["account_list"]] == [OPEN_KFID]
    assert kf.post(ACCOUNTS, {"offset": 1})["account_list"] == []
    assert kf.post(ACCOUNTS, {"limit": 101})["errcode"] == 40058


@pytest.mark.parametrize(
    ("kind", "name", "data", "code"),
    [
        ("image", "a.jpg", media.JPEG, 0),
        ("image", "a.gif", media.GIF, 40004),
        ("voice", "a.amr", media.AMR, 0),
        ("voice", "a.mp3", media.MP3, 40004),
        ("video", "a.mp4", media.MP4, 0),
        ("file", "报价.pdf", b"%PDF-1.4", 0),
        ("file", "a.eml", b"From: a@b\n\n\r\n", 0),
        ("file", "a.bin", b"", 40006),
        ("voice", "a.amr", media.AMR + bytes(2 * media.MB), 40006),
        ("thumb", "a.jpg", media.JPEG, 40005),
    ],
)
def test_uploads(kf: Caller, kind: str, name: str, data: bytes, code: int) -> None:
    told = kf.upload(UPLOAD, kind, name, data)
    assert told["errcode"] == code
    if not code:
        assert isinstance(told["created_at"], str)
        assert kf.download(DOWNLOAD, told["media_id"]).content == data
