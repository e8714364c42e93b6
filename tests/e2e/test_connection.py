"""Reloads, cut lines, restarts and lost answers, while both sides are looking: nothing is lost and nothing doubled."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Route, WebSocketRoute, expect

from tests.e2e.cable import Cable
from tests.e2e.chat import Chat
from tests.e2e.conftest import Opens, Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.shop import Shop
from tests.stories.serving import WANG, Kefu

RECOVERY = 40_000
"""Milliseconds until everybody is back after a restart: pauses between attempts grow to half a minute."""

SOON = 700
"""Milliseconds for what happens between two turns of a clock."""


@pytest.fixture
def cable(kefu: Kefu) -> Iterator[Cable]:
    with Cable(kefu.port) as made:
        yield made


@pytest.fixture
def far_shop(cable: Cable) -> Iterator[Shop]:
    """A shop whose visitors reach kefu over the cable."""
    with Shop(cable.url) as running:
        yield running


def meet(chat: Chat, desk: Desk) -> None:
    """The visitor asks for a person and the agent takes it."""
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    expect(chat.sub).to_contain_text("小李")


def test_a_reload_in_mid_conversation(visits: Visits, sits: Sits) -> None:
    chat, desk = visits().open(), sits()
    chat.say("你好")
    chat.answered()
    meet(chat, desk)
    desk.reply("您好，我是小李")
    expect(chat.message("您好，我是小李", "agent")).to_be_visible()
    before = chat.list.locator(".bubble").all_text_contents()
    chat.page.reload()
    expect(chat.message("您好，我是小李", "agent")).to_be_visible()  # it was open, and opens by itself
    assert chat.list.locator(".bubble").all_text_contents() == before
    expect(chat.sub).to_contain_text("小李")
    chat.page.get_by_role("link", name="其他商品").click()
    expect(chat.message("您好，我是小李", "agent")).to_be_visible()
    desk.page.reload()
    expect(desk.said("您好，我是小李", "agent")).to_be_visible()
    expect(desk.standing).to_have_text("由您受理")
    desk.reply("还在吗？")
    expect(chat.message("还在吗？", "agent")).to_be_visible()


def test_who_writes_before_the_scripts_are_there_has_said_it(opens: Opens, kefu: Kefu) -> None:
    page = opens().new_page()
    held: list[Route] = []
    page.route("**/frame.js", lambda route: held.append(route))
    page.goto(f"{kefu.url}/w/web", wait_until="commit")
    chat = Chat(page)
    chat.say("你好")
    expect(chat.text).to_have_value("你好\n")
    held[0].continue_()
    expect(chat.bubbles()).to_have_text(["你好"])
    chat.answered()
    expect(chat.text).to_have_value("")


def test_a_cut_line(visits: Visits, sits: Sits, cable: Cable, far_shop: Shop) -> None:
    chat, desk = visits(far_shop.url, timed=True).open(), sits()
    meet(chat, desk)
    cable.cut()
    desk.reply("第一句")
    desk.reply("第二句")
    expect(desk.said("第二句", "agent").locator(".state")).to_have_text("已发送")
    expect(chat.bubbles("agent")).to_have_count(0)
    chat.later(lambda: expect(chat.bar).to_contain_text("连接中断，正在重新连接", timeout=SOON))
    cable.mend()
    chat.later(lambda: expect(chat.bubbles("agent")).to_have_text(["第一句", "第二句"], timeout=SOON))
    expect(chat.bar).to_be_empty()
    cable.snap()
    desk.reply("第三句")
    chat.later(lambda: expect(chat.bubbles("agent")).to_have_text(["第一句", "第二句", "第三句"], timeout=SOON))
    chat.say("收到")
    expect(desk.said("收到", "customer")).to_have_count(1)


def test_a_cut_line_at_the_desk(visits: Visits, sits: Sits, cable: Cable) -> None:
    chat, desk = visits().open(), sits(at=cable.url)
    meet(chat, desk)
    cable.cut()
    chat.say("第一句")
    chat.say("第二句")
    expect(chat.list.locator(".state").last).to_have_text("已送达")
    desk.reply("断线时的回复")
    expect(desk.said("断线时的回复").locator(".state")).to_have_text("等待连接恢复后发送")
    expect(desk.bar).to_contain_text("连接已断开，正在重连… 1 条消息将在恢复后发送。", timeout=RECOVERY)
    cable.mend()
    desk.bar.get_by_role("button", name="立即重连").click()
    customer = desk.log.locator(".said.customer .bubble")
    expect(customer).to_have_text(["转人工", "第一句", "第二句"], timeout=RECOVERY)
    expect(chat.bubbles("agent")).to_have_text(["断线时的回复"])
    expect(desk.bar).to_have_count(0)
    cable.snap()
    chat.say("第三句")
    expect(customer).to_have_text(["转人工", "第一句", "第二句", "第三句"], timeout=RECOVERY)


def test_who_took_the_open_conversation_while_the_line_was_cut(visits: Visits, sits: Sits, cable: Cable) -> None:
    chat, li, wang = visits().open(), sits(at=cable.url), sits(WANG)
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    li.open_first()
    li.tab("mine")  # where it does not stand
    expect(li.rows).to_have_count(0)
    cable.cut()
    wang.open_first()
    wang.act("接入")
    expect(chat.sub).to_contain_text("小王")
    cable.mend()
    expect(li.standing).to_have_text("小王 受理中", timeout=RECOVERY)
    expect(li.log.get_by_text("小王 接入了会话")).to_be_visible()
    expect(li.field).to_have_count(0)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_while_both_are_writing(visits: Visits, sits: Sits, kefu: Kefu, end: int) -> None:
    chat, desk = visits().open(), sits()
    meet(chat, desk)
    desk.reply("您好，我是小李")
    expect(chat.message("您好，我是小李", "agent")).to_be_visible()
    kefu.send(end)
    kefu.wait()
    chat.say("你们还在吗")
    expect(chat.state("你们还在吗")).to_have_text("发送中…")
    desk.reply("稍等，我查一下")
    expect(desk.said("稍等，我查一下").locator(".state")).to_have_text("等待连接恢复后发送")
    kefu.start()
    expect(chat.message("稍等，我查一下", "agent")).to_be_visible(timeout=RECOVERY)
    expect(desk.said("你们还在吗", "customer")).to_be_visible(timeout=RECOVERY)
    expect(chat.state("你们还在吗")).to_have_text("已读", timeout=RECOVERY)
    expect(desk.bar).to_have_count(0)
    chat.say("好的")
    expect(desk.said("好的", "customer")).to_be_visible()
    desk.reply("订单今天发出")
    expect(chat.message("订单今天发出", "agent")).to_be_visible()
    mine, theirs = chat.bubbles("me"), chat.bubbles("agent")
    expect(mine).to_have_text(["转人工", "你们还在吗", "好的"])
    expect(theirs).to_have_text(["您好，我是小李", "稍等，我查一下", "订单今天发出"])
    expect(desk.log.locator(".said.customer .bubble")).to_have_text(["转人工", "你们还在吗", "好的"])
    expect(desk.log.locator(".said.agent .bubble")).to_have_text(["您好，我是小李", "稍等，我查一下", "订单今天发出"])


def test_a_lost_answer_with_the_line_up(opens: Opens, visits: Visits, sits: Sits) -> None:
    context = opens()
    losses = lose_answers(context, 2)
    chat, desk = visits(context=context).open(), sits()
    chat.say("转人工")
    expect(chat.state("转人工")).to_have_text("已送达")
    expect(chat.notice("正在为您转接")).to_be_visible()
    assert losses
    desk.open_first()
    expect(desk.said("转人工", "customer")).to_have_count(1)
    chat.say("第二句")
    expect(desk.said("第二句", "customer")).to_have_count(1)
    expect(chat.bubbles("me")).to_have_text(["转人工", "第二句"])


def test_a_lost_answer_where_sockets_do_not_get_through(opens: Opens, visits: Visits, sits: Sits) -> None:
    context = opens()
    losses = lose_answers(context, 1)
    context.route_web_socket("**/api/w/web/ws", refuse)
    chat, desk = visits(context=context, timed=True).open(), sits()
    chat.say("转人工")
    chat.later(lambda: expect(chat.state("转人工")).to_have_text("已送达", timeout=SOON))
    assert losses == ["转人工"]
    desk.open_first()
    expect(desk.said("转人工", "customer")).to_have_count(1)
    desk.reply("您好")
    chat.later(lambda: expect(chat.message("您好", "agent")).to_be_visible(timeout=SOON))  # by asking
    expect(chat.bubbles("me")).to_have_text(["转人工"])


def lose_answers(context: BrowserContext, times: int) -> list[str]:
    """The first `times` messages reach the server, and their answers nobody. The texts that were lost."""
    lost: list[str] = []

    def pass_on(route: Route) -> None:
        answer = route.fetch()
        if len(lost) >= times:
            route.fulfill(response=answer)
            return
        assert answer.status == 200
        lost.append(json.loads(route.request.post_data or "")["text"])
        route.abort("connectionreset")

    context.route("**/api/w/web/messages", pass_on)
    return lost


def refuse(socket: WebSocketRoute) -> None:
    socket.close(code=1011)


def test_two_tabs_of_one_visitor(opens: Opens, visits: Visits, sits: Sits) -> None:
    context = opens()
    one, desk = visits(context=context).open(), sits()
    two = visits(context=context)
    one.say("你好")
    one.answered()
    two.open()
    expect(two.message("你好", "me")).to_be_visible()
    two.say("转人工")
    expect(one.message("转人工", "me")).to_be_visible()
    desk.open_first()
    desk.reply("您好，我是小李")
    for tab in (one, two):
        expect(tab.message("您好，我是小李", "agent")).to_be_visible()
    one.say("第一个标签页")
    two.say("第二个标签页")
    for tab in (one, two):
        expect(tab.bubbles("me")).to_have_count(4)
    assert one.list.locator(".bubble").all_text_contents() == two.list.locator(".bubble").all_text_contents()
    expect(desk.said("标签页", "customer")).to_have_count(2)


def test_a_message_that_cannot_be_sent_says_so_and_is_sent_on_request(opens: Opens, visits: Visits, sits: Sits) -> None:
    context = opens()
    chat = visits(context=context).open()
    chat.say("你好")
    chat.answered()
    context.route("**/api/w/web/messages", lambda route: route.abort("connectionrefused"))
    chat.say("转人工")
    expect(chat.state("转人工")).to_have_text("发送中…")
    chat.say("不要这句")
    expect(chat.list.locator(".state.failed")).to_have_text(["未送达", "未送达"], timeout=RECOVERY)
    expect(chat.alert).to_contain_text("未送达")
    chat.message("不要这句").get_by_role("button", name="删除").click()
    expect(chat.message("不要这句")).to_have_count(0)
    context.unroute("**/api/w/web/messages")
    chat.message("转人工").get_by_role("button", name="重试").click()
    expect(chat.state("转人工")).to_have_text("已送达")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk = sits().open_first()
    expect(desk.log.locator(".said.customer .bubble")).to_have_text(["你好", "转人工"])


def test_what_was_not_sent_survives_a_reload(opens: Opens, visits: Visits) -> None:
    context = opens()
    chat = visits(context=context).open()
    context.route("**/api/w/web/messages", lambda route: route.abort("connectionrefused"))
    chat.say("你好")
    expect(chat.state("你好")).to_have_text("发送中…")
    context.unroute("**/api/w/web/messages")
    chat.page.reload()
    expect(chat.state("你好")).to_have_text("已送达")
    chat.answered()
    expect(chat.bubbles("me")).to_have_count(1)
