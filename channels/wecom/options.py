"""The options of a WeCom customer service inbox, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.errors import OptionsError
from channels.wechat.options import Reader, address, flag, matching, missing, values
from channels.wechat.options import aes_key as key_reader

API = "https://qyapi.weixin.qq.com"


@dataclass(frozen=True, slots=True)
class Options:
    """One 客服帐号 of one WeCom company.

    `secret`, `token` and `aes_key` are those of 微信客服 (or of the app bound to it). `poll_seconds`: how often is
    asked without being rung. `history`: the first start takes what came in the last three days too. `welcome`: greet
    who enters, where WeCom lends a code for it. `names`: ask for the customers' nicknames.
    """

    corp_id: str
    open_kfid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    api_base: str = API
    poll_seconds: int = 300
    history: bool = True
    welcome: bool = True
    names: bool = True


CONSOLE = "企业微信管理后台 → 微信客服 → API"
"""Where people find most of it."""
NEEDED = {
    "corp_id": "the company's id, ww… (企业微信管理后台 → 我的企业 → 企业信息 → 企业ID)",
    "open_kfid": "one account's id, wk… (write wk, and `kefu check` lists those there are)",
    "secret": f"the Secret ({CONSOLE})",
    "token": f"the Token of the callback ({CONSOLE} → 回调配置)",
    "aes_key": f"the 43 letters and digits of the EncodingAESKey ({CONSOLE} → 回调配置)",
}


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    told, problems = values(options, READERS)
    problems += missing(options, NEEDED)
    if problems:
        raise OptionsError(name, problems)
    return Options(**told)


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 10 <= value <= 86_400:
        raise ValueError("must be a whole number of seconds from 10 to 86400")
    return value


READERS: Mapping[str, Reader] = {
    "corp_id": matching(r"[0-9A-Za-z_-]{4,64}", f"must be {NEEDED['corp_id']}"),
    "open_kfid": matching(r"[0-9A-Za-z_-]{2,64}", f"must be {NEEDED['open_kfid']}"),
    "secret": matching(r"[!-~]{1,256}", f"must be {NEEDED['secret']}, without spaces"),
    "token": matching(r"[0-9A-Za-z_-]{1,64}", f"must be {NEEDED['token']}, of letters and digits"),
    "aes_key": key_reader(f"must be {NEEDED['aes_key']}"),
    "api_base": address(API),
    "poll_seconds": _seconds,
    "history": flag,
    "welcome": flag,
    "names": flag,
}
