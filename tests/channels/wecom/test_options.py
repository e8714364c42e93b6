from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SettingsError
from channels import load
from channels.wecom.channel import WeComChannel
from channels.wecom.options import NEEDED, read
from tests.channels.wecom.conftest import options
from tests.fakes.wecom import SECRET


def test_the_kind_is_known() -> None:
    assert load("wecom") is WeComChannel


def test_the_least_is_enough() -> None:
    given = {name: value for name, value in options().items() if name in NEEDED}
    told = read("kf", given)
    assert (told.api_base, told.poll_seconds, told.history) == ("https://qyapi.weixin.qq.com", 300, True)
    assert SECRET not in repr(told)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secrett": "x"}, "did you mean secret"),
        ({"wrong": 1}, "the known ones are: corp_id"),
        ({"corp_id": 7}, "corp_id must be the company's id"),
        ({"open_kfid": "wk:1"}, "open_kfid must be one account's id"),
        ({"open_kfid": ["wk1", "wk2"]}, "open_kfid must be one account's id"),
        ({"aes_key": "short"}, "aes_key must be the 43"),
        ({"token": "with space"}, "token must be"),
        ({"secret": ""}, "secret must be the Secret (企业微信"),
        ({"api_base": "http://proxy.example"}, "must be an https address"),
        ({"api_base": "qyapi.weixin.qq.com"}, "must be an https address"),
        ({"api_base": "https://user:pass@x.example"}, "must be an https address"),
        ({"poll_seconds": 1}, "from 10 to 86400"),
        ({"poll_seconds": True}, "from 10 to 86400"),
        ({"history": "no"}, "true or false"),
    ],
)
def test_each_mistake_names_the_mend(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match="inbox 'kf'") as caught:
        read("kf", options(**changes))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9101", "http://localhost:1", "http://[::1]:80", "https://p.example/wx/"]
)
def test_a_test_server_and_a_proxy_may_stand_there(base: str) -> None:
    assert read("kf", options(api_base=base)).api_base == base.rstrip("/")


def test_all_that_is_missing_is_told_at_once_and_no_secret() -> None:
    with pytest.raises(SettingsError) as caught:
        read("kf", {"secret": "se cret", "corp_id": "ww1234"})
    told = str(caught.value)
    assert all(f"{name} is missing" in told for name in ("open_kfid", "token", "aes_key"))
    assert "se cret" not in told
