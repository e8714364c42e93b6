"""The desk of a group, made from settings. Importing this page costs nothing; making the desk imports aiogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.ports import Finding, Shelf
from handoff.desk.ground import DeskGround

if TYPE_CHECKING:
    from handoff.telegram_desk.calls import Calls
    from handoff.telegram_desk.desk import TelegramDesk


class Wanted(Protocol):
    """The part of the settings the desk is made from."""

    @property
    def token(self) -> str: ...
    @property
    def group(self) -> int: ...
    @property
    def language(self) -> str: ...
    @property
    def api_base(self) -> str: ...
    @property
    def proxy(self) -> str: ...
    @property
    def per_minute(self) -> int: ...


def calls(wanted: Wanted) -> Calls:
    """The Bot API with the desk's bot."""
    from handoff.telegram_desk.calls import Calls

    return Calls(wanted.token, api_base=wanted.api_base, proxy=wanted.proxy)


def desk(wanted: Wanted, ground: DeskGround, shelf: Shelf, language: str) -> TelegramDesk:
    """The desk, not started. `language`: where the settings name none."""
    from handoff.telegram_desk.desk import TelegramDesk

    return TelegramDesk(
        ground, shelf, calls(wanted), group=wanted.group, language=wanted.language or language, most=wanted.per_minute
    )


async def check(wanted: Wanted, url: str) -> list[Finding]:
    """What is missing, and the mend. Fetches no updates: the running desk is not disturbed."""
    from handoff.telegram_desk.checking import findings

    asking = calls(wanted)
    try:
        return [finding async for finding in findings(asking, wanted.group, url)]
    finally:
        await asking.close()
