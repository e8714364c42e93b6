from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from channels.web import assets
from channels.web.channel import WebChannel
from channels.web.options import LANGUAGES
from channels.web.page import page
from tests.channels.web.client import VIEW, app_of, browser
from tests.channels.web.memory import MemoryVisits

SOURCES = [assets.FOLDER / "kefu.js", *sorted((assets.FOLDER / "frame").glob("*.js"))]
MODULES = {name: (assets.FOLDER / "frame" / f"{name}.js").read_text("utf-8") for name in assets.MODULES}
LIMIT, LOADER_LIMIT = 20_480, 4_096


# ---- what visitors download --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_chat_is_small(language: str) -> None:
    loader = assets.loader({})
    html, _ = page(WebChannel("web", {}), language, "", VIEW)
    sizes = {"kefu.js": loader, "page": html, **assets.frame_files()}
    packed = {name: len(asset.packed) for name, asset in sizes.items()}
    assert packed["kefu.js"] <= LOADER_LIMIT, packed
    assert sum(packed.values()) <= LIMIT, packed


async def test_the_loader_is_kept_for_ten_minutes_and_then_asked_about(http: httpx.AsyncClient) -> None:
    answer = await http.get("/kefu.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=600"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.text.startswith("(()=>{")
    again = await http.get("/kefu.js", headers={"If-None-Match": f'"x", {answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")


async def test_who_cannot_unpack_gets_it_plain(http: httpx.AsyncClient) -> None:
    plain = await http.get("/kefu.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == (await http.get("/kefu.js")).text
    assert plain.headers["vary"] == "Accept-Encoding"


async def test_the_frames_files_are_named_by_their_content_and_kept_for_ever(http: httpx.AsyncClient) -> None:
    html = (await http.get("/w/web")).text
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', html)
    assert {address.rsplit("/", 1)[1] for address in addresses} == {"frame.js", "frame.css"}
    for address in addresses:
        answer = await http.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_another_versions_files_are_served_but_not_kept(http: httpx.AsyncClient) -> None:
    answer = await http.get("/w/assets/000000000000/frame.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize("name", ["main.js", "nope.js", "..%2fpage.py", "%00"])
async def test_nothing_else_is_served(http: httpx.AsyncClient, name: str) -> None:
    assert (await http.get(f"/w/assets/{assets.frame_digest()}/{name}")).status_code == 404


async def test_the_loader_knows_the_inboxes_colours_darkened_until_readable(visits: MemoryVisits) -> None:
    app: Starlette = app_of(visits, WebChannel("web", {}), WebChannel("sun", {"color": "#ff0"}))
    async with browser(app) as http:
        script = (await http.get("/kefu.js")).text
    (table,) = re.findall(r"const COLORS=(\{.*?\});", script)
    assert list(json.loads(table)) == ["sun"]
    assert json.loads(table)["sun"] != "#ffff00"


# ---- what the putting together relies on ---------------------------------------------------------------------------


def names_of(source: str) -> list[str]:
    """Top-level names of a module."""
    declared = r"^(?:export )?(?:async )?(?:const|let|function|class) (?:\{([^}]+)\}|([\w$]+))"
    return [
        name.strip() for group, one in re.findall(declared, source, re.MULTILINE) for name in (group or one).split(",")
    ]


def test_modules_share_no_top_level_name() -> None:
    names = [name for source in MODULES.values() for name in names_of(source)]
    assert sorted(names) == sorted(set(names))


def test_every_module_is_served_after_those_it_imports_from() -> None:
    assert {path.stem for path in SOURCES[1:]} == set(MODULES)
    order = list(MODULES)
    for name, source in MODULES.items():
        for wanted, origin in re.findall(r'^import \{([^}]+)\} from "\./(\w+)\.js";$', source, re.MULTILINE):
            assert order.index(origin) < order.index(name)
            exported = set(
                re.findall(r"^export (?:async )?(?:const|function|class) ([\w$]+)", MODULES[origin], re.MULTILINE)
            )
            assert {one.strip() for one in wanted.split(",")} <= exported


def test_no_import_or_export_is_left_in_what_is_served() -> None:
    served = assets.frame_files()["frame.js"].body.decode()
    assert not re.search(r"\bimport\b|\bexport\b", served)
    for source in MODULES.values():
        assert len(re.findall(r"^import", source, re.MULTILINE)) == len(
            re.findall(r"^import .*;$", source, re.MULTILINE)
        )


def test_templates_are_not_nested() -> None:
    """The minifier reads a template literal as one string: a literal inside would be read as code."""
    for path in SOURCES:
        assert not re.search(r"`[^`]*\$\{[^}`]*`", path.read_text("utf-8")), path


def test_packed_files_unpack_to_themselves() -> None:
    for asset in assets.frame_files().values():
        assert gzip.decompress(asset.packed) == asset.body


# ---- what is said, and how -----------------------------------------------------------------------------------------


def catalogue(language: str) -> dict[str, str]:
    path: Path = assets.FOLDER / "i18n" / f"{language}.json"
    texts: dict[str, str] = json.loads(path.read_text("utf-8"))
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_have_the_same_keys_and_blanks(language: str) -> None:
    source, texts = catalogue("zh-Hans"), catalogue(language)
    assert list(texts) == list(source)
    for key, text in texts.items():
        assert text.strip(), key
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", source[key])), key


def test_every_text_is_used_and_every_used_text_is_there() -> None:
    frame = "\n".join(MODULES.values())
    html = (assets.FOLDER / "frame.html").read_text("utf-8")
    loader = SOURCES[0].read_text("utf-8")
    for key in catalogue("zh-Hans"):
        if key.startswith("launcher_"):
            assert f't("{key.removeprefix("launcher_")}"' in loader, key
        elif key.startswith("page_"):
            assert f"${key}" in html, key
        elif not key.startswith(("notice_agent", "sub_agent", "state_delivered", "state_read", "title", "greeting")):
            assert f'"{key}"' in frame, key
    known = catalogue("zh-Hans")
    assert set(re.findall(r'\bt\("(\w+)"', frame)) <= set(known)
    assert {f"launcher_{key}" for key in re.findall(r'\bt\("(\w+)"', loader)} <= set(known)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_chinese_says_nin(language: str) -> None:
    assert not [text for text in catalogue(language).values() if "你" in text or "妳" in text]


def test_traditional_is_not_simplified() -> None:
    simplified = set("为们这请连线网络发讯输问题断开显录关闭转")
    assert not [text for text in catalogue("zh-Hant").values() if simplified & set(text)]


def test_scripts_never_build_pages_from_text() -> None:
    for path in SOURCES:
        source = path.read_text("utf-8")
        code = "\n".join(line for line in source.splitlines() if not line.strip().startswith("//"))
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code), (
            path
        )


def test_no_glyph_stands_in_for_an_icon() -> None:
    pictures = re.compile("[\u2190-\u21ff\u2600-\u27bf\U0001f000-\U0001faff]")
    for path in [*SOURCES, assets.FOLDER / "frame.html", *(assets.FOLDER / "i18n").iterdir()]:
        lines = [line.split("//")[0] for line in path.read_text("utf-8").splitlines()]
        assert not pictures.search("\n".join(lines)), path
