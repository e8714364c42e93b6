"""The desk as an agent sees it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Desk:
    """The list on the left, the open conversation in the middle."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.field = page.locator("#compose")
        self.log = page.locator(".log")
        self.standing = page.locator(".standing")
        self.bar = page.locator(".bar")
        self.rows = page.locator(".row")

    def tab(self, name: str) -> None:
        """mine, unassigned, all or resolved."""
        self.page.locator(f"#tab-{name}").click()

    def count(self, name: str) -> Locator:
        return self.page.locator(f"#tab-{name} .count")

    def act(self, words: str) -> None:
        """Press a button above the conversation."""
        self.page.locator(".actions").get_by_role("button", name=words, exact=True).click()

    def open_first(self, tab: str = "unassigned") -> Desk:
        """The conversation at the top of a tab."""
        self.tab(tab)
        self.rows.first.click()
        expect(self.log).to_be_visible()
        return self

    def reply(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Control+Enter")

    def note(self, text: str) -> None:
        self.page.locator("#mode-note").click()
        self.reply(text)

    def said(self, text: str, who: str = "") -> Locator:
        """Messages with this text: of customer, bot, agent, or a note."""
        return self.log.locator(f".said{'.' + who if who else ''}").filter(has_text=text)
