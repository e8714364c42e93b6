"""How agents come in and go out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from bot.store import Store
from handoff.desk import accounts
from handoff.desk.accounts import Passwords
from tests.e2e.conftest import Opens, Sits, Visits
from tests.stories.serving import LI, PASSWORD, Kefu, in_store


def one_time(kefu: Kefu, login: str, name: str) -> str:
    """A new account as `kefu agent add` makes it; its password works once."""

    async def add(store: Store) -> str:
        return await accounts.add(store, Passwords(), login, name=name)

    password: str = in_store(kefu.store_url, add)
    return password


def log_in(page: Page, login: str, password: str) -> None:
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def change(page: Page, old: str, new: str, again: str = "") -> None:
    for selector, text in {"#old": old, "#new": new, "#again": again or new}.items():
        page.locator(selector).fill(text)
    page.get_by_role("button", name="保存新密码").click()


def test_a_first_login_a_password_of_ones_own_and_out_again(opens: Opens, kefu: Kefu) -> None:
    first = one_time(kefu, "xiaozhang", "小张")
    page = opens().new_page()
    page.goto(f"{kefu.url}/desk/c/7")
    log_in(page, "xiaozhang", "wrong password")
    expect(page.get_by_role("alert")).to_have_text("登录名或密码不正确，请检查后重试。")
    expect(page.locator("#login")).to_have_value("xiaozhang")
    expect(page.locator("#password")).to_be_focused()
    log_in(page, " XiaoZhang ", first)
    expect(page.get_by_role("heading", name="设置新密码")).to_be_visible()
    expect(page.locator("main")).to_contain_text("小张，您好")
    page.goto(f"{kefu.url}/desk")
    expect(page.get_by_role("heading", name="设置新密码")).to_be_visible()
    for new, again, told in (("xiaozhang1", "other", "不一致"), ("aaaaaaaaaa", "", "太容易猜到"), (first, "", "相同")):
        change(page, first, new, again)
        expect(page.get_by_role("alert")).to_contain_text(told)
    change(page, first, "花开两朵，各表一枝。")
    expect(page.locator(".rows-box")).to_be_visible()
    page.get_by_role("button", name="小张：账号与设置").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="坐席登录")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="坐席登录")).to_be_visible()
    log_in(page, "xiaozhang", "花开两朵，各表一枝。")
    expect(page.locator(".rows-box")).to_be_visible()


def test_after_the_login_one_is_where_one_wanted_to_be(opens: Opens, visits: Visits, sits: Sits, kefu: Kefu) -> None:
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    address = sits().open_first().page.url
    page = opens().new_page()
    page.goto(address)
    log_in(page, LI.login, PASSWORD)
    expect(page).to_have_url(address)
    expect(page.locator(".log")).to_contain_text("转人工")


def test_a_login_that_ends_elsewhere_ends_here_and_loses_no_draft(opens: Opens, visits: Visits, kefu: Kefu) -> None:
    first = one_time(kefu, "xiaosun", "小孙")
    here, there = opens().new_page(), opens().new_page()
    here.goto(f"{kefu.url}/desk")
    log_in(here, "xiaosun", first)
    change(here, first, "a long enough one")
    chat = visits().open()
    chat.say("转人工")
    expect(chat.notice("正在为您转接")).to_be_visible()
    here.locator("#tab-unassigned").click()
    here.locator(".row").first.click()
    here.locator("#compose").fill("写到一半的回复")

    there.goto(f"{kefu.url}/desk")
    log_in(there, "xiaosun", "a long enough one")
    there.locator(".account").click()
    there.get_by_role("link", name="修改密码").click()
    change(there, "a long enough one", "another long one")
    expect(there.locator(".rows-box")).to_be_visible()
    expect(here.get_by_role("heading", name="坐席登录")).to_be_visible()
    log_in(here, "xiaosun", "another long one")
    expect(here.locator("#compose")).to_have_value("写到一半的回复")


@pytest.mark.parametrize(
    ("name", "tag", "heading", "tab"),
    [("繁體中文", "zh-Hant", "客服人員登入", "未分配"), ("English", "en", "Agent sign-in", "Unassigned")],
)
def test_in_ones_own_language(opens: Opens, kefu: Kefu, name: str, tag: str, heading: str, tab: str) -> None:
    page = opens().new_page()
    page.goto(f"{kefu.url}/desk")
    page.get_by_role("link", name=name).click()
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect(page.get_by_role("heading")).to_have_text(heading)
    page.locator("#login").fill(LI.login)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#tab-unassigned")).to_contain_text(tab)
    page.locator(".account").click()
    page.locator("#set-language").select_option("zh-Hans")
    expect(page.locator("#tab-unassigned")).to_contain_text("未分配")
    page.reload()
    expect(page.locator("#tab-unassigned")).to_contain_text("未分配")


def test_too_many_tries_are_stopped(opens: Opens, kefu: Kefu) -> None:
    page = opens().new_page()
    page.goto(f"{kefu.url}/desk")
    for _ in range(5):
        log_in(page, "somebody", "guess")
        expect(page.get_by_role("alert")).to_contain_text("不正确")
    log_in(page, "somebody", "guess")
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"尝试次数过多。.*请在 \d+ 分钟后再试。"))
