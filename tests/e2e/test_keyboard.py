"""Without a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Opens, Sits, Visits
from tests.e2e.desk import Desk
from tests.stories.serving import LI, PASSWORD, Kefu


def test_the_chat_by_keyboard(visits: Visits) -> None:
    chat = visits()
    press = chat.page.keyboard.press
    expect(chat.launcher).to_be_visible()
    chat.page.get_by_role("link", name="其他商品").focus()
    press("Tab")
    expect(chat.launcher).to_be_focused()
    press("Enter")
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    expect(chat.text).to_be_focused()
    chat.page.keyboard.type("Hello")
    press("Enter")
    expect(chat.bubbles("me")).to_have_text("Hello")
    chat.answered()
    expect(chat.text).to_be_focused()

    press("Shift+Tab")
    expect(chat.list.locator(".quick button").last).to_be_focused()
    press("Enter")
    expect(chat.bubbles("me")).to_have_count(2)
    expect(chat.text).to_be_focused()  # the button is gone, and the keyboard is not lost with it

    chat.more.focus()
    press("Enter")
    menu = chat.frame.get_by_role("menu")
    expect(menu.locator("button").first).to_be_focused()
    press("ArrowDown")
    expect(menu.locator("button").nth(1)).to_be_focused()
    press("Escape")
    expect(menu).to_be_hidden()
    expect(chat.more).to_be_focused()
    expect(chat.text).to_be_visible()
    press("Escape")
    expect(chat.text).to_be_hidden()
    expect(chat.launcher).to_be_focused()
    press("Space")
    expect(chat.text).to_be_focused()


def test_the_desk_by_keyboard(opens: Opens, visits: Visits, kefu: Kefu) -> None:
    visitors = []
    for name in ("甲", "乙", "丙"):
        chat = visits().open()
        chat.say(f"转人工，我是{name}")
        expect(chat.notice("正在为您转接")).to_be_visible()
        visitors.append(chat)
    page = opens().new_page()
    page.goto(f"{kefu.url}/desk")
    press, type_ = page.keyboard.press, page.keyboard.type
    expect(page.locator("#login")).to_be_focused()
    type_(LI.login)
    press("Tab")
    type_(PASSWORD)
    press("Enter")
    expect(page.locator(".rows-box")).to_be_visible()
    desk = Desk(page)

    page.locator("#tab-mine").focus()
    press("ArrowRight")
    expect(page.locator("#tab-unassigned")).to_be_focused()
    expect(page.locator("#tab-unassigned")).to_have_attribute("aria-selected", "true")
    expect(desk.rows).to_have_count(3)
    cursor = page.locator(".row.cursor")
    press("j")
    first = cursor.get_attribute("id")
    press("j")
    second = cursor.get_attribute("id")
    assert first != second
    press("k")
    expect(page.locator(f"#{first}.cursor")).to_have_count(1)
    expect(page.locator(".rows")).to_have_attribute("aria-activedescendant", str(first))
    press("Enter")
    expect(desk.said("我是丙", "customer")).to_be_visible()
    expect(desk.field).to_be_focused()

    press("Escape")
    expect(page.locator(".rows")).to_be_focused()
    press("a")
    expect(desk.standing).to_have_text("由您受理")
    press("n")
    expect(page.get_by_label("内部备注，仅同事可见")).to_be_focused()
    type_("jkre?")
    press("Control+Enter")
    expect(desk.said("jkre?", "note")).to_be_visible()
    press("Escape")
    press("r")
    expect(page.get_by_label("回复客户", exact=True)).to_be_focused()
    type_("您好，我是小李")
    press("Control+Enter")
    expect(visitors[2].message("您好，我是小李", "agent")).to_be_visible()
    press("Escape")
    press("?")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("键盘快捷键")
    press("Escape")
    expect(dialog).to_have_count(0)
    press("e")
    expect(desk.standing).to_have_text("已解决")
    expect(visitors[2].notice("本次服务已结束")).to_be_visible()


def test_shortcuts_can_be_switched_off(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    page = desk.page
    page.locator(".account").click()
    page.get_by_label("单键快捷键").uncheck()
    page.keyboard.press("Escape")
    desk.open_first()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(desk.standing).to_have_text("等待接入")
