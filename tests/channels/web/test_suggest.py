"""What is offered while a visitor types his first words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import httpx
import pytest
from starlette.applications import Starlette

from bot.messages import QuickReply
from channels.web.channel import WebChannel
from tests.channels.web.client import HOST, app_of, browser
from tests.channels.web.memory import MemoryVisits

SUGGEST = "/api/w/web/suggest"
MANY = tuple(QuickReply(f"问题 {n}", f"faq:{n}") for n in range(5))


class Asked:
    """Answers with `MANY`, and knows what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []

    async def __call__(self, inbox: str, text: str, language: str) -> Sequence[QuickReply]:
        self.calls.append((inbox, text, language))
        return MANY


@pytest.fixture
def asked() -> Asked:
    return Asked()


def offering(visits: MemoryVisits, asked: Asked, **options: object) -> Starlette:
    return app_of(visits, WebChannel("web", options), suggest=asked)


async def ask(app: Starlette, query: Mapping[str, str], headers: Mapping[str, str] | None = None) -> httpx.Response:
    async with browser(app) as http:
        return await http.get(SUGGEST, params=query, headers=headers)


async def test_at_most_three_without_token_and_without_trace(visits: MemoryVisits, asked: Asked) -> None:
    answer = await ask(offering(visits, asked), {"q": "  退货 ", "lang": "zh-TW"})
    assert answer.status_code == 200
    assert answer.json() == {"suggestions": [{"label": f"问题 {n}", "value": f"faq:{n}"} for n in range(3)]}
    assert answer.headers["cache-control"] == "no-store"
    assert asked.calls == [("web", "退货", "zh-Hant")]
    assert (visits.incoming, visits.tokens) == ([], {})


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": " \t\n"}, {"q": "\0\x07"}])
async def test_nothing_typed_nothing_offered(visits: MemoryVisits, asked: Asked, query: dict[str, str]) -> None:
    answer = await ask(offering(visits, asked), query)
    assert (answer.status_code, answer.json()) == (200, {"suggestions": []})
    assert asked.calls == []


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("q=" + "a" * 20_000, "a" * 200),
        ("q=" + "%F0%9F%98%80" * 300, "😀" * 200),
        ("q=a%00b%07c", "abc"),
        ("q=%ff%fe", "\ufffd\ufffd"),
        ("q=%ED%A0%80", "\ufffd\ufffd\ufffd"),
        ("q=%zz%", "%zz%"),
        ("q=<script>", "<script>"),
        ("q=one&q=two", "two"),
    ],
)
async def test_odd_input_is_cut_and_cleaned(visits: MemoryVisits, asked: Asked, query: str, text: str) -> None:
    async with browser(offering(visits, asked)) as http:
        answer = await http.get(f"{SUGGEST}?{query}")
    assert answer.status_code == 200
    assert asked.calls == [("web", text, "zh-Hans")]


@pytest.mark.parametrize("lang", ["", "fr", "en", "x" * 5000, "\0"])
async def test_a_language_not_offered_is_the_inboxes_first(visits: MemoryVisits, asked: Asked, lang: str) -> None:
    await ask(offering(visits, asked, languages=["zh-Hant", "zh-Hans"]), {"q": "退货", "lang": lang})
    assert asked.calls == [("web", "退货", "zh-Hant")]


async def test_searches_of_one_address_are_limited(visits: MemoryVisits, asked: Asked) -> None:
    app = offering(visits, asked, suggestions_per_minute=2)
    codes = [(await ask(app, {"q": "退货"})).status_code for _ in range(2)]
    refused = await ask(app, {"q": "退货"})
    assert codes == [200, 200]
    assert (refused.status_code, refused.json()["error"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    async with browser(app, "192.0.2.2") as there:
        assert (await there.get(SUGGEST, params={"q": "退货"})).status_code == 200
        assert (await there.post("/api/w/web/visitors")).status_code == 201
    assert len(asked.calls) == 3


@pytest.mark.parametrize(
    ("origin", "status"), [(f"http://{HOST}", 200), ("https://shop.example", 200), ("https://evil.example", 403)]
)
async def test_a_strangers_page_gets_nothing(visits: MemoryVisits, asked: Asked, origin: str, status: int) -> None:
    app = offering(visits, asked, origins=["https://shop.example"])
    answer = await ask(app, {"q": "退货"}, {"Origin": origin})
    assert answer.status_code == status
    assert len(asked.calls) == (status == 200)


async def test_an_unknown_inbox_is_not_found_and_posting_not_allowed(visits: MemoryVisits, asked: Asked) -> None:
    async with browser(offering(visits, asked)) as http:
        assert (await http.get("/api/w/nope/suggest?q=ab")).status_code == 404
        assert (await http.post(SUGGEST)).status_code == 405


@pytest.mark.parametrize("there", [True, False])
async def test_the_page_asks_only_where_there_is_somebody_to_ask(
    visits: MemoryVisits, asked: Asked, there: bool
) -> None:
    app = app_of(visits, suggest=asked if there else None)
    async with browser(app) as http:
        html = (await http.get("/w/web")).text
    (block,) = re.findall(r'id="kefu-data">(.*?)</script>', html, re.DOTALL)
    assert json.loads(block)["suggest"] is there
    assert len((await ask(app, {"q": "退货"})).json()["suggestions"]) == (3 if there else 0)
