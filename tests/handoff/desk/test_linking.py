"""An agent's Telegram account, from the web desk and from the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.store import arrivals, linking, shelf
from handoff.telegram_desk.naming import CHANNEL, INBOX, USERNAME
from tests.handoff.desk.house import House

ME = "/api/desk/me/telegram"
ROOT = Path(__file__).parents[3]


def test_a_code_and_the_way_to_the_bot(house: House) -> None:
    house.telegram = True
    row = house.write(arrivals.keep_inbox, INBOX, CHANNEL)
    house.write(shelf.put, row, USERNAME, "kefu_desk_bot", until=None)
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["telegram"] is True
    assert browser.get(ME).json() == {"linked": False}
    told = browser.post(ME, json={}).json()
    assert told["link"] == f"https://t.me/kefu_desk_bot?start={told['code']}"
    assert len(told["code"]) <= 64, "a deep link carries no more"
    found = house.write(linking.link, told["code"], 42, "Mei")
    assert found.login == "mei"
    assert browser.get(ME).json() == {"linked": True}
    assert browser.post(f"{ME}/end", json={}).json() == {"linked": False}
    assert house.run(house.store.read(linking.member, 42)) is None


def test_before_the_bot_was_seen_there_is_a_code_without_a_link(house: House) -> None:
    house.telegram = True
    told = house.agent().post(ME, json={}).json()
    assert (told["bot"], told["link"]) == ("", "")
    assert told["code"]


def test_where_there_is_no_such_desk(house: House) -> None:
    browser = house.agent()
    assert browser.get("/api/desk/me").json()["me"]["telegram"] is False
    assert browser.post(ME, json={}).status_code == 404
    assert house.browser().post(ME, json={}).status_code == 401


def kefu(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    command = [sys.executable, "-m", "bot.cli", *arguments]
    environment = {**clean, "PYTHONPATH": str(ROOT), **settings}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_the_command_line_prints_a_code(tmp_path: Path) -> None:
    desk = {"KEFU_TELEGRAM_DESK_TOKEN": "12345:" + "x" * 35, "KEFU_TELEGRAM_DESK_GROUP": "-1001234"}
    assert kefu(tmp_path, "agent", "add", "mei").returncode == 0
    missing = kefu(tmp_path, "agent", "telegram", "mei")
    assert missing.returncode != 0
    assert "[telegram_desk]" in missing.stderr
    done = kefu(tmp_path, "agent", "telegram", "mei", **desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mei  ")
    assert kefu(tmp_path, "agent", "telegram", "nobody", **desk).returncode != 0
    assert "not linked" in kefu(tmp_path, "agent", "telegram", "mei", "--end", **desk).stderr
