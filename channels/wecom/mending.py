"""What WeCom's errcodes mean: for the message, and for the people who have to mend something. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.errors import PermanentSendError, SendError, TemporarySendError, Trouble, WindowClosedError

ADDRESS = re.compile(r"from ip: ?([0-9a-fA-F.:]{3,45})")
BUSY, TOO_OFTEN = frozenset({-1, 6000, 50002}), frozenset({45009, 45011})
SPENT, OVER = frozenset({95001}), frozenset({95002, 95013})
"""Five messages are used up; 48 hours are over, or the session is."""
WRONG_STATE = 95018
BAD_MEDIA = 40007

SECRET, IP, API, ACCOUNT = "secret", "ip", "api", "account"
PROVEN_BY_SYNC = (SECRET, IP, API, ACCOUNT)
"""Troubles that are over when a fetch works."""

TROUBLES: Mapping[int, str] = {
    **dict.fromkeys((40001, 40013, 40014, 40056, 40091, 40125, 41001, 41002, 41004, 42001), SECRET),
    60020: IP,
    **dict.fromkeys((48002, 48003, 60011, 301002), API),
    **dict.fromkeys((95000, 95004), ACCOUNT),
}

SAID: Mapping[str, Mapping[str, str]] = {
    SECRET: {
        "zh-Hans": "企业微信不接受 corp_id 或 secret（errcode {code}）。"
        "请在管理后台「微信客服 › API」核对 Secret，改正配置后重启。",
        "zh-Hant": "企業微信不接受 corp_id 或 secret（errcode {code}）。"
        "請在管理後台「微信客服 › API」核對 Secret，改正設定後重啟。",
        "en": "WeCom does not accept corp_id or secret (errcode {code}). "
        "Compare them with 微信客服 › API in its console, correct the settings and restart.",
    },
    IP: {
        "zh-Hans": "本机 IP {ip} 不在企业微信的可信名单里（60020）。请在应用的「企业可信IP」中加入它。",
        "zh-Hant": "本機 IP {ip} 不在企業微信的可信名單裡（60020）。請在應用的「企业可信IP」中加入它。",
        "en": "WeCom does not trust the address {ip} of this server (60020). Add it to 企业可信IP of the app.",
    },
    API: {
        "zh-Hans": "应用不能调用微信客服接口（errcode {code}）。"
        "请在「微信客服 › 可调用接口的应用」中勾选它，并授权客服帐号。",
        "zh-Hant": "應用不能調用微信客服接口（errcode {code}）。"
        "請在「微信客服 › 可调用接口的应用」中勾選它，並授權客服帳號。",
        "en": "The app may not use 微信客服 (errcode {code}). "
        "Tick it under 微信客服 › 可调用接口的应用, and authorise the account for it.",
    },
    ACCOUNT: {
        "zh-Hans": "没有这个客服帐号（errcode {code}）。请核对 open_kfid，或在管理后台把帐号授权给应用。",
        "zh-Hant": "沒有這個客服帳號（errcode {code}）。請核對 open_kfid，或在管理後台把帳號授權給應用。",
        "en": "There is no such account (errcode {code}). "
        "Compare open_kfid, or authorise the account for the app in the console.",
    },
}

PERMANENT: Mapping[int, str] = {
    **dict.fromkeys((40003, 40096), "no such customer"),
    **dict.fromkeys((40004, 40005, 40008), "WeCom does not take this kind of file or message"),
    **dict.fromkeys((40006, 45001), "the file is empty, or too large for WeCom"),
    BAD_MEDIA: "WeCom does not have the file",
    **dict.fromkeys((40058, 47001), "WeCom could not read the call"),
    44004: "the text is empty",
    45002: "the text is too long for WeCom",
    WRONG_STATE: "the session is with an agent in WeCom, or waits for one (会话正由企业微信坐席接待)",
}

KNOWN = frozenset({*BUSY, *TOO_OFTEN, *SPENT, *OVER, *TROUBLES, *PERMANENT})
"""Codes that say something other than "this msgid was used before"."""


def error_of(code: int, said: str) -> SendError:
    """What the message's fate is. Nothing was sent, or it would not be an errcode."""
    reason = f"{PERMANENT.get(code, 'WeCom refused')} (WeCom {code}: {' '.join(said.split())[:200]})"
    if code in SPENT:
        return WindowClosedError(f"the five messages after his last one are used up (WeCom {code})", spent=True)
    if code in OVER:
        return WindowClosedError(f"the session is over until the customer writes again (WeCom {code})", spent=False)
    if trouble := trouble_of(code, said):
        return TemporarySendError(reason, retry_after=60.0, trouble=trouble)
    if code in BUSY:
        return TemporarySendError(reason)
    if code in TOO_OFTEN:
        return TemporarySendError(reason, retry_after=60.0)
    return PermanentSendError(reason)


def trouble_of(code: int, said: str) -> Trouble | None:
    """What people have to mend, if it is that."""
    key = TROUBLES.get(code)
    if key is None:
        return None
    found = ADDRESS.search(said)
    told = {"code": code, "ip": found[1] if found else "?"}
    return Trouble(key, {language: text.format(**told) for language, text in SAID[key].items()})
