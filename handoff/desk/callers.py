"""The numbers a customer can be rung at."""

from __future__ import annotations

from typing import Any

from bot.numbers import Number, read
from bot.store import listing, phone
from handoff.desk.ground import DeskGround


async def numbers(ground: DeskGround, conversation: dict[str, Any]) -> dict[str, Any]:
    """`phones`: all we know of the customer, the latest first; `phone`: the one this conversation was held over.
    `conversation`: its row."""
    keys = await ground.store.read(phone.numbers, ground.phone, conversation["contact"]["id"])
    found = [number for key in keys if (number := _number(ground, key)) is not None]
    here = None
    if not ground.speaks(conversation["inbox"]):
        whose = await ground.store.read(listing.whose, conversation["id"])
        here = None if whose is None else _number(ground, whose.sender)
    return {"phones": [_told(one) for one in found], "phone": None if here is None else _told(here)}


def _number(ground: DeskGround, key: str) -> Number | None:
    try:
        return read(key, ground.country)
    except ValueError:  # nobody's: the caller showed none
        return None


def _told(number: Number) -> dict[str, str]:
    return {"key": number.key, "shown": number.shown}
