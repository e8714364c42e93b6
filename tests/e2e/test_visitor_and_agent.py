"""A visitor in one browser and an agent in another, at the same time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Sits, Visits
from tests.e2e.shop import Shop
from tests.stories.serving import LI, WANG, Kefu
from tests.stories.words import faq, scripts


def test_a_whole_conversation_in_chinese(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    desk.tab("unassigned")
    expect(desk.rows).to_have_count(0)
    chat.say("你好")
    chat.answered()
    chat.say("什么时候发货")
    expect(chat.message("16:00 前付款的现货订单", "bot")).to_be_visible()
    chat.human.click()
    expect(chat.message("转人工", "me")).to_be_visible()
    expect(chat.sub).to_have_text("正在为您转接人工客服")
    expect(chat.human).to_be_hidden()

    expect(desk.rows).to_have_count(1)
    expect(desk.rows.first).to_contain_text("转人工")
    expect(desk.page).to_have_title(re.compile(r"^\(1\)"))
    desk.open_first()
    expect(desk.log.locator(".handoff")).to_contain_text("客户要求人工客服")
    expect(desk.said("什么时候发货", "customer")).to_be_visible()
    desk.act("接入")
    expect(desk.standing).to_have_text("由您受理")
    expect(chat.notice("小李（工号 1001）已接入，为您服务")).to_be_visible()
    expect(chat.sub).to_have_text("小李（工号 1001）为您服务")
    expect(chat.state("转人工")).to_have_text("已读")

    desk.reply("您好，我是小李，订单今天发出。")
    answer = chat.message("您好，我是小李，订单今天发出。", "agent")
    expect(answer).to_be_visible()
    expect(answer.locator(".name")).to_have_text("小李")
    expect(desk.said("您好，我是小李", "agent").locator(".state")).to_have_text("已读")

    desk.note("老客户，注意语气")
    expect(desk.said("老客户", "note")).to_be_visible()
    chat.say("好的，谢谢")
    expect(desk.said("好的，谢谢", "customer")).to_be_visible()
    expect(chat.state("好的，谢谢")).to_have_text("已读")
    desk.act("解决")
    expect(desk.standing).to_have_text("已解决")
    expect(chat.notice("本次服务已结束")).to_be_visible()
    expect(chat.bubbles("bot").nth(-2)).to_have_text(scripts("zh-Hans")["scripts"]["resolved"][0])
    expect(chat.bubbles("bot").last).to_have_text(scripts("zh-Hans")["scripts"]["rate"][0])
    expect(chat.message("老客户")).to_have_count(0)


@pytest.mark.parametrize(
    ("lang", "language", "label", "ask", "human", "asking", "joined", "read", "ended"),
    [
        ("zh-TW", "zh-Hant", "線上客服", "貨寄到哪了", "轉接真人客服", "正在為您轉接真人客服",
         "小李（工號 1001）已接手，為您服務", "已讀", "本次服務已結束"),
        ("en-GB", "en", "Chat with us", "How do I track my package?", "Talk to a person", "Finding a person for you",
         "小李 (no. 1001) has joined the chat", "Read", "This chat has ended"),
    ],
    ids=["zh-Hant", "en"],
)  # fmt: skip
def test_in_other_languages(
    visits: Visits, sits: Sits, shop: Shop, lang: str, language: str, label: str, ask: str, human: str, asking: str,
    joined: str, read: str, ended: str,
) -> None:  # fmt: skip
    chat, desk = visits(f"{shop.origin}/?lang={lang}"), sits()
    expect(chat.launcher).to_have_accessible_name(label)
    chat.open()
    expect(chat.frame.locator("html")).to_have_attribute("lang", language)
    chat.say(ask)
    expect(chat.message(faq("order_status", language), "bot")).to_be_visible()
    expect(chat.human).to_have_text(human)
    chat.human.click()
    expect(chat.sub).to_have_text(asking)
    desk.open_first()
    desk.reply("Hello!")
    expect(chat.notice(joined)).to_be_visible()
    expect(chat.message("Hello!", "agent")).to_be_visible()
    expect(chat.list.locator(".state").last).to_have_text(read)
    desk.act("解决")
    expect(chat.notice(ended)).to_be_visible()


def test_two_agents_see_one_another_and_do_not_collide(visits: Visits, sits: Sits) -> None:
    chat, li, wang = visits().open(), sits(LI), sits(WANG)
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    li.open_first()
    wang.open_first()
    expect(li.page.locator(".viewers")).to_contain_text("小王")
    expect(wang.page.locator(".viewers")).to_contain_text("小李")
    wang.field.fill("您好，我是小王")
    li.act("接入")
    expect(wang.standing).to_have_text("小李 受理中")
    expect(wang.page.locator(".barred")).to_contain_text("小李 正在受理")
    expect(wang.field).to_have_count(0)
    wang.note("这位客户我熟")
    expect(li.said("这位客户我熟", "note")).to_be_visible()
    li.act("交还机器人")
    expect(chat.notice("智能助手继续为您服务")).to_be_visible()
    expect(wang.field).to_have_value("您好，我是小王")


def test_typing_is_seen_on_both_sides(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    expect(chat.sub).to_contain_text("小李")
    chat.text.press_sequentially("我想")
    expect(desk.page.locator(".typing")).to_contain_text("正在输入")
    desk.field.press_sequentially("您好")
    expect(chat.list.locator(".dots")).to_contain_text("小李 正在输入")
    desk.reply("您好，请说")
    expect(chat.message("您好，请说", "agent")).to_be_visible()
    expect(chat.list.locator(".dots")).to_have_count(0)


def test_closed_the_launcher_counts_what_is_unread(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    expect(chat.bubbles("bot")).to_have_count(2)
    chat.close.click()
    expect(chat.launcher).to_be_focused()
    desk.open_first()
    desk.reply("您好，我是小李")
    expect(chat.badge).to_have_text("1")
    expect(chat.launcher).to_have_accessible_name("在线客服（1 条未读消息）")
    preview = chat.page.locator("kefu-chat .preview")
    expect(preview).to_contain_text("小李")
    expect(preview).to_contain_text("您好，我是小李")
    desk.reply("请问订单号是多少？")
    expect(chat.badge).to_have_text("2")
    chat.open()
    expect(chat.message("请问订单号是多少？", "agent")).to_be_visible()
    expect(chat.badge).to_be_hidden()
    expect(chat.page.locator("kefu-chat .preview")).to_have_count(0)
    expect(desk.said("请问订单号是多少？", "agent").locator(".state")).to_have_text("已读")


def test_what_an_agent_says_is_announced_once(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.reply("您好，我是小李")
    expect(chat.polite.get_by_text("小李：您好，我是小李")).to_have_count(1)
    expect(chat.polite).to_have_attribute("aria-live", "polite")
    chat.say("订单还没到")
    expect(desk.page.locator("[role=status][aria-live=polite]")).to_contain_text("订单还没到")


MISCHIEF = [
    "<b>粗</b><img src=x onerror=\"document.title='hacked'\">",
    "<script>document.title='hacked'</script>&lt;i&gt;",
    "</textarea></script><svg onload=document.title='hacked'>",
    "{{7*7}} ${7*7} javascript:alert(1) [x](javascript:alert(1))",
]


def test_html_is_text_on_both_sides(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    for text in MISCHIEF:
        chat.say(text)
        desk.reply(text)
    expect(chat.bubbles("me")).to_have_text(["转人工", *MISCHIEF])
    expect(chat.bubbles("agent")).to_have_text(MISCHIEF)
    expect(desk.log.locator(".said.customer .bubble")).to_have_text(["转人工", *MISCHIEF])
    expect(desk.log.locator(".said.agent .bubble")).to_have_text(MISCHIEF)
    for place in (chat.list, desk.log):
        assert place.locator("b, img, script, svg:not(.icon), a[href^='javascript']").count() == 0
    assert "hacked" not in chat.page.title() + desk.page.title()
    assert chat.inner().title() == "青禾生活"


def test_addresses_become_links_that_give_nothing_away(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.reply("请看 https://shop.example/help?a=1&b=2。谢谢")
    for place in (chat.bubbles("agent"), desk.said("请看", "agent")):
        link = place.locator("a")
        expect(link).to_have_attribute("href", "https://shop.example/help?a=1&b=2")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_a_visitor_without_a_shop_has_the_same_chat_on_a_page_of_its_own(
    visits: Visits, sits: Sits, kefu: Kefu
) -> None:
    chat, desk = visits(f"{kefu.url}/w/web"), sits()
    expect(chat.text).to_be_focused()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.reply("您好")
    expect(chat.message("您好", "agent")).to_be_visible()
    chat.page.reload()
    expect(chat.message("您好", "agent")).to_be_visible()
