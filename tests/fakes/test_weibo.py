"""The strict Weibo refuses what the real one refuses, in both shapes of its error_code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.fakes.conftest import Clock
from tests.fakes.weibo import MSGET, REPLY, TOKEN, TOKEN_INFO, Weibo

ZHANG = "2489518277"


@pytest.fixture
def weibo(clock: Clock) -> Iterator[Weibo]:
    with Weibo(clock=clock) as fake:
        fake.act(ZHANG)
        yield fake


def said(text: str = "您好") -> dict[str, str]:
    data = json.dumps({"text": text}, ensure_ascii=False)
    return {"access_token": TOKEN, "type": "text", "data": data, "receiver_id": ZHANG}


def reply(weibo: Weibo, form: dict[str, str], **more: Any) -> tuple[int, dict[str, Any]]:
    answer = httpx.post(weibo.url + REPLY, data=form, trust_env=False, **more)
    return answer.status_code, answer.json()


def test_a_message_is_taken(weibo: Weibo) -> None:
    status, told = reply(weibo, said("a+b & 😀"))
    assert (status, told["result"]) == (200, True)
    assert weibo.heard(ZHANG) == ["a+b & 😀"]


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"access_token": ""}, 10006, 400),
        ({"access_token": "2.00wrong"}, 21332, 403),
        ({"data": quote(said()["data"])}, 10017, 400),
        ({"data": '{"text": ""}'}, 20008, 400),
        ({"data": '{"text": "' + "字" * 300 + '"}'}, 20013, 400),
        ({"data": '{"words": "x"}'}, 10008, 400),
        ({"type": "image"}, 10017, 400),
        ({"type": ""}, 10016, 400),
        ({"receiver_id": "zhang"}, 10017, 400),
        ({"receiver_id": "1"}, 26403, 403),
        ({"save_sender_box": "2"}, 10017, 400),
        ({"source": "1"}, 10008, 400),
    ],
)
@pytest.mark.parametrize("numeric", [True, False])
def test_what_is_refused(weibo: Weibo, change: dict[str, str], code: int, status: int, numeric: bool) -> None:
    weibo.numeric = numeric
    got, told = reply(weibo, said() | change)
    assert (got, told["error_code"]) == (status, code if numeric else str(code))
    assert set(told) == {"error", "error_code", "request"}
    assert weibo.sent == []


def test_only_a_form_is_taken(weibo: Weibo) -> None:
    as_json = httpx.post(weibo.url + REPLY, json=said(), trust_env=False)
    in_query = httpx.post(weibo.url + REPLY, params={"access_token": TOKEN}, data=said(), trust_env=False)
    got = httpx.get(weibo.url + REPLY, params=said(), trust_env=False)
    elsewhere = httpx.post(weibo.url + REPLY.replace("/m/", "/api/"), data=said(), trust_env=False)
    codes = [answer.json()["error_code"] for answer in (as_json, in_query, got, elsewhere)]
    assert codes == [10008, 10008, 10021, 10020]


def test_windows(weibo: Weibo, clock: Clock) -> None:
    """Any number for 48 hours after an act, one after a mention, none after leaving."""
    assert [reply(weibo, said())[0] for _ in range(9)] == [200] * 9
    weibo.mention(ZHANG)
    assert reply(weibo, said())[0] == 200
    clock.time += 48 * 3600
    assert reply(weibo, said())[1]["error_code"] == 26403
    weibo.mention(ZHANG)
    assert [reply(weibo, said())[0] for _ in range(2)] == [200, 403]
    weibo.act(ZHANG)
    weibo.leave(ZHANG)
    assert reply(weibo, said())[1]["error_code"] == 26403


def test_the_token_ends(weibo: Weibo) -> None:
    weibo.token_ends(2)
    told = httpx.post(weibo.url + TOKEN_INFO, data={"access_token": TOKEN}, trust_env=False).json()
    assert (told["uid"], told["expire_in"]) == (int(weibo.uid), 2 * 86400)
    weibo.advance(2 * 86400)
    assert reply(weibo, said())[1]["error_code"] == 21327


def test_files(weibo: Weibo) -> None:
    weibo.user_file("9007199254740993", b"\xff\xd8\xff...")
    asked = {"access_token": TOKEN, "fid": "9007199254740993"}
    assert httpx.get(weibo.url + MSGET, params=asked, trust_env=False).content == b"\xff\xd8\xff..."
    gone = httpx.get(weibo.url + MSGET, params=asked | {"fid": "9007199254740992"}, trust_env=False)
    assert (gone.status_code, gone.json()["error_code"]) == (400, 10017)
