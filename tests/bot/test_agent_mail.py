"""`kefu agent mail`: where and when agents are told by mail that a customer waits."""

from __future__ import annotations

import pytest

from tests.bot.conftest import Kefu


def test_an_agent_is_told_where_and_when_he_wants(kefu: Kefu) -> None:
    kefu("agent", "add", "xiaoli", "--name", "小李", "--number", "1001")
    assert kefu("agent", "mail", "XiaoLi", "Li@example.com").out == "xiaoli  Li@example.com  away\n"
    assert kefu("agent", "list").out.split() == ["1001", "xiaoli", "agent", "小李", "Li@example.com", "(away)"]
    assert kefu("agent", "mail", "xiaoli", "li@example.com", "--notify", "always").code == 0
    assert "(always)" in kefu("agent", "list").out
    assert kefu("agent", "mail", "xiaoli").out == "xiaoli  -  never\n"
    assert "@" not in kefu("agent", "list").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("xiaoli", "li at example.com"), "is no e-mail address"),
        (("xiaoli", "a@b\r\nBcc: c@d"), "is no e-mail address"),
        (("xiaoli", "li@example.com", "--notify", "often"), "choose never, away, always"),
        (("xiaoli", "", "--notify", "always"), "without an address nobody can be told"),
        (("nobody", "li@example.com"), "there is no agent with the login 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_refused(kefu: Kefu, arguments: tuple[str, ...], told: str) -> None:
    kefu("agent", "add", "xiaoli")
    ended = kefu("agent", "mail", *arguments)
    assert ended.code == 1
    assert told in ended.err
