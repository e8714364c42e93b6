"""An agent registers a complaint case from a chat, sees it through, and finds it wherever the customer is."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.e2e import axe
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.test_phone import shot
from tests.e2e.test_screens import fits
from tests.stories.serving import WANG

COMPLAINT = "你们的电饭煲炸了，订单 QH20261101，我要求退款！"


def asked(visits: Visits, *texts: str) -> None:
    chat = visits().open()
    for text in texts:
        chat.say(text)
    expect(chat.notice("正在为您转接")).to_be_visible()


def dialog_of(desk: Desk) -> Locator:
    return desk.page.locator(".case-dialog")


def test_from_the_chat_to_the_customers_yes(visits: Visits, sits: Sits, shots: Path | None) -> None:
    asked(visits, COMPLAINT, "转人工")
    desk = sits().open_first()
    desk.page.locator(".info").get_by_role("button", name="登记投诉单").click()
    dialog = dialog_of(desk)
    expect(dialog.get_by_label("事情经过")).to_be_focused()
    expect(dialog.get_by_label("事情经过")).to_have_value(COMPLAINT)
    expect(dialog.get_by_label("订单号")).to_have_value("QH20261101")
    expect(dialog.get_by_label("希望的处理")).to_have_value("退款")
    dialog.get_by_label("造成的损害").fill("厨房被熏黑")
    dialog.get_by_label("投诉等级").select_option("serious")
    axe.clean(desk.page, "dialog")
    shot(desk.page, shots, "case-dialog")
    dialog.get_by_role("button", name="登记投诉单").dblclick()
    expect(dialog).to_be_hidden()

    card = desk.log.locator(".case-card")
    expect(card).to_have_count(1)
    for words in ("投诉单", "严重", "已登记", "还有 3 小时", COMPLAINT, "厨房被熏黑", "退款"):
        expect(card).to_contain_text(words)
    axe.clean(desk.page, "card")
    shot(desk.page, shots, "case-card")
    card.get_by_label("状态").select_option("working")
    expect(card.locator(".chip.hand")).to_have_text("处理中")
    expect(desk.log).to_contain_text("小李更新了投诉单")
    card.get_by_label("负责人").select_option(label="小王")
    expect(desk.page.locator(".info .case-brief-head")).to_contain_text("小王")
    card.get_by_role("button", name="修改").click()
    dialog.get_by_label("已答应客户的事").fill("周五前退款")
    dialog.get_by_role("button", name="保存").click()
    expect(card).to_contain_text("周五前退款")
    card.get_by_label("状态").select_option(label="已关闭 · 客户认可")
    expect(card.locator(".chip.hand")).to_have_text("已关闭 · 客户认可")
    card.get_by_text("处理经过").click()
    for words in ("登记了投诉单", "处理中", "小王", "已答应客户的事", "客户认可"):
        expect(card.locator(".case-history")).to_contain_text(words)

    desk.page.set_viewport_size({"width": 390, "height": 844})
    fits(desk.page)
    shot(desk.page, shots, "case-narrow")


def test_by_keyboard_in_english_and_seen_from_another_conversation(visits: Visits, sits: Sits) -> None:
    asked(visits, "电饭煲炸了，我要投诉", "转人工")
    desk = sits(WANG, locale="en-GB", forgiven="cases").open_first()
    expect(desk.field).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator(".rows")).to_be_focused()
    desk.page.keyboard.press("t")
    dialog = dialog_of(desk)
    what = dialog.get_by_label("What happened")
    expect(what).to_be_focused()
    what.fill("")
    desk.page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("Please write down what happened")
    expect(what).to_be_focused()
    desk.page.keyboard.type("It exploded.")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(desk.page.locator(".rows")).to_be_focused()
    desk.page.keyboard.press("t")
    expect(what).to_have_value("It exploded.")
    desk.page.route("**/api/desk/conversations/*/cases", lambda route: route.abort())
    desk.page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("What you wrote is kept")
    dialog.get_by_label("Answer by").fill("2020-01-01T10:00")
    desk.page.unroute("**/api/desk/conversations/*/cases")
    desk.page.keyboard.press("Control+Enter")
    expect(dialog.get_by_label("Answer by")).to_be_focused()
    expect(dialog).to_contain_text("choose a later one")
    dialog.get_by_label("Answer by").fill("2099-01-01T10:00")
    desk.page.keyboard.press("Control+Enter")
    expect(dialog).to_be_hidden()
    card = desk.log.locator(".case-card")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("It exploded.")

    # He rings: the call is his, and the case stands beside it.
    desk.page.locator(".info").get_by_role("button", name="Log a call").click()
    call = desk.page.locator(".call-dialog")
    call.get_by_label("What was said").fill("Asks for the refund.")
    call.get_by_role("button", name="Save").click()
    expect(desk.log.locator(".call-card")).to_have_count(1)
    aside = desk.page.locator(".info .case-brief")
    expect(aside).to_have_count(1)
    aside.locator("summary").first.click()
    expect(aside).to_contain_text("It exploded.")
    aside.get_by_label("Status").select_option("answered")
    expect(aside.locator("summary .chip.hand")).to_have_text("Answered")
