"""An agent's Telegram account, from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.stories.serving import run


def test_the_command_line_prints_a_code(tmp_path: Path) -> None:
    desk = {"KEFU_TELEGRAM_DESK_TOKEN": "12345:" + "x" * 35, "KEFU_TELEGRAM_DESK_GROUP": "-1001234"}
    assert run(tmp_path, "agent", "add", "mei").returncode == 0
    missing = run(tmp_path, "agent", "telegram", "mei")
    assert missing.returncode != 0
    assert "[telegram_desk]" in missing.stderr
    done = run(tmp_path, "agent", "telegram", "mei", **desk)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mei  ")
    assert run(tmp_path, "agent", "telegram", "nobody", **desk).returncode != 0
    assert "not linked" in run(tmp_path, "agent", "telegram", "mei", "--end", **desk).stderr
