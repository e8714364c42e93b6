"""The options of a Telegram inbox, read strictly."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bot.errors import OptionsError
from channels.wechat.options import Reader, address, flag, matching, missing, values

API = "https://api.telegram.org"
MODES = ("polling", "webhook")
TOKEN = "the bot's token, like 123456789:AAH… (@BotFather › /mybots › API Token)"  # noqa: S105
NEEDED = {"token": TOKEN}
PROXY = re.compile(r"(?:https?|socks4|socks5)://[!-~]{1,300}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Options:
    """One bot. `mode`: who asks whom, polling or webhook; the latter at `public_url`, this server as Telegram reaches
    it. `take_over`: a webhook that another program set for the bot may be replaced. `proxy`: the way to `api_base`."""

    token: str = field(repr=False)
    mode: str = "polling"
    public_url: str = ""
    take_over: bool = False
    proxy: str = field(default="", repr=False)
    api_base: str = API

    @property
    def bot_id(self) -> str:
        return self.token.partition(":")[0]

    @property
    def secret(self) -> str:
        """What Telegram sends with each push: of the token, so that all processes know it and nobody keeps it."""
        return hmac.new(self.token.encode(), b"kefu: pushes of Telegram", hashlib.sha256).hexdigest()

    def webhook(self, inbox: str) -> str:
        """The address Telegram is told to push to; "" where it is not to."""
        return f"{self.public_url}/webhooks/{inbox}" if self.mode == "webhook" else ""


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    told, problems = values(options, READERS)
    problems += missing(options, NEEDED)
    if told.get("mode") == "webhook" and "public_url" not in options:
        mend = 'mode = "webhook" needs public_url, the https address under which Telegram reaches this server'
        problems.append(("mode", f"{mend} (without one, leave mode out: polling needs none)"))
    if problems:
        raise OptionsError(name, problems)
    return Options(**told)


def _mode(value: Any) -> str:
    if value not in MODES:
        raise ValueError('must be "polling" or "webhook"')
    return str(value)


def _proxy(value: Any) -> str:
    words = 'must be like "socks5://user:password@127.0.0.1:1080" or "http://127.0.0.1:7890"'
    if not isinstance(value, str) or not PROXY.fullmatch(value):
        raise ValueError(words)
    try:
        parts = urlsplit(value)
        good = bool(parts.hostname) and bool(parts.port)
    except ValueError:
        good = False
    if not good:
        raise ValueError(words)
    return value


READERS: Mapping[str, Reader] = {
    "token": matching(r"[0-9]{3,20}:[A-Za-z0-9_-]{30,80}", f"must be {TOKEN}, whole and without spaces"),
    "mode": _mode,
    "public_url": address("https://kefu.example.com"),
    "take_over": flag,
    "proxy": _proxy,
    "api_base": address(API),
}
