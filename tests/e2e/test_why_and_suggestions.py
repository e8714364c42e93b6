"""Why the bot said something, one click that puts a judgement right, and the questions the FAQ lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, ViewportSize, expect

from bot.store import Store
from bot.store.sql import Statement, p
from bot.tables import Agent
from replies.source import CONTENT
from tests.e2e import axe
from tests.e2e.chat import Chat
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import fits, on_screen, phone
from tests.stories.serving import LI, WANG, Kefu, hire, in_store

NARROW: ViewportSize = {"width": 390, "height": 844}
SAMPLE = CONTENT / "zh-Hans" / "faq.csv"
_agents = Agent.__table__  # type: ignore[attr-defined]
PROMOTE = Statement(sa.update(_agents).where(_agents.c.login == p("login")).values(role="supervisor"))
COMPLAINT = "这个充电器冒烟了，我要找律师告你们"


def shot(page: Page, shots: Path | None, name: str) -> None:
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


def complain(visits: Visits) -> Chat:
    chat = visits().open()
    chat.say(COMPLAINT)
    expect(chat.notice("正在为您转接")).to_be_visible()
    return chat


def opened(sits: Sits, **options: Any) -> Desk:
    desk = sits(**options)
    desk.tab("unassigned")
    desk.rows.first.click()
    expect(desk.log).to_be_visible()
    expect(desk.said(COMPLAINT, "customer")).to_be_visible()
    return desk


def test_why_is_asked_by_mouse_and_by_keyboard(visits: Visits, sits: Sits, shots: Path | None) -> None:
    complain(visits)
    desk = opened(sits)
    button = desk.log.get_by_role("button", name="为什么").first
    button.click()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog.locator(".why-because")).not_to_be_empty()
    expect(dialog.locator("blockquote")).to_contain_text(COMPLAINT)
    expect(dialog.locator("mark").first).to_be_visible()
    expect(dialog).to_contain_text("理解为")
    expect(dialog).to_contain_text("kefu why")
    axe.clean(desk.page, "open")
    shot(desk.page, shots, "why")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="关闭").click()
    expect(dialog).to_be_hidden()


def test_why_when_the_network_is_away(visits: Visits, sits: Sits) -> None:
    complain(visits)
    desk = opened(sits, forgiven="why")
    desk.page.route("**/why/*", lambda route: route.abort())
    desk.log.get_by_role("button", name="为什么").first.click()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog).to_contain_text("没能查到原因")
    desk.page.unroute("**/why/*")
    dialog.get_by_role("button", name="重试").click()
    expect(dialog.locator("blockquote")).to_be_visible()


def test_one_click_puts_a_judgement_right_also_on_the_colleagues_desk(
    visits: Visits, sits: Sits, shots: Path | None
) -> None:
    complain(visits)
    mine, other = opened(sits), opened(sits, person=WANG)
    before = mine.page.locator(".judged").inner_text()
    assert before.startswith("投诉 · ")
    mine.page.locator(".judged").click()
    shot(mine.page, shots, "judgement-menu")
    axe.clean(mine.page, "open")
    mine.page.get_by_role("menuitemradio", name="咨询").click()
    for desk in (mine, other):
        expect(desk.page.locator(".judged")).to_have_text("咨询")
        expect(desk.log.locator(".event").filter(has_text="小李 改为“咨询”")).to_be_visible()
    mine.page.get_by_role("button", name="撤销").click()
    for desk in (mine, other):
        expect(desk.page.locator(".judged")).to_have_text(before)


def test_a_judgement_is_put_right_by_keyboard(visits: Visits, sits: Sits) -> None:
    complain(visits)
    desk = opened(sits)
    chip = desk.page.locator(".judged")
    chip.focus()
    chip.press("Enter")
    checked = desk.page.get_by_role("menuitemradio", checked=True)
    expect(checked).to_be_focused()
    desk.page.keyboard.press("e")  # no shortcut here: it would resolve the conversation
    desk.page.keyboard.press("End")
    expect(desk.page.get_by_role("menuitem", name="为什么这样判断？")).to_be_focused()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.get_by_role("menuitemradio", name="投诉 · 危急")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(chip).to_be_focused()
    expect(desk.page.locator(".menu")).to_have_count(0)
    chip.press("Enter")
    expect(checked).to_be_focused()
    desk.page.keyboard.press("End")
    desk.page.keyboard.press("Enter")
    dialog = desk.page.locator(".why-dialog")
    expect(dialog.get_by_role("heading", name="为什么这样判断")).to_be_visible()
    expect(dialog.locator("mark").first).to_be_visible()
    desk.page.keyboard.press("Escape")
    chip.press("Enter")
    expect(checked).to_be_focused()
    desk.page.keyboard.press("End")
    desk.page.keyboard.press("ArrowUp")
    desk.page.keyboard.press("Enter")
    expect(chip).to_have_text("骚扰")
    expect(desk.standing).to_have_text("等待接入")
    expect(desk.rows.first.locator(".chip").filter(has_text="骚扰")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "en"])
def test_on_a_phone(visits: Visits, sits: Sits, language: str, shots: Path | None) -> None:
    complain(visits)
    desk = opened(sits, locale=language, **phone(NARROW))
    desk.page.locator(".why-ask").first.tap()
    dialog = desk.page.locator(".why-dialog")
    expect(dialog.locator("blockquote")).to_be_visible()
    on_screen(dialog, NARROW)
    shot(desk.page, shots, f"why-390-{language}")
    desk.page.keyboard.press("Escape")
    desk.page.locator(".judged").tap()
    expect(desk.page.locator(".menu")).to_be_visible()
    on_screen(desk.page.locator(".menu"), NARROW)
    shot(desk.page, shots, f"judgement-390-{language}")
    fits(desk.page)


# ---- questions the FAQ lacks --------------------------------------------------------------------------------------

UNKNOWN = ("恐龙化石能在月球上挖到吗", "请问恐龙化石能在月球上挖到吗")
ANSWER = "您好，目前没有这样的发现。请您留下问题，我们的同事在两个工作日内答复您。"


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    """As in every module, with an FAQ file of its own; 小李 is a supervisor."""
    folder = tmp_path_factory.mktemp("kefu")
    (folder / "faq.csv").write_bytes(SAMPLE.read_bytes())
    made = Kefu(folder, settings={"KEFU_FAQ_PATH": str(folder / "faq.csv")})
    hire(made.store_url, LI, WANG)
    in_store(made.store_url, promote)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


async def promote(store: Store) -> None:
    await store.write(lambda tx: tx.count(PROMOTE, login=LI.login))


def ask(visits: Visits, *texts: str) -> None:
    chat = visits().open()
    for number, text in enumerate(texts, 1):
        chat.say(text)
        chat.answered(number)


def shelf(desk: Desk, kefu: Kefu, state: str = "open") -> Page:
    desk.page.goto(f"{kefu.url}/desk/suggestions?state={state}")
    return desk.page


def test_a_supervisor_turns_a_miss_into_an_entry(visits: Visits, sits: Sits, kefu: Kefu, shots: Path | None) -> None:
    for text in reversed(UNKNOWN):  # of two as often asked, the last one stands for both
        ask(visits, text)
    desk = sits()
    desk.page.locator(".account").click()
    desk.page.get_by_role("link", name="常见问题建议").click()
    page = desk.page
    question = page.locator(".question").filter(has_text="恐龙")
    expect(question).to_have_count(1)
    expect(question).to_contain_text("问过 2 次")
    axe.clean(page, "list")
    question.locator("summary", has_text="新建条目").press("Enter")
    expect(question.get_by_label("问题")).to_have_value(UNKNOWN[0])
    question.get_by_label("答案").fill("这个我不知道")
    question.get_by_role("button", name="检查并加入").click()
    expect(page.get_by_role("alert")).to_contain_text("不知道")
    axe.clean(page, "remarks")
    shot(page, shots, "suggestions-remarks")
    question.get_by_label("答案").fill(ANSWER)
    question.get_by_role("button", name="检查并加入").click()
    expect(page.get_by_role("status")).to_contain_text("已新建条目")
    expect(page.locator(".question").filter(has_text="恐龙")).to_have_count(0)
    assert ANSWER in (kefu.folder / "faq.csv").read_text("utf-8-sig")
    expect(shelf(desk, kefu, "done").locator(".question")).to_contain_text([UNKNOWN[0]])


def test_on_a_phone_by_touch(visits: Visits, sits: Sits, kefu: Kefu, shots: Path | None) -> None:
    ask(visits, "附近哪里可以停飞船")
    desk = sits(**phone(NARROW))
    page = shelf(desk, kefu)
    question = page.locator(".question").filter(has_text="飞船")
    fits(page)
    question.locator("summary", has_text="另一种问法").tap()
    shot(page, shots, "suggestions-390")
    question.get_by_label("条目").fill("no-such-entry")
    question.get_by_role("button", name="加入这个条目").tap()
    expect(page.get_by_role("alert")).to_contain_text("no-such-entry")
    fits(page)
    question.get_by_label("条目").fill("stores")
    question.get_by_role("button", name="加入这个条目").tap()
    expect(page.get_by_role("status")).to_contain_text("已加入条目 stores")
    assert "停飞船" in (kefu.folder / "faq.csv").read_text("utf-8-sig")
    page = shelf(desk, kefu, "done")
    question.get_by_role("button", name="放回待处理").tap()
    expect(page.get_by_role("status")).to_contain_text("已放回待处理")
    question.get_by_role("button", name="忽略").tap()
    expect(page.get_by_role("status")).to_contain_text("已忽略")
    expect(page.locator(".question").filter(has_text="飞船")).to_have_count(0)


def test_an_agent_is_not_shown_the_way_and_not_let_in(sits: Sits, kefu: Kefu) -> None:
    desk = sits(person=WANG, forgiven="403")
    desk.page.locator(".account").click()
    expect(desk.page.locator(".account-dialog")).to_be_visible()
    expect(desk.page.get_by_role("link", name="常见问题建议")).to_have_count(0)
    expect(shelf(desk, kefu).get_by_role("heading")).to_contain_text("只对主管和管理员开放")


def test_abuse_lies_in_a_tab_of_its_own_that_is_not_there_without(
    visits: Visits, sits: Sits, shots: Path | None
) -> None:
    desk = sits()
    expect(desk.page.locator("#tab-all")).to_be_visible()
    expect(desk.page.locator("#tab-abuse")).to_have_count(0)
    chat = visits().open()
    chat.say("你们都是傻逼，去死")
    expect(desk.count("abuse")).to_have_text("1")
    desk.tab("all")
    expect(desk.rows).to_have_count(0)
    desk.tab("abuse")
    expect(desk.rows).to_have_count(1)
    shot(desk.page, shots, "abuse")
    chat.say("好吧，请问什么时候发货？")
    expect(desk.page.locator("#tab-all .count")).to_have_text("1")
    expect(desk.rows).to_have_count(0)
    desk.tab("all")
    expect(desk.page.locator("#tab-abuse")).to_have_count(0)
