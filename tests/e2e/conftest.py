"""A real Chromium, a real kefu a module, and a shop on another site that has the chat on its page.

Playwright's calls here are the synchronous ones; they keep an event loop running in this thread until the last test of
this folder is done, so `make test` runs the folder in a process of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.chat import Chat
from tests.e2e.desk import Desk
from tests.e2e.shop import Shop
from tests.e2e.watch import Watch
from tests.stories.serving import LI, PASSWORD, WANG, Kefu, Person, hire

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000
"""Milliseconds an expectation waits: the machine may be busy with other things."""

Opens = Callable[..., BrowserContext]
Visits = Callable[..., Chat]
Sits = Callable[..., Desk]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not os.access(CHROMIUM, os.X_OK):
        pytest.fail(
            f"there is no Chromium at {CHROMIUM}. Install it (apt-get install chromium fonts-noto-cjk), or say where "
            "it is: CHROMIUM=/path/to/chromium",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield running
        running.close()


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    """A serving process on a SQLite file of its own; 小李 and 小王 work there."""
    made = Kefu(tmp_path_factory.mktemp("kefu"))
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture(scope="module")
def shop(kefu: Kefu) -> Iterator[Shop]:
    """The shop's pages, on another site than kefu's."""
    with Shop(kefu.url) as running:
        yield running


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """Opens browsers of people who do not know one another; afterwards nothing may have gone wrong in any."""
    watches: list[Watch] = []
    with ExitStack() as there:

        def open_(*, forgiven: str = "", **options: Any) -> BrowserContext:
            context = browser.new_context(**{"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}} | options)
            context.set_default_timeout(PATIENCE)
            there.callback(context.close)
            watches.append(Watch(context, forgiven))
            return context

        yield open_
    for watch in watches:
        watch.verdict()


@pytest.fixture
def visits(opens: Opens, shop: Shop) -> Visits:
    """A visitor on the shop's page, the chat not opened yet. `at`: another page, as the chat's own. `timed`: the
    chat's clock can be turned on, see `Chat.later`."""

    def visit(at: str = "", context: BrowserContext | None = None, timed: bool = False, **options: Any) -> Chat:
        page = (context or opens(**options)).new_page()
        if timed:
            page.clock.install()
        page.goto(at or shop.url)
        return Chat(page)

    return visit


@pytest.fixture
def sits(opens: Opens, kefu: Kefu, logins: dict[str, str]) -> Sits:
    """An agent at the desk, logged in. `at`: another address that leads to kefu."""

    def sit(person: Person = LI, at: str = "", **options: Any) -> Desk:
        context = opens(**options)
        if person.login not in logins:
            logins[person.login] = _cookie(kefu, person)
        context.add_cookies([{"name": "kefu", "value": logins[person.login], "url": kefu.url}])
        page: Page = context.new_page()
        page.goto(f"{at or kefu.url}/desk")
        expect(page.locator(".rows-box")).to_be_visible()
        return Desk(page)

    return sit


@pytest.fixture(scope="module")
def logins() -> dict[str, str]:
    """Cookies by login: one shift, one login."""
    return {}


@pytest.fixture(autouse=True)
def swept(kefu: Kefu, logins: dict[str, str]) -> Iterator[None]:
    """What a test leaves open is resolved after it: the row at the top of the next one's list is its own."""
    yield
    if LI.login not in logins:
        logins[LI.login] = _cookie(kefu, LI)
    for cookie in logins.values():
        with httpx.Client(base_url=f"{kefu.url}/api/desk", cookies={"kefu": cookie}, trust_env=False) as desk:
            me = desk.get("/me").json()["me"]["id"]
            for row in desk.get("/conversations?tab=all").json()["rows"]:
                if row["assignee"] is None or row["assignee"]["id"] == me:
                    desk.post(f"/conversations/{row['id']}/resolve", json={}, headers={"Origin": kefu.url})


def _cookie(kefu: Kefu, person: Person) -> str:
    form = {"login": person.login, "password": PASSWORD}
    answer = httpx.post(f"{kefu.url}/desk/login", data=form, headers={"Origin": kefu.url}, trust_env=False)
    assert answer.status_code == 303, answer.text
    return answer.cookies["kefu"]


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """Where to leave pictures of the main states, for people to look at: KEFU_TEST_SHOTS=folder."""
    folder = os.environ.get("KEFU_TEST_SHOTS")
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
