"""Both fakes on a clock that only moves when told, and a client that knows their tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fakes.server import Fake
from tests.fakes.wechat import APPID, SECRET, STABLE, WeChat
from tests.fakes.wecom import CORPID, WeCom
from tests.fakes.wecom import SECRET as KF_SECRET
from tests.fakes.wecom import TOKEN as KF_TOKEN

NOON = 1_800_000_000.0


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time


class Caller:
    """Calls a fake as a client would: JSON in UTF-8, the token in the query."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.http = httpx.Client(base_url=fake.url, timeout=120)
        self.token = ""

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._read(self.http.get(path, params=self._with_token(params)))

    def post(self, path: str, body: Any, **params: Any) -> dict[str, Any]:
        return self.raw(path, json.dumps(body, ensure_ascii=False).encode(), **params)

    def raw(self, path: str, body: bytes, **params: Any) -> dict[str, Any]:
        return self._read(self.http.post(path, params=self._with_token(params), content=body))

    def upload(self, path: str, kind: str, name: str, data: bytes, field: str = "media") -> dict[str, Any]:
        params = self._with_token({"type": kind})
        return self._read(self.http.post(path, params=params, files={field: (name, data)}))

    def download(self, path: str, media_id: str) -> httpx.Response:
        return self.http.get(path, params=self._with_token({"media_id": media_id}))

    def _with_token(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"access_token": self.token, **params} if self.token else params

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, "errors come with HTTP 200 as well"
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wechat(clock: Clock) -> Iterator[WeChat]:
    with WeChat(clock=clock) as fake:
        yield fake


@pytest.fixture
def oa(wechat: WeChat) -> Iterator[Caller]:
    """Calls the Official Account, with a token."""
    with Caller(wechat) as caller:
        renew(caller)
        yield caller


def renew(oa: Caller) -> None:
    """A token that holds, after much time has passed."""
    oa.token = oa.post(STABLE, {"grant_type": "client_credential", "appid": APPID, "secret": SECRET})["access_token"]


@pytest.fixture
def wecom(clock: Clock) -> Iterator[WeCom]:
    with WeCom(clock=clock) as fake:
        yield fake


@pytest.fixture
def kf(wecom: WeCom) -> Iterator[Caller]:
    """Calls the customer service, with a token."""
    with Caller(wecom) as caller:
        renew_kf(caller)
        yield caller


def renew_kf(kf: Caller) -> None:
    kf.token = kf.get(KF_TOKEN, corpid=CORPID, corpsecret=KF_SECRET)["access_token"]
