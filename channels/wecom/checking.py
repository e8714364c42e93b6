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


async def findings(open_kfid: str, api: Api) -> Sequence[Finding]:
    """Whether the secret opens the door, this server's address is trusted, and the account is there for us."""
    token, account = "WeCom's access token", f"WeCom's account {open_kfid}, trusted IP"
    try:
        await api.ask_token()  # not the one on the shelf: it may be of another secret
    except (ErrcodeError, SendError) as error:
        return [Finding(token, False, _mend(error, api))]
    try:
        found = await _account(open_kfid, api)
    except (ErrcodeError, SendError) as error:
        return [Finding(token, True), Finding(account, False, _mend(error, api))]
    mend = ""
    if found is None:
        mend = "The app has no such account. Compare open_kfid, or authorise it under 微信客服 › 可调用接口的应用."
    elif found.get("manage_privilege") is False:
        mend = "The app sees it but may not serve it. Tick it under 微信客服 › 可调用接口的应用."
    return [Finding(token, True), Finding(account, not mend, mend)]


async def _account(open_kfid: str, api: Api) -> Mapping[str, Any] | None:
    for page in range(MOST_PAGES):
        told = await api.post(ACCOUNTS, {"offset": page * LIMIT, "limit": LIMIT})
        listed = told.get("account_list")
        listed = listed if isinstance(listed, list) else []
        for one in listed:
            if isinstance(one, Mapping) and one.get("open_kfid") == open_kfid:
                return one
        if len(listed) < LIMIT:
            break
    return None


def _mend(error: ErrcodeError | SendError, api: Api) -> str:
    known = error.meaning if isinstance(error, ErrcodeError) else error
    if known.trouble is not None:
        return known.trouble.said["en"]
    return f"{known}. Can this server open {api.base}? Look at its network, DNS and firewall"
