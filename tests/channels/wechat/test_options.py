"""Options: each mistake is named with its mend."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import SettingsError
from bot.messages import Forget
from channels.wechat.channel import WeChatChannel
from channels.wechat.options import API, Notice, read

BASIS = {"app_id": "wxba5fad812f8e6fb9", "app_secret": "0123456789abcdef", "token": "kefu-token"}
KEY = "A" * 43


def test_the_least() -> None:
    options = read("oa", BASIS)
    assert (options.mode, options.certified, options.api_base) == ("plain", True, API)
    assert options.on_unfollow is Forget.PROFILE
    assert BASIS["app_secret"] not in repr(options)
    assert BASIS["token"] not in repr(options)


def test_everything() -> None:
    notice = {"template_id": "T", "kind": "subscribe", "page": "https://a.example", "data": {"thing1": "{text}"}}
    more = {"aes_key": KEY, "certified": False, "on_unfollow": "everything", "api_base": API + "/"}
    options = read("oa", {**BASIS, **more, "notice": notice})
    assert (options.mode, options.certified, options.api_base) == ("safe", False, API)
    assert options.on_unfollow is Forget.EVERYTHING
    assert options.notice == Notice("T", "subscribe", "https://a.example", {"thing1": "{text}"})
    assert read("oa", {**BASIS, "aes_key": KEY, "mode": "compat"}).mode == "compat"
    assert read("oa", {**BASIS, "aes_key": KEY, "mode": "plain"}).mode == "plain"


@pytest.mark.parametrize("base", ["http://127.0.0.1:9100", "http://[::1]:9100", "https://api2.weixin.qq.com/x"])
def test_addresses_that_will_do(base: str) -> None:
    assert read("oa", {**BASIS, "api_base": base}).api_base == base


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"app_id": "gh_123"}, "app_id must be the AppID"),
    ({"app_id": 5}, "app_id must be the AppID"),
    ({"app_secret": "has space 123"}, "app_secret must be the AppSecret"),
    ({"token": "no"}, "token must be the Token"),
    ({"token": "口令口令"}, "token must be the Token"),
    ({"aes_key": "short"}, "aes_key must be the 43"),
    ({"aes_key": KEY + "="}, "aes_key must be the 43"),
    ({"mode": "safe"}, 'mode = "safe" needs aes_key'),
    ({"mode": "compat"}, 'mode = "compat" needs aes_key'),
    ({"mode": "secure", "aes_key": KEY}, 'mode must be "plain" or "compat" or "safe"'),
    ({"mode": ["safe"]}, "mode must be"),
    ({"certified": "yes"}, "certified must be true or false"),
    ({"api_base": "http://api.weixin.qq.com"}, "api_base must be an https address"),
    ({"api_base": "http://127.0.0.1.evil.example"}, "api_base must be an https address"),
    ({"api_base": "https://u:p@api.weixin.qq.com"}, "api_base must be an https address"),
    ({"api_base": "https://a:99999"}, "api_base must be an https address"),
    ({"api_base": "ftp://a"}, "api_base must be an https address"),
    ({"api_base": 1}, "api_base must be an https address"),
    ({"on_unfollow": "nothing"}, 'on_unfollow must be "profile" or "everything"'),
    ({"notice": "T"}, "notice must be a table"),
    ({"notice": {}}, "notice is wrong: template_id is missing"),
    ({"notice": {"template_id": "T", "kind": "sms"}}, 'kind must be "template" or "subscribe"'),
    ({"notice": {"template_id": "T", "ulr": "https://a"}}, "did you mean url?"),
    ({"notice": {"template_id": "T", "url": "a"}}, "url must be an address"),
    ({"notice": {"template_id": "T", "url": "https://a", "page": "https://a"}}, "give one"),
    ({"notice": {"template_id": "T", "data": {"thing1": 1}}}, "data must be a table"),
    ({"app_secert": "x"}, "there is no option 'app_secert' – did you mean app_secret?"),
    ({"colour": "x"}, "the known ones are: app_id"),
]


@pytest.mark.parametrize(("change", "said"), WRONG, ids=lambda v: str(v)[:40])
def test_mistakes_are_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as told:
        WeChatChannel("oa", {**BASIS, **change})
    assert said in str(told.value)
    assert str(told.value).startswith("inbox 'oa': ")


def test_all_mistakes_at_once() -> None:
    with pytest.raises(SettingsError, match=r"certified must.*app_id is missing.*app_secret is missing.*token is"):
        read("oa", {"certified": 1})
