"""While an agent writes, the desk says what could be said better, and never stands in the way of sending."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Sits, Visits


def test_a_draft_is_advised_mended_by_key_and_sent_all_the_same(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    advice = desk.page.locator(".etiquette li")
    desk.field.fill("你好，我们会尽快处理。")
    expect(advice).to_have_count(2)
    expect(advice.nth(1)).to_contain_text("尽快")
    mend = advice.first.get_by_role("button")
    mend.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.field).to_have_value("您好，我们会尽快处理。")
    expect(desk.field).to_be_focused()
    expect(advice).to_have_count(1)
    desk.field.press("Control+Enter")
    expect(chat.bubbles("agent")).to_have_text(["您好，我们会尽快处理。"])
    expect(advice).to_have_count(0)
