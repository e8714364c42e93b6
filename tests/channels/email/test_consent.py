"""A person lets kefu into his mailbox: his browser comes back with a code, and the token goes into a file of ours."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from bot.errors import KefuError
from channels.email.consent import Application, answered, exchanged, question
from tests.peers.token_server import TokenServer, token_server


def command(peer: TokenServer, folder: Path, *more: str) -> subprocess.Popen[str]:
    line = [
        sys.executable,
        "-m",
        "bot.cli",
        "mail-consent",
        "microsoft",
        "an-id",
        "--authorize-url",
        "http://127.0.0.1/authorize",
        "--token-url",
        peer.url,
        *more,
    ]
    return subprocess.Popen(
        line,
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PATH": ""},
    )


def asked(run: subprocess.Popen[str]) -> str:
    assert run.stdout
    for line in run.stdout:
        if line.startswith("http"):
            return line.strip()
    raise AssertionError("it asked nothing")


def test_the_browser_comes_back_and_the_token_is_kept(tmp_path: Path) -> None:
    with token_server() as peer, command(peer, tmp_path) as run:
        address = peer.agree(asked(run))
        with urlopen(address, timeout=120) as page:
            assert "关闭" in page.read().decode()
        told, _ = run.communicate(timeout=300)
    kept = tmp_path / "mail-refresh-token"
    assert (run.returncode, kept.read_text().strip()) == (0, peer.refresh)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert 'refresh_token = "file:mail-refresh-token"' in told
    assert peer.refresh not in told


def test_a_browser_elsewhere(tmp_path: Path) -> None:
    with token_server() as peer, command(peer, tmp_path, "--paste", "--out", "t") as run:
        told, _ = run.communicate(peer.agree(asked(run)) + "\n", timeout=300)
    assert (tmp_path / "t").read_text().strip() == peer.refresh, told


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mail-refresh-token").write_text("an older one")
    with token_server() as peer, command(peer, tmp_path) as run:
        told, _ = run.communicate(timeout=300)
    assert run.returncode == 1
    assert "--out" in told
    assert (tmp_path / "mail-refresh-token").read_text() == "an older one"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://localhost:1/?error=access_denied&error_description=he+said+no", "he said no"),
        ("http://localhost:1/?code=x&state=another", "another question"),
        ("http://localhost:1/", "no code"),
        ("rubbish", "no code"),
        ("http://localhost:1/?code=x", "another question"),
    ],
)
def test_what_is_no_answer_to_our_question(address: str, told: str) -> None:
    with pytest.raises(KefuError, match=told):
        answered(address, "ours")


@pytest.mark.parametrize("kind", ["microsoft", "google"])
def test_what_each_of_them_is_asked(kind: str) -> None:
    url = urlsplit(question(Application(kind, "an-id", "a-secret", "t"), "http://localhost:1", "s", "v"))
    told = parse_qs(url.query)
    assert told["client_id"] == ["an-id"]
    assert "a-secret" not in url.query
    assert told["code_challenge_method"] == ["S256"]
    if kind == "google":
        assert (url.netloc, told["access_type"], told["scope"]) == (
            "accounts.google.com",
            ["offline"],
            ["https://mail.google.com/"],
        )
    else:
        assert (url.netloc, url.path) == ("login.microsoftonline.com", "/t/oauth2/v2.0/authorize")
        assert re.search("offline_access", told["scope"][0])


async def test_a_code_without_its_verifier_is_worth_nothing() -> None:
    with token_server() as peer:
        application = Application("microsoft", "an-id", asks="http://127.0.0.1/a", gives=peer.url)
        code = answered(peer.agree(question(application, "http://localhost:1", "s", "verifier")), "s")
        with pytest.raises(KefuError, match="the code is not good"):
            await exchanged(application, code, "http://localhost:1", "another")
