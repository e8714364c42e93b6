"""Why a request is refused, as the client is told it."""

from __future__ import annotations

from bot.errors import PayloadError, TooLargeError


class Refusal(PayloadError):  # noqa: N818 – named for what the client gets
    """An answer of 4xx with a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.retry_after = status, code, retry_after


def code_of(error: PayloadError) -> str:
    """The code of any payload error, also of those that come from the reading of bodies."""
    if isinstance(error, Refusal):
        return error.code
    return "too_large" if isinstance(error, TooLargeError) else "bad_request"


def unauthorized() -> Refusal:
    return Refusal(401, "unauthorized", "this visitor token is missing or no longer valid; get a new one")


def foreign() -> Refusal:
    return Refusal(403, "forbidden_origin", "this page is not on the list of origins that may use this chat")


def unknown_inbox() -> Refusal:
    return Refusal(404, "not_found", "there is no web chat of this name")
