"""Faults to order, the controls over HTTP, and a fake as a process of its own."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.fakes import media
from tests.fakes.conftest import Caller
from tests.fakes.wechat import APPID, DOWNLOAD, SECRET, SEND, STABLE, WeChat
from tests.fakes.wecom import CORPID, SYNC
from tests.fakes.wecom import SECRET as KF_SECRET
from tests.fakes.wecom import TOKEN as KF_TOKEN

TEXT = {"touser": "o1", "msgtype": "text", "text": {"content": "好"}}
BODY = json.dumps(TEXT, ensure_ascii=False).encode()


@pytest.fixture(autouse=True)
def somebody(wechat: WeChat) -> None:
    wechat.write("o1")


def test_a_forced_code_comes_once_or_for_good(oa: Caller, wechat: WeChat) -> None:
    wechat.trouble(SEND, errcode=-1)
    wechat.trouble(SEND, errcode=42001, times=2)
    assert [oa.post(SEND, TEXT)["errcode"] for _ in range(4)] == [-1, 42001, 42001, 0]
    wechat.trouble(SEND, errcode=45015, times=None)
    assert [oa.post(SEND, TEXT)["errcode"] for _ in range(3)] == [45015] * 3
    wechat.end_troubles()
    assert oa.post(SEND, TEXT)["errcode"] == 0
    assert len(wechat.sent) == 2
    assert [code for _, code, _ in wechat.refused] == [-1, 42001, 42001, 45015, 45015, 45015]
    assert wechat.counts[SEND] == 8


def test_an_order_may_name_what_its_errmsg_names(oa: Caller, wechat: WeChat) -> None:
    wechat.trouble(STABLE, errcode=40164, hint="198.51.100.1")
    assert "198.51.100.1" in oa.post(STABLE, {})["errmsg"]


def test_a_page_where_json_should_be(oa: Caller, wechat: WeChat) -> None:
    wechat.trouble(SEND, html=True)
    wechat.trouble(SEND, status=502)
    for status in (200, 502):
        answer = oa.http.post(SEND, params={"access_token": oa.token}, json=TEXT)
        assert answer.status_code == status
        assert answer.text.startswith("<html>")
    assert wechat.sent == []


def test_an_answer_cut_after_the_message_was_taken(oa: Caller, wechat: WeChat) -> None:
    wechat.trouble(SEND, cut=True)
    with pytest.raises(httpx.RemoteProtocolError):
        oa.post(SEND, TEXT)
    assert wechat.heard("o1") == ["好"]


def test_an_answer_too_late_after_the_message_was_taken(oa: Caller, wechat: WeChat) -> None:
    wechat.trouble(SEND, hang=5)
    with pytest.raises(httpx.ReadTimeout):
        oa.http.post(SEND, params={"access_token": oa.token}, content=b'{"touser": "o1"}', timeout=0.1)
    began = time.monotonic()
    wechat.trouble(SEND, hang=0.2)
    assert oa.post(SEND, TEXT)["errcode"] == 0
    assert time.monotonic() - began >= 0.2
    assert len(wechat.sent) == 1


def test_the_clock_can_be_moved_from_outside(oa: Caller, wechat: WeChat) -> None:
    wechat.advance(48 * 3600)
    assert oa.post(SEND, TEXT)["errcode"] == 42001


@pytest.fixture
def process() -> Iterator[str]:
    """The address of a fake in a process of its own."""
    command = [sys.executable, "-m", "tests.fakes.wechat", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        yield running.stdout.readline().strip()
        running.kill()


def test_a_process_of_its_own_is_moved_over_http(process: str) -> None:
    with httpx.Client(base_url=process) as web:

        def control(name: str, **given: Any) -> Any:
            return web.post(f"/_fake/{name}", json=given).json()["result"]

        control("write", openid="o2")
        asked = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        token = web.post(STABLE, json=asked).json()["access_token"]
        control("trouble", path=SEND, errcode=-1)
        said = '{"touser":"o2","msgtype":"text","text":{"content":"好"}}'.encode()
        told = [web.post(SEND, params={"access_token": token}, content=said).json()["errcode"] for _ in range(2)]
        assert told == [-1, 0]
        sent = web.get("/_fake/sent").json()
        assert [(each["to"], each["body"]["text"]["content"]) for each in sent] == [("o2", "好")]
        assert web.get("/_fake/counts").json()[SEND] == 2
        assert web.get("/_fake/refused").json()[0][:2] == [SEND, -1]
        data = base64.b64encode(media.JPEG).decode()
        media_id = control("user_media", kind="image", data=data, filename="a.jpg")
        found = web.get(DOWNLOAD, params={"access_token": token, "media_id": media_id})
        assert found.content == media.JPEG
        control("expire_tokens")
        assert web.post(SEND, params={"access_token": token}, content=said).json()["errcode"] == 42001
        assert web.post("/_fake/now", json={}).status_code == 404


def test_the_customer_service_runs_as_a_process_too() -> None:
    command = [sys.executable, "-m", "tests.fakes.wecom", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        with httpx.Client(base_url=running.stdout.readline().strip()) as web:
            web.post("/_fake/say", json={"customer": "wmLi", "text": "在吗"})
            fields = web.post("/_fake/callback").json()["result"]
            asked = {"corpid": CORPID, "corpsecret": KF_SECRET}
            token = web.get(KF_TOKEN, params=asked).json()["access_token"]
            told = {"open_kfid": fields["OpenKfId"], "token": fields["Token"]}
            items = web.post(SYNC, params={"access_token": token}, json=told).json()["msg_list"]
            assert [item["text"]["content"] for item in items] == ["在吗"]
        running.kill()


def test_many_callers_at_once_get_five_through(oa: Caller, wechat: WeChat) -> None:
    def send(_: int) -> int:
        return int(httpx.post(wechat.url + SEND, params={"access_token": oa.token}, content=BODY).json()["errcode"])

    with ThreadPoolExecutor(20) as pool:
        codes = Counter(pool.map(send, range(20)))
    assert codes == {0: 5, 45047: 15}
    assert len(wechat.sent) == 5
