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
        "zh-Hans": "企业微信不接受 corp_id 或 secret（errcode {code}）。请在管理后台「微信客服 › API」核对 Secret。",
        "en": "WeCom does not accept corp_id or secret (errcode {code}). Compare them with 微信客服 › API in its console.",
    },
    IP: {
        "zh-Hans": "服务器 IP {ip} 不在企业微信的可信名单里（60020）。请在应用的「企业可信IP」中加入它。",
        "en": "WeCom does not trust the address {ip} of this server (60020). Add it to 企业可信IP of the app.",
    },
    API: {
        "zh-Hans": "应用不能调用微信客服接口（errcode {code}）。请在「微信客服 › 可调用接口的应用」中勾选它并授权帐号。",
        "en": "The app may not use 微信客服 (errcode {code}). Tick it under 微信客服 › 可调用接口的应用, with the account.",
    },
    ACCOUNT: {
        "zh-Hans": "没有这个客服帐号 open_kfid（errcode {code}）。请核对配置，或在管理后台把帐号授权给应用。",
        "en": "There is no such open_kfid (errcode {code}). Correct the settings, or authorise the account for the app.",
    },
}

PERMANENT: Mapping[int, str] = {
    40003: "客户已不存在",
    40096: "客户已不存在",
    BAD_MEDIA: "微信不接受这个文件",
    40058: "消息内容不符合微信的要求",
    44004: "消息内容为空",
    45002: "消息太长",
    WRONG_STATE: "会话正由企业微信坐席接待或在接待池中，接口不能发消息",
}


KNOWN = frozenset({*BUSY, *TOO_OFTEN, *SPENT, *OVER, *TROUBLES, *PERMANENT, 40004, 40005, 40006, 40008, 45001, 47001})
"""Codes that say something other than "this msgid was used before"."""


def error_of(code: int, said: str) -> SendError:
    """What the message's fate is. Nothing was sent, or it would not be an errcode."""
    reason = f"{PERMANENT.get(code, '微信客服没有接受')}（errcode {code}: {said[:200]}）"
    if code in SPENT:
        return WindowClosedError("客户发消息后只能回复 5 条，已经用完", spent=True)
    if code in OVER:
        return WindowClosedError("会话已结束，客户再次发消息后才能回复", spent=False)
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
