"""What a visitor's browser is asked to load, to send and to keep, and who may put the chat on a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Response, expect

from tests.e2e import axe
from tests.e2e.chat import Chat
from tests.e2e.conftest import Opens, Sits, Visits
from tests.e2e.shop import Shop
from tests.stories.serving import Kefu

KILO = 1024
KEPT = "[localStorage.length, sessionStorage.length, document.cookie.length]"

KEPT_IN_FRAME = "(() => { try { return localStorage.length } catch { return 0 } })()"
"""A browser may refuse a frame of another site its storage altogether."""


def loads(context: BrowserContext) -> list[Response]:
    """Everything that is loaded from here on."""
    found: list[Response] = []
    context.on("response", lambda response: found.append(response))
    return found


def weight(responses: list[Response]) -> dict[str, int]:
    """Bytes on the wire by path, bodies only."""
    return {one.url.split("?")[0]: one.request.sizes()["responseBodySize"] for one in responses}


def test_before_the_visitor_acts_one_file_is_loaded_and_nothing_kept(opens: Opens, visits: Visits, kefu: Kefu) -> None:
    context = opens()
    found = loads(context)
    chat = visits(context=context)
    expect(chat.launcher).to_be_visible()
    chat.page.wait_for_load_state("networkidle")
    assert [one.url for one in found if one.url.startswith(kefu.url)] == [f"{kefu.url}/kefu.js"]
    assert chat.page.evaluate(KEPT) == [0, 0, 0]
    assert context.cookies() == []
    assert len(chat.page.frames) == 1

    chat.open()
    chat.page.wait_for_load_state("networkidle")
    assert not [one.url for one in found if "/api/" in one.url], "opening is looking, not writing"
    assert chat.page.evaluate("localStorage.length") == 0
    chat.say("你好")
    chat.answered()
    assert chat.page.evaluate("Object.keys(localStorage)") == ["kefu:web"]
    assert chat.inner().evaluate(KEPT_IN_FRAME) == 0, "what is kept is kept by the shop's own page"
    assert context.cookies() == []
    token = chat.page.evaluate("JSON.parse(localStorage['kefu:web']).token")
    assert len(token) > 30
    assert not [one.url for one in found if token in one.url], "a token in an address ends up in logs"


def test_the_page_on_its_own_keeps_nothing_before_the_first_message(opens: Opens, visits: Visits, kefu: Kefu) -> None:
    context = opens()
    chat = visits(f"{kefu.url}/w/web", context=context)
    expect(chat.text).to_be_focused()
    assert chat.page.evaluate(KEPT) == [0, 0, 0]
    chat.say("你好")
    chat.answered()
    assert chat.page.evaluate("Object.keys(localStorage)") == ["kefu:web"]
    assert context.cookies() == []


def test_the_chat_is_light(opens: Opens, visits: Visits, kefu: Kefu) -> None:
    context = opens()
    found = loads(context)
    visits(context=context).open()
    sizes = weight([one for one in found if one.url.startswith(kefu.url)])
    assert sizes[f"{kefu.url}/kefu.js"] <= 4 * KILO
    assert len(sizes) == 4, "loader, page, script and style"
    assert sum(sizes.values()) <= 20 * KILO, sizes


def test_the_desk_is_light(opens: Opens, sits: Sits, kefu: Kefu) -> None:
    page = sits().page
    found = loads(page.context)
    page.reload()
    expect(page.locator(".rows-box")).to_be_visible()
    page.wait_for_load_state("networkidle")
    sizes = weight([one for one in found if one.url.endswith((".js", ".css"))])
    assert len(sizes) > 2
    assert all(url.startswith(kefu.url) for url in sizes)
    assert sum(sizes.values()) <= 80 * KILO, sizes


def test_a_shop_with_a_strict_policy_has_to_allow_no_more_than_our_address(visits: Visits, shop: Shop) -> None:
    chat = visits(f"{shop.origin}/?lang=zh-CN&strict=1").open()
    chat.say("你好")
    chat.answered()
    expect(chat.launcher).to_have_css("border-radius", "50%")


@pytest.fixture
def fenced(tmp_path: Path) -> Iterator[tuple[Shop, Shop]]:
    """The shop that may have the chat on its pages, and another one that has put it there all the same."""
    kefu = Kefu(tmp_path)
    with Shop(kefu.url) as own, Shop(kefu.url) as foreign:
        kefu.settings["KEFU_INBOX_WEB_ORIGINS"] = f'["{own.origin}"]'
        kefu.start()
        yield own, foreign
        kefu.stop()


def test_only_the_listed_shops_may_have_the_chat_on_their_pages(
    opens: Opens, visits: Visits, fenced: tuple[Shop, Shop]
) -> None:
    own, foreign = fenced
    chat = visits(own.url).open()
    chat.say("你好")
    chat.answered()

    page = opens(forgiven="frame-ancestors").new_page()
    page.clock.install()
    page.goto(foreign.url)
    stranger = Chat(page)
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        stranger.launcher.click()
    expect(stranger.text).to_have_count(0)
    page.clock.fast_forward(11_000)
    expect(page.locator("kefu-chat").get_by_role("alert")).to_contain_text("暂时无法连接客服")


def test_while_kefu_is_away_the_chat_says_so_and_can_be_tried_again(opens: Opens, kefu: Kefu, shop: Shop) -> None:
    page = opens().new_page()
    page.clock.install()
    page.goto(shop.url)
    chat = Chat(page)
    expect(chat.launcher).to_be_visible()
    kefu.stop()
    chat.launcher.click()
    page.clock.fast_forward(11_000)
    told = page.locator("kefu-chat").get_by_role("alert")
    expect(told).to_contain_text("暂时无法连接客服")
    axe.clean(page, "away")
    kefu.start()
    told.get_by_role("button", name="重试").click()
    expect(chat.text).to_be_visible()
