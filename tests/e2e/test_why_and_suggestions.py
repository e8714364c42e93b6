"""Why the bot said something, one click that puts a judgement right, and the questions the FAQ lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e import axe
from tests.e2e.chat import Chat
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits, on_screen, phone
from tests.stories.serving import WANG

NARROW: ViewportSize = {"width": 390, "height": 844}
COMPLAINT = "这个充电器冒烟了，我要找律师告你们"


def shot(page: Page, shots: Path | None, name: str) -> None:
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


def complain(visits: Visits) -> Chat:
    chat = visits().open()
    chat.say(COMPLAINT)
    expect(chat.notice("正在为您转接")).to_be_visible()
    return chat


def opened(sits: Sits, **options: Any) -> Desk:
    desk = sits(**options)
    desk.tab("unassigned")
    desk.rows.first.click()
    expect(desk.log).to_be_visible()
    expect(desk.said(COMPLAINT, "customer")).to_be_visible()
    return desk


def test_why_is_asked_by_mouse_and_by_keyboard(visits: Visits, sits: Sits, shots: Path | None) -> None:
    complain(visits)
    desk = opened(sits)
    button = desk.log.get_by_role("button", name="为什么").first
    button.click()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog.locator(".why-because")).not_to_be_empty()
    expect(dialog.locator("blockquote")).to_contain_text(COMPLAINT)
    expect(dialog.locator("mark").first).to_be_visible()
    expect(dialog).to_contain_text("理解为")
    expect(dialog).to_contain_text("kefu why")
    axe.clean(desk.page, "open")
    shot(desk.page, shots, "why")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_be_hidden()


def test_why_when_the_network_is_away(visits: Visits, sits: Sits) -> None:
    complain(visits)
    desk = opened(sits, forgiven="why")
    desk.page.route("**/why/*", lambda route: route.abort())
    desk.log.get_by_role("button", name="为什么").first.click()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog).to_contain_text("没能查到原因")
    desk.page.unroute("**/why/*")
    dialog.get_by_role("button", name="重试").click()
    expect(dialog.locator("blockquote")).to_be_visible()


def test_one_click_puts_a_judgement_right_also_on_the_colleagues_desk(
    visits: Visits, sits: Sits, shots: Path | None
) -> None:
    complain(visits)
    mine, other = opened(sits), opened(sits, person=WANG)
    before = mine.page.locator(".judged").inner_text()
    assert before.startswith("投诉 · ")
    mine.page.locator(".judged").click()
    shot(mine.page, shots, "judgement-menu")
    axe.clean(mine.page, "open")
    mine.page.get_by_role("menuitemradio", name="咨询").click()
    for desk in (mine, other):
        expect(desk.page.locator(".judged")).to_have_text("咨询")
        expect(desk.log.locator(".event").filter(has_text="小李 改为“咨询”")).to_be_visible()
    mine.page.get_by_role("button", name="撤销").click()
    for desk in (mine, other):
        expect(desk.page.locator(".judged")).to_have_text(before)


def test_a_judgement_is_put_right_by_keyboard(visits: Visits, sits: Sits) -> None:
    complain(visits)
    desk = opened(sits)
    chip = desk.page.locator(".judged")
    chip.focus()
    chip.press("Enter")
    checked = desk.page.get_by_role("menuitemradio", checked=True)
    expect(checked).to_be_focused()
    desk.page.keyboard.press("e")  # no shortcut here: it would resolve the conversation
    desk.page.keyboard.press("End")
    expect(desk.page.get_by_role("menuitemradio", name="骚扰")).to_be_focused()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.get_by_role("menuitemradio", name="投诉 · 危急")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(chip).to_be_focused()
    expect(desk.page.locator(".menu")).to_have_count(0)
    chip.press("Enter")
    desk.page.keyboard.press("End")
    desk.page.keyboard.press("Enter")
    expect(chip).to_have_text("骚扰")
    expect(desk.standing).to_have_text("等待接入")
    expect(desk.rows.first.locator(".chip").filter(has_text="骚扰")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_on_a_phone(visits: Visits, sits: Sits, language: str, shots: Path | None) -> None:
    complain(visits)
    desk = opened(sits, locale=language, **phone(NARROW))
    desk.page.locator(".why-ask").first.tap()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog.locator("blockquote")).to_be_visible()
    on_screen(dialog, NARROW)
    shot(desk.page, shots, f"why-390-{language}")
    desk.page.keyboard.press("Escape")
    desk.page.locator(".judged").tap()
    expect(desk.page.locator(".menu")).to_be_visible()
    on_screen(desk.page.locator(".menu"), NARROW)
    shot(desk.page, shots, f"judgement-390-{language}")
    fits(desk.page)
