from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

import httpx
import pytest

from channels.web.channel import WebChannel
from tests.channels.web.client import VIEW, app_of, browser
from tests.channels.web.memory import MemoryVisits


def data_of(html: str) -> dict[str, Any]:
    (block,) = re.findall(r'<script type="application/json" id="kefu-data">(.*?)</script>', html, re.DOTALL)
    data: dict[str, Any] = json.loads(block)
    return data


async def open_(
    visits: MemoryVisits,
    path: str = "/w/web",
    *,
    options: dict[str, Any] | None = None,
    asked: dict[str, str] | None = None,
) -> httpx.Response:
    async with browser(app_of(visits, WebChannel("web", options or {}))) as http:
        return await http.get(path, headers=asked)


async def test_the_page_carries_its_first_view(visits: MemoryVisits) -> None:
    answer = await open_(visits)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    data = data_of(answer.text)
    assert (data["greeting"], data["topics"], data["company"]) == ("您好", VIEW["topics"], "云杉商城")
    assert (data["inbox"], data["language"], data["limit"]) == ("web", "zh-Hans", 4000)
    assert data["title"] == "云杉商城"
    assert "<title>云杉商城</title>" in answer.text


async def test_opening_it_keeps_nothing(visits: MemoryVisits) -> None:
    answer = await open_(visits)
    assert "set-cookie" not in answer.headers
    assert visits.tokens == {}


async def test_the_policy_lets_nothing_in_but_our_own(visits: MemoryVisits) -> None:
    answer = await open_(visits)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": f"'self' 'sha256-{digest}'",
        "img-src": "'self' blob: data:",
        "connect-src": "'self'",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "*",
    }
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r" on\w+=| style=", answer.text)


async def test_only_listed_origins_may_embed_it(visits: MemoryVisits) -> None:
    options = {"origins": ["https://shop.example", "https://*.shop.example"]}
    answer = await open_(visits, options=options)
    assert answer.headers["content-security-policy"].endswith(
        "frame-ancestors 'self' https://shop.example https://*.shop.example"
    )
    assert data_of(answer.text)["origins"] == options["origins"]


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/w/web", "", "zh-Hans"),
        ("/w/web", "fr-FR,en;q=0.9", "en"),
        ("/w/web", "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("/w/web", "zh-CN", "zh-Hans"),
        ("/w/web?lang=zh-HK", "en", "zh-Hant"),
        ("/w/web?lang=en", "zh", "en"),
        ("/w/web?lang=<script>", "", "zh-Hans"),
    ],
)
async def test_it_speaks_the_visitors_language(visits: MemoryVisits, path: str, accepted: str, language: str) -> None:
    answer = await open_(visits, path, asked={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert data_of(answer.text)["language"] == language
    assert "<script>" not in answer.text


async def test_an_inbox_may_speak_fewer_languages(visits: MemoryVisits) -> None:
    options = {"languages": ["en", "zh-Hant"]}
    assert data_of((await open_(visits, options=options)).text)["languages"] == [
        ["zh-Hant", "繁體中文"],
        ["en", "English"],
    ]
    nearest = await open_(visits, "/w/web?lang=zh-CN", options=options)
    assert data_of(nearest.text)["language"] == "zh-Hant"


async def test_what_a_shop_writes_cannot_break_out(visits: MemoryVisits) -> None:
    evil = '</script><script>alert(1)</script>&"\u2028'
    view = {"greeting": evil, "topics": [{"label": evil, "value": evil}], "company": evil}
    app = app_of(visits, WebChannel("web", {}), first_view=lambda inbox, language: view)
    async with browser(app) as http:
        html = (await http.get("/w/web")).text
    assert "<script>alert" not in html
    assert data_of(html)["greeting"] == evil
    assert data_of(html)["topics"] == view["topics"]


async def test_texts_of_the_operator_come_first(visits: MemoryVisits) -> None:
    options = {"title": {"en": "Help & <more>"}, "company": "Spruce"}
    english = await open_(visits, "/w/web?lang=en", options=options)
    assert "<title>Help &amp; &lt;more&gt;</title>" in english.text
    assert data_of(english.text)["company"] == "Spruce"
    assert data_of((await open_(visits, options=options)).text)["title"] == "Spruce"


async def test_without_a_first_view_it_still_greets(visits: MemoryVisits) -> None:
    app = app_of(visits, first_view=lambda inbox, language: {})
    async with browser(app) as http:
        data = data_of((await http.get("/w/web?lang=en")).text)
    assert (data["title"], data["topics"]) == ("Customer service", [])
    assert data["greeting"]


@pytest.mark.parametrize(
    ("query", "color"),
    [("", "#2b59c3"), ("?color=063", "#006633"), ("?color=%23006633", "#006633"), ("?color=red;}", "#2b59c3")],
)
async def test_an_embedder_may_wish_a_colour(visits: MemoryVisits, query: str, color: str) -> None:
    assert f"--brand:{color};" in (await open_(visits, f"/w/web{query}")).text


async def test_it_is_asked_about_each_time_and_sent_once(visits: MemoryVisits) -> None:
    first = await open_(visits)
    assert first.headers["cache-control"] == "no-cache"
    assert (await open_(visits, asked={"If-None-Match": first.headers["etag"]})).status_code == 304


@pytest.mark.parametrize("path", ["/w/nope", "/w/"])
async def test_an_unknown_inbox_is_not_found(visits: MemoryVisits, path: str) -> None:
    assert (await open_(visits, path)).status_code == 404
