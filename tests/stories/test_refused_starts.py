"""A start that cannot be: one line that says what is the matter and how to mend it, and nothing is touched."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.databases import Postgres, apart
from tests.stories.conftest import Comes, Serve
from tests.stories.serving import free_port, run

AS_OTHERS = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
"""Root may write everywhere; without this capability he is as any other user."""


def told(ended: subprocess.CompletedProcess[str], *words: str) -> None:
    """It ended with 1, one line on standard error, and these words in it."""
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("kefu: ")
    for word in words:
        assert word in lines[0]


def make(folder: Path) -> Path:
    """A database as `kefu migrate` leaves it."""
    assert run(folder, "migrate").returncode == 0
    return folder / "kefu-data" / "kefu.db"


async def test_a_second_one_on_the_same_file(serve: Serve, comes: Comes) -> None:
    kefu = serve().start()
    second = run(kefu.folder, "serve", KEFU_WEB_PORT=str(free_port()))
    told(second, f"already served by process {kefu.pid}", "[store] url")
    visitor = await comes(kefu)
    await visitor.says("你好")
    kefu.kill()
    kefu.start()
    assert "你好" in await visitor.texts(), "the lock of a dead process is no lock"


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told(run(tmp_path, "serve", KEFU_WEB_PORT=str(port)), f"127.0.0.1:{port}", "KEFU_WEB_PORT")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_nobody_may_write_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        ended = run(tmp_path, "serve", prefix=AS_OTHERS, KEFU_WEB_PORT=str(free_port()))
        told(ended, "kefu-data", "[store] url")
    finally:
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_database_nobody_may_write_to(tmp_path: Path, what: str) -> None:
    path = make(tmp_path)
    before = path.read_bytes()
    locked = path if what == "file" else path.parent
    locked.chmod(0o444 if what == "file" else 0o555)
    try:
        ended = run(tmp_path, "serve", prefix=AS_OTHERS, KEFU_WEB_PORT=str(free_port()))
        told(ended, "kefu-data", "cannot be written", "owner")
    finally:
        locked.chmod(0o755)
    assert path.read_bytes() == before


def test_a_place_where_no_folder_can_be(tmp_path: Path) -> None:
    ended = run(tmp_path, "serve", KEFU_STORE_URL="sqlite:////proc/kefu/kefu.db", KEFU_WEB_PORT=str(free_port()))
    told(ended, "/proc/kefu", "[store] url")


def test_a_database_from_a_newer_version(tmp_path: Path) -> None:
    path = make(tmp_path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'kefu_9999'")
        connection.commit()
    before = path.read_bytes()
    told(run(tmp_path, "serve", KEFU_WEB_PORT=str(free_port())), "newer version of kefu", "[store] url")
    assert path.read_bytes() == before


def test_a_postgresql_from_a_newer_version(tmp_path: Path, postgres_url: str) -> None:
    async def age() -> None:
        import asyncpg

        connection = await asyncpg.connect(postgres_url)
        await connection.execute("UPDATE alembic_version SET version_num = 'kefu_9999'")
        await connection.close()

    apart(age())
    ended = run(tmp_path, "serve", KEFU_STORE_URL=postgres_url, KEFU_WEB_PORT=str(free_port()))
    told(ended, "newer version of kefu")


def test_a_postgresql_that_is_not_there(tmp_path: Path, postgres_server: Postgres) -> None:
    url = f"postgresql://kefu:secret-word@127.0.0.1:{free_port()}/kefu"
    ended = run(tmp_path, "serve", KEFU_STORE_URL=url, KEFU_WEB_PORT=str(free_port()))
    told(ended, "cannot reach", "Does PostgreSQL run there")
    assert "secret-word" not in ended.stderr


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "kefu-data"
    folder.mkdir()
    (folder / "kefu.db").write_text("这不是数据库\n" * 1000, "utf-8")
    before = (folder / "kefu.db").read_bytes()
    told(run(tmp_path, "serve", KEFU_WEB_PORT=str(free_port())), "kefu.db")
    assert (folder / "kefu.db").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[web]\nprot = 1\n", ("kefu.toml:2", "web.prot", "Did you mean web.port?")),
        ("[web]\nport = 99999\n", ("kefu.toml:2", "web.port")),
        ("[web\n", ("kefu.toml:1", "not TOML")),
        ('[[inbox]]\nname = "a"\nchannel = "wbe"\n', ("kefu.toml:3", "Did you mean web?")),
        ('[[inbox]]\nname = "a"\nchannel = "web"\ncolour = "red"\n', ("kefu.toml", "colour", "color")),
        ('[store]\nurl = "mysql://x"\n', ("kefu.toml:2", "store.url", "sqlite:///PATH")),
        ('[faq]\npath = "none.csv"\n', ("none.csv",)),
    ],
    ids=["unknown", "range", "syntax", "channel", "option", "store", "missing file"],
)
def test_settings_that_make_no_sense(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "kefu.toml").write_text(text, "utf-8")
    told(run(tmp_path, "serve"), *words)
    assert [path.name for path in tmp_path.iterdir()] == ["kefu.toml"]


def test_a_variable_that_makes_no_sense(tmp_path: Path) -> None:
    told(run(tmp_path, "serve", KEFU_WEB_PROT="1"), "KEFU_WEB_PROT", "Did you mean KEFU_WEB_PORT?")
    told(run(tmp_path, "serve", KEFU_INBOX_WEB_ORIGINS='["shop.example"]'), "origins", "https://shop.example")
    assert list(tmp_path.iterdir()) == []
