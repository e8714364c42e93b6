"""An agent writes calls down: by mouse and by keyboard, in Chinese and in English, on a wide screen and on a phone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import axe
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits
from tests.stories.serving import WANG

NARROW: ViewportSize = {"width": 390, "height": 844}
SUMMARY = "杯子收到就是碎的，要求换货，已答应三天内补发"


def shot(page: Page, shots: Path | None, name: str) -> None:
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


def begun(desk: Desk) -> Locator:
    desk.page.locator(".list-head").get_by_role("button", name="记录通话").click()
    dialog = desk.page.locator(".call-dialog")
    expect(dialog).to_be_visible()
    return dialog


def cards(desk: Desk) -> Locator:
    return desk.log.locator(".call-card")


def test_a_call_is_written_down_and_stands_in_the_history(sits: Sits, shots: Path | None) -> None:
    desk = sits()
    dialog = begun(desk)
    expect(dialog.get_by_label("号码")).to_be_focused()
    dialog.get_by_label("号码").fill("138-0013-8000")
    expect(dialog).to_contain_text("新客户 · 138 0013 8000")
    dialog.get_by_label("来电人称呼").fill("王女士")
    dialog.get_by_label("通话内容").fill(SUMMARY)
    dialog.get_by_label("时长").fill("6")
    dialog.get_by_label("类型").select_option("complaint")
    dialog.get_by_label("投诉等级").select_option("moderate")
    dialog.get_by_label("同时登记投诉单").check()
    dialog.get_by_label("录音链接").fill("https://pbx.example/rec/1")
    axe.clean(desk.page, "dialog")
    shot(desk.page, shots, "call-dialog")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()
    expect(cards(desk)).to_have_count(1)
    card = cards(desk).first
    for words in ("来电", "138 0013 8000", "6 分钟", SUMMARY, "投诉", "处理中", "小李 记"):
        expect(card).to_contain_text(words)
    link = card.get_by_role("link", name="打开录音")
    assert link.get_attribute("href") == "https://pbx.example/rec/1"
    assert "noopener" in (link.get_attribute("rel") or "")
    assert card.get_by_role("link", name="138 0013 8000").get_attribute("href") == "tel:+8613800138000"
    expect(desk.standing).to_contain_text("由您受理")
    expect(desk.page.locator(".judged")).to_contain_text("一般")
    expect(desk.page.locator(".call-bar")).to_contain_text("只能写备注")
    expect(desk.page.locator("#mode-reply")).to_have_count(0)
    expect(desk.log.locator(".case-card")).to_contain_text(SUMMARY)
    axe.clean(desk.page, "card")
    shot(desk.page, shots, "call-card")
    desk.reply("已让仓库补发")
    expect(desk.said("已让仓库补发", "note")).to_be_visible()
    expect(desk.page.locator(".info .who-phone")).to_have_text("138 0013 8000")

    dialog = begun(desk)  # the next time the number is known
    dialog.get_by_label("号码").fill("13800138000")
    expect(dialog).to_contain_text("已有客户 王女士 · 1 次会话")
    dialog.get_by_label("通话内容").fill("来问补发进度")
    dialog.get_by_role("radio", name="已解决", exact=True).check()
    dialog.get_by_role("button", name="保存").click()
    expect(cards(desk)).to_have_count(2)
    expect(desk.standing).to_contain_text("已解决")


def test_from_a_chat_the_call_is_that_customers(visits: Visits, sits: Sits) -> None:
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk = sits().open_first()
    desk.page.locator(".info").get_by_role("button", name="记录通话").click()
    dialog = desk.page.locator(".call-dialog")
    dialog.get_by_label("号码").fill("010-62881234 转 801")
    expect(dialog).to_contain_text("会记到")
    dialog.get_by_role("radio", name="去电", exact=True).check()
    dialog.get_by_label("通话内容").fill("回电说明发货时间")
    dialog.get_by_role("button", name="保存").click()
    expect(cards(desk)).to_have_count(1)
    others = desk.page.locator(".formers .former")
    expect(others).to_have_count(1)
    expect(others).to_contain_text("网页")


def test_by_keyboard_alone_with_words_at_the_field(sits: Sits) -> None:
    desk = sits(WANG, locale="en-GB")
    desk.page.locator(".rows-box").focus()
    desk.page.keyboard.press("c")
    dialog = desk.page.locator(".call-dialog")
    expect(dialog.get_by_label("Number")).to_be_focused()
    desk.page.keyboard.type("no number")
    desk.page.keyboard.press("Enter")
    expect(dialog.get_by_label("What was said")).to_be_focused()
    expect(dialog).to_contain_text("Please write down what was said")
    desk.page.keyboard.type("Asked for the opening hours.")
    desk.page.keyboard.press("Control+Enter")
    expect(dialog.get_by_label("Number")).to_be_focused()
    expect(dialog).to_contain_text("That is no phone number")
    axe.clean(desk.page, "errors")
    dialog.get_by_label("Number").fill("")
    desk.page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(cards(desk).first).to_contain_text("No number shown")
    expect(cards(desk).first).to_contain_text("Logged by")


def test_what_was_typed_outlives_escape_reload_and_a_dead_network(sits: Sits) -> None:
    desk = sits(forgiven="calls")
    dialog = begun(desk)
    dialog.get_by_label("号码").fill("95588")
    dialog.get_by_label("通话内容").fill(SUMMARY)
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    desk.page.reload()
    expect(desk.page.locator(".rows-box")).to_be_visible()
    dialog = begun(desk)
    expect(dialog).to_contain_text("上次没有保存")
    expect(dialog.get_by_label("通话内容")).to_have_value(SUMMARY)
    desk.page.route("**/api/desk/calls", lambda route: route.abort())
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_contain_text("内容已经保留")
    expect(dialog.get_by_label("通话内容")).to_have_value(SUMMARY)
    desk.page.unroute("**/api/desk/calls")
    dialog.get_by_role("button", name="保存").dblclick()
    expect(dialog).to_be_hidden()
    expect(cards(desk)).to_have_count(1)
    dialog = begun(desk)
    expect(dialog.get_by_label("通话内容")).to_have_value("")


def test_a_call_back_has_its_day_and_fits_a_phone(sits: Sits, shots: Path | None) -> None:
    desk = sits(viewport=NARROW)
    dialog = begun(desk)
    dialog.get_by_role("radio", name="未接来电", exact=True).check()
    expect(dialog.get_by_label("时长")).to_have_count(0)
    dialog.get_by_label("号码").fill("+852 2345 6789")
    dialog.get_by_label("通话内容").fill("响了两声挂断")
    dialog.get_by_role("radio", name="需要回访", exact=True).check()
    expect(dialog.get_by_label("回访时间")).not_to_have_value("")
    dialog.get_by_label("回访时间").fill("2020-01-01T10:00")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_contain_text("回访时间已经过了")
    fits(desk.page)
    axe.clean(desk.page, "narrow")
    shot(desk.page, shots, "call-narrow")
    dialog.get_by_role("radio", name="处理中", exact=True).check()
    dialog.get_by_role("radio", name="需要回访", exact=True).check()
    dialog.get_by_label("回访时间").fill("2099-01-01T10:00")
    dialog.get_by_label("回访事项").fill("下午三点后打")
    dialog.get_by_role("button", name="保存").click()
    expect(cards(desk).first).to_contain_text("下午三点后打")
    fits(desk.page)
    shot(desk.page, shots, "call-narrow-card")
