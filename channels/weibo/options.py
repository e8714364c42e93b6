"""The options of a Weibo inbox, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.errors import OptionsError
from channels.wechat.options import Reader, address, flag, matching, missing, values

MESSAGES_API, API, UPLOAD_API = "https://m.api.weibo.com", "https://api.weibo.com", "https://upload.api.weibo.com"
CALLS, RESERVE = 100, 20
"""A day's calls of one user and app (open.weibo.com/wiki/Rate-limiting), and how many of them are kept for answers."""
CONSOLE = "微博粉丝服务平台 → 开发者中心"
"""Where people find most of it."""
NEEDED = {
    "uid": "the account's own number (in the address of its page: weibo.com/u/…)",
    "app_secret": "the App Secret of the app bound to the account (open.weibo.com → 我的应用 → 应用信息 → 基本信息)",
    "access_token": f"the account's access token ({CONSOLE} → 开发者模式)",
}


@dataclass(frozen=True, slots=True)
class Options:
    """One verified account (蓝V). `window_hours`: how long its customers may be written to after they act.

    `window_messages`: how many messages that allows, None for any number.
    `token_expires`: the day the access token ends, where Weibo does not tell. `public`: what is said to the account in
    public is fetched, with `calls_per_day` calls (what Weibo allows an app and a user), of which `reserve` are kept for
    answers. `history_hours`: the first start takes what was said so long before it. `ignore`: the numbers of users
    whose public words are not for us, and words that make them so.
    """

    uid: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    token_expires: date | None = None
    window_hours: int = 48
    window_messages: int | None = None
    public: bool = True
    calls_per_day: int = CALLS
    reserve: int = RESERVE
    history_hours: int = 0
    ignore: tuple[str, ...] = ()
    messages_base: str = MESSAGES_API
    api_base: str = API
    upload_base: str = UPLOAD_API


def read(name: str, options: Mapping[str, Any]) -> Options:
    """The options of inbox `name`; raises OptionsError that tells everything wrong with them at once."""
    told, problems = values(options, READERS)
    problems += missing(options, NEEDED)
    calls, reserve = told.get("calls_per_day", CALLS), told.get("reserve", RESERVE)
    if reserve >= calls:
        problems.append(("reserve", f"reserve must be less than calls_per_day, which is {calls}"))
    if problems:
        raise OptionsError(name, problems)
    return Options(**told)


def _number(low: int, high: int, words: str) -> Reader:
    def reader(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number of {words} from {low} to {high}")
        return value

    return reader


def _uid(value: Any) -> str:
    """People write it as a number too."""
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return str(matching(r"[1-9]\d{4,19}", f"must be {NEEDED['uid']}")(told))


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _date(value)
    except ValueError:
        raise ValueError('must be a day like "2027-05-01"') from None


def _date(value: Any) -> date:
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    raise ValueError


def _ignored(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str | int) and str(one).strip() for one in value):
        raise ValueError('must be a list of user numbers and words, like ["1234567890", "转发抽奖"]')
    return tuple(str(one).strip() for one in value)


READERS: Mapping[str, Reader] = {
    "uid": _uid,
    "app_secret": matching(r"[!-~]{8,128}", f"must be {NEEDED['app_secret']}, without spaces"),
    "access_token": matching(r"[!-~]{8,512}", f"must be {NEEDED['access_token']}, without spaces"),
    "token_expires": _day,
    "window_hours": _number(1, 240, "hours"),
    "window_messages": _number(1, 1000, "messages"),
    "public": flag,
    "calls_per_day": _number(5, 1_000_000, "calls"),
    "reserve": _number(0, 1_000_000, "calls"),
    "history_hours": _number(0, 24 * 30, "hours"),
    "ignore": _ignored,
    "messages_base": address(MESSAGES_API),
    "api_base": address(API),
    "upload_base": address(UPLOAD_API),
}
