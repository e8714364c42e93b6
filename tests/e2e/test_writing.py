"""The field the visitor writes in, and the buttons that write for him."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Sits, Visits
from tests.stories.serving import Kefu


def compose(page: Page, letters: str, chosen: str) -> None:
    """An input method: letters are typed, Enter picks a candidate, and the candidate takes their place."""
    keys = page.context.new_cdp_session(page)
    keys.send(
        "Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
    )
    enter = {
        "type": "rawKeyDown",
        "windowsVirtualKeyCode": 229,
        "nativeVirtualKeyCode": 229,
        "key": "Enter",
        "code": "Enter",
    }
    keys.send("Input.dispatchKeyEvent", enter)
    keys.send("Input.insertText", {"text": chosen})
    keys.send("Input.dispatchKeyEvent", {**enter, "type": "keyUp"})
    keys.detach()


def settle(page: Page) -> None:
    """Longer than an Enter may come after the composition it belongs to."""
    page.evaluate("new Promise((done) => setTimeout(done, 60))")


def test_the_enter_that_picks_a_candidate_does_not_send(visits: Visits, kefu: Kefu) -> None:
    chat = visits(f"{kefu.url}/w/web")
    expect(chat.text).to_be_focused()
    compose(chat.page, "ni hao", "你好")
    expect(chat.text).to_have_value("你好")
    compose(chat.page, "zai ma", "在吗")
    expect(chat.text).to_have_value("你好在吗")
    settle(chat.page)
    expect(chat.bubbles("me")).to_have_count(0)
    chat.page.keyboard.press("Enter")
    expect(chat.bubbles("me")).to_have_text(["你好在吗"])
    expect(chat.text).to_have_value("")


@pytest.mark.parametrize("keys", ["ctrl", "enter"])
def test_nor_does_it_at_the_desk(visits: Visits, sits: Sits, keys: str) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.page.locator(".account").click()
    desk.page.locator("#set-send").select_option(keys)
    desk.page.keyboard.press("Escape")
    desk.open_first()
    desk.field.focus()
    compose(desk.page, "nin hao", "您好")
    expect(desk.field).to_have_value("您好")
    settle(desk.page)
    expect(desk.log.locator(".said.agent")).to_have_count(0)
    desk.page.keyboard.press("Shift+Enter")
    desk.page.keyboard.type("请说")
    desk.page.keyboard.press("Enter" if keys == "enter" else "Control+Enter")
    expect(chat.bubbles("agent")).to_have_text("您好\n请说", use_inner_text=True)


def test_shift_enter_makes_a_line(visits: Visits) -> None:
    chat = visits().open()
    chat.text.press_sequentially("第一行")
    chat.text.press("Shift+Enter")
    chat.text.press_sequentially("第二行")
    expect(chat.bubbles("me")).to_have_count(0)
    chat.text.press("Enter")
    expect(chat.bubbles("me")).to_have_text("第一行\n第二行", use_inner_text=True)


def test_nothing_empty_and_nothing_too_long_is_sent(visits: Visits) -> None:
    chat = visits().open()
    expect(chat.send).to_be_disabled()
    chat.say("   ")
    expect(chat.send).to_be_disabled()
    chat.text.fill("长" * 3600)
    expect(chat.counter).to_have_text("3600/4000")
    chat.say("长" * 4001)
    expect(chat.counter).to_have_text("4001/4000")
    expect(chat.text).to_have_attribute("aria-invalid", "true")
    expect(chat.send).to_be_disabled()
    expect(chat.bubbles("me")).to_have_count(0)
    chat.text.fill("长" * 4000)
    chat.send.click()
    expect(chat.list.locator(".state")).to_have_text("已送达")


def test_a_draft_survives_a_reload_and_another_page(visits: Visits) -> None:
    chat = visits().open()
    chat.text.press_sequentially("我想问一下")
    chat.page.wait_for_function("localStorage['kefu:web']?.includes('我想问一下')")
    chat.page.reload()
    expect(chat.text).to_have_value("我想问一下")
    chat.page.get_by_role("link", name="其他商品").click()
    expect(chat.text).to_have_value("我想问一下")
    chat.text.press("Enter")
    expect(chat.bubbles("me")).to_have_text("我想问一下")
    chat.answered()
    chat.page.reload()
    expect(chat.bubbles("me")).to_have_text("我想问一下")
    expect(chat.text).to_have_value("")


def test_drafts_at_the_desk_belong_to_their_conversation(visits: Visits, sits: Sits) -> None:
    desk = sits()
    for text in ("转人工，第一位", "转人工，第二位"):
        chat = visits().open()
        chat.say(text)
        expect(chat.notice("正在为您转接")).to_be_visible()
    desk.tab("unassigned")
    expect(desk.rows).to_have_count(2)
    first, second = desk.rows.nth(0), desk.rows.nth(1)
    first.click()
    expect(desk.said("第二位", "customer")).to_be_visible()
    desk.field.fill("给后一位")
    second.click()
    expect(desk.said("第一位", "customer")).to_be_visible()
    expect(desk.field).to_have_value("")
    desk.page.locator("#mode-note").click()
    desk.field.fill("备注还没写完")
    desk.page.reload()
    desk.tab("unassigned")
    expect(desk.rows).to_have_count(2)
    first.click()
    expect(desk.said("第二位", "customer")).to_be_visible()
    expect(desk.field).to_have_value("给后一位")
    second.click()
    expect(desk.said("第一位", "customer")).to_be_visible()
    desk.page.locator("#mode-note").click()
    expect(desk.field).to_have_value("备注还没写完")


MANY_LINES = "很长的一段话，" * 60


def test_who_writes_much_still_sees_what_was_said_last(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits(viewport={"width": 1280, "height": 600})
    chat.say(MANY_LINES)
    chat.answered()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    expect(chat.notice("已接入")).to_be_in_viewport()
    chat.text.fill(MANY_LINES)
    expect(chat.notice("已接入")).to_be_in_viewport()
    desk.field.fill(MANY_LINES)
    expect(desk.log.get_by_text("小李 接入了会话")).to_be_in_viewport()
    desk.field.press("Control+Enter")
    expect(desk.log.locator(".state").last).to_be_in_viewport()
    expect(chat.bubbles("agent")).to_be_in_viewport()
    chat.text.press("Enter")
    expect(desk.said(MANY_LINES, "customer").last).to_be_in_viewport()
    expect(chat.state(MANY_LINES).last).to_have_text("已读")


def test_who_reads_further_up_is_left_there_and_told(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits(viewport={"width": 1280, "height": 600})
    chat.say(MANY_LINES)
    chat.answered()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    expect(chat.notice("已接入")).to_be_in_viewport()
    chat.list.hover()
    chat.page.mouse.wheel(0, -5000)
    top = chat.bubbles("bot").first
    expect(top).to_be_in_viewport()
    desk.reply("您还在吗？")
    expect(chat.newer).to_be_visible()
    expect(top).to_be_in_viewport()
    expect(desk.said("您还在吗？", "agent").locator(".state")).to_have_text("已发送")
    chat.newer.click()
    expect(chat.message("您还在吗？", "agent")).to_be_in_viewport()
    expect(chat.newer).to_be_hidden()
    expect(desk.said("您还在吗？", "agent").locator(".state")).to_have_text("已读")

    desk.log.hover()
    desk.page.mouse.wheel(0, -5000)
    above = desk.log.get_by_text("会话开始")
    expect(above).to_be_in_viewport()
    chat.say("在的")
    newest = desk.page.locator(".to-end")
    expect(newest).to_have_text("1 条新内容")
    expect(above).to_be_in_viewport()
    expect(chat.state("在的")).to_have_text("已送达")
    newest.click()
    expect(desk.said("在的", "customer")).to_be_in_viewport()
    expect(chat.state("在的")).to_have_text("已读")


def test_quick_replies_are_there_until_something_follows(visits: Visits) -> None:
    chat = visits().open()
    topics = chat.list.locator(".topic")
    expect(topics.last).to_have_text("转人工")
    topics.first.click()
    expect(chat.bubbles("me")).to_have_text("查物流")
    expect(chat.message("我的订单", "bot")).to_be_visible()
    expect(topics).to_have_count(0)
    offered = chat.list.locator(".quick button")
    expect(offered).to_have_text(["解决了", "没解决，转人工"])
    offered.first.click()
    expect(chat.bubbles("me")).to_have_text(["查物流", "解决了"])
    expect(offered).to_have_count(0)
    chat.answered(2)
    chat.say("怎么退货")
    expect(offered.first).to_have_text("解决了")
    chat.say("谢谢")
    expect(chat.bubbles("me")).to_have_count(4)
    expect(offered).to_have_count(0)


def test_a_visitor_may_clear_this_device(visits: Visits) -> None:
    chat = visits().open()
    chat.say("你好")
    chat.answered()
    chat.more.click()
    chat.frame.get_by_role("menuitem", name="清除本机聊天记录").click()
    chat.frame.get_by_role("button", name="清除并退出").click()
    expect(chat.bubbles("me")).to_have_count(0)
    assert chat.page.evaluate("localStorage.length") == 0
    chat.page.reload()
    expect(chat.list.locator(".topic").first).to_be_visible()
    expect(chat.bubbles("me")).to_have_count(0)
