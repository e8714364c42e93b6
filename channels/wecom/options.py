"""The options of a WeCom customer service inbox, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any

from bot.errors import SettingsError

API = "https://qyapi.weixin.qq.com"

Reader = Callable[[Any], Any]


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


NEEDED = tuple(f.name for f in fields(Options) if f.default is MISSING)
WHERE = {
    "corp_id": "我的企业 › 企业信息 › 企业ID in the WeCom console",
    "open_kfid": "what `kf/account/list` calls open_kfid, wk…",
    "secret": "微信客服 › API › Secret in the WeCom console",
    "token": "微信客服 › 回调配置 › Token in the WeCom console",
    "aes_key": "微信客服 › 回调配置 › EncodingAESKey in the WeCom console",
}


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises SettingsError that tells everything wrong with them at once."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, value in options.items():
        if key not in READERS:
            problems.append(_unknown(key))
            continue
        try:
            values[key] = READERS[key](value)
        except ValueError as problem:
            problems.append(f"{key} {problem}")
    problems += [f"{key} is missing – it is {WHERE[key]}" for key in NEEDED if key not in options]
    if problems:
        raise SettingsError(f"inbox {name!r}: " + "; ".join(problems))
    return Options(**values)


def _unknown(key: str) -> str:
    near = get_close_matches(key, READERS, 1)
    hint = f"did you mean {near[0]}?" if near else f"the known ones are: {', '.join(READERS)}"
    return f"there is no option {key!r} – {hint}"


def _matching(pattern: str, told: str) -> Reader:
    """Never repeats the value: it may be a secret in the wrong place."""

    def read_text(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value.strip()):
            raise ValueError(f"must be {told}")
        return value.strip()

    return read_text


def _base(value: Any) -> str:
    told = value.strip().rstrip("/") if isinstance(value, str) else ""
    match = re.fullmatch(r"(https?)://(\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+)(:\d{1,5})?(/[!->@-~]*)?", told)
    if match is None or "#" in told:
        raise ValueError(f'must be an address like "{API}"')
    if match[1] == "http" and not _loopback(match[2].strip("[]")):
        raise ValueError("must begin with https: the secret would cross the network in the open")
    return told


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _seconds(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 10 <= value <= 86_400:
        raise ValueError("must be a whole number of seconds from 10 to 86400")
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


READERS: Mapping[str, Reader] = {
    "corp_id": _matching(r"[0-9A-Za-z_-]{4,64}", f"the company's id, ww… – {WHERE['corp_id']}"),
    "open_kfid": _matching(r"[0-9A-Za-z_-]{2,64}", f"the account's id – {WHERE['open_kfid']}"),
    "secret": _matching(r"[!-~]{1,256}", f"the secret – {WHERE['secret']}"),
    "token": _matching(r"[0-9A-Za-z_-]{1,64}", f"letters and figures – {WHERE['token']}"),
    "aes_key": _matching(r"[0-9A-Za-z]{43}", f"43 letters and figures – {WHERE['aes_key']}"),
    "api_base": _base,
    "poll_seconds": _seconds,
    "history": _switch,
    "welcome": _switch,
    "names": _switch,
}
