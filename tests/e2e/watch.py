"""What must never happen in a browser of ours, whatever a test is about."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

OURS = {"127.0.0.1", "localhost", ""}


class Watch:
    """Looks on: requests to third parties, scripts that fail, violations of a content security policy. `forgiven`:
    words of a violation that the test is about."""

    def __init__(self, context: BrowserContext, forgiven: str = "") -> None:
        self.wrong: list[str] = []
        self._forgiven = forgiven
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def verdict(self) -> None:
        assert self.wrong == [], self.wrong

    def _request(self, request: Request) -> None:
        if urlsplit(request.url).hostname not in OURS and not request.url.startswith(("data:", "blob:")):
            self.wrong.append(f"third party: {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if self._forgiven and self._forgiven in message.text:
            return
        if message.type == "error" and ("Content Security Policy" in message.text or "Trusted" in message.text):
            self.wrong.append(message.text)

    def _error(self, error: WebError) -> None:
        self.wrong.append(f"uncaught: {error.error}")
