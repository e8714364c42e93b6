"""The options of an Official Account's inbox, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from bot.errors import OptionsError
from bot.messages import Forget

Reader = Callable[[Any], Any]
Problem = tuple[str, str]
"""The option, and what is wrong with it."""

API = "https://api.weixin.qq.com"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
MODES = ("plain", "compat", "safe")
CONSOLE = "公众平台 → 设置与开发 → 开发接口管理"
"""Where people find all of it."""
NEEDED = {
    "app_id": f"the AppID ({CONSOLE})",
    "app_secret": f"the AppSecret ({CONSOLE})",
    "token": f"the Token you chose for the server address ({CONSOLE})",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What calls a customer back outside the reply window. In a value of `data`, {text} is what waits for him."""

    template_id: str
    kind: str = "template"
    link: str = ""
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Options:
    """`mode` is the console's 消息加解密方式: in safe mode only encrypted pushes are taken. `certified`: whether the
    account may send customer service messages; one that may not only answers webhooks."""

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    mode: str = ""
    certified: bool = True
    api_base: str = API
    on_unfollow: Forget = Forget.PROFILE
    notice: Notice | None = None


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    told, problems = values(options, READERS)
    problems += missing(options, NEEDED)
    mode = told.get("mode")
    if mode in ("compat", "safe") and not options.get("aes_key"):
        problems.append(("mode", f'mode = "{mode}" needs aes_key, the EncodingAESKey ({CONSOLE})'))
    if problems:
        raise OptionsError(name, problems)
    told["mode"] = mode or ("safe" if told.get("aes_key") else "plain")
    return Options(**told)


def values(given: Mapping[str, Any], readers: Mapping[str, Reader]) -> tuple[dict[str, Any], list[Problem]]:
    """What was read, and everything wrong with the rest."""
    told: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        if key not in readers:
            problems.append((key, _unknown(key, list(readers))))
            continue
        try:
            told[key] = readers[key](value)
        except ValueError as problem:
            problems.append((key, f"{key} {problem}"))
    return told, problems


def missing(given: Mapping[str, Any], needed: Mapping[str, str]) -> list[Problem]:
    """The options that have to be there and are not."""
    return [("", f"{key} is missing: {what}") for key, what in needed.items() if key not in given]


def _unknown(key: str, known: list[str]) -> str:
    near = get_close_matches(key, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"the known ones are: {', '.join(known)}"
    return f"there is no option {key!r} – {hint}"


def matching(pattern: str, words: str) -> Reader:
    compiled = re.compile(pattern, re.ASCII)

    def reader(value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(words)
        return value

    return reader


def aes_key(words: str) -> Reader:
    """An EncodingAESKey; one that was cut short when it was copied is told its length, which is no secret."""
    read = matching(r"[A-Za-z0-9]{43}", words)

    def reader(value: Any) -> str:
        try:
            return str(read(value))
        except ValueError:
            size = len(value) if isinstance(value, str) else 43
            more = f"; it has {size} characters" if size != 43 else ""
            raise ValueError(f"{words}{more}") from None

    return reader


def _one_of(*names: str) -> Reader:
    def reader(value: Any) -> str:
        if value not in names:
            raise ValueError("must be " + " or ".join(f'"{name}"' for name in names))
        return str(value)

    return reader


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def address(example: str) -> Reader:
    """Everything secret goes there, so it must be https, but for a test's own server."""

    def reader(value: Any) -> str:
        try:
            parts = urlsplit(value if isinstance(value, str) else "")
            schemes = ("https", "http") if parts.hostname in LOOPBACK else ("https",)
            good = bool(parts.hostname) and parts.scheme in schemes and parts.port != 0
        except ValueError:
            good = False
        if not good or parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f'must be an https address like "{example}" (http only for this machine itself)')
        return str(value).rstrip("/")

    return reader


def _link(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or not value.isprintable():
        raise ValueError('must be an address like "https://shop.example/orders"')
    return value


def _data(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) and v for v in value.values()):
        raise ValueError('must be a table of the template\'s fields, like {thing1 = "{text}"}')
    return dict(value)


def _notice(value: Any) -> Notice:
    if not isinstance(value, Mapping):
        raise ValueError('must be a table like {template_id = "…", data = {thing1 = "{text}"}}')
    told, problems = values(value, NOTICE)
    if not value.get("template_id"):
        problems.append(("", "template_id is missing: the console shows it with the template"))
    if "url" in told and "page" in told:
        problems.append(("", "url and page are the same thing: give one"))
    if problems:
        raise ValueError("is wrong: " + "; ".join(words for _, words in problems))
    told["link"] = told.pop("url", "") or told.pop("page", "")
    return Notice(**told)


NOTICE: Mapping[str, Reader] = {
    "template_id": matching(r"[!-~]{1,128}", "must be the template's id"),
    "kind": _one_of("template", "subscribe"),
    "url": _link,
    "page": _link,
    "data": _data,
}
READERS: Mapping[str, Reader] = {
    "app_id": matching(r"wx[0-9A-Za-z]{4,62}", 'must be the AppID, like "wx5823bf96d3bd56c7"'),
    "app_secret": matching(r"[!-~]{8,128}", "must be the AppSecret, without spaces"),
    "token": matching(r"[!-~]{3,32}", "must be the Token of the server address, 3 to 32 letters or digits"),
    "aes_key": aes_key(f"must be the 43 letters and digits of the EncodingAESKey ({CONSOLE})"),
    "mode": _one_of(*MODES),
    "certified": flag,
    "api_base": address(API),
    "on_unfollow": lambda value: Forget(_one_of(*Forget)(value)),
    "notice": _notice,
}
