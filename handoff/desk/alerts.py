"""The gravest conversations that nobody has taken."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from bot.store import listing
from bot.store.agents import Account
from handoff.desk.api import Api, for_agents


@for_agents
async def unclaimed(api: Api, request: Request, agent: Account) -> Any:
    """Open, critical or serious, and nobody's: the gravest first, then who waits longest."""
    return {"rows": await api.ground.store.read(listing.grave)}
