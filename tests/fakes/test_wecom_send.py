"""What send_msg and send_msg_on_event take, and the states a session goes through."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import media
from tests.fakes.conftest import Caller, Clock, renew_kf
from tests.fakes.test_wecom_sync import sync
from tests.fakes.wecom import (
    BAD_CODE,
    CHANGE_STATE,
    OPEN_KFID,
    REPEATED_MSGID,
    SEND,
    SEND_ON_EVENT,
    STATE,
    UPLOAD,
    WeCom,
)

LI = "wmLi"
CLICK = {"type": "click", "click": {"id": "101", "content": "满意"}}


@pytest.fixture(autouse=True)
def somebody(wecom: WeCom) -> None:
    wecom.say(LI, "在吗")


def body(kind: str = "text", **own: Any) -> dict[str, Any]:
    return {"touser": LI, "open_kfid": OPEN_KFID, "msgtype": kind, kind: own or {"content": "您好"}}


def send(kf: Caller, told: dict[str, Any]) -> int:
    return int(kf.post(SEND, told)["errcode"])


def test_a_text_arrives_and_has_a_msgid(kf: Caller, wecom: WeCom) -> None:
    assert kf.post(SEND, {**body(), "msgid": "kefu-1"}) == {"errcode": 0, "errmsg": "ok", "msgid": "kefu-1"}
    assert len(kf.post(SEND, body())["msgid"]) <= 32
    assert wecom.heard(LI) == ["您好", "您好"]
    assert wecom.sent[0].body["msgid"] == "kefu-1"
    assert len(sync(kf, wecom)["msg_list"]) == 1, "what we send is not read back"


def test_a_msgid_is_taken_once_per_account(kf: Caller, wecom: WeCom) -> None:
    told = {**body(), "msgid": "kefu-1"}
    assert kf.post(SEND, {**told, "text": {"content": ""}})["errcode"] == 44004
    assert [send(kf, told), send(kf, told)] == [0, REPEATED_MSGID]
    assert wecom.heard(LI) == ["您好"]
    wecom.repeated_msgid = 40058
    assert send(kf, told) == 40058


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (body(content=""), 44004),
        (body(content="啊" * 682 + "ab"), 0),
        (body(content="啊" * 683), 45002),
        (body(content=5), 40058),
        (body(content="a", menu_id="1"), 40058),
        ({**body(), "open_kfid": "wk0"}, 95000),
        ({**body(), "touser": "wm0"}, 40096),
        ({**body(), "msgid": "a" * 32}, 0),
        ({**body(), "msgid": "a" * 33}, 40058),
        ({**body(), "msgid": "消息"}, 40058),
        ({**body(), "msgid": ""}, 40058),
        ({**body(), "colour": "red"}, 40058),
        (body("markdown", content="a"), 40008),
        (body("image", media_id="M"), 40007),
        (body("file", media_id="M"), 40007),
        (body("link", title="t", url="u", thumb_media_id="M"), 40007),
        (body("link", title="t", url="u"), 40058),
        (body("link", title="t" * 129, url="u", thumb_media_id="M"), 40058),
        (body("msgmenu", head_content="满意吗?", list=[CLICK], tail_content="再见"), 0),
        (body("msgmenu", head_content="满意吗?"), 0),
        (body("msgmenu", list=[]), 40058),
        (body("msgmenu", head_content="啊" * 342), 40058),
        (body("msgmenu", tail_content="a" * 1025), 40058),
        (body("msgmenu", list=[CLICK] * 10), 0),
        (body("msgmenu", list=[CLICK] * 11), 40058),
        (body("msgmenu", list=[{"type": "click", "click": {"content": "a" * 129}}]), 40058),
        (body("msgmenu", list=[{"type": "click", "click": {"id": "a" * 129, "content": "a"}}]), 40058),
        (body("msgmenu", list=[{"type": "click", "click": {"id": "1"}}]), 40058),
        (body("msgmenu", list=[{"type": "click", "view": {"url": "u", "content": "a"}}]), 40058),
        (body("msgmenu", list=[{"type": "view", "view": {"url": "u", "content": "a"}}]), 0),
        (body("msgmenu", list=[{"type": "view", "view": {"url": "u" * 2049, "content": "a"}}]), 40058),
        (body("msgmenu", list=[{"type": "text", "text": {"content": "a", "no_newline": 1}}]), 0),
        (body("msgmenu", list=[{"type": "text", "text": {"content": "a" * 257}}]), 40058),
        (body("msgmenu", list=[{"id": "101", "content": "满意"}]), 40058),
        (body("msgmenu", list=["满意"]), 40058),
    ],
)
def test_shapes(kf: Caller, wecom: WeCom, told: dict[str, Any], code: int) -> None:
    assert send(kf, told) == code
    assert len(wecom.sent) == (code == 0)


def test_media(kf: Caller) -> None:
    image = kf.upload(UPLOAD, "image", "a.jpg", media.JPEG)["media_id"]
    pdf = kf.upload(UPLOAD, "file", "a.pdf", b"%PDF")["media_id"]
    assert send(kf, body("image", media_id=image)) == 0
    assert send(kf, body("file", media_id=pdf)) == 0
    assert send(kf, body("link", title="t", desc="d", url="u", thumb_media_id=image)) == 0
    assert send(kf, body("image", media_id=pdf)) == 40007


def test_five_for_each_message_of_the_customer(kf: Caller, wecom: WeCom) -> None:
    assert [send(kf, body()) for _ in range(6)] == [0, 0, 0, 0, 0, 95001]
    wecom.say(LI, "还在")
    assert send(kf, body()) == 0
    wecom.say(LI, "还有")
    assert [send(kf, body()) for _ in range(6)] == [0, 0, 0, 0, 0, 95001], "what was left is not added"


def test_48_hours(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    clock.time += 48 * 3600 - 1
    renew_kf(kf)
    assert send(kf, body()) == 0
    clock.time += 1
    assert send(kf, body()) == 95002
    assert wecom.state(LI) == 4
    wecom.enter("wmNew")
    assert send(kf, {**body(), "touser": "wmNew"}) == 95002, "who only looked in cannot be written to"


@pytest.mark.parametrize(("state", "code"), [(0, 0), (1, 0), (2, 95018), (3, 95018), (4, 95018)])
def test_only_two_states_let_us_send(kf: Caller, wecom: WeCom, state: int, code: int) -> None:
    wecom.set_state(LI, state)
    assert send(kf, body()) == code


def move(kf: Caller, state: int, **more: Any) -> dict[str, Any]:
    return kf.post(CHANGE_STATE, {"open_kfid": OPEN_KFID, "external_userid": LI, "service_state": state, **more})


LEADS = {0: {1, 2, 3, 4}, 1: {2, 3, 4}, 2: {3, 4}, 3: {3, 4}, 4: set[int]()}


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize("after", range(5))
def test_which_state_leads_where(kf: Caller, wecom: WeCom, before: int, after: int) -> None:
    wecom.set_state(LI, before)
    told = move(kf, after, servicer_userid="zhangsan")
    assert told["errcode"] == (0 if after in LEADS[before] else 95013 if before == 4 else 95016)
    state = kf.post(STATE, {"open_kfid": OPEN_KFID, "external_userid": LI})
    now = after if after in LEADS[before] else before
    assert state["service_state"] == now
    if told["errcode"] == 0:
        assert state["servicer_userid"] == ("zhangsan" if now == 3 else "")
        assert ("msg_code" in told) == (after in (2, 4) or (before, after) == (2, 3))


def test_a_person_must_be_there(kf: Caller, wecom: WeCom) -> None:
    assert move(kf, 3)["errcode"] == 95014
    assert move(kf, 3, servicer_userid="lisi")["errcode"] == 95014
    wecom.set_servicer("zhangsan", False)
    assert move(kf, 3, servicer_userid="zhangsan")["errcode"] == 95014
    assert move(kf, 7)["errcode"] == 40058


def test_the_customers_next_message_begins_anew(kf: Caller, wecom: WeCom) -> None:
    assert move(kf, 4)["errcode"] == 0
    assert wecom.state(LI) == 4
    wecom.say(LI, "还有")
    assert wecom.state(LI) == 0


def on_event(kf: Caller, code: str, kind: str = "text", **more: Any) -> int:
    own = {"content": "欢迎"} if kind == "text" else {"head_content": "欢迎"}
    return int(kf.post(SEND_ON_EVENT, {"code": code, "msgtype": kind, kind: own, **more})["errcode"])


def test_a_welcome_within_20_seconds_and_once(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    code = wecom.enter("wmNew")
    clock.time += 19
    assert on_event(kf, code, "image") == 40008
    assert on_event(kf, code, "msgmenu", msgid="w1") == 0
    assert on_event(kf, code) == BAD_CODE
    assert wecom.sent[0].to == "wmNew"
    assert wecom.enter("wmNew") == "", "welcomed not long ago"
    assert wecom.enter(LI) == "", "has written not long ago"
    clock.time += 48 * 3600
    renew_kf(kf)
    code = wecom.enter("wmNew")
    assert on_event(kf, code, msgid="w1") == REPEATED_MSGID
    clock.time += 20
    assert on_event(kf, code) == BAD_CODE
    assert on_event(kf, "guess") == BAD_CODE


def test_codes_of_the_pool_and_of_the_end(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    code = move(kf, 2)["msg_code"]
    assert on_event(kf, code, "msgmenu") == 40008, "only a text when somebody enters the pool"
    taken = wecom.servicer_takes("zhangsan", LI)
    clock.time += 3600
    assert on_event(kf, code) == 0
    assert on_event(kf, taken) == 0
    assert on_event(kf, wecom.servicer_ends(LI), "msgmenu") == 0


def test_a_closing_message_is_no_welcome(kf: Caller, wecom: WeCom, clock: Clock) -> None:
    clock.time += 47 * 3600
    renew_kf(kf)
    assert on_event(kf, wecom.servicer_ends(LI)) == 0
    clock.time += 3600
    assert wecom.enter(LI) != ""


def test_a_message_may_fail_later(kf: Caller, wecom: WeCom) -> None:
    wecom.fail_next(6)
    msgid = kf.post(SEND, body())["msgid"]
    event = sync(kf, wecom)["msg_list"][-1]["event"]
    assert event == {
        "event_type": "msg_send_fail", "fail_msgid": msgid, "fail_type": 6,
        "open_kfid": OPEN_KFID, "external_userid": LI,
    }  # fmt: skip
