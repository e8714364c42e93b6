"""Answers the FAQ offers while a visitor types his first words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Request, expect

from tests.e2e import axe
from tests.e2e.chat import Chat
from tests.e2e.conftest import Opens, Visits
from tests.e2e.shop import Shop
from tests.stories.serving import Kefu

TINY: dict[str, Any] = {"viewport": {"width": 320, "height": 568}, "is_mobile": True, "has_touch": True}
REST = 600
"""Milliseconds after which a search would have gone out."""


def searches(chat: Chat) -> list[str]:
    """The searches that go out from here on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if "/suggest?" in request.url:
            found.append(request.url)

    chat.page.on("request", note)
    return found


def test_a_suggestion_is_asked_for_by_keyboard_and_answered(visits: Visits, shots: Path | None) -> None:
    chat = visits().open()
    expect(chat.text).to_be_focused()
    sent = searches(chat)
    offered = chat.hints.locator("button")
    expect(chat.hints).to_be_hidden()
    chat.text.press_sequentially("我想退货")
    # By wording two entries are near, by meaning, once the encoder is loaded, three.
    expect(offered.first).to_have_text("怎么申请退货")
    expect(offered.nth(1)).to_have_text("支持七天无理由退货吗")
    expect(chat.polite).to_have_text(re.compile(r"[23] 条可能的答案"))
    expect(chat.hints).to_have_accessible_name("猜您想问")
    assert len(sent) < 4, "not one a key"
    assert chat.page.evaluate("localStorage['kefu:web'] ?? ''").count("token") == 0, "looking makes no visitor"
    if shots:
        chat.page.screenshot(path=shots / "suggestions.png")
    chat.text.press("Shift+Tab")
    expect(offered.last).to_be_focused()
    for _ in range(offered.count() - 1):
        chat.page.keyboard.press("Shift+Tab")
    expect(offered.first).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.bubbles("me")).to_have_text("怎么申请退货")
    expect(chat.list.locator(".quick button")).to_have_text(["解决了", "没解决，转人工"])
    expect(chat.hints).to_be_hidden()
    expect(chat.text).to_be_focused()
    expect(chat.text).to_have_value("")
    before = len(sent)
    chat.text.press_sequentially("退款")
    chat.page.wait_for_timeout(REST)
    expect(chat.hints).to_be_hidden()
    assert len(sent) == before, "the conversation has begun"


def test_what_was_typed_may_be_sent_as_it_is(visits: Visits) -> None:
    chat = visits().open()
    expect(chat.text).to_be_focused()
    chat.text.fill("退款")
    expect(chat.hints).to_be_visible()
    chat.text.press("Enter")
    expect(chat.hints).to_be_hidden()
    expect(chat.bubbles("me")).to_have_text("退款")
    chat.answered()


def test_they_go_when_the_words_go(visits: Visits) -> None:
    chat = visits().open()
    expect(chat.text).to_be_focused()
    chat.text.fill("退款")
    expect(chat.hints).to_be_visible()
    chat.text.fill("退")
    expect(chat.hints).to_be_hidden()
    chat.text.fill("今天天气")
    chat.page.wait_for_timeout(REST)
    expect(chat.hints).to_be_hidden()


def test_nothing_is_asked_while_an_input_method_composes(visits: Visits, kefu: Kefu) -> None:
    chat = visits(f"{kefu.url}/w/web")
    expect(chat.text).to_be_focused()
    sent = searches(chat)
    keys = chat.page.context.new_cdp_session(chat.page)
    keys.send("Input.imeSetComposition", {"text": "tui kuan", "selectionStart": 8, "selectionEnd": 8})
    expect(chat.text).to_have_value("tui kuan")
    chat.page.wait_for_timeout(REST)
    assert sent == []
    keys.send("Input.insertText", {"text": "退款"})
    expect(chat.hints.locator("button")).to_have_text(["退款多久到账"])
    assert len(sent) == 1


@pytest.mark.parametrize("status", [0, 429, 500])
def test_a_search_that_fails_is_no_trouble(opens: Opens, visits: Visits, status: int) -> None:
    context = opens()
    context.route("**/suggest?*", lambda route: route.fulfill(status=status) if status else route.abort())
    chat = visits(context=context).open()
    expect(chat.text).to_be_focused()
    with chat.page.expect_request("**/suggest?*"):
        chat.text.fill("退款")
    chat.page.wait_for_timeout(100)
    expect(chat.hints).to_be_hidden()
    expect(chat.bar).to_be_empty()
    chat.text.press("Enter")
    chat.answered()


@pytest.mark.parametrize(
    ("lang", "typed", "title", "said"),
    [
        ("zh-TW", "退貨運費", "猜您想問", r"\d 則可能的解答"),
        ("en-GB", "return an item", "Did you mean", r"Possible answers: \d"),
    ],
    ids=["zh-Hant", "en"],
)
def test_in_other_languages(visits: Visits, shop: Shop, lang: str, typed: str, title: str, said: str) -> None:
    chat = visits(f"{shop.origin}/?lang={lang}").open()
    expect(chat.text).to_be_focused()
    chat.text.fill(typed)
    expect(chat.hints).to_have_accessible_name(title)
    expect(chat.polite).to_have_text(re.compile(f"^{said}$"))
    label = chat.hints.locator("button").first.inner_text()
    chat.hints.locator("button").first.click()
    expect(chat.bubbles("me")).to_have_text(label)
    chat.answered()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_the_smallest_screen(visits: Visits, scheme: Any, shots: Path | None) -> None:
    chat = visits(color_scheme=scheme, reduced_motion="reduce", **TINY)
    chat.launcher.tap()
    expect(chat.title).to_be_focused()
    chat.text.fill("我想退货")
    expect(chat.hints).to_be_visible()
    for element in (chat.hints, chat.text, chat.send):
        expect(element).to_be_in_viewport(ratio=1)
    inner = chat.inner()
    assert inner.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inner.evaluate("document.getElementById('log').scrollTop") == 0, "the first view stays at its beginning"
    assert inner.evaluate("document.getAnimations().filter((a) => a.playState == 'running').length") == 0
    axe.clean(chat.page, "suggestions")
    if shots:
        chat.page.screenshot(path=shots / f"suggestions-320-{scheme}.png")
    chat.hints.locator("button").first.tap()
    expect(chat.bubbles("me")).to_have_text("怎么申请退货")
    expect(chat.hints).to_be_hidden()
    chat.answered()
