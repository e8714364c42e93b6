"""Pushes as WeChat builds them, and answers as WeChat judges them."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
import xmltodict
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import UnknownMessage
from wechatpy.replies import TextReply

from tests.fakes import inbound
from tests.fakes.crypto import decrypt, encrypt, signature
from tests.fakes.passive import Fault
from tests.fakes.pushes import Account, Mode, Pushes, WeComPushes, Wording, kf_event
from tests.fakes.wording import write

USER = "o9AgO5Kd5ggOC-bXrbNODIiE3bGY"
ACCOUNT = Account()
TEXT = {**inbound.text(USER, "你好"), "ToUserName": ACCOUNT.original_id}
SAMPLES = {
    "location": (31.2, 121.5, "上海"), "position": (31.2, 121.5, 10.0), "file": ("a.pdf", 10), "image": ("M",),
    "voice": ("M",), "video": ("M", "T"), "link": ("标题", "说明", "http://a"), "miniprogram_page": ("t", "wx1", "p"),
    "scan": ("42",), "click": ("K",), "view": ("http://a",), "view_miniprogram": ("p",), "scancode": ("K", "1"),
    "pictures": ("K", "pic_weixin", "a", "b"), "location_select": ("K", 31.2, 121.5, "上海"), "text": ("在吗",),
    "template_finished": (1,), "mass_finished": (1, 2), "publish_finished": ("1", "2"),
    "notice_popup": (("T1", "accept"), ("T2", "reject")), "notice_change": (("T1", "reject"),),
    "notice_sent": ("T1", 1), "desk_session": ("a@b",), "desk_switch": ("a@b", "c@d"), "subscribe": ("42",),
    "unsubscribe": (), "user_info_modified": (), "authorization_revoked": (), "message": ("odd",), "event": ("odd",),
}  # fmt: skip
"""Arguments for every function of tests.fakes.inbound that begins with a sender."""


def everything() -> list[Any]:
    return [pytest.param(getattr(inbound, name)(USER, *given), id=name) for name, given in SAMPLES.items()]


def reply(content: str = "你好", **fields: object) -> bytes:
    told = {
        "ToUserName": USER, "FromUserName": ACCOUNT.original_id, "CreateTime": 1348831860,
        "MsgType": "text", "Content": content, **fields,
    }  # fmt: skip
    return xml({name: value for name, value in told.items() if value is not None})


def xml(fields: dict[str, Any]) -> bytes:
    return write(fields, Wording.XML)


def sealed(plain: bytes, account: Account = ACCOUNT, **changed: object) -> bytes:
    """The envelope of an answer; `changed` replaces elements of it."""
    inner = encrypt(account.aes_key, plain, account.receiver)
    told = {
        "Encrypt": inner, "MsgSignature": signature(account.token, "1713424427", "n1", inner),
        "TimeStamp": 1713424427, "Nonce": "n1",
    }  # fmt: skip
    return xml({name: value for name, value in {**told, **changed}.items() if value is not None})


def test_there_is_a_sample_of_every_push() -> None:
    makers = inspect.getmembers(inbound, inspect.isfunction)
    theirs = {n for n, f in makers if f.__module__ == inbound.__name__ and "sender" in inspect.signature(f).parameters}
    assert {name for name in theirs if not name.startswith("_")} == set(SAMPLES)


def test_the_url_check_is_signed_and_not_encrypted() -> None:
    push, wanted = Pushes(ACCOUNT).verification()
    params = push.params
    assert set(params) == {"signature", "timestamp", "nonce", "echostr"}
    assert params["echostr"] == wanted
    assert params["signature"] == signature(ACCOUNT.token, params["timestamp"], params["nonce"])


@pytest.mark.parametrize("fields", everything())
@pytest.mark.parametrize("wording", Wording)
def test_safe_pushes_carry_their_message_inside(fields: dict[str, Any], wording: Wording) -> None:
    params, body, headers = Pushes(ACCOUNT, Mode.SAFE, wording).push(fields)
    outside = json.loads(body) if wording is Wording.JSON else xmltodict.parse(body)["xml"]
    assert set(outside) == {"ToUserName", "Encrypt"}
    assert params["encrypt_type"] == "aes"
    stamp, nonce = params["timestamp"], params["nonce"]
    assert params["msg_signature"] == signature(ACCOUNT.token, stamp, nonce, outside["Encrypt"])
    plain = decrypt(ACCOUNT.aes_key, outside["Encrypt"], ACCOUNT.receiver)
    inside = json.loads(plain) if wording is Wording.JSON else xmltodict.parse(plain)["xml"]
    assert inside["FromUserName"] == USER
    assert inside["MsgType"] == fields["MsgType"]
    assert set(inside) == {*fields, "ToUserName", "CreateTime"}
    assert headers["Content-Type"].endswith(wording.value)


@pytest.mark.parametrize("fields", everything())
def test_wechatpy_reads_every_push(fields: dict[str, Any]) -> None:
    params, body, _ = Pushes(ACCOUNT, Mode.SAFE).push(fields)
    crypto = WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.receiver)
    plain = crypto.decrypt_message(body.decode(), params["msg_signature"], params["timestamp"], params["nonce"])
    read = parse_message(plain)
    assert read.source == USER
    assert isinstance(read, UnknownMessage) or read.create_time is not None


@pytest.mark.parametrize("wording", Wording)
def test_plain_and_compat_pushes(wording: Wording) -> None:
    plain = Pushes(ACCOUNT, Mode.PLAIN, wording).push(TEXT)
    compat = Pushes(ACCOUNT, Mode.COMPAT, wording).push(TEXT)
    told = [json.loads(p.body) if wording is Wording.JSON else xmltodict.parse(p.body)["xml"] for p in (plain, compat)]
    assert set(plain.params) == {"signature", "timestamp", "nonce", "openid"}
    assert set(compat.params) == {*plain.params, "encrypt_type", "msg_signature"}
    assert set(told[1]) == {*told[0], "Encrypt"}
    assert told[0]["Content"] == told[1]["Content"] == "你好"


def test_each_push_is_newly_signed_and_says_the_same() -> None:
    pushes = Pushes(ACCOUNT)
    fields = pushes.complete(TEXT)
    first, second = pushes.push(fields), pushes.push(fields)
    assert first.params["nonce"] != second.params["nonce"]
    assert first.params["msg_signature"] != second.params["msg_signature"]


def test_cdata_that_would_end_early_is_split() -> None:
    body = Pushes(ACCOUNT, Mode.PLAIN).push(inbound.text(USER, "a]]>b")).body
    assert xmltodict.parse(body)["xml"]["Content"] == "a]]>b"


def test_wecom_encrypts_its_echo_and_names_its_agent() -> None:
    wecom = WeComPushes(Account(receiver="ww12345678910"))
    push, wanted = wecom.verification()
    assert decrypt(ACCOUNT.aes_key, push.params["echostr"], "ww12345678910").decode() == wanted
    params, body, _ = wecom.push(kf_event(Token="ENC", OpenKfId="wk1"))
    outside = xmltodict.parse(body)["xml"]
    assert set(params) == {"msg_signature", "timestamp", "nonce"}
    assert outside["AgentID"] == "1000002"
    assert b"<Token><![CDATA[ENC]]>" in decrypt(ACCOUNT.aes_key, outside["Encrypt"], "ww12345678910")
    assert wecom.read({}, 200, b"success") is None
    with pytest.raises(Fault, match="success or nothing"):
        wecom.read({}, 200, b"ok")


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("body", [b"", b"success"])
def test_nothing_to_say_is_said_unencrypted(mode: Mode, body: bytes) -> None:
    assert Pushes(ACCOUNT, mode).read(TEXT, 200, body) is None


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.COMPAT])
def test_plain_answers(mode: Mode) -> None:
    answer = Pushes(ACCOUNT, mode).read(TEXT, 200, reply("好]]>的"))
    assert answer is not None
    assert (answer.kind, answer.text) == ("text", "好]]>的")


@pytest.mark.parametrize("mode", [Mode.COMPAT, Mode.SAFE])
def test_encrypted_answers(mode: Mode) -> None:
    answer = Pushes(ACCOUNT, mode).read(TEXT, 200, sealed(reply("好的")))
    assert answer is not None
    assert answer.text == "好的"


def test_wechatpys_encrypted_reply_is_one() -> None:
    crypto = WeChatCrypto(ACCOUNT.token, ACCOUNT.aes_key, ACCOUNT.receiver)
    theirs = TextReply(content="好的", source=ACCOUNT.original_id, target=USER)
    answer = Pushes(ACCOUNT).read(TEXT, 200, crypto.encrypt_message(theirs.render(), "n1", "1713424427").encode())
    assert answer is not None
    assert answer.text == "好的"


def test_json_answers_are_json() -> None:
    pushes = Pushes(ACCOUNT, Mode.PLAIN, Wording.JSON)
    told = {"ToUserName": USER, "FromUserName": ACCOUNT.original_id, "CreateTime": 1, "MsgType": "text", "Content": "a"}
    answer = pushes.read(TEXT, 200, json.dumps(told).encode())
    assert answer is not None
    with pytest.raises(Fault, match="not JSON"):
        pushes.read(TEXT, 200, reply())


@pytest.mark.parametrize(
    "own",
    [
        {"MsgType": "image", "Image": {"MediaId": "M"}},
        {"MsgType": "voice", "Voice": {"MediaId": "M"}},
        {"MsgType": "video", "Video": {"MediaId": "M", "Title": "t"}},
        {"MsgType": "music", "Music": {"ThumbMediaId": "M", "MusicUrl": "http://a"}},
        {"MsgType": "transfer_customer_service"},
        {"MsgType": "transfer_customer_service", "TransInfo": {"KfAccount": "a@b"}},
        {
            "MsgType": "news", "ArticleCount": 1,
            "Articles": {"item": {"Title": "t", "Description": "d", "PicUrl": "p", "Url": "u"}},
        },
    ],
)  # fmt: skip
def test_every_documented_kind_of_answer(own: dict[str, Any]) -> None:
    answer = Pushes(ACCOUNT, Mode.PLAIN).read(TEXT, 200, reply(Content=None, **own))
    assert answer is not None
    assert answer.kind == own["MsgType"]


FAULTY: list[tuple[int, bytes, str]] = [
    (500, b"success", "HTTP 500"),
    (200, b"ok", "not XML"),
    (200, b'"success"', "not XML"),
    (200, b"<html><body>502</body></html>", "not <xml>"),
    (200, b'{"a": 1}', "not XML"),
    (200, b'<!DOCTYPE xml><xml><a/></xml>', "DOCTYPE"),
    (200, reply(""), "empty"),
    (200, reply(" \n"), "empty"),
    (200, reply("啊" * 683), "2049 bytes"),
    (200, reply(Content=None), "Content"),
    (200, reply(ToUserName="gh_1"), "the user is"),
    (200, reply(FromUserName=USER), "the account is"),
    (200, reply(CreateTime=1348831860123), "not in seconds"),
    (200, reply(CreateTime="now"), "not a number"),
    (200, reply(MsgId="1"), "nothing else"),
    (200, reply(MsgType="markdown"), "no reply"),
    (200, reply(MsgType=None), "missing MsgType"),
    (200, reply().replace(b"<![CDATA[", b"").replace(b"]]>", b""), "not in CDATA"),
    (200, reply().replace(b"</xml>", b"<Content><![CDATA[b]]></Content></xml>"), "twice"),
    (200, reply("a").replace(b"[a]", b"[a]]><b>"), "not in CDATA|not XML"),
    (200, reply(Content=None, MsgType="image", Image={}), "holds no elements"),
    (200, reply(Content=None, MsgType="image", Image={"MediaId": ""}), "empty"),
    (200, reply(Content=None, MsgType="image", Image={"MediaId": "M", "Title": "t"}), "knows no Title"),
    (200, reply(Content=None, MsgType="news", ArticleCount=2, Articles={"item": {"Title": "t"}}), "one article"),
    (200, sealed(reply()), "in plain mode"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "why"), FAULTY)
def test_an_answer_wechat_would_not_show(status: int, body: bytes, why: str) -> None:
    with pytest.raises(Fault, match=why):
        Pushes(ACCOUNT, Mode.PLAIN).read(TEXT, status, body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (reply(), "not encrypted"),
        (sealed(reply(), MsgSignature="0" * 40), "MsgSignature"),
        (sealed(reply(), Nonce="another"), "MsgSignature"),
        (sealed(reply(), Nonce=""), "Nonce"),
        (sealed(reply(), TimeStamp=None), "the envelope has"),
        (sealed(reply(), TimeStamp=1713424427000), "not in seconds"),
        (sealed(reply(), Account(receiver="wx-another")), "encrypted for"),
        (sealed(reply(), Account(aes_key="A" * 43)), "padding"),
        (sealed(reply(), Account(token="guess")), "MsgSignature"),
        (sealed(b"success"), "not XML"),
        (sealed(reply("")), "empty"),
    ],
)
def test_an_envelope_wechat_would_not_open(body: bytes, why: str) -> None:
    with pytest.raises(Fault, match=why):
        Pushes(ACCOUNT, Mode.SAFE).read(TEXT, 200, body)
