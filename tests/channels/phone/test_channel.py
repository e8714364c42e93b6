"""The phone inbox: nothing comes in or goes out by itself, and the bot stays silent on it."""

from __future__ import annotations

import pytest

from bot.app import with_phone
from bot.errors import OptionsError, PermanentSendError, SignatureError
from bot.http import Request
from bot.messages import Outgoing
from bot.settings import InboxSettings
from channels.phone.channel import PhoneChannel


def test_nobody_can_call_it_over_http() -> None:
    channel = PhoneChannel("phone", {})
    with pytest.raises(SignatureError):
        channel.verify(Request("POST", "/webhooks/phone", body=b"{}"))


async def test_nothing_can_be_sent() -> None:
    channel = PhoneChannel("phone", {})
    (call,) = channel.render(Outgoing("kefu-1", "+8613912345678", "您好"))
    with pytest.raises(PermanentSendError, match="ring the customer"):
        await channel.send(call)


async def test_check_says_where_numbers_are_at_home() -> None:
    (finding,) = await PhoneChannel("phone", {"country": "TW"}).check()
    assert finding.ok
    assert "TW" in finding.what


@pytest.mark.parametrize("options", [{"country": "China"}, {"country": 86}, {"nation": "CN"}])
def test_options_that_make_no_sense(options: dict[str, object]) -> None:
    with pytest.raises(OptionsError):
        PhoneChannel("phone", options)


def test_every_installation_has_one_and_only_one() -> None:
    web, own = InboxSettings("web", "web"), InboxSettings("hotline", "phone", {"country": "HK"})
    assert [(i.name, i.channel) for i in with_phone([web])] == [("web", "web"), ("phone", "phone")]
    assert with_phone([web, own]) == (web, own)
    named = InboxSettings("phone", "web")
    assert [i.name for i in with_phone([named])] == ["phone", "phone-log"]
