"""What `kefu check` says of an account."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from bot.ports import Finding
from tests.channels.wechat.conftest import Open
from tests.channels.wechat.shelf import MemoryShelf
from tests.fakes.wechat import WeChat

KEY = "A" * 43


def bad(findings: Any) -> list[str]:
    return [finding.mend for finding in findings if not finding.ok]


async def test_all_well(open_inbox: Open, shelf: MemoryShelf) -> None:
    assert await open_inbox(aes_key=KEY).check() == [
        Finding("WeChat's access token, IP whitelist", ok=True),
        Finding("customer service messages", ok=True),
        Finding("pushes in safe mode", ok=True),
    ]
    assert shelf.troubles == {}


@pytest.mark.parametrize(("mode", "said"), [("plain", "set aes_key"), ("compat", 'mode = "safe"')])
async def test_unsafe_modes_are_named(open_inbox: Open, mode: str, said: str) -> None:
    findings = await open_inbox(aes_key=KEY, mode=mode).check()
    assert said in findings[-1].mend


async def test_the_whitelist(open_inbox: Open, wechat: WeChat) -> None:
    wechat.block_ip("203.0.113.9")
    (mend,) = bad(await open_inbox().check())
    assert "203.0.113.9" in mend
    assert "whitelist" in mend


async def test_a_wrong_secret(open_inbox: Open) -> None:
    (mend,) = bad(await open_inbox(app_secret="wrong-wrong").check())
    assert "AppSecret is wrong" in mend


async def test_an_account_that_may_not_send(open_inbox: Open, wechat: WeChat) -> None:
    wechat.certify(False)
    (mend,) = bad(await open_inbox().check())
    assert "certified = false" in mend
    assert bad(await open_inbox(certified=False).check()) == []


async def test_an_account_that_may_send_but_does_not(open_inbox: Open) -> None:
    findings = await open_inbox(certified=False).check()
    assert bad(findings) == []
    assert "certified = true" in findings[1].mend


async def test_nobody_there(open_inbox: Open) -> None:
    (mend,) = bad(await open_inbox(api_base="http://127.0.0.1:9").check())
    assert "cannot be reached" in mend


def test_nobody_pays_for_wechat_who_does_not_use_it() -> None:
    """Its libraries take longer to import than everything else."""
    look = "import channels, sys; channels.kinds(); print([m for m in ('wechatpy', 'httpx') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True).stdout == "[]\n"
