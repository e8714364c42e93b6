"""An agent's Telegram account: a one-time code that he sends to the desk's bot."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from bot.store import linking, shelf
from bot.store.agents import Account
from bot.store.sql import Tx
from handoff.desk.api import Api, for_agents
from handoff.desk.guard import RefusedError
from handoff.telegram_desk.naming import INBOX, USERNAME


def deep_link(username: str, code: str) -> str:
    """What opens the bot in Telegram and sends it the code; empty while nobody knows what the bot is called."""
    return f"https://t.me/{username}?start={code}" if username else ""


def bot_name(tx: Tx) -> str:
    """The desk bot's user name, as it was seen last; empty before the desk ran."""
    row = shelf.inbox_id(tx, INBOX)
    return "" if row is None else shelf.get(tx, row, USERNAME) or ""


@for_agents
async def state(api: Api, request: Request, agent: Account) -> Any:
    """Whether he is linked, and to whom."""
    _wanted(api)
    return {"linked": await api.ground.store.read(linking.of_agent, agent.id) is not None}


@for_agents
async def offer(api: Api, request: Request, agent: Account) -> Any:
    """A code for him; an earlier one ends."""
    _wanted(api)
    code = await api.ground.store.write(linking.offer, agent.id)
    bot = await api.ground.store.read(bot_name)
    minutes = int(linking.LASTS.total_seconds() // 60)
    return {"code": code, "bot": bot, "link": deep_link(bot, code), "minutes": minutes}


@for_agents
async def end(api: Api, request: Request, agent: Account) -> Any:
    """He is nobody in Telegram from now on."""
    _wanted(api)
    await api.ground.store.write(linking.unlink, agent.id)
    return {"linked": False}


def _wanted(api: Api) -> None:
    if not api.ground.telegram:
        raise RefusedError("no_telegram", "There is no desk in Telegram here.", 404)
