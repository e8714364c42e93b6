"""The chat as a visitor sees it: the button on a shop's page and the frame behind it, or the page on its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect


class Chat:
    """`frame` is where the conversation is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator("kefu-chat .launcher")
        self.badge = page.locator("kefu-chat .badge")
        alone = page.url.split("?")[0].endswith("/w/web")
        self.frame: Page | FrameLocator = page if alone else page.frame_locator("kefu-chat iframe")

    def __getattr__(self, name: str) -> Locator:
        """The elements the page gives an id: text, send, list, human, bar, sub, more, close, polite, alert …"""
        return self.frame.locator(f"#{name}")

    def open(self) -> Chat:
        """The visitor clicks the launcher."""
        self.launcher.click()
        expect(self.text).to_be_visible()
        return self

    def say(self, text: str) -> None:
        """Types and sends."""
        self.text.fill(text)
        self.text.press("Enter")

    def message(self, text: str, who: str = "") -> Locator:
        """The messages that have this text: of `who` (me, bot, agent), or anybody."""
        return self.list.locator(f".message{'.' + who if who else ''}").filter(has_text=text)

    def bubbles(self, who: str = "me") -> Locator:
        return self.list.locator(f".message.{who} .bubble:not(.dots)")

    def state(self, text: str) -> Locator:
        """What stands under the visitor's own message."""
        return self.message(text, "me").locator(".state")

    def notice(self, text: str) -> Locator:
        return self.list.locator(".notice").filter(has_text=text)

    def answered(self, times: int = 1) -> None:
        """The bot has answered so many messages (what stands there before anybody writes is not an answer)."""
        expect(self.bubbles("bot")).to_have_count(times + 1)

    def later(self, comes_true: Callable[[], None]) -> None:
        """Turns the page's clock on, ten seconds at a time, until an expectation with little patience comes true."""
        for _ in range(20):
            self.page.clock.fast_forward(10_000)
            with suppress(AssertionError):
                return comes_true()
        return comes_true()

    def inner(self) -> Frame:
        """The chat's frame itself."""
        return next(frame for frame in self.page.frames if "/w/web" in frame.url)
