"""What `kefu check` says about a Weibo inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.errors import SendError
from bot.ports import Finding
from channels.weibo import life
from channels.weibo.api import Api
from channels.weibo.errors import TOKEN_REFUSED, RefusedError

SIGNED = "pushes are checked with the App Secret"


async def findings(api: Api, now: datetime) -> Sequence[Finding]:
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
