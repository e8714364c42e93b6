"""What the desk shows of a network's limits, of what is broken, and of how customers liked the service."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bot.errors import Trouble
from bot.shelf import InboxShelf
from bot.store import Store, arrivals, log
from tests.e2e.axe import clean
from tests.e2e.chat import Chat
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits, phone
from tests.stories.serving import WANG, Kefu, in_store

HOUR = timedelta(hours=1)


def sql(kefu: Kefu, statement: str, *values: Any) -> int:
    """Change what no channel of these tests changes by itself; how many rows it were."""
    with sqlite3.connect(kefu.store_url.removeprefix("sqlite:///"), timeout=20) as database:
        done = database.execute(statement, values)
    database.close()
    return done.rowcount


def moment(after: timedelta) -> int:
    return int((datetime.now(UTC) + after).timestamp() * 1_000_000)


def window(kefu: Kefu, place: int, until: timedelta, granted: int | None, used: int = 0) -> None:
    """Set the reply window, and have everybody told."""
    sql(
        kefu,
        "UPDATE conversation SET window_by='message', window_granted=?, window_used=?, window_until=? WHERE id=?",
        granted, used, moment(until), place,
    )  # fmt: skip
    tell(kefu, place)


def tell(kefu: Kefu, place: int, type_: str = "window", **data: Any) -> None:
    """An event in the log of another process: heard at the next look."""

    async def work(store: Store) -> None:
        await store.write(log.add, place, type_, data, audience="desk")

    in_store(kefu.store_url, work)


def taken(visits: Visits, desk: Desk) -> tuple[Chat, int]:
    """小李 has taken a conversation; its number."""
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    desk.open_first()
    desk.act("接入")
    expect(desk.standing).to_have_text("由您受理")
    desk.tab("mine")
    return chat, int(desk.page.url.rsplit("/", 1)[1])


def test_the_reply_window_is_shown_and_counts_down(visits: Visits, sits: Sits, kefu: Kefu, shots: Path | None) -> None:
    desk = sits()
    chat, place = taken(visits, desk)
    line = desk.page.locator(".composer .window")
    expect(line).to_have_count(0)
    window(kefu, place, 21 * HOUR + timedelta(minutes=5), 5, used=2)
    chat.say("在吗")  # the row comes anew
    expect(line).to_have_text("还可发 3 条 · 21 小时")
    chip = desk.rows.first.locator(".chip", has_text="时限")
    expect(chip).to_have_count(0)
    if shots:
        desk.page.screenshot(path=shots / "window-open.png")

    window(kefu, place, HOUR + timedelta(minutes=30), 5, used=4)
    chat.say("还在吗")
    expect(line).to_have_text("还可发 1 条 · 1 小时 · 这一条原是留给满意度评价的")
    expect(chip).to_have_text("时限剩 1 小时")

    window(kefu, place, 40 * HOUR, None)
    chat.say("有人吗")
    expect(line).to_have_text("40 小时内可以回复")

    window(kefu, place, 40 * HOUR, 5, used=5)
    chat.say("请回复")
    expect(line).to_contain_text("可发条数已用完。现在写下的内容会保留")
    expect(desk.rows.first).to_contain_text("可发条数已用完")

    window(kefu, place, timedelta(seconds=-1), 5)
    chat.say("唉")
    expect(line).to_contain_text("回复时限已过。现在写下的内容会保留，客户再次来信时最先发送")
    desk.page.locator("#mode-note").click()
    expect(line).to_have_count(0)  # a note goes to nobody's network


def test_a_window_closes_before_ones_eyes(visits: Visits, sits: Sits, kefu: Kefu) -> None:
    desk = sits()
    chat, place = taken(visits, desk)
    window(kefu, place, timedelta(seconds=20), 5)
    chat.say("在吗")
    line = desk.page.locator(".composer .window")
    expect(line).to_have_text("还可发 5 条 · 不到 1 分钟")
    expect(line).to_contain_text("回复时限已过", timeout=60_000)


@pytest.fixture
def parked(visits: Visits, sits: Sits, kefu: Kefu) -> Iterator[Desk]:
    """A thread with messages that wait for the customer, one that failed and one nobody knows about."""
    desk = sits()
    _, place = taken(visits, desk)
    fates = {
        "时限": ("queued", "parked.window"), "条数": ("queued", "parked.quota"), "被动": ("queued", "parked.passive"),
        "失败": ("failed", "45015: out of response time limit"), "不明": ("unknown", ""),
    }  # fmt: skip
    for text, (delivery, error) in fates.items():
        desk.reply(text)
        expect(desk.said(text, "agent").locator(".state")).to_be_visible()
        change = "UPDATE message SET delivery=?, error=? WHERE conversation_id=? AND text=?"
        while not sql(kefu, change, delivery, error, place, text):  # what is seen may still be under way
            time.sleep(0.05)
    sql(
        kefu,
        "INSERT INTO outbox (message_id, conversation_id, inbox_id, seq, parked, due_at, created_at)"
        " SELECT id, conversation_id, inbox_id, seq, 'window', ?, ? FROM message"
        " WHERE conversation_id=? AND error LIKE 'parked.%'",
        moment(24 * HOUR), moment(timedelta()), place,
    )  # fmt: skip
    window(kefu, place, timedelta(seconds=-1), 5)
    desk.page.reload()
    expect(desk.log).to_be_visible()
    yield desk
    sql(kefu, "DELETE FROM outbox WHERE conversation_id=?", place)


def test_parked_messages_say_what_they_wait_for(parked: Desk, kefu: Kefu, shots: Path | None) -> None:
    for text, reason in {
        "时限": "回复时限已过，等客户再次来信时最先发送",
        "条数": "可发条数已用完",
        "被动": "只能在客户来信时答复",
        "失败": "45015: out of response time limit",
        "不明": "谁也无法确认客户是否收到",
    }.items():
        expect(parked.said(text, "agent").locator(".state")).to_contain_text(reason)
    expect(parked.rows.first).to_contain_text("3 条等客户来信后发送")
    clean(parked.page, "parked messages")
    if shots:
        parked.page.screenshot(path=shots / "parked.png")
        parked.page.emulate_media(color_scheme="dark")
        parked.page.screenshot(path=shots / "parked-dark.png")
        parked.page.set_viewport_size({"width": 360, "height": 740})
        parked.page.screenshot(path=shots / "parked-360.png")
    parked.said("失败", "agent").get_by_role("button", name="重新发送").click()
    expect(parked.said("失败", "agent").locator(".broken")).to_have_count(0)


def trouble(kefu: Kefu, *told: Trouble) -> None:
    """What the web inbox's channel would say; without any: all is mended."""

    async def work(store: Store) -> None:
        shelf = InboxShelf(store, await store.write(arrivals.keep_inbox, "web", "web"))
        for one in told:
            await shelf.tell(one)
        if not told:
            await shelf.mended()

    in_store(kefu.store_url, work)


SAID = {
    "zh-Hans": "应用密钥已失效，消息发不出去。请在公众平台重置 AppSecret，填入 kefu.toml 后重启。",
    "zh-Hant": "應用程式密鑰已失效，訊息無法傳出。請在公眾平台重設 AppSecret，填入 kefu.toml 後重新啟動。",
    "en": "The app secret no longer works and nothing can be sent. Reset it on the platform, then restart kefu.",
}


def test_troubles_are_shown_to_everybody_until_they_are_mended(sits: Sits, kefu: Kefu, shots: Path | None) -> None:
    first, second = sits(), sits(WANG, locale="en-GB", **phone({"width": 360, "height": 740}))
    expect(first.page.locator(".trouble")).to_have_count(0)
    trouble(kefu, Trouble("secret", SAID), Trouble("whitelist", {}))
    try:
        expect(first.page.locator(".trouble")).to_have_count(2)
        expect(first.page.locator(".trouble").first).to_contain_text("网页“web”")
        expect(first.page.locator(".trouble").first).to_contain_text(SAID["zh-Hans"])
        expect(first.page.locator(".trouble").first).to_contain_text("自 ")
        expect(first.page.locator(".trouble").last).to_contain_text("需要检查设置（whitelist）")
        expect(second.page.locator(".trouble").first).to_contain_text(SAID["en"])
        fits(second.page)
        clean(first.page, "troubles")
        late = sits(WANG, locale="zh-TW")
        expect(late.page.locator(".trouble").first).to_contain_text(SAID["zh-Hant"])
        if shots:
            first.page.screenshot(path=shots / "trouble.png")
            second.page.screenshot(path=shots / "trouble-360.png")
            late.page.emulate_media(color_scheme="dark")
            late.page.screenshot(path=shots / "trouble-dark.png")
    finally:
        trouble(kefu)
    for desk in (first, second, late):
        expect(desk.page.locator(".trouble")).to_have_count(0)


def test_a_customer_rates_the_service_and_the_desk_sees_it(visits: Visits, sits: Sits, shots: Path | None) -> None:
    desk = sits()
    chat, _ = taken(visits, desk)
    desk.reply("您好，已经为您补发。")
    expect(chat.message("已经为您补发", "agent")).to_be_visible()
    desk.act("解决")
    expect(chat.bubbles("bot").last).to_contain_text("评价")
    expect(chat.notice("本次服务已结束")).to_be_visible()
    chat.frame.get_by_role("button", name="满意", exact=True).click()
    expect(chat.bubbles("bot").last).to_contain_text("“满意”")
    expect(desk.log.locator(".event", has_text="客户评价")).to_have_text("客户评价 小李 的服务：满意（4/5）")
    expect(desk.page.locator(".info .fact", has_text="满意度")).to_contain_text("满意 小李")
    for tab in ("mine", "unassigned"):
        expect(desk.page.locator(f"#tab-{tab} .count")).to_have_text("0")
    if shots:
        desk.page.screenshot(path=shots / "rating-desk.png")
        chat.page.screenshot(path=shots / "rating-chat.png")


def test_who_is_not_satisfied_is_offered_a_person(visits: Visits, sits: Sits) -> None:
    desk = sits()
    chat, _ = taken(visits, desk)
    desk.act("解决")
    expect(chat.bubbles("bot").last).to_contain_text("评价")
    chat.say("不太满意")
    expect(chat.bubbles("bot").last).to_contain_text("很抱歉")
    expect(desk.log.locator(".event", has_text="客户评价")).to_contain_text("不满意（2/5）")
    chat.frame.get_by_role("button", name="转人工").last.click()
    expect(desk.log.locator(".handoff")).to_have_count(2)


def test_an_agents_mail_that_was_not_sent_on_is_shown_with_the_reason(
    kefu: Kefu, visits: Visits, sits: Sits, shots: Path | None
) -> None:
    desk = sits()
    _, place = taken(visits, desk)
    text = "好的，退您双倍"
    tell(
        kefu,
        place,
        "agent_mail",
        agent="小王",
        email="wang@else.example",
        why="unproven",
        text=text,
        attachments=[],
        id="<1>",
    )
    line = desk.log.locator(".not-sent")
    expect(line).to_contain_text("小王")
    expect(line).to_contain_text("不能证明是本人写的")
    expect(line.locator("q")).to_have_text(text)
    if shots is not None:
        desk.page.screenshot(path=shots / "agent-mail.png")
