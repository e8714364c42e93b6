"""The webhook as WeChat's servers use it, in every mode and both forms; and as those would who are not WeChat."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PayloadError, SignatureError, TooLargeError
from bot.http import Request, Response
from bot.messages import Forget, Incoming, Kind, Outgoing
from channels.wechat.channel import WeChatChannel
from tests.channels.wechat.conftest import TOKEN
from tests.channels.wechat.test_codec import VECTORS
from tests.fakes import inbound
from tests.fakes.pushes import Account, Mode, Push, Pushes, Wording

ACCOUNT = Account(token=TOKEN)
BOTH = [(mode, wording) for mode in Mode for wording in Wording]


def channel(mode: Mode = Mode.SAFE, **options: Any) -> WeChatChannel:
    keyed = {} if mode is Mode.PLAIN else {"aes_key": ACCOUNT.aes_key, "mode": mode.value}
    basis = {"app_id": ACCOUNT.receiver, "app_secret": "0123456789abcdef", "token": ACCOUNT.token}
    return WeChatChannel("oa", basis | keyed | options)


def request(push: Push, method: str = "POST") -> Request:
    headers = {name.lower(): value for name, value in push.headers.items()}
    return Request(method, "/webhooks/oa", push.params, headers, push.body)


def hear(inbox: WeChatChannel, asked: Request) -> list[Incoming]:
    inbox.verify(asked)
    return list(inbox.parse(asked))


def refused(inbox: WeChatChannel, asked: Request) -> PayloadError:
    """What it is refused with, which must be the same whoever asks."""
    with pytest.raises(PayloadError) as told:
        inbox.verify(asked)
    with pytest.raises(PayloadError):
        inbox.parse(asked)
    with pytest.raises(PayloadError):
        inbox.acknowledge(asked)
    return told.value


# ---- the console's check (WX-01) ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", Mode)
def test_the_address_is_verified(mode: Mode) -> None:
    inbox = channel(mode)
    push, echo = Pushes(ACCOUNT, mode).verification("<b>4375120948345356249</b>")
    asked = request(push, "GET")
    assert hear(inbox, asked) == []
    answer = inbox.acknowledge(asked)
    assert (answer.status, answer.body) == (200, echo.encode())
    assert answer.media_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_documentation_s_own_check() -> None:
    v = next(v for v in VECTORS if v["id"] == "WX-GET-1")
    inbox = channel(Mode.PLAIN, token=v["token"])
    asked = Request("GET", "/", {k: v[k] for k in ("signature", "timestamp", "nonce", "echostr")})
    assert inbox.acknowledge(asked).body == v["echostr"].encode()


def test_an_encrypted_echo_is_taken_too() -> None:
    v = next(v for v in VECTORS if v["id"] == "WECOM-GET-1")
    inbox = channel(token=v["token"], aes_key=v["aes_key"], app_id=v["receiver_id"])
    query = {k: v[k] for k in ("msg_signature", "timestamp", "nonce")} | {"echostr": v["encrypt"]}
    assert inbox.acknowledge(Request("GET", "/", query)).body == v["plain"].encode()
    query["nonce"] += "1"
    assert refused(inbox, Request("GET", "/", query)).status == 403


@pytest.mark.parametrize("gone", ["signature", "timestamp", "nonce", "echostr"])
@pytest.mark.parametrize("mode", Mode)
def test_a_bad_check_is_refused(mode: Mode, gone: str) -> None:
    push, _ = Pushes(ACCOUNT, mode).verification()
    for query in ({k: v for k, v in push.params.items() if k != gone}, {**push.params, gone: ""}):
        if gone == "echostr" and gone in query:
            continue  # an empty echo is signed as well as any
        assert refused(channel(mode), Request("GET", "/", query)).status == 403


def test_of_two_values_the_first_counts() -> None:
    """The ground keeps the first of each name; one that is right behind a wrong one does not help."""
    push, _ = Pushes(ACCOUNT).verification()
    doubled = parse_qsl("signature=wrong&" + "&".join(f"{k}={v}" for k, v in push.params.items()))
    first: dict[str, str] = {}
    for name, value in doubled:
        first.setdefault(name, value)
    assert refused(channel(), Request("GET", "/", first)).status == 403


@pytest.mark.parametrize("method", ["PUT", "HEAD", "DELETE", "post"])
def test_other_methods_are_refused(method: str) -> None:
    assert refused(channel(), request(Pushes(ACCOUNT).push(inbound.text("o1", "hi")), method)).status == 403


# ---- pushes (WX-02, 03, 04, 07, 14) ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "wording"), BOTH)
@pytest.mark.parametrize("text", ["你好 😀", "  ", "a]]>b<![CDATA[c", "&lt;", "x\ny"])
def test_a_text_comes_as_it_was_written(mode: Mode, wording: Wording, text: str) -> None:
    sender, inbox = Pushes(ACCOUNT, mode, wording), channel(mode)
    fields = sender.complete(inbound.text("o1", text, msg_id=7))
    (got,) = hear(inbox, request(sender.push(fields)))
    assert (got.external_id, got.sender, got.text) == ("m:o1:7", "o1", text)


@pytest.mark.parametrize(("mode", "wording"), BOTH)
def test_xml_and_json_say_the_same(mode: Mode, wording: Wording) -> None:
    """Every push of the fake's corpus: the same Incoming but for what JSON has as numbers."""
    made = [
        inbound.image("o1", "M1"), inbound.voice("o1", "M2", recognition="喂"), inbound.video("o1", "M3", "T"),
        inbound.location("o1", 23.5, 113.25, "客村"), inbound.link("o1", "t", "d", "https://a"),
        inbound.miniprogram_page("o1", "t", "wx1", "p"), inbound.file("o1", "a.pdf", 5), inbound.subscribe("o1", "7"),
        inbound.unsubscribe("o1"), inbound.scan("o1", "7"), inbound.click("o1", "K"), inbound.view("o1", "https://a"),
        inbound.scancode("o1", "K", "123", wait=True), inbound.pictures("o1", "K", "pic_weixin", "a", "b"),
        inbound.location_select("o1", "K", 1.5, 2.5, "x"), inbound.template_finished("o1", 5, "failed:user block"),
        inbound.notice_popup("o1", ("T1", "reject"), ("T2", "accept")), inbound.notice_sent("o1", "T1", 9),
        inbound.desk_session("o1", "a@b", closed=True), inbound.authorization_revoked("o1"),
    ]  # fmt: skip
    plain = Pushes(ACCOUNT, Mode.PLAIN, Wording.XML)
    sender = Pushes(ACCOUNT, mode, wording)
    for fields in map(sender.complete, made):
        (wanted,) = hear(channel(Mode.PLAIN), request(plain.push(fields)))
        (got,) = hear(channel(mode), request(sender.push(fields)))
        assert replace(got, extra={}) == replace(wanted, extra={})


def test_the_documentation_s_own_push() -> None:
    v = next(v for v in VECTORS if v["id"] == "WX-SAFE-1")
    inbox = channel(token=v["token"], aes_key=v["aes_key"], app_id=v["receiver_id"])
    query = {k: v[k] for k in ("signature", "timestamp", "nonce", "openid", "msg_signature")} | {"encrypt_type": "aes"}
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": v["encrypt"]}).encode()
    (got,) = hear(inbox, Request("POST", "/", query, {}, body))
    assert (got.kind, got.value, got.sender) == (Kind.EVENT, "debug_demo", v["openid"])
    assert got.extra["debug_str"] == "hello world"


def test_an_unfollow_asks_to_be_forgotten() -> None:
    sender = Pushes(ACCOUNT)
    for chosen, wanted in (("profile", Forget.PROFILE), ("everything", Forget.EVERYTHING)):
        (got,) = hear(channel(on_unfollow=chosen), request(sender.push(inbound.unsubscribe("o1"))))
        assert got.forget is wanted


@pytest.mark.parametrize(("mode", "wording"), BOTH)
def test_a_retry_is_the_same_message_and_events_of_one_second_are_not(mode: Mode, wording: Wording) -> None:
    sender, inbox = Pushes(ACCOUNT, mode, wording), channel(mode)
    fields = sender.complete(inbound.text("o1", "hi"))
    asked = [request(sender.push(fields)) for _ in range(3)]
    assert len({r.query["nonce"] for r in asked}) == 3
    assert len({hear(inbox, r)[0].external_id for r in asked}) == 1
    followed, clicked = (
        sender.complete(f | {"CreateTime": 5}) for f in (inbound.scan("o1", "1"), inbound.click("o1", "1"))
    )
    ids = [hear(inbox, request(sender.push(f)))[0].external_id for f in (followed, clicked, followed)]
    assert len(set(ids)) == 2


def test_what_we_do_not_know_is_kept_and_harmless() -> None:
    sender, inbox = Pushes(ACCOUNT), channel()
    (message,) = hear(inbox, request(sender.push(inbound.message("o1", "hologram", Depth="3"))))
    assert (message.kind, message.extra["Depth"]) == (Kind.OTHER, "3")
    (event,) = hear(inbox, request(sender.push(inbound.event("o1", "dreamt"))))
    assert (event.kind, event.value, event.window) == (Kind.EVENT, "dreamt", None)
    assert hear(inbox, request(sender.push(inbound.position("o1", 1, 2, 3)))) == []


# ---- forgeries (WX-04, 05, 06, 12) ----------------------------------------------------------------------------------


def test_forged_pushes_in_safe_mode_are_refused_alike() -> None:
    inbox, sender = channel(), Pushes(ACCOUNT)
    good = request(sender.push(inbound.text("o1", "hi")))
    hear(inbox, good)
    strangers = [
        Pushes(replace(ACCOUNT, receiver="wx0000000000000000")),
        Pushes(replace(ACCOUNT, aes_key="A" * 43)),
        Pushes(replace(ACCOUNT, token="another-token")),
        Pushes(ACCOUNT, Mode.PLAIN),
        Pushes(ACCOUNT, Mode.PLAIN, Wording.JSON),
    ]
    forged = [request(one.push(inbound.text("o1", "hi"))) for one in strangers]
    forged += [
        replace(good, query={**good.query, "msg_signature": good.query["signature"]}),
        replace(good, query={k: v for k, v in good.query.items() if k != "msg_signature"}),
        replace(good, body=good.body.replace(b"<Encrypt>", b"<encrypt>").replace(b"</Encrypt>", b"</encrypt>")),
        replace(good, body=b'{"Encrypt": {"a": 1}}'),
        replace(good, body=b'{"Encrypt": 12}'),
        replace(good, body=b'{"Encrypt": ""}'),
    ]
    assert {(type(e), str(e)) for e in (refused(inbox, r) for r in forged)} == {
        (SignatureError, "the request does not prove that the network sent it")
    }


def test_in_plain_and_compat_mode_an_unsigned_push_is_refused() -> None:
    for mode in (Mode.PLAIN, Mode.COMPAT):
        good = request(Pushes(ACCOUNT, mode).push(inbound.text("o1", "hi")))
        for name in ("signature", "msg_signature"):
            if name in good.query and not (mode is Mode.COMPAT and name == "signature"):
                bad = replace(good, query={**good.query, name: "0" * 40})
                assert refused(channel(mode), bad).status == 403


def test_compat_mode_believes_what_is_sealed_not_what_stands_beside() -> None:
    sender, inbox = Pushes(ACCOUNT, Mode.COMPAT), channel(Mode.COMPAT)
    good = request(sender.push(inbound.text("o1", "true")))
    assert hear(inbox, replace(good, body=good.body.replace(b"true", b"fals")))[0].text == "true"
    plain = request(Pushes(ACCOUNT, Mode.PLAIN).push(inbound.text("o1", "bare")))
    assert hear(inbox, plain)[0].text == "bare"


def test_a_sealed_push_in_plain_mode_tells_what_is_missing() -> None:
    sealed = request(Pushes(ACCOUNT).push(inbound.text("o1", "hi")))
    assert "set aes_key" in str(refused(channel(Mode.PLAIN), sealed))
    compat = request(Pushes(ACCOUNT, Mode.COMPAT).push(inbound.text("o1", "hi")))
    assert hear(channel(Mode.PLAIN), compat)[0].text == "hi"


@pytest.mark.parametrize("mode", Mode)
def test_bodies_that_make_no_sense(mode: Mode) -> None:
    inbox, good = channel(mode), request(Pushes(ACCOUNT, mode).push(inbound.text("o1", "hi")))
    doctype = b'<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>'
    for body in (b"", b"\0", b"<xml>", b"[]", b"<xml></xml>", b"{", doctype, b"<xml>" * 10_000, b'{"a":' * 10_000):
        assert refused(inbox, replace(good, body=body)).status in (400, 403)
    assert isinstance(refused(inbox, replace(good, body=b"<" * 2**20)), TooLargeError)


def test_a_sealed_body_that_makes_no_sense() -> None:
    inbox = channel()
    for plain in (b"hello", b"{", b"<xml></xml>", b"\xff\xfe", b'{"MsgType": "text"}'):
        sealed = inbox._pushes._codec.encrypt(plain)
        query = {"timestamp": "1", "nonce": "2", "msg_signature": inbox._pushes._codec.sign("1", "2", sealed)}
        asked = Request("POST", "/", query, {}, json.dumps({"Encrypt": sealed}).encode())
        with pytest.raises(PayloadError) as told:
            hear(inbox, asked)
        assert told.value.status == 400


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(["signature", "msg_signature", "echostr"]), st.text()))
def test_no_request_crashes_the_webhook(body: bytes, query: dict[str, str]) -> None:
    for mode in Mode:
        for method in ("GET", "POST"):
            with pytest.raises(PayloadError):
                channel(mode).verify(Request(method, "/", query, {}, body))


# ---- answers (WX-13) ------------------------------------------------------------------------------------------------


def answered(mode: Mode, wording: Wording, answer: Outgoing | None) -> tuple[Any, Response]:
    sender, inbox = Pushes(ACCOUNT, mode, wording), channel(mode)
    fields = sender.complete(inbound.text("o1", "hi"))
    asked = request(sender.push(fields))
    hear(inbox, asked)
    response = inbox.acknowledge(asked, answer)
    return sender.read(fields, response.status, response.body), response


@pytest.mark.parametrize(("mode", "wording"), BOTH)
@pytest.mark.parametrize("text", ["你好 😀", "a]]>b<script>&amp;", " 1. 一\n 2. 二 ", "x" * 2048])
def test_the_answer_reaches_the_customer(mode: Mode, wording: Wording, text: str) -> None:
    seen, response = answered(mode, wording, Outgoing("k", "o1", text))
    assert seen.text == text
    assert response.media_type.startswith(f"application/{wording.value}")


@pytest.mark.parametrize("answer", [None, Outgoing("k", "o1", ""), Outgoing("k", "o1", " \n")])
@pytest.mark.parametrize(("mode", "wording"), BOTH)
def test_nothing_to_say_is_success(mode: Mode, wording: Wording, answer: Outgoing | None) -> None:
    seen, response = answered(mode, wording, answer)
    assert seen is None
    assert response == Response(200, b"success", "text/plain; charset=utf-8")


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.SAFE])
def test_the_same_answer_gives_the_same_words(mode: Mode) -> None:
    sender, inbox = Pushes(ACCOUNT, mode), channel(mode)
    fields = sender.complete(inbound.text("o1", "hi"))
    asked = request(sender.push(fields))
    first, second = (inbox.acknowledge(asked, Outgoing("k", "o1", "好")) for _ in range(2))
    assert sender.read(fields, 200, first.body) == sender.read(fields, 200, second.body)


def test_many_requests_at_a_time_keep_their_own_answers() -> None:
    sender, inbox = Pushes(ACCOUNT), channel()
    told = [sender.complete(inbound.text(f"o{n}", str(n))) for n in range(200)]
    asked = [request(sender.push(fields)) for fields in told]
    for one in asked:
        inbox.verify(one)
    for n, (fields, one) in enumerate(zip(told, asked, strict=True)):
        assert inbox.parse(one)[0].text == str(n)
        response = inbox.acknowledge(one, Outgoing("k", f"o{n}", f"re {n}"))
        seen = sender.read(fields, response.status, response.body)
        assert seen is not None
        assert seen.text == f"re {n}"


def test_a_push_is_cheap() -> None:
    """A third of what deriving a key costs on the same machine; ten times as much would be a mistake."""
    sender, inbox = Pushes(ACCOUNT), channel()
    asked = [request(sender.push(inbound.text("o1", "我的订单什么时候发货？"))) for _ in range(200)]
    began = time.process_time()
    for one in asked:
        inbox.verify(one)
        inbox.parse(one)
        inbox.acknowledge(one, Outgoing("k", "o1", "预计今天发出，请留意短信。"))
    took = (time.process_time() - began) / len(asked) * 1e6
    print(f"{took:.0f} µs a push")
    began = time.process_time()
    for _ in asked:
        hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1000)
    assert took < 4 * (time.process_time() - began) / len(asked) * 1e6
