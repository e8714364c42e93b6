"""What `kefu check` says about a Weibo inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.errors import SendError, StoreError
from bot.ports import Finding, Shelf
from channels.weibo import life
from channels.weibo.api import Api
from channels.weibo.budget import Budget
from channels.weibo.errors import RATE, TOKEN_REFUSED, RefusedError
from channels.weibo.lists import LISTS, List

NOT_OURS = 21335

SIGNED = "pushes are checked with the App Secret"


async def findings(api: Api, shelf: Shelf, budget: Budget) -> Sequence[Finding]:
    """About the token, and if that is good, about what is read in public."""
    found = await _token(api, shelf.now())
    if not api.options.public or not all(one.ok for one in found):
        return found
    return [*found, *[await _readable(api, budget, which) for which in LISTS]]


async def _readable(api: Api, budget: Budget, which: List) -> Finding:
    """Whether a list may be read, by a call of today's that asks for one item."""
    what = f"Weibo's public interface {which.path.removeprefix('/2/').removesuffix('.json')}"
    try:
        if not await budget.poll():
            day = await budget.today()
            return Finding(what, True, f"not tried: of today's {day.calls} calls only the {day.reserve} for answers "
                           "are left. Check again tomorrow")  # fmt: skip
        await api.get(api.options.api_base + which.path, {"count": "1"})
    except RefusedError as refusal:
        if refusal.code in RATE:
            return Finding(what, True, f"not known: {refusal.meaning}. Weibo itself says so; check again tomorrow")
        if refusal.code == NOT_OURS:
            return Finding(
                what, False, f"uid {api.options.uid} is not the account the access token is of: set uid to it"
            )
        return Finding(what, False, _mend(refusal.meaning, api))
    except SendError as error:
        return Finding(what, False, _mend(error, api))
    except StoreError as error:
        return Finding(what, True, f"not tried: today's calls could not be counted ({error})")
    return Finding(what, True)


async def _token(api: Api, now: datetime) -> list[Finding]:
    """Whether the token is good, whose it is, and how long it lives."""
    what = "Weibo's access token"
    options = api.options
    try:
        token = await life.ask(api, now)
    except RefusedError as refusal:
        if refusal.code in TOKEN_REFUSED:
            return [Finding(what, False, _mend(refusal.meaning, api))]
        mend = f"Weibo tells nothing about it (error_code {refusal.code}): set token_expires to the day it ends"
        return [_life(what, life.given(options), now) or Finding(what, True, mend)]
    except SendError as error:
        return [Finding(what, False, _mend(error, api))]
    found = [_life(what, token.ends, now) or Finding(what, True, "set token_expires to the day it ends")]
    if token.uid and token.uid != options.uid:
        mend = f"the access token is of the account {token.uid}: set uid to it, or take the token of {options.uid}"
        found.append(Finding("Weibo's account", False, mend))
    return found


def _life(what: str, ends: datetime | None, now: datetime) -> Finding | None:
    if ends is None:
        return None
    told = life.warning(ends, now)
    return Finding(what, told is None or ends - now > life.LATE, told.said["en"] if told else "")


def _mend(error: SendError, api: Api) -> str:
    if error.trouble is not None:
        return error.trouble.said["en"]
    return f"{error}. Can this server open {api.options.api_base}? Look at its network, DNS and firewall"
