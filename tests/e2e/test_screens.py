"""Small screens, dark ones, and shops whose style sheets mean ill."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, Page, ViewportSize, expect

from tests.e2e.conftest import Sits, Visits
from tests.e2e.shop import Shop

PHONES: Sequence[ViewportSize] = ({"width": 360, "height": 740}, {"width": 320, "height": 568})
LONG = "https://shop.example/" + "x" * 120 + " " + "W" * 90 + " " + "没有空格的一长串汉字" * 12


def phone(size: ViewportSize) -> dict[str, Any]:
    return {"viewport": size, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def fits(place: Page | Frame) -> None:
    """Nothing has to be scrolled sideways."""
    assert place.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen"
    wide = place.evaluate(
        "[...document.querySelectorAll('#log, .log, .rows-box, .panes, .composer, main')]"
        ".filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX != 'visible')"
        ".map((e) => e.className || e.id)"
    )
    assert wide == []


def on_screen(element: Locator, size: ViewportSize) -> None:
    """All of it can be seen without scrolling."""
    box = element.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("size", PHONES, ids=lambda s: f"{s['width']} px")
def test_the_chat_on_a_phone(visits: Visits, size: ViewportSize, shots: Path | None) -> None:
    chat = visits(**phone(size))
    on_screen(chat.launcher, size)
    chat.launcher.tap()
    expect(chat.text).to_be_visible()
    frame = chat.page.locator("kefu-chat iframe")
    box = frame.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (size["width"], size["height"]), "it fills the screen"
    expect(chat.title).to_be_focused()  # not the field: no keyboard jumps up unasked
    chat.text.fill(LONG)
    on_screen(chat.text, size)
    on_screen(chat.send, size)
    chat.send.tap()
    chat.answered()
    chat.text.fill("转人工")
    chat.send.tap()
    expect(chat.notice("正在为您转接")).to_be_visible()
    fits(chat.page)
    fits(chat.inner())
    for element in (chat.text, chat.send, chat.close, chat.more):
        on_screen(element, size)
    button = chat.send.bounding_box()
    assert button is not None
    assert min(button["width"], button["height"]) >= 40, "a thumb is not a mouse"
    chat.close.tap()
    on_screen(chat.launcher, size)
    chat.launcher.tap()
    expect(chat.text).to_be_visible()
    if shots:  # last: afterwards taps in an emulated phone's frame miss their targets
        chat.page.screenshot(path=shots / f"chat-{size['width']}.png")


@pytest.mark.parametrize("size", PHONES, ids=lambda s: f"{s['width']} px")
def test_the_desk_on_a_phone(visits: Visits, sits: Sits, size: ViewportSize, shots: Path | None) -> None:
    chat, desk = visits().open(), sits(**phone(size))
    chat.say(LONG)
    chat.answered()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.tab("unassigned")
    fits(desk.page)
    desk.rows.first.tap()
    expect(desk.log).to_be_visible()
    fits(desk.page)
    for name in ("接入", "交还机器人", "解决"):
        on_screen(desk.page.locator(".actions").get_by_role("button", name=name, exact=True), size)
    desk.act("接入")
    desk.field.fill("您好，" + LONG)
    desk.page.locator(".send").tap()
    expect(chat.message("您好", "agent")).to_be_visible()
    expect(desk.said("您好", "agent")).to_be_visible()
    fits(desk.page)
    on_screen(desk.field, size)
    on_screen(desk.page.locator(".send"), size)
    desk.page.locator(".back").tap()
    expect(desk.page.locator(".rows-box")).to_be_visible()
    fits(desk.page)
    if shots:
        desk.page.screenshot(path=shots / f"desk-{size['width']}.png")


def luminance(element: Locator) -> float:
    """Of the ground it stands on, 0 to 1."""
    value: float = element.evaluate(
        """(e) => {
          let ground = 'rgba(0, 0, 0, 0)';
          for (; e && ground == 'rgba(0, 0, 0, 0)'; e = e.parentElement) ground = getComputedStyle(e).backgroundColor;
          const [r, g, b] = ground.match(/[\\d.]+/g).map(Number);
          return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
        }"""
    )
    return value


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(visits: Visits, sits: Sits, scheme: str, shots: Path | None) -> None:
    chat, desk = visits(color_scheme=scheme).open(), sits(color_scheme=scheme)
    chat.say("你好")
    chat.answered()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    desk.reply("您好，我是小李")
    desk.note("老客户")
    expect(chat.message("您好，我是小李", "agent")).to_be_visible()
    expect(desk.said("老客户", "note")).to_be_visible()
    grounds = [luminance(chat.list), luminance(chat.bubbles("bot").first), luminance(desk.log), luminance(desk.field)]
    assert all(ground < 0.25 for ground in grounds) if scheme == "dark" else all(ground > 0.8 for ground in grounds)
    if shots:
        chat.page.screenshot(path=shots / f"chat-{scheme}.png")
        desk.page.screenshot(path=shots / f"desk-{scheme}.png")


def test_the_agents_own_choice_of_colours_counts_more(sits: Sits) -> None:
    desk = sits(color_scheme="light")
    desk.page.locator(".account").click()
    desk.page.locator("#set-theme").select_option("dark")
    desk.page.keyboard.press("Escape")
    assert luminance(desk.page.locator(".list-head")) < 0.25
    desk.page.reload()
    expect(desk.page.locator(".rows-box")).to_be_visible()
    assert luminance(desk.page.locator(".list-head")) < 0.25


def test_a_hostile_style_sheet_changes_nothing(visits: Visits, shop: Shop) -> None:
    chat = visits(f"{shop.origin}/?lang=zh-CN&hostile=1")
    box = chat.launcher.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (56, 56)
    assert (box["x"] + box["width"], box["y"] + box["height"]) == (1260, 780)
    chat.open()
    for part in (chat.page.locator("kefu-chat .panel"), chat.page.locator("kefu-chat iframe")):
        box = part.bounding_box()
        assert box is not None
        assert (round(box["width"]), round(box["height"])) == (384, 640)
    expect(chat.page.locator("kefu-chat")).to_have_css("opacity", "1")
    chat.say("你好")
    chat.answered()


def test_motion_is_left_out_where_it_is_not_wanted(visits: Visits) -> None:
    chat = visits(reduced_motion="reduce").open()
    expect(chat.page.locator("kefu-chat .panel")).to_have_css("animation-name", "none")
    chat.say("你好")
    chat.answered()
    moving = "document.getAnimations().filter((a) => a.playState == 'running').length"
    assert chat.inner().evaluate(moving) == 0


def test_the_desk_in_200_percent_reflows(visits: Visits, sits: Sits) -> None:
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk = sits(viewport={"width": 640, "height": 400}, device_scale_factor=2)
    desk.open_first()
    fits(desk.page)
    desk.field.scroll_into_view_if_needed()
    expect(desk.field).to_be_in_viewport()
