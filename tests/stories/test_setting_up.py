"""Somebody sets up WeChat for the first time: every mistake is told with its place and the mend, and what works is
said."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from bot.app import make_channels
from bot.settings import load
from channels.wechat import options as wechat
from channels.wecom import options as wecom
from channels.weibo import options as weibo
from tests.fakes.pushes import Mode
from tests.fakes.wechat import SECRET, WeChat
from tests.fakes.wecom import OPEN_KFID, WeCom
from tests.fakes.wecom import SECRET as KF_SECRET
from tests.stories.networks import ACCOUNT, KF_ACCOUNT, kf, oa
from tests.stories.serving import ROOT, Kefu, free_port, run

KEY = ACCOUNT.aes_key


def written(folder: Path, text: str) -> Path:
    (folder / "kefu.toml").write_text(f"[web]\nport = {free_port()}\n\n{text}", "utf-8")
    return folder


def checked(folder: Path, text: str) -> list[str]:
    """What is wrong, as `kefu check` tells it."""
    ended = run(written(folder, text), "check")
    wrong = [line for line in ended.stdout.splitlines() if line.startswith("✗")]
    assert ended.returncode == (1 if wrong else 0)
    assert ended.stderr == ""
    return wrong


WRONG = {
    "a key cut short": (f'"{KEY}"', f'"{KEY[:-1]}"', "kefu.toml:11: ", "43 letters", "it has 42 characters"),
    "a name misspelt": ("app_secret", "appsecret", "kefu.toml:8: ", "did you mean app_secret?"),
    "the original id": ('"wx', '"gh_wx', "kefu.toml:7: ", "app_id must be the AppID"),
    "safe without a key": ("aes_key =", "# aes_key =", "kefu.toml:12: ", "needs aes_key", "公众平台"),
    "text for a yes": ('mode = "safe"', 'certified = "no"', "kefu.toml:12: ", "true or false"),
}
"""What is written, what should have been, and what is told."""


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_option_is_told_with_its_line(tmp_path: Path, what: str) -> None:
    good, bad, *words = WRONG[what]
    text = oa("wechat", "http://127.0.0.1:9", Mode.SAFE)
    assert good in text
    told = checked(tmp_path, text.replace(good, bad, 1))
    assert all(any(word in line for line in told) for word in words), told
    started = run(tmp_path, "serve")
    assert started.returncode == 1
    assert [line.removeprefix("kefu: ") for line in started.stderr.splitlines()] == [
        line.partition("inboxes: ")[2] for line in told
    ]
    assert not (tmp_path / "kefu-data").exists()


def test_every_missing_option_has_a_line_of_its_own(tmp_path: Path) -> None:
    told = checked(tmp_path, '[[inbox]]\nname = "kf"\nchannel = "wecom"\n')
    assert [line.split(" is missing")[0].rsplit(" ", 1)[1] for line in told] == [
        "corp_id", "open_kfid", "secret", "token", "aes_key",
    ]  # fmt: skip


def test_what_only_wechat_can_tell(tmp_path: Path) -> None:
    with WeChat() as fake:
        text = oa("wechat", fake.url)
        assert checked(tmp_path, text) == []
        (told,) = checked(tmp_path, text.replace(SECRET, "0" * 32))
        assert "AppSecret is wrong" in told
        fake.block_ip("203.0.113.8")
        (told,) = checked(tmp_path, text)
        assert "203.0.113.8" in told
        assert "IP白名单" in told
        fake.block_ip("")
        fake.certify(False)
        (told,) = checked(tmp_path, text)
        assert "certified = false" in told
        assert checked(tmp_path, oa("wechat", fake.url, certified=False)) == []
    (told,) = checked(tmp_path, text)
    assert f"Can this server open {fake.url}?" in told


def test_what_only_wecom_can_tell(tmp_path: Path) -> None:
    with WeCom() as fake:
        text = kf("kf", fake.url)
        assert checked(tmp_path, text) == []
        (told,) = checked(tmp_path, text.replace(KF_SECRET, "another"))
        assert "corp_id or secret" in told
        (told,) = checked(tmp_path, text.replace(OPEN_KFID, "wk"))
        assert f"It has: {OPEN_KFID} (售后)." in told
        fake.block_ip("203.0.113.8")
        (told,) = checked(tmp_path, text)
        assert "203.0.113.8" in told
        assert "企业可信IP" in told
    assert KF_ACCOUNT.aes_key not in told


PAGES = [
    "README.md",
    "README.en.md",
    *(f"channels/{name}README.md" for name in ("", "wechat/", "wecom/", "weibo/", "email/")),
]


@pytest.mark.parametrize("page", PAGES)
def test_what_the_pages_tell_people_to_write_is_taken(tmp_path: Path, page: str) -> None:
    """Every block with an inbox of a real account in it; an ellipsis stands for a value only its reader knows."""
    blocks = [
        b for b in re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL) if "[[inbox]]" in b
    ]
    assert blocks
    for block in blocks:
        written(tmp_path, re.sub(r"\[web\]\n(\w+ = .*\n)*", "", block))
        if "…" in block:
            continue
        told = load(
            tmp_path / "kefu.toml",
            {
                **dict.fromkeys(("WEIBO_SECRET", "WEIBO_TOKEN"), SECRET),
                "WECHAT_SECRET": SECRET,
                "KF_SECRET": KF_SECRET,
                "MAIL_CODE": "x",
                "DATABASE_URL": "sqlite:///x",
            },
        )
        assert make_channels(told).keys() == {i.name for i in told.inboxes}


@pytest.mark.parametrize(("page", "heading", "known"), [
    ("channels/wechat/README.md", "## 8. 全部选项", wechat.READERS),
    ("channels/wecom/README.md", "## 7. 全部选项", wecom.READERS),
    ("channels/weibo/README.md", "## 9. 选项", weibo.READERS),
    ("channels/README.md", "## WeChat Official Accounts", wechat.READERS),
    ("channels/README.md", "## WeCom customer service", wecom.READERS),
])  # fmt: skip
def test_the_tables_have_every_option_and_no_other(page: str, heading: str, known: Collection[str]) -> None:
    part = (ROOT / page).read_text("utf-8").partition(heading)[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(known)


def test_the_start_says_what_to_enter_in_the_console(tmp_path: Path) -> None:
    with WeChat() as fake:
        made = Kefu(
            tmp_path, settings={"KEFU_WEB_PUBLIC_URL": "https://chat.example.com/", "KEFU_INBOX_WEB_CHANNEL": "web"}
        )
        (tmp_path / "kefu.toml").write_text(oa("wechat", fake.url), "utf-8")
        ended = run(tmp_path, "check", **made.settings)
        assert "✓ inbox wechat: webhook https://chat.example.com/webhooks/wechat\n" in ended.stdout
        made.start()
        said = "".join(made.lines)
        assert "https://chat.example.com/webhooks/wechat\n" in said
        assert "/webhooks/web\n" not in said
        assert made.stop() == 0
