"""An agent links his Telegram in the account menu, and ends it there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import clean
from tests.e2e.conftest import Sits
from tests.fakes.telegram import DESK_TOKEN, GROUP, Telegram
from tests.stories.serving import LI, WANG, Kefu, hire


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    with Telegram() as fake:
        yield fake


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory, telegram: Telegram) -> Iterator[Kefu]:
    """A serving process with a desk in a Telegram group."""
    told = {"TOKEN": DESK_TOKEN, "GROUP": str(GROUP), "API_BASE": telegram.url}
    made = Kefu(tmp_path_factory.mktemp("kefu"), settings={f"KEFU_TELEGRAM_DESK_{k}": v for k, v in told.items()})
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


def test_a_code_is_shown_and_links(sits: Sits, telegram: Telegram) -> None:
    desk = sits()
    desk.page.locator(".account").click()
    dialog = desk.page.locator(".account-dialog")
    dialog.get_by_role("button", name="连接 Telegram").click()
    code = dialog.locator("code").first
    expect(code).to_be_visible()
    clean(desk.page, "a code to link Telegram")
    person = telegram.add_user("小李")
    telegram.write(person, f"/start {(code.text_content() or '').strip().split()[-1]}", to=DESK_TOKEN)
    for _ in range(200):
        if LI.name in (said := " ".join(str(m.get("text", "")) for m in telegram.private(person, DESK_TOKEN))):
            break
        desk.page.wait_for_timeout(100)
    assert LI.name in said, said
    desk.page.reload()
    desk.page.locator(".account").click()
    dialog.get_by_role("button", name="断开连接").click()
    expect(dialog.get_by_role("button", name="连接 Telegram")).to_be_visible()
