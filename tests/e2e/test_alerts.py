"""Somebody is in danger: whoever is at the desk hears of it, wherever he is in it, until somebody has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import clean
from tests.e2e.conftest import Sits, Visits
from tests.stories.serving import WANG

HURT = "高压锅炸了，孩子手臂烫伤，正在医院"


@pytest.fixture
def hurt(visits: Visits) -> Callable[[], None]:
    def write() -> None:
        chat = visits()
        chat.open()
        chat.say(HURT)

    return write


def test_everybody_hears_until_somebody_has_it(hurt: Callable[[], None], sits: Sits) -> None:
    desk, other = sits(), sits(WANG)
    desk.tab("resolved")
    hurt()
    alert = desk.page.get_by_role("alert").filter(has_text="危急")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text("无人受理")
    expect(other.page.get_by_role("alert").filter(has_text="危急")).to_be_visible()
    assert "❗1" in desk.page.title()
    clean(desk.page, "an alert over the desk")
    desk.page.reload()
    expect(desk.page.locator(".alert.critical")).to_be_visible()
    desk.page.locator(".alert.critical").get_by_role("button", name="接入").click()
    expect(desk.standing).to_have_text("由您受理")
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
