"""No violation that a checker can find, in any frame and any state, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e import axe
from tests.e2e.conftest import Opens, Sits, Visits
from tests.stories.serving import LI, WANG, Kefu

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@SCHEMES
def test_the_chat(opens: Opens, visits: Visits, sits: Sits, scheme: str) -> None:
    context = opens(color_scheme=scheme)
    chat = visits(context=context)
    expect(chat.launcher).to_be_visible()
    axe.clean(chat.page, "launcher")
    chat.open()
    axe.clean(chat.page, "open")
    chat.say("什么时候发货")
    expect(chat.list.locator(".quick button").first).to_be_visible()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk = sits().open_first()
    desk.field.press_sequentially("您好")
    expect(chat.list.locator(".dots")).to_be_visible()
    desk.reply("您好，请看 https://shop.example/help")
    expect(chat.bubbles("agent")).to_be_visible()
    axe.clean(chat.page, "conversation")
    chat.more.click()
    axe.clean(chat.page, "menu")
    chat.frame.get_by_role("menuitem", name="清除本机聊天记录").click()
    axe.clean(chat.page, "question")
    chat.frame.get_by_role("button", name="取消").click()
    context.route("**/api/w/web/messages", lambda route: route.fulfill(status=400, json={"error": "bad_request"}))
    chat.say("发不出去")
    expect(chat.list.locator(".state.failed")).to_be_visible()
    axe.clean(chat.page, "error")
    chat.close.click()
    desk.reply("还在吗？")
    expect(chat.page.locator("kefu-chat .preview")).to_be_visible()
    axe.clean(chat.page, "unread")


@SCHEMES
def test_the_chat_on_its_own(visits: Visits, kefu: Kefu, scheme: str) -> None:
    chat = visits(f"{kefu.url}/w/web?lang=en", color_scheme=scheme)
    expect(chat.text).to_be_focused()
    axe.clean(chat.page, "alone")
    chat.say("Hello")
    chat.answered()
    axe.clean(chat.page, "alone, answered")


@SCHEMES
def test_the_desk(opens: Opens, visits: Visits, sits: Sits, kefu: Kefu, scheme: str) -> None:
    stranger = opens(color_scheme=scheme).new_page()
    stranger.goto(f"{kefu.url}/desk")
    axe.clean(stranger, "login")
    stranger.locator("#login").fill("nobody")
    stranger.locator("#password").fill("wrong")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("alert")).to_be_visible()
    axe.clean(stranger, "login refused")

    desk = sits(WANG, color_scheme=scheme)
    page = desk.page
    axe.clean(page, "empty desk")
    chat = visits().open()
    chat.say("你们的商品质量太差了，我要投诉")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    expect(desk.log.locator(".handoff")).to_be_visible()
    axe.clean(page, "list and conversation")
    desk.act("接入")
    desk.reply("您好，非常抱歉。")
    page.locator("#mode-note").click()
    desk.field.fill("老客户")
    axe.clean(page, "note")
    desk.field.press("Control+Enter")
    expect(desk.said("老客户", "note")).to_be_visible()
    axe.clean(page, "conversation with a note")
    page.locator(".account").click()
    axe.clean(page, "account")
    page.keyboard.press("Escape")
    desk.field.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    axe.clean(page, "help")
    page.keyboard.press("Escape")
    page.context.route("**/messages", lambda route: route.fulfill(status=409, json={"error": "conflict"}))
    desk.reply("发不出去")
    expect(desk.log.locator(".broken")).to_be_visible()
    axe.clean(page, "refused")
    desk.act("解决")
    expect(desk.standing).to_have_text("已解决")
    desk.tab("resolved")
    axe.clean(page, "resolved")
    page.goto(f"{kefu.url}/desk/password")
    axe.clean(page, "password")
    page.goto(f"{kefu.url}/")
    axe.clean(page, "home")


def test_the_desk_of_somebody_who_may_only_look_on(visits: Visits, sits: Sits) -> None:
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    li, wang = sits(LI).open_first(), sits(WANG).open_first()
    li.act("接入")
    expect(wang.page.locator(".barred")).to_be_visible()
    axe.clean(wang.page, "somebody else has it")
