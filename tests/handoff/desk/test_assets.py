"""What the browser is given: complete, small, for ever, and nobody else's."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from handoff.desk.assets import STATIC, Assets
from tests.handoff.desk.house import House

BUDGET = 112 * 1024
"""Bytes, gzipped: what an agent fetches once a version."""
OUR_SCRIPTS = sorted(STATIC.glob("*.js"))


def test_an_asset_is_kept_for_ever_and_compressed(house: House) -> None:
    assets = Assets()
    answer = house.browser().get(f"{assets.base}/app.js", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.content == (STATIC / "app.js").read_bytes()
    plain = house.browser().get(f"{assets.base}/app.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content


def test_a_page_from_before_an_update_still_finds_its_files(house: House) -> None:
    answer = house.browser().get("/desk/assets/0ld/words/en.json")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("path", ["no.js", "..%2froutes.py", "%2e%2e/%2e%2e/routes.py", "/etc/passwd", "", "words"])
def test_only_the_folder_is_served(house: House, path: str) -> None:
    assert house.browser().get(f"/desk/assets/x/{path}").status_code == 404


def test_another_content_is_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    before = Assets(tmp_path).base
    (tmp_path / "a.js").write_text("2")
    assert Assets(tmp_path).base != before
    assert len(Assets(tmp_path).missing) == 5


def test_the_whole_desk_is_light() -> None:
    assert Assets().size() < BUDGET


def test_the_shell_fetches_every_script_at_once(house: House) -> None:
    page = house.agent().get("/desk").text
    assets = Assets()
    assert not assets.missing
    for name in assets.modules:
        assert f'href="{assets.base}/{name}"' in page
    assert f'src="{assets.base}/app.js"' in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


@pytest.mark.parametrize("script", OUR_SCRIPTS, ids=lambda s: s.name)
def test_scripts_import_what_is_there_and_never_write_markup(script: Path) -> None:
    source = script.read_text("utf-8")
    for target in re.findall(r'from "([^"]+)"', source):
        assert (STATIC / target).is_file(), target
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|\beval\(", source)
    assert not re.search(r"https?://(?!\[)", source.replace("http://www.w3.org", ""))


def test_compression_is_the_same_every_time() -> None:
    data = (STATIC / "app.js").read_bytes()
    assert gzip.compress(data, 9, mtime=0) == gzip.compress(data, 9, mtime=0)
    assert Assets().base == Assets().base


COLOUR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
TEXT_ON = [
    ("text", "pane"), ("text", "ground"), ("text", "accent-soft"), ("muted", "pane"), ("muted", "ground"),
    ("muted", "sunken"), ("muted", "accent-soft"), ("accent", "pane"), ("accent-strong", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("danger", "pane"), ("danger", "danger-soft"),
    ("danger", "ground"), ("warn", "warn-soft"), ("warn", "pane"), ("note-text", "note"), ("note-text", "ground"),
]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_and_edges_can_be_seen(dark: bool) -> None:
    found = {name: pair[dark] for name, *pair in COLOUR.findall((STATIC / "base.css").read_text("utf-8"))}
    weak = [(a, b) for a, b in TEXT_ON if contrast(found[a], found[b]) < 4.5]
    weak += [(a, b) for a, b in [("edge", "pane"), ("accent", "ground")] if contrast(found[a], found[b]) < 3]
    assert weak == []


def contrast(one: str, two: str) -> float:
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
