"""What WeCom's errcodes mean: for the message, and for the people who have to mend something. Pure.

The codes whose numbers are not in the public documentation (95001, 95002) are from public client code.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import SendError, Trouble
from channels.wechat.errors import Action, Verdict, failure

WRONG_STATE, BAD_MEDIA, BAD_MSG_TOKEN, BAD_PARAMETER = 95018, 40007, 95007, 40058
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
"""The access token is wrong or over. When asking for one, 40001 means the secret."""

RETRY, GIVE_UP = Action.RETRY, Action.GIVE_UP
TABLE: Mapping[int, Verdict] = {
    -1: Verdict(RETRY, "WeCom is busy"),
    6000: Verdict(RETRY, "WeCom is busy with the same session"),
    45009: Verdict(RETRY, "too many calls", 60),
    45011: Verdict(RETRY, "too many calls at a time", 10),
    95001: Verdict(Action.SPENT, "the five messages after his last one are used up"),
    95002: Verdict(Action.CLOSED, "the customer has not written for 48 hours"),
    95013: Verdict(Action.CLOSED, "the session is over until the customer writes again"),
    **dict.fromkeys(
        (*TOKEN_REFUSED, 40013, 40056, 40091, 40125, 41001, 41002, 41004),
        Verdict(RETRY, "corp_id or secret is wrong", 60, "secret"),
    ),
    60020: Verdict(RETRY, "our IP address is not trusted", 60, "ip"),
    **dict.fromkeys((48002, 48003, 60011, 301002), Verdict(RETRY, "the app may not use this call", 60, "api")),
    **dict.fromkeys((95000, 95004), Verdict(RETRY, "no such account", 60, "account")),
    **dict.fromkeys((40003, 40096), Verdict(GIVE_UP, "no such customer")),
    **dict.fromkeys((40004, 40005, 40008), Verdict(GIVE_UP, "WeCom does not take this kind of file or message")),
    **dict.fromkeys((40006, 45001), Verdict(GIVE_UP, "the file is empty, or too large for WeCom")),
    BAD_MEDIA: Verdict(Action.UPLOAD, "WeCom does not have the file"),
    **dict.fromkeys((BAD_PARAMETER, 47001), Verdict(GIVE_UP, "WeCom could not read the call")),
    44004: Verdict(GIVE_UP, "the text is empty"),
    45002: Verdict(GIVE_UP, "the text is too long for WeCom"),
    WRONG_STATE: Verdict(GIVE_UP, "the session is with an agent in WeCom, or waits for one (会话正由企业微信坐席接待)"),
}
"""What is not here says nothing we know, and may mean "this msgid was used before"."""

PROVEN_BY_SYNC = ("secret", "ip", "api", "account")
"""Troubles that are over when a fetch works."""

SAID: Mapping[str, Mapping[str, str]] = {
    "secret": {
        "zh-Hans": "企业微信不接受 corp_id 或 secret。请在管理后台「微信客服 › API」核对 Secret，改正配置后重启。",
        "zh-Hant": "企業微信不接受 corp_id 或 secret。請在管理後台「微信客服 › API」核對 Secret，改正設定後重啟。",
        "en": "WeCom does not accept corp_id or secret. "
        "Compare them with 微信客服 › API in its console, correct the settings and restart.",
    },
    "ip": {
        "zh-Hans": "本机 IP {ip} 不在企业微信的可信名单里。请在应用的「企业可信IP」中加入它。",
        "zh-Hant": "本機 IP {ip} 不在企業微信的可信名單裡。請在應用的「企业可信IP」中加入它。",
        "en": "WeCom does not trust the address {ip} of this server. Add it to 企业可信IP of the app.",
    },
    "api": {
        "zh-Hans": "应用不能调用微信客服接口。请在「微信客服 › 可调用接口的应用」中勾选它，并授权客服帐号。",
        "zh-Hant": "應用不能調用微信客服接口。請在「微信客服 › 可调用接口的应用」中勾選它，並授權客服帳號。",
        "en": "The app may not use 微信客服. "
        "Tick it under 微信客服 › 可调用接口的应用, and authorise the account for it.",
    },
    "account": {
        "zh-Hans": "没有这个客服帐号。请核对 open_kfid，或在管理后台把帐号授权给应用。",
        "zh-Hant": "沒有這個客服帳號。請核對 open_kfid，或在管理後台把帳號授權給應用。",
        "en": "There is no such account. Compare open_kfid, or authorise the account for the app in the console.",
    },
}


def error_of(code: int, said: str) -> SendError:
    """The message's fate. Nothing was sent, or it would not be an errcode."""
    return failure(code, said, TABLE, trouble, "WeCom")


def trouble(key: str, *, ip: str = "?") -> Trouble:
    return Trouble(key, {language: words.replace("{ip}", ip) for language, words in SAID[key].items()})
