"""KF-01: the check of our address; and callbacks, true and forged."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from bot.errors import PayloadError, SignatureError, TooLargeError
from bot.http import Request
from channels.wechat.codec import Codec
from channels.wecom import callback
from channels.wecom.channel import WeComChannel
from channels.wecom.sync import Sync
from tests.channels.wechat.shelf import MemoryShelf
from tests.channels.wecom.conftest import ACCOUNT, options
from tests.fakes.pushes import WeComPushes, kf_event
from tests.fakes.wecom import OPEN_KFID

VECTORS = json.loads((Path(__file__).parents[1] / "wechat" / "vectors.json").read_text("utf-8"))
PUSHES = WeComPushes(ACCOUNT)


@pytest.fixture
def channel() -> WeComChannel:
    return WeComChannel("kf", options())


def post(name: str = "kf_msg_or_event", **fields: str) -> Request:
    push = PUSHES.push(kf_event(name, **fields))
    return Request("POST", "/", push.params, push.headers, push.body)


def get(echo: str) -> Request:
    push, _ = PUSHES.verification(echo)
    return Request("GET", "/", push.params)


def test_kf_01_the_echostr_comes_back_opened(channel: WeComChannel) -> None:
    request = get("1616140317555161061")
    channel.verify(request)
    assert channel.parse(request) == ()
    answer = channel.acknowledge(request)
    assert (answer.status, answer.body) == (200, b"1616140317555161061")
    assert answer.media_type.startswith("text/plain")


def test_a_callback_is_answered_with_success(channel: WeComChannel) -> None:
    request = post(Token="ENC1", OpenKfId="wk1")
    channel.verify(request)
    assert channel.parse(request) == ()
    assert channel.acknowledge(request).body == b"success"


def test_the_notice_is_read() -> None:
    codec = Codec(ACCOUNT.token, ACCOUNT.receiver, ACCOUNT.aes_key)
    told = callback.notice(codec, post(Token="ENC1", OpenKfId="wk1"))
    assert told == callback.Notice("kf_msg_or_event", "wk1", "ENC1")
    assert "ENC1" not in repr(told)


@pytest.mark.parametrize("changed", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_a_forged_check_is_refused(channel: WeComChannel, changed: str) -> None:
    request = get("1")
    for query in ({**request.query, changed: "0"}, {k: v for k, v in request.query.items() if k != changed}):
        with pytest.raises(SignatureError):
            channel.verify(dataclasses.replace(request, query=query))


def test_a_forged_callback_is_refused(channel: WeComChannel) -> None:
    good = post(Token="ENC1", OpenKfId="wk1")
    for query in ({}, {**good.query, "msg_signature": "x"}, {**good.query, "timestamp": "1"}):
        with pytest.raises(SignatureError):
            channel.verify(dataclasses.replace(good, query=query))
    other = WeComPushes(dataclasses.replace(ACCOUNT, receiver="ww-another-company")).push(kf_event(OpenKfId="wk1"))
    with pytest.raises(SignatureError):
        channel.verify(Request("POST", "/", other.params, other.headers, other.body))


def test_a_body_that_is_none_is_refused(channel: WeComChannel) -> None:
    for body in (b"", b"<xml>", b"<xml><Encrypt/></xml>", b"\xff", b"<!DOCTYPE x><xml/>"):
        with pytest.raises(PayloadError):
            channel.verify(dataclasses.replace(post(), body=body))
    with pytest.raises(TooLargeError):
        channel.verify(dataclasses.replace(post(), body=b" " * 70_000))


def test_ringing_for_others_wakes_nobody(channel: WeComChannel, monkeypatch: pytest.MonkeyPatch) -> None:
    channel.borrow(MemoryShelf())
    woken: list[str] = []
    monkeypatch.setattr(Sync, "ring", lambda sync, token: woken.append(token))
    channel.ring(get("1"))
    channel.ring(post(OpenKfId="wk-other", Token="T"))
    channel.ring(post("kf_account_auth_change", AuthAddOpenKfId="wk-other"))
    channel.ring(dataclasses.replace(post(), body=b"nonsense"))
    assert woken == []
    channel.ring(post(OpenKfId=OPEN_KFID, Token="T"))
    assert woken == ["T"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["id"].startswith("WECOM")], ids=lambda v: v["id"])
def test_tencent_s_own_samples(vector: dict[str, str]) -> None:
    corp = {"corp_id": vector["receiver_id"], "token": vector["token"], "aes_key": vector["aes_key"]}
    channel = WeComChannel("kf", options(**corp))
    query = {name: vector[name] for name in ("msg_signature", "timestamp", "nonce")}
    if "-GET-" in vector["id"]:
        request = Request("GET", "/", {**query, "echostr": vector["encrypt"]})
        channel.verify(request)
        assert channel.acknowledge(request).body == vector["plain"].encode()
        return
    request = Request("POST", "/", query, {}, f"<xml><Encrypt>{vector['encrypt']}</Encrypt></xml>".encode())
    channel.verify(request)
    if "NEG" in vector["id"]:  # sealed as it should be, and nonsense inside
        with pytest.raises(PayloadError):
            channel.parse(request)
        channel.ring(request)
    else:
        assert channel.parse(request) == ()
    assert channel.acknowledge(request).body == b"success"
