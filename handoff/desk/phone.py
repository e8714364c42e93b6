"""Logging phone calls, and who it is that calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from bot.cases import LONG
from bot.numbers import Number, read
from bot.store import arrivals, judging, phone, shelf
from bot.store.agents import Account
from bot.store.cases import Filing
from bot.store.phone import CallLog
from handoff.desk import cases
from handoff.desk.api import MOST_ID, MOST_LETTER, Api, cid_of, for_agents, json_body
from handoff.desk.guard import RefusedError

CHANNEL = "phone"
AHEAD = timedelta(minutes=10)
"""How much later than our clock an agent's may be."""
LONGEST = 24 * 3600
"""Seconds a call may last."""
MOST_NAME, MOST_LINK = 100, 2000


@for_agents
async def number(api: Api, request: Request, agent: Account) -> Any:
    """What `?text=` is as a number, and whose it is. While somebody types, what is no number yet is no error."""
    try:
        found = read(request.query_params.get("text", ""), api.ground.country)
    except ValueError:
        return {"number": None, "contact": None}
    if found is None:
        return {"number": None, "contact": None}
    inbox = await api.ground.store.read(shelf.inbox_id, api.ground.phone)
    contact = None if inbox is None else await api.ground.store.read(phone.lookup, inbox, found.key)
    return {"number": {"key": found.key, "shown": found.shown}, "contact": contact}


@for_agents
async def log(api: Api, request: Request, agent: Account) -> Any:
    """An agent writes a call down."""
    body = await json_body(request)
    call = _call(body, api)
    case = _case(body, call, api)
    changed = await api.ground.store.write(phone.log_call, await _inbox(api), agent.id, call, case)
    api.ground.ring_turn()
    return await cases.done(api, changed)


async def _inbox(api: Api) -> int:
    return await api.ground.store.write(arrivals.keep_inbox, api.ground.phone, CHANNEL)


def _call(body: Mapping[str, Any], api: Api) -> CallLog:
    now = api.ground.store.now()
    found = _number(body, api)
    at = _moment(body, "at") or now
    follow_up = _moment(body, "follow_up")
    summary, result = _text(body, "summary", MOST_LETTER), _text(body, "result", 20)
    direction, type_, tier = _text(body, "direction", 20), _text(body, "type", 20), _text(body, "tier", 20)
    recording = _text(body, "recording", MOST_LINK)
    if not summary:
        raise RefusedError("no_summary", "Write down what the call was about.", 422)
    if direction not in phone.DIRECTIONS or result not in phone.RESULTS:
        raise RefusedError("bad_call", "`direction` is in, out or missed; `result` solved, open, callback or passed.")
    if type_ not in ("", *judging.CATEGORIES) or tier not in ("", *judging.TIERS) or (tier and type_ != "complaint"):
        raise RefusedError("bad_call", "`type` is a category; `tier` that of a complaint.")
    if at > now + AHEAD:
        raise RefusedError("bad_at", "The call lies in the future.", 422)
    if follow_up is not None and follow_up <= now:
        raise RefusedError("bad_follow_up", "The day to call back has passed.", 422)
    if result == "callback" and follow_up is None:
        raise RefusedError("no_follow_up", "When is he to be called back?", 422)
    if recording and not _https(recording):
        raise RefusedError("bad_recording", "The recording's address must begin with https://.", 422)
    return CallLog(
        cid_of(body), direction, summary, result, at,
        number=found.key if found else "",
        shown=found.shown if found else "",
        name=_text(body, "name", MOST_NAME),
        type=type_,
        tier=tier,
        seconds=_whole(body, "seconds", LONGEST),
        follow_up=follow_up,
        follow_up_note=_text(body, "follow_up_note", MOST_NAME * 5),
        recording=recording,
        contact=_whole(body, "contact", MOST_ID),
    )  # fmt: skip


def _case(body: Mapping[str, Any], call: CallLog, api: Api) -> Filing | None:
    """The complaint case the call is to open; its summary is cut where a case's is, and stands whole in the call."""
    if body.get("case") not in (None, False, True):
        raise RefusedError("bad_call", "`case` is true or false.")
    if not body.get("case"):
        return None
    if call.type != judging.COMPLAINT:
        raise RefusedError("bad_call", "Only a complaint opens a complaint case.")
    told = {"what": call.summary[: LONG["what"]], "name": call.name, "phone": call.shown}
    return cases.filing({"cid": call.cid, "tier": call.tier or judging.TIERS[1], "fields": told}, api)


def _number(body: Mapping[str, Any], api: Api) -> Number | None:
    try:
        return read(_text(body, "number", 200), api.ground.country)
    except ValueError:
        raise RefusedError("bad_phone", "That is no phone number. Leave it empty if none was shown.", 422) from None


def _text(body: Mapping[str, Any], name: str, most: int) -> str:
    told = body.get(name, "")
    if not isinstance(told, str):
        raise RefusedError("bad_call", f"`{name}` must be a string.")
    told = told.replace("\0", "").strip()
    if len(told) > most:
        raise RefusedError("too_long", f"`{name}` may have {most} characters.", 422)
    return told


def _whole(body: Mapping[str, Any], name: str, most: int) -> int | None:
    told = body.get(name)
    if told is None:
        return None
    if not isinstance(told, int) or isinstance(told, bool) or not 0 <= told <= most:
        raise RefusedError("bad_call", f"`{name}` must be a whole number up to {most}.")
    return told


def _moment(body: Mapping[str, Any], name: str) -> datetime | None:
    told = _text(body, name, 40)
    if not told:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise RefusedError("bad_call", f"`{name}` is a time like 2026-11-26T09:30:00+08:00.") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _https(told: str) -> bool:
    try:
        parts = urlsplit(told)
        return parts.scheme == "https" and bool(parts.hostname) and told.isprintable() and " " not in told
    except ValueError:
        return False
