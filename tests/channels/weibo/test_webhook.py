"""The console's check of our address, signed pushes, and what a push is answered with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest

from bot.errors import SignatureError, TooLargeError
from bot.http import Request
from bot.messages import Outgoing
from channels.fit import fit
from channels.weibo import signing
from channels.weibo.channel import WeiboChannel
from channels.weibo.fields import MOST
from tests.fakes import weibo_pushes
from tests.fakes.weibo_pushes import WeiboPushes
from tests.fakes.weibo_world import SECRET, UID

OPTIONS = {"uid": UID, "app_secret": SECRET, "access_token": "2.00token-of-the-console"}
PUSHES = WeiboPushes(UID, SECRET)
ZHANG = "2489518277"


@pytest.fixture
def inbox() -> WeiboChannel:
    return WeiboChannel("weibo", OPTIONS)


def posted(fields: dict[str, Any], pushes: WeiboPushes = PUSHES) -> Request:
    push = pushes.push(fields)
    return Request("POST", "/webhooks/weibo", push.params, push.headers, push.body)


def asked(**query: str) -> Request:
    return Request("GET", "/webhooks/weibo", query)


def test_the_published_vector() -> None:
    """WB-01: open.weibo.com/wiki/Messages_api_start."""
    vector = {"timestamp": "1397022061823", "nonce": "57155157", "echostr": "dnPdpTZz85"}
    request = asked(signature="90e4c22c90a58f26526c2dd5b6c56c8822edeaa1", **vector)
    inbox = WeiboChannel("weibo", OPTIONS | {"app_secret": "xyz123xyz"})
    inbox.verify(request)
    assert inbox.parse(request) == []
    answer = inbox.acknowledge(request)
    assert (answer.status, answer.body) == (200, b"dnPdpTZz85")


@pytest.mark.parametrize("seconds", [False, True], ids=["milliseconds", "seconds"])
def test_both_kinds_of_timestamps(inbox: WeiboChannel, seconds: bool) -> None:
    inbox.verify(posted(weibo_pushes.text(ZHANG, "您好"), WeiboPushes(UID, SECRET, seconds=seconds)))


def test_a_clock_that_is_wrong_loses_nothing(inbox: WeiboChannel) -> None:
    """The signature does not vouch for the body, so its age would prove nothing; the dedupe key stops repetitions."""
    inbox.verify(posted(weibo_pushes.text(ZHANG, "您好"), WeiboPushes(UID, SECRET, lambda: 1.0)))


def forged(what: str) -> Request:
    request = posted(weibo_pushes.text(ZHANG, "您好"))
    query = dict(request.query)
    match what.partition(" "):
        case "without", _, name:
            del query[name]
        case "empty", _, name:
            query[name] = ""
        case "doubled", _, name:
            return replace(request, doubled=frozenset({name}))
        case "other", _, name:
            query[name] = query[name][:-1] + ("1" if query[name][-1] != "1" else "2")
        case "method", _, name:
            return replace(request, method=name)
        case "secret", _, _:
            return posted(weibo_pushes.text(ZHANG, "您好"), WeiboPushes(UID, "another-secret"))
        case "odd", _, _:
            query["signature"] = "\udcff字" * 20
        case "unsigned", _, _:
            nothing = {"timestamp": "", "nonce": "", "signature": hashlib.sha1(SECRET.encode()).hexdigest()}
            query = nothing
    return replace(request, query=query)


@pytest.mark.parametrize(
    "what",
    [
        *(f"{how} {name}" for how in ("without", "empty", "doubled", "other") for name in signing.FIELDS),
        "method PUT",
        "method GET",
        "secret",
        "odd",
        "unsigned",
    ],
)
def test_what_is_not_weibos(inbox: WeiboChannel, what: str) -> None:
    with pytest.raises(SignatureError, match="not signed by Weibo"):
        inbox.verify(forged(what))


def test_a_body_over_the_cap(inbox: WeiboChannel) -> None:
    request = posted(weibo_pushes.text(ZHANG, "字" * MOST))
    inbox.verify(request)
    with pytest.raises(TooLargeError) as caught:
        inbox.parse(request)
    assert caught.value.status == 413


@pytest.mark.parametrize("text", ["您好", "a+b & c=d %25 %7B", "“引号”\n换行\t😀", '{"text": "x"}', "１" * 299])
def test_the_answer_in_the_call_is_what_was_said(inbox: WeiboChannel, text: str) -> None:
    """WB-04: decoded twice it equals the input, and goes to whoever wrote."""
    fields = PUSHES.complete(weibo_pushes.text(ZHANG, "问"))
    answer = inbox.acknowledge(posted(fields), Outgoing("k", ZHANG, text))
    told = json.loads(answer.body)
    assert json.loads(unquote(told["data"])) == {"text": text}
    reply = PUSHES.read(fields, answer.status, answer.body)
    assert reply is not None
    assert reply.text == text
    assert (told["receiver_id"], told["sender_id"]) == (ZHANG, UID)


def test_a_long_answer_fits(inbox: WeiboChannel) -> None:
    part = fit(Outgoing("k", ZHANG, "很长。" * 200), inbox.capabilities)[0]
    fields = PUSHES.complete(weibo_pushes.text(ZHANG, "问"))
    answer = inbox.acknowledge(posted(fields), part)
    assert PUSHES.read(fields, answer.status, answer.body) is not None


@pytest.mark.parametrize("answer", [None, Outgoing("k", ZHANG, "  ")])
def test_nothing_to_say(inbox: WeiboChannel, answer: Outgoing | None) -> None:
    response = inbox.acknowledge(posted(weibo_pushes.text(ZHANG, "问")), answer)
    assert (response.status, response.body) == (200, b"")
