"""What `kefu check` says about a WeCom inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.errors import SendError
from bot.ports import Finding
from channels.wecom.api import Api, ErrcodeError

ACCOUNTS = "/cgi-bin/kf/account/list"
LIMIT = 100
MOST_PAGES = 50
MOST_NAMED = 20


async def findings(open_kfid: str, api: Api) -> Sequence[Finding]:
    """Whether the secret opens the door, this server's address is trusted, and the account is there for us."""
    token, account = "WeCom's access token", f"WeCom's account {open_kfid}, trusted IP"
    try:
        await api.ask_token()  # not the one on the shelf: it may be of another secret
    except (ErrcodeError, SendError) as error:
        return [Finding(token, False, _mend(error, api))]
    try:
        accounts = await _accounts(api)
    except (ErrcodeError, SendError) as error:
        return [Finding(token, True), Finding(account, False, _mend(error, api))]
    mend, found = "", next((one for one in accounts if one.get("open_kfid") == open_kfid), None)
    if found is None:
        mend = "The app has no such account. Compare open_kfid, or authorise it under 微信客服 › 可调用接口的应用. "
        mend += f"It has: {_listed(accounts)}."
    elif found.get("manage_privilege") is False:
        mend = "The app sees it but may not serve it. Tick it under 微信客服 › 可调用接口的应用."
    return [Finding(token, True), Finding(account, not mend, mend)]


def _listed(accounts: Sequence[Mapping[str, Any]]) -> str:
    """The ids people look for: the console shows them nowhere."""
    names = [f"{one.get('open_kfid')} ({one.get('name')})" for one in accounts[:MOST_NAMED]]
    more = f", and {len(accounts) - MOST_NAMED} more" if len(accounts) > MOST_NAMED else ""
    return ", ".join(names) + more if names else "none"


async def _accounts(api: Api) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for page in range(MOST_PAGES):
        told = await api.post(ACCOUNTS, {"offset": page * LIMIT, "limit": LIMIT})
        listed = told.get("account_list")
        listed = listed if isinstance(listed, list) else []
        found += [one for one in listed if isinstance(one, Mapping)]
        if len(listed) < LIMIT:
            break
    return found


def _mend(error: ErrcodeError | SendError, api: Api) -> str:
    known = error.meaning if isinstance(error, ErrcodeError) else error
    if known.trouble is not None:
        return known.trouble.said["en"]
    return f"{known}. Can this server open {api.base}? Look at its network, DNS and firewall"
