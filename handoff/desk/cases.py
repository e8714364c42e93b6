"""Complaint cases at the desk: registering one from whatever is open, and seeing it through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from bot.cases import AGREED, FIELDS, LONG, LONGEST, STATUSES
from bot.store import agents, cases, filling, judging
from bot.store.agents import Account
from bot.store.cases import Filing, Wanted
from bot.store.desk import Changed
from handoff.desk.api import MOST_ID, Api, cid_of, for_agents, id_of, json_body
from handoff.desk.guard import RefusedError


@for_agents
async def known(api: Api, request: Request, agent: Account) -> Any:
    """What an agent need not type, and by when a case of each tier would be due."""
    found = await api.ground.store.read(filling.known, id_of(request), api.ground.phone)
    now = api.ground.store.now()
    return {**found, "due": {tier: (now + after).isoformat() for tier, after in api.ground.cases.items()}}


@for_agents
async def colleagues(api: Api, request: Request, agent: Account) -> Any:
    """Who may have a case."""
    everybody = await api.ground.store.read(agents.accounts)
    return {"agents": [{"id": one.id, "name": one.name, "number": one.number} for one in everybody if one.active]}


@for_agents
async def register(api: Api, request: Request, agent: Account) -> Any:
    """An agent registers a case of this conversation."""
    filed = filing(await json_body(request), api)
    return await done(api, await api.ground.store.write(cases.register, id_of(request), agent.id, filed))


@for_agents
async def change(api: Api, request: Request, agent: Account) -> Any:
    """Its way goes on: what the body names becomes so."""
    wanted = _wanted(await json_body(request), api)
    return await done(api, await api.ground.store.write(cases.change, id_of(request, "case"), agent.id, wanted))


async def done(api: Api, changed: Changed) -> Any:
    """The answer, and word to everybody who has another conversation of the customer's before his eyes."""
    if changed.events:
        for other in await api.ground.store.read(cases.beside, changed.conversation_id):
            api.ground.live.signal(other, {"t": "cases", "d": {}, "to": "desk"})
    return await api.done(changed)


def filing(body: Mapping[str, Any], api: Api) -> Filing:
    """What a body registers; RefusedError says what is wrong with it."""
    now = api.ground.store.now()
    tier = body.get("tier")
    if tier not in judging.TIERS:
        raise RefusedError("bad_tier", f"`tier` is one of {', '.join(judging.TIERS)}.", 422)
    due = _due(body, now)
    day = now.astimezone(api.ground.zone).date()
    return Filing(cid_of(body), tier, _fields(body.get("fields"), api), day, due, api.ground.cases)


def _wanted(body: Mapping[str, Any], api: Api) -> Wanted:
    status, agreed, tier, owner = (body.get(name) for name in ("status", "agreed", "tier", "owner"))
    if status not in (None, *STATUSES) or tier not in (None, *judging.TIERS):
        raise RefusedError(
            "bad_case", f"`status` is one of {', '.join(STATUSES)}, `tier` of {', '.join(judging.TIERS)}."
        )
    if (status == "closed") != (agreed in AGREED) or agreed not in (None, "", *AGREED):
        raise RefusedError("no_agreed", f"A case is closed with `agreed`: {', '.join(AGREED)}; only then.", 422)
    if owner is not None and (not isinstance(owner, int) or isinstance(owner, bool) or not 0 <= owner <= MOST_ID):
        raise RefusedError("bad_case", "`owner` is an agent's number, or 0 for nobody.")
    fields = None if body.get("fields") is None else _fields(body["fields"], api)
    due = _due(body, api.ground.store.now())
    return Wanted(status, agreed or "", owner, due, tier, fields, api.ground.cases)


def _fields(told: Any, api: Api) -> dict[str, str]:
    """The fields that are filled in, in their order, without what nobody may keep."""
    if not isinstance(told, dict):
        raise RefusedError("bad_case", "`fields` must be an object.")
    for name, value in told.items():
        if name not in FIELDS or not isinstance(value, str):
            raise RefusedError("bad_case", f"`fields` are texts, named {', '.join(FIELDS)}.")
        if len(value) > (most := LONG.get(name, LONGEST)):
            raise RefusedError("too_long", f"`{name}` may have {most} characters.", 422)
    hide = api.ground.hide
    kept = {name: hide(told.get(name, "").replace("\0", "").strip(), name == "order") for name in FIELDS}
    if not kept["what"]:
        raise RefusedError("no_what", "Write down what happened.", 422)
    return {name: value for name, value in kept.items() if value}


def _due(body: Mapping[str, Any], now: datetime) -> datetime | None:
    told = body.get("due")
    if told in (None, ""):
        return None
    try:
        at = datetime.fromisoformat(told)
    except (TypeError, ValueError):
        raise RefusedError("bad_case", "`due` is a time like 2026-11-26T09:30:00+08:00.") from None
    at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    if at <= now:
        raise RefusedError("bad_due", "The time to answer by has passed.", 422)
    return at
