"""The register in the browser: the customer taps and types, and the agent reads the case on the handoff's card."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Sits, Visits
from tests.e2e.test_why_and_suggestions import shot

COMPLAINT = "电饭煲收到就不通电，我要求退款，必须退！订单号 QH20269901"
NASTY = "张三<img src=x onerror=alert(1)>"


def test_a_case_is_told_in_the_chat_and_read_at_the_desk(visits: Visits, sits: Sits, shots: Path | None) -> None:
    chat = visits().open()
    chat.say(COMPLAINT)
    chat.frame.get_by_role("button", name="登记投诉").click()
    asked = ("什么时候发生", "怎么称呼", "哪个电话", "照片发在这里", "补充")
    answers = ("昨天", NASTY, "13800138000", "跳过", "不用了")
    for question, text in zip(asked, answers, strict=True):
        expect(chat.message(question, "bot").last).to_be_visible()
        chat.say(text)
    chat.frame.get_by_role("button", name="对，提交").click()
    expect(chat.message("编号", "bot").last).to_be_visible()
    shot(chat.page, shots, "form-chat")
    desk = sits()
    desk.tab("unassigned")
    desk.rows.first.click()
    card = desk.page.locator(".handoff").last
    expect(card).to_contain_text("登记内容")
    expect(card.locator(".filed dd").filter(has_text=NASTY)).to_be_visible()
    expect(card.locator(".filed dd").filter(has_text="13800138000")).to_be_visible()
    assert card.locator("img").count() == 0, "what a customer writes is text"
    shot(desk.page, shots, "form-desk")
