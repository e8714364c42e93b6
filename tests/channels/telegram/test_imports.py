"""aiogram takes seconds to load: only who serves a Telegram bot pays for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.serving import environment, free_port

PAYLOADS = Path(__file__).parent / "payloads"
LOADED = """
import atexit, os, sys
atexit.register(lambda: print("LOADED", "aiogram" in sys.modules, "aiohttp" in sys.modules, flush=True))
"""
MAIN = "from bot.cli import main\nmain()\n"
STOPS = """
import asyncio, os, signal, threading
import bot.app
def stop():
    import time, urllib.request
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{os.environ['KEFU_WEB_PORT']}/healthz", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=stop, daemon=True).start()
"""
"""Ends a server as soon as it answers."""
TELEGRAM = '[[inbox]]\nname = "tg"\nchannel = "telegram"\ntoken = "1001:customers-token-of-the-fake-000000000"\n'


def ran(folder: Path, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOADED + before + MAIN, *arguments], cwd=folder, capture_output=True, encoding="utf-8",
        env=environment(KEFU_WEB_PORT=str(free_port())), timeout=600, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [("--help",), ("check",), ("lint",)], ids=" ".join)
def test_commands_do_not_load_it(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = ran(tmp_path, *arguments)
    assert done.stdout.splitlines()[-1] == "LOADED False False", done.stdout + done.stderr


def test_a_start_without_telegram_does_not_load_it(tmp_path: Path) -> None:
    done = ran(tmp_path, "serve", before=STOPS)
    assert "LOADED False False" in done.stdout, done.stdout + done.stderr


def test_reading_what_was_recorded_does_not_load_it(tmp_path: Path) -> None:
    done = ran(tmp_path, "replay", "--channel", "telegram", "--dry-run", str(PAYLOADS / "text_link.json"))
    *lines, loaded = done.stdout.splitlines()
    assert "this one, order 20251126" in "".join(lines), done.stderr
    assert loaded == "LOADED False False"


def test_with_a_bot_it_is_loaded_so_the_others_say_something(tmp_path: Path) -> None:
    (tmp_path / "kefu.toml").write_text(TELEGRAM + 'api_base = "http://127.0.0.1:9"\n', "utf-8")
    done = ran(tmp_path, "check")
    assert "LOADED True True" in done.stdout
    assert "cannot be reached" in done.stdout
    assert "customers-token" not in done.stdout + done.stderr
