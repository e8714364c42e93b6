"""Words of the bot's scripts that an agent may take over."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from bot.errors import NotFoundError
from bot.store import listing
from bot.store.agents import Account
from handoff.desk.api import Api, for_agents, id_of

OFFERED = ("public_to_private", "public_closing")
VARIANTS = 100


@for_agents
async def offered(api: Api, request: Request, agent: Account) -> Any:
    """How to say it to this customer, in his language; `?nth=` another way to say it."""
    situation, nth = request.query_params.get("situation", ""), request.query_params.get("nth", "0")
    found = await api.ground.store.read(listing.row, id_of(request))
    if api.ground.phrases is None or situation not in OFFERED:
        raise NotFoundError("there are no such words")
    which = int(nth) % VARIANTS if nth.isascii() and nth.isdigit() and len(nth) < 6 else 0
    return {"text": api.ground.phrases.offer(situation, found["language"] or None, which)}
