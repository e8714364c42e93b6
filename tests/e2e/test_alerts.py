"""Somebody is in danger: whoever is at the desk hears of it, wherever he is in it, until somebody has it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.axe import clean
from tests.e2e.conftest import Sits, Visits
from tests.e2e.desk import Desk
from tests.stories.serving import WANG, Kefu, Person, hire

HURT = "高压锅炸了，孩子手臂烫伤，正在医院"
SUES = "我要去12315投诉你们，还要找律师起诉"
CHEN = Person("laochen", "老陈", "1003", "supervisor")


@pytest.fixture
def hurt(visits: Visits) -> Callable[[], None]:
    return lambda: visits().open().say(HURT)


def mark(desk: Desk) -> Locator:
    """What the browser's tab shows."""
    return desk.page.locator('link[rel="icon"]')


def test_everybody_hears_until_somebody_has_it(hurt: Callable[[], None], sits: Sits) -> None:
    desk, other = sits(), sits(WANG)
    desk.tab("resolved")
    hurt()
    alert = desk.page.get_by_role("alert").filter(has_text="危急")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text("无人受理")
    expect(other.page.get_by_role("alert").filter(has_text="危急")).to_be_visible()
    expect(desk.page).to_have_title(re.compile(r"^❗1 \(1\) "))
    expect(mark(desk)).to_have_attribute("href", re.compile("^data:image/svg"))
    clean(desk.page, "an alert over the desk")
    desk.page.reload()
    expect(desk.page).to_have_title(re.compile(r"^❗1 \(1\) "))
    expect(desk.page.locator(".alert.critical")).to_be_visible()
    desk.page.locator(".alert.critical").get_by_role("button", name="接入").click()
    expect(desk.standing).to_have_text("由您受理")
    expect(mark(desk)).to_have_attribute("href", re.compile("mark.svg$"))
    for page in (desk.page, other.page):
        expect(page.locator(".alert")).to_have_count(0)


def test_who_knows_of_it_is_left_in_peace(hurt: Callable[[], None], sits: Sits) -> None:
    desk = sits(WANG, viewport={"width": 390, "height": 844})
    hurt()
    alert = desk.page.locator(".alert.critical")
    expect(alert).to_have_count(1)
    clean(desk.page, "an alert on a telephone")
    alert.get_by_role("button", name="知道了").click()
    expect(desk.page.locator(".alert")).to_have_count(0)
    desk.page.reload()
    expect(desk.page.locator(".rows-box")).to_be_visible()
    desk.page.wait_for_timeout(500)
    expect(desk.page.locator(".alert")).to_have_count(0)


def test_what_is_serious_calls_those_who_lead(visits: Visits, sits: Sits, kefu: Kefu) -> None:
    hire(kefu.store_url, CHEN)
    lead, desk = sits(CHEN), sits(WANG)
    visits().open().say(SUES)
    alert = lead.page.locator(".alert.serious")
    expect(alert).to_contain_text("12315")
    expect(lead.page).to_have_title(re.compile("^❗1 "))
    # Who only answers has it in his list, and in his tab's mark.
    desk.tab("unassigned")
    expect(desk.rows.first.locator(".tier-serious")).to_be_visible()
    expect(desk.page).to_have_title(re.compile(r"^\(1\) "))
    expect(mark(desk)).to_have_attribute("href", re.compile("^data:image/svg.*%3Ctext"))
    expect(desk.page.locator(".alert")).to_have_count(0)
    desk.rows.first.click()
    desk.act("接入")
    expect(alert).to_have_count(0)
